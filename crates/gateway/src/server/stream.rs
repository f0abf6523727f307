//! A TCP stream that gives up on clients who send a request head, or take an answer, byte by byte.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// What the service tells the stream below it: whether a request is being answered.
///
/// While one is, bytes that come are body, which has its own time-out; otherwise they are a head.
#[derive(Debug, Default)]
pub(super) struct Marks {
    busy: AtomicBool,
}

impl Marks {
    /// Marks the connection as busy until the guard is dropped.
    pub(super) fn busy(self: &Arc<Self>) -> Busy {
        self.busy.store(true, Ordering::Relaxed);
        Busy { marks: Arc::clone(self), for_ever: false }
    }
}

/// See [`Marks::busy`].
pub(super) struct Busy {
    marks: Arc<Marks>,
    for_ever: bool,
}

impl Busy {
    /// Leaves the mark where it is.
    pub(super) fn for_ever(mut self) {
        self.for_ever = true;
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if !self.for_ever {
            self.marks.busy.store(false, Ordering::Relaxed);
        }
    }
}

/// A deadline whose timer is only set when somebody really has to wait.
struct Deadline {
    limit: Duration,
    at: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    fn new(limit: Duration) -> Self {
        Self { limit, at: None, timer: None }
    }

    fn start(&mut self) {
        self.at.get_or_insert_with(|| Instant::now() + self.limit);
    }

    fn clear(&mut self) {
        self.at = None;
    }

    /// Wakes the task when the time is over; an error if it is.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let Some(at) = self.at else { return Ok(()) };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.deadline() != at {
            timer.as_mut().reset(at);
        }
        match timer.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }
}

/// See the module.
pub(super) struct GuardedStream {
    stream: TokioIo<TcpStream>,
    marks: Arc<Marks>,
    head: Deadline,
    write: Deadline,
}

impl GuardedStream {
    /// `head`: from the first byte of a request head to its last. `write`: how long a client may take nothing.
    pub(super) fn new(stream: TcpStream, marks: Arc<Marks>, head: Duration, write: Duration) -> Self {
        Self { stream: TokioIo::new(stream), marks, head: Deadline::new(head), write: Deadline::new(write) }
    }

    /// After a write was tried: waiting for the client has a limit.
    fn written<T>(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.write.clear();
            return result;
        }
        self.write.start();
        match self.write.check(cx) {
            Ok(()) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl Read for GuardedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.marks.busy.load(Ordering::Relaxed) {
            this.head.clear();
            return Pin::new(&mut this.stream).poll_read(cx, buffer);
        }
        if let Poll::Ready(result) = Pin::new(&mut this.stream).poll_read(cx, buffer) {
            this.head.start();
            return Poll::Ready(result);
        }
        this.head.check(cx)?;
        Poll::Pending
    }
}

impl Write for GuardedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // An answer goes out: the head before it was complete.
        self.head.clear();
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(cx, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        Poll::Ready(Ok(()))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.head.clear();
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.written(cx, result)
    }
}
