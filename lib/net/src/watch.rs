//! Telling when interfaces, their addresses or the prefixes of this machine change.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use tokio::io::unix::AsyncFd;

use crate::netlink::Heard;
use crate::{held, netlink, sys};

/// Hears of interfaces and addresses that come, change or go.
///
/// It says only *that* something changed; the listener calls [`crate::interfaces`] again. So nothing is lost
/// when the kernel has more to tell than the socket's buffer holds: an overrun is a change, too.
#[derive(Debug)]
pub struct InterfaceWatcher {
    socket: OwnedFd,
    heard: Heard,
}

impl InterfaceWatcher {
    /// Starts listening. Create it before the first [`crate::interfaces`] so that no change falls between.
    ///
    /// # Errors
    /// When the kernel refuses a netlink socket.
    pub fn new() -> io::Result<Self> {
        let groups = libc::RTMGRP_LINK | libc::RTMGRP_IPV4_IFADDR | libc::RTMGRP_IPV6_IFADDR;
        Ok(Self { socket: netlink::open_monitor(groups)?, heard: |_, _| true })
    }

    /// Starts listening to what changes [`crate::held_prefixes`].
    ///
    /// # Errors
    /// When the kernel refuses a netlink socket.
    pub fn of_prefixes() -> io::Result<Self> {
        let groups = libc::RTMGRP_LINK | libc::RTMGRP_IPV6_IFADDR | libc::RTMGRP_IPV6_ROUTE;
        Ok(Self { socket: netlink::open_monitor(groups)?, heard: held::concerns_prefixes })
    }

    /// Blocks until something changed (`true`), or nothing that matters did, or the time is over (`false`); `None` waits for
    /// ever. Changes that came together are told once.
    ///
    /// # Errors
    /// When the system cannot poll or read the socket.
    pub fn wait(&self, timeout: Option<Duration>) -> io::Result<bool> {
        if !sys::wait_readable(self.socket.as_fd(), timeout)? {
            return Ok(false);
        }
        netlink::drain_monitor(self.socket.as_fd(), self.heard)
    }

    /// The same for tokio. Must be called within a runtime that has I/O enabled.
    ///
    /// # Errors
    /// When the socket cannot be registered with the runtime.
    pub fn into_async(self) -> io::Result<AsyncInterfaceWatcher> {
        Ok(AsyncInterfaceWatcher { socket: sys::register(self.socket)?, heard: self.heard })
    }
}

impl AsFd for InterfaceWatcher {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// An [`InterfaceWatcher`] for tokio tasks.
#[derive(Debug)]
pub struct AsyncInterfaceWatcher {
    socket: AsyncFd<OwnedFd>,
    heard: Heard,
}

impl AsyncInterfaceWatcher {
    /// Returns once something changed. Cancel safe: a change not yet told is told to the next call.
    ///
    /// # Errors
    /// When the socket cannot be read.
    pub async fn changed(&self) -> io::Result<()> {
        loop {
            let mut ready = self.socket.readable().await?;
            match ready.try_io(|socket| match netlink::drain_monitor(socket.as_fd(), self.heard) {
                Ok(false) => Err(io::ErrorKind::WouldBlock.into()),
                other => other,
            }) {
                Ok(changed) => return changed.map(drop),
                Err(_would_block) => {}
            }
        }
    }
}
