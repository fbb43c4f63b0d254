//! A socket that asks addresses whether somebody is there (ICMP echo).

use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, OwnedFd};
use std::{fmt, io};

use kotare_wire::icmp::{Answer, Echo, Refused};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{AddressFamily, SendFlags, SocketType, ipproto, sendto};
use tokio::io::unix::AsyncFd;

use crate::mmsg::Inbox;
use crate::sys;

/// Bytes of kernel buffer asked for: answers to some thousand requests.
const RECEIVE_BUFFER: usize = 1 << 20;

/// An ICMP socket for tokio tasks: sends echo requests and receives, in batches, what comes back for them.
///
/// It hears the answers to everybody's requests in its network namespace: whoever reads them compares their numbers
/// with those of his own. Neither sending nor receiving waits in a system call.
#[derive(Debug)]
pub struct EchoSocket4 {
    socket: AsyncFd<OwnedFd>,
    inbox: Inbox,
    received: usize,
}

/// Why an echo request was not sent.
#[derive(Debug)]
pub enum EchoError {
    /// There is no route to the target, it is a broadcast address or forbidden, or there is more to send than the
    /// interface can: another time or another target may do.
    Target(io::Error),
    /// The socket is of no use any more.
    Socket(io::Error),
}

impl EchoSocket4 {
    /// Opens the socket. Must be called within a tokio runtime that has I/O enabled.
    ///
    /// # Errors
    /// When the process lacks the capability CAP_NET_RAW, or the system is out of file descriptors.
    pub fn open() -> io::Result<Self> {
        let socket = sys::socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::ICMP))?;
        accept_answers_only(&socket)?;
        sys::set_receive_buffer(socket.as_fd(), RECEIVE_BUFFER);
        Ok(Self { socket: sys::register(socket)?, inbox: Inbox::new(), received: 0 })
    }

    /// Sends an echo request; routing decides through which interface, and from which address.
    ///
    /// # Errors
    /// [`EchoError`] tells what it means for further requests.
    pub fn request(&self, target: Ipv4Addr, echo: Echo) -> Result<(), EchoError> {
        let to = SocketAddrV4::new(target, 0);
        match retry_on_intr(|| sendto(&self.socket, &echo.request(), SendFlags::DONTWAIT, &to)) {
            Ok(_) => Ok(()),
            Err(
                error @ (Errno::NETUNREACH
                | Errno::HOSTUNREACH
                | Errno::NETDOWN
                | Errno::ACCESS
                | Errno::PERM
                | Errno::NOBUFS
                | Errno::AGAIN),
            ) => Err(EchoError::Target(error.into())),
            Err(error) => Err(EchoError::Socket(error.into())),
        }
    }

    /// Waits until there is something and takes up to [`crate::BATCH`] packets, in place of those it had.
    ///
    /// Cancel safe: what is not taken yet is there for the next call.
    ///
    /// # Errors
    /// When the kernel cannot wait or read; the socket is of no use then.
    pub async fn receive(&mut self) -> io::Result<()> {
        self.received = 0;
        loop {
            let mut ready = self.socket.readable().await?;
            if let Ok(received) = ready.try_io(|socket| self.inbox.receive(socket.as_fd())) {
                self.received = received?;
                return Ok(());
            }
        }
    }

    /// The packets last taken: what each answers, or why it is no answer.
    pub fn answers(&self) -> impl Iterator<Item = Result<Answer, Refused>> {
        (0..self.received).filter_map(|place| self.inbox.datagram(place)).map(Answer::parse)
    }
}

/// Keeps all other types of ICMP messages in the kernel.
fn accept_answers_only(socket: &OwnedFd) -> io::Result<()> {
    // linux/icmp.h; a set bit is a type that is not wanted.
    const ICMP_FILTER: i32 = 1;
    let wanted = Answer::TYPES.iter().fold(0_u32, |types, kind| types | 1 << kind);
    sys::set_bytes(socket.as_fd(), libc::SOL_RAW, ICMP_FILTER, &(!wanted).to_ne_bytes())
}

impl fmt::Display for EchoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(error) | Self::Socket(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EchoError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Target(error) | Self::Socket(error) => Some(error),
        }
    }
}
