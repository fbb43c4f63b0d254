//! Who the process runs as, and what it lets others see.

use nix::sys::stat::{Mode, umask};

/// True when the real or effective user is root: reason for a warning, not for refusal.
pub fn running_as_root() -> bool {
    nix::unistd::getuid().is_root() || nix::unistd::geteuid().is_root()
}

/// Takes group write and all access of others away from files made from here on. A umask that was already
/// stricter stays so.
pub fn restrict_umask() {
    let ours = Mode::S_IWGRP | Mode::S_IRWXO;
    let before = umask(ours);
    umask(before | ours);
}
