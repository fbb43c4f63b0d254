//! Telling the service manager how the daemon does: systemd's notification protocol (sd_notify(3)).

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use crate::Environment;

/// The connection to the service manager; does nothing when there is none.
///
/// What cannot be delivered is lost without harm: the manager's own timeouts notice.
#[derive(Debug)]
pub struct Notifier {
    socket: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl Notifier {
    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`. An address that cannot be used is an error.
    pub fn new(environment: &Environment) -> io::Result<Self> {
        let socket = match environment.var("NOTIFY_SOCKET").map(OsStrExt::as_bytes) {
            None | Some([]) => None,
            Some([b'@', name @ ..]) => Some(SocketAddr::from_abstract_name(name)?),
            Some(_) => environment.var("NOTIFY_SOCKET").map(SocketAddr::from_pathname).transpose()?,
        };
        let socket = match socket {
            Some(address) => {
                let socket = UnixDatagram::unbound()?;
                socket.set_nonblocking(true)?;
                Some((socket, address))
            }
            None => None,
        };
        Ok(Self { socket, watchdog: watchdog(environment) })
    }

    /// The daemon serves.
    pub fn ready(&self) {
        self.send("READY=1");
    }

    /// The daemon reads its configuration anew; to be followed by [`Notifier::ready`].
    pub fn reloading(&self) {
        let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map(Duration::from).unwrap_or_default();
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={}", now.as_micros()));
    }

    /// The daemon ends.
    pub fn stopping(&self) {
        self.send("STOPPING=1");
    }

    /// One line for `systemctl status`.
    pub fn status(&self, text: &str) {
        self.send(&format!("STATUS={}", text.replace('\n', " ")));
    }

    /// The daemon is alive; to be sent at least every [`Notifier::watchdog_interval`].
    pub fn alive(&self) {
        self.send("WATCHDOG=1");
    }

    /// How often [`Notifier::alive`] is expected: half of the manager's limit; `None` when it does not watch.
    pub fn watchdog_interval(&self) -> Option<Duration> {
        self.watchdog
    }

    fn send(&self, state: &str) {
        if let Some((socket, address)) = &self.socket {
            let _ = socket.send_to_addr(state.as_bytes(), address);
        }
    }
}

fn watchdog(environment: &Environment) -> Option<Duration> {
    let for_us = environment.text("WATCHDOG_PID").is_none_or(|pid| pid.parse() == Ok(std::process::id()));
    let limit = environment.text("WATCHDOG_USEC")?.parse().ok().filter(|&limit| limit > 0 && for_us)?;
    Some(Duration::from_micros(limit) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 256];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    /// The states arrive word for word at the socket the environment names.
    #[test]
    fn states_arrive_at_the_manager_s_socket() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        let environment = Environment::from_iter([("NOTIFY_SOCKET", path.as_os_str())]);
        let notifier = Notifier::new(&environment).unwrap();
        notifier.status("reads\nthe configuration");
        assert_eq!(receive(&manager), "STATUS=reads the configuration");
        notifier.ready();
        assert_eq!(receive(&manager), "READY=1");
        notifier.reloading();
        let reloading = receive(&manager);
        let micros = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
        assert!(micros.parse::<u64>().unwrap() > 0);
        notifier.alive();
        assert_eq!(receive(&manager), "WATCHDOG=1");
        notifier.stopping();
        assert_eq!(receive(&manager), "STOPPING=1");
    }

    /// An abstract address begins with `@`.
    #[test]
    fn an_abstract_socket_is_found() {
        let name = format!("kotare-notify-{}", std::process::id());
        let manager = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        let environment = Environment::from_iter([("NOTIFY_SOCKET", format!("@{name}"))]);
        Notifier::new(&environment).unwrap().ready();
        assert_eq!(receive(&manager), "READY=1");
    }

    /// Without a manager nothing happens; the watchdog is only for the process it names.
    #[test]
    fn no_manager_no_notification() {
        let notifier = Notifier::new(&Environment::default()).unwrap();
        notifier.ready();
        assert_eq!(notifier.watchdog_interval(), None);
        let interval = |pairs: &[(&str, &str)]| {
            Notifier::new(&pairs.iter().copied().collect()).unwrap().watchdog_interval()
        };
        assert_eq!(interval(&[("WATCHDOG_USEC", "3000000")]), Some(Duration::from_millis(1500)));
        assert_eq!(interval(&[("WATCHDOG_USEC", "3000000"), ("WATCHDOG_PID", "1")]), None);
    }
}
