//! Messages about the process itself.

kotare_messages::messages! {
    Fatal "dctl" KOTARE_WORKER_PANIC(thread, reason) = "worker thread {thread} failed, the daemon stops: {reason}";
}
