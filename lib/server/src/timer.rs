//! A task that waits for its time, and ends with what it is for.

use tokio::task::{AbortHandle, JoinHandle};

/// A task that ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Timer(AbortHandle);

impl Timer {
    pub(crate) fn new(task: &JoinHandle<()>) -> Self {
        Self(task.abort_handle())
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.abort();
    }
}
