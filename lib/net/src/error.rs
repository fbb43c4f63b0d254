//! What went wrong with a socket, and on which interface.

use std::net::IpAddr;
use std::{fmt, io};

/// A failed operation on the sockets of one interface.
///
/// The text is meant for the reason argument of a log message: it names what was attempted, for which
/// address and interface, what the system answered and, where that is known, what to do about it.
#[derive(Debug)]
pub struct SocketError {
    /// Name of the interface.
    pub interface: String,
    /// The interface's address that was to be served.
    pub local: IpAddr,
    /// What was attempted, as a verb phrase: "bind the fallback UDP socket".
    pub attempted: &'static str,
    /// What the system answered.
    pub source: io::Error,
}

impl fmt::Display for SocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { interface, local, attempted, source } = self;
        write!(f, "cannot {attempted} for address {local} on interface {interface}: {source}")?;
        match source.raw_os_error() {
            Some(libc::EADDRINUSE) => f.write_str("; is another DHCP server running?"),
            Some(libc::EPERM | libc::EACCES) => {
                f.write_str("; the process needs the capabilities CAP_NET_RAW and CAP_NET_BIND_SERVICE")
            }
            Some(libc::EADDRNOTAVAIL) => f.write_str("; the interface no longer has this address"),
            Some(libc::ENODEV | libc::ENXIO) => f.write_str("; the interface no longer exists"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for SocketError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// What was attempted and how it ended.
pub(crate) struct Failed(pub(crate) &'static str, pub(crate) io::Error);

impl Failed {
    /// Says where.
    pub(crate) fn at(self, interface: &str, local: impl Into<IpAddr>) -> SocketError {
        let Self(attempted, source) = self;
        SocketError { interface: interface.to_owned(), local: local.into(), attempted, source }
    }
}

/// Names what a system call was for.
pub(crate) trait Attempt<T> {
    fn attempt(self, what: &'static str) -> Result<T, Failed>;
}

impl<T, E: Into<io::Error>> Attempt<T> for Result<T, E> {
    fn attempt(self, what: &'static str) -> Result<T, Failed> {
        self.map_err(|error| Failed(what, error.into()))
    }
}
