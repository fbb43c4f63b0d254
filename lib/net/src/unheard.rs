//! Connections whose other end is gone without a word.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

/// Has a TCP connection count as lost when the other end has not told for that long that it has what was sent (`TCP_USER_TIMEOUT`,
/// RFC 5482): reading from it fails then. Otherwise the kernel goes on for a quarter of an hour.
///
/// # Errors
/// When it is no TCP connection.
pub fn give_up_unheard(stream: impl AsFd, after: Duration) -> io::Result<()> {
    let millis = u32::try_from(after.as_millis()).unwrap_or(u32::MAX);
    Ok(rustix::net::sockopt::set_tcp_user_timeout(stream, millis)?)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::time::Duration;

    /// The kernel keeps how long it waits.
    #[test]
    fn who_is_not_heard_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        super::give_up_unheard(&stream, Duration::from_secs(3)).unwrap();
        assert_eq!(rustix::net::sockopt::tcp_user_timeout(&stream).unwrap(), 3000);
        let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
        assert!(super::give_up_unheard(&datagrams, Duration::from_secs(3)).is_err());
    }
}
