//! What takes long, and keeps no other task waiting.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Does it here, while the tasks of this thread go on elsewhere, where there are threads for that.
pub(crate) fn aside<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current() {
        Ok(runtime) if has_threads(&runtime) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// Has it done by a thread that stands back, and does not wait for it, where there are threads for that.
pub(crate) fn later(runtime: &Handle, work: Box<dyn FnOnce() + Send>) {
    if has_threads(runtime) {
        runtime.spawn_blocking(work);
    } else {
        work();
    }
}

fn has_threads(runtime: &Handle) -> bool {
    runtime.runtime_flavor() == RuntimeFlavor::MultiThread
}
