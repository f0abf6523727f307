//! A small memory of what is costly to make.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The values that were asked for last. Each is made once, also if several threads want it at the same time.
pub(crate) struct Recent<K, V> {
    most: usize,
    /// The latest first. Few enough to look through them all.
    entries: Mutex<VecDeque<(K, Arc<OnceLock<V>>)>>,
}

impl<K: PartialEq, V: Clone> Recent<K, V> {
    /// Remembers `most` values.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, entries: Mutex::default() }
    }

    /// The value of a key, made if need be; the one that was not asked for longest goes.
    pub(crate) fn get(&self, key: &K, make: impl FnOnce(&K) -> V) -> V
    where
        K: Clone,
    {
        let value = {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            let known = entries.iter().position(|(known, _)| known == key);
            let entry = known.and_then(|position| entries.remove(position));
            let entry = entry.unwrap_or_else(|| (key.clone(), Arc::default()));
            let value = Arc::clone(&entry.1);
            entries.push_front(entry);
            entries.truncate(self.most);
            value
        };
        value.get_or_init(|| make(key)).clone()
    }
}
