//! What a process does with events beside answering requests: it numbers and delivers them.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::Semaphore;

use super::dispatcher;
use super::dispatcher::Queue;
use crate::kernel::Kernel;

/// So long after an event of another process, or the end of a wait, it is found.
const LOOK: Duration = Duration::from_millis(250);

/// Events of so long are numbered together.
const MOMENT: Duration = Duration::from_millis(20);

/// Handlers that work at once. Each holds a connection.
const HANDLERS: usize = 4;

/// Works until `end`. What is under way then is finished; a kill at any moment loses nothing.
pub async fn run(kernel: Arc<Kernel>, end: impl Future<Output = ()> + Send) {
    let end = end.shared();
    tokio::join!(numbering(&kernel, end.clone()), delivering(&kernel, end));
}

/// Numbers events as they come. Those of a moment are numbered together: each time costs a transaction.
async fn numbering(kernel: &Arc<Kernel>, mut end: impl Future<Output = ()> + Unpin) {
    let mut heard = kernel.signal.listen();
    loop {
        let numbered = dispatcher::number(kernel).await.unwrap_or_else(|error| {
            tracing::error!(%error, "events could not be numbered");
            false
        });
        let next = async {
            tokio::time::sleep(MOMENT).await;
            heard.wait(if numbered { Duration::ZERO } else { LOOK }).await;
        };
        tokio::select! {
            () = &mut end => return,
            () = next => {}
        }
    }
}

/// Delivers to several handlers at once, so that a slow one does not hold up the others.
async fn delivering(kernel: &Arc<Kernel>, mut end: impl Future<Output = ()> + Unpin) {
    let mut heard = kernel.numbered.listen();
    // First come, first served.
    let turns = Arc::new(Semaphore::new(HANDLERS));
    let (mut under_way, mut busy) = (FuturesUnordered::new(), HashSet::new());
    loop {
        let queues = dispatcher::queues(kernel).await.unwrap_or_else(|error| {
            tracing::error!(%error, "what is to be delivered could not be read");
            Vec::new()
        });
        for queue in queues {
            let key = (queue.tenant.id, queue.name.clone());
            if busy.insert(key.clone()) {
                let task = tokio::spawn(deliver(Arc::clone(kernel), Arc::clone(&turns), queue));
                under_way.push(task.map(move |_| key));
            }
        }
        let look = heard.wait(LOOK);
        tokio::pin!(look);
        loop {
            tokio::select! {
                () = &mut end => {
                    turns.close();
                    while under_way.next().await.is_some() {}
                    return;
                }
                Some(key) = under_way.next() => drop(busy.remove(&key)),
                () = &mut look => break,
            }
        }
    }
}

async fn deliver(kernel: Arc<Kernel>, turns: Arc<Semaphore>, queue: Queue) {
    // None are left when the program ends.
    let Ok(_turn) = turns.acquire().await else { return };
    if let Err(error) = dispatcher::deliver(&kernel, &queue).await {
        tracing::error!(handler = queue.name, %error, "events could not be delivered");
    }
}
