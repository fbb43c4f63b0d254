//! Messages about the process itself.

kotare_messages::messages! {
    Warn "dctl" DCTL_LOG_PATH_SECURITY_WARNING(reason) = "Log output path specified is NOT SECURE: {reason}";
    Warn "dctl" KOTARE_LOG_LINES_DROPPED(count, output) = "{count} lines for {output} were dropped because it did not take them in time";
    Fatal "dctl" KOTARE_WORKER_PANIC(thread, reason) = "worker thread {thread} failed, the daemon stops: {reason}";
}
