//! Who the process runs as, and what it lets others see.

use nix::sys::signal::{SigSet, Signal};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Group, User, getegid, geteuid, getuid};

/// True when the real or effective user is root: reason for a warning, not for refusal.
pub fn running_as_root() -> bool {
    getuid().is_root() || geteuid().is_root()
}

/// The names of the user and the group the process acts as, or their numbers where they have no names; `None` for root.
pub(crate) fn ordinary_user() -> Option<(String, String)> {
    let (user, group) = (geteuid(), getegid());
    if user.is_root() {
        return None;
    }
    let user = User::from_uid(user).ok().flatten().map_or_else(|| user.to_string(), |user| user.name);
    let group = Group::from_gid(group).ok().flatten().map_or_else(|| group.to_string(), |group| group.name);
    Some((user, group))
}

/// Takes group write and all access of others away from files made from here on. A umask that was already
/// stricter stays so.
pub fn restrict_umask() {
    let ours = Mode::S_IWGRP | Mode::S_IRWXO;
    let before = umask(ours);
    umask(before | ours);
}

/// Makes a write beyond the largest size that a file may have (`RLIMIT_FSIZE`) fail rather than end the process. To be
/// called before there are other threads, which have it from this one.
pub fn survive_file_limits() {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGXFSZ);
    // It cannot fail with a signal that exists.
    let _ = signals.thread_block();
}
