//! Messages about the process itself.

kotare_messages::messages! {
    Warn "dctl" DCTL_LOG_PATH_SECURITY_WARNING(reason) = "a log file is not where log files belong: {reason}";
    Fatal "dctl" DAEMON_WORKER_PANIC(thread, reason) = "worker thread {thread} failed, the daemon stops: {reason}";
}
