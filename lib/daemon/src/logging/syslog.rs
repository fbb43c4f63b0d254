//! syslog(3)'s datagrams, written to the daemon's socket by ourselves (RFC 3164, as glibc writes them).

use std::fmt::{self, Write};
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::Duration;

use kotare_messages::Severity;

use super::time_format::TimeFormat;

/// Where the syslog daemon listens.
pub(super) const SOCKET: &str = "/dev/log";

/// What kind of program logs; syslog files messages by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as in syslog(3)")]
pub enum Facility {
    Kern = 0,
    User,
    Mail,
    Daemon,
    Auth,
    Syslog,
    Lpr,
    News,
    Uucp,
    Cron,
    Authpriv,
    Ftp,
    Local0 = 16,
    Local1,
    Local2,
    Local3,
    Local4,
    Local5,
    Local6,
    Local7,
}

/// A connection to the syslog daemon, made anew when it breaks.
#[derive(Debug)]
pub(super) struct Syslog {
    path: PathBuf,
    tag: String,
    facility: Facility,
    socket: Option<UnixDatagram>,
    time: TimeFormat,
    datagram: String,
}

impl Syslog {
    /// Logs as `tag`, the root logger's name.
    pub(super) fn new(path: PathBuf, tag: &str, facility: Facility) -> Self {
        let time = TimeFormat::new("%b %e %H:%M:%S");
        Self { path, tag: tag.to_owned(), facility, socket: None, time, datagram: String::new() }
    }

    /// Sends one line. A daemon that was restarted is found again; one that does not take anything costs a
    /// bounded time.
    pub(super) fn send(
        &mut self,
        line: &str,
        severity: Severity,
        since_epoch: Duration,
        zone: &jiff::tz::TimeZone,
    ) -> io::Result<()> {
        self.datagram.clear();
        let priority = self.facility as u8 * 8 + level(severity);
        let _ = write!(self.datagram, "<{priority}>");
        self.time.push(since_epoch, zone, &mut self.datagram);
        let _ = write!(self.datagram, " {}: {}", self.tag, line.trim_end_matches('\n'));
        if let Some(socket) = &self.socket
            && socket.send(self.datagram.as_bytes()).is_ok()
        {
            return Ok(());
        }
        self.socket = None;
        let socket = UnixDatagram::unbound()?;
        socket.connect(&self.path)?;
        socket.set_write_timeout(Some(Duration::from_millis(100)))?;
        socket.send(self.datagram.as_bytes())?;
        self.socket = Some(socket);
        Ok(())
    }
}

/// syslog's level, as log4cplus maps it.
fn level(severity: Severity) -> u8 {
    match severity {
        Severity::Fatal => 2,
        Severity::Error => 3,
        Severity::Warn => 4,
        Severity::Info => 6,
        Severity::Debug(_) => 7,
    }
}

impl Facility {
    /// By name, any case; `user` when nothing is called so, as log4cplus takes it.
    pub fn named(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        NAMES.iter().find(|(known, _)| *known == name).map_or(Self::User, |&(_, facility)| facility)
    }
}

impl fmt::Display for Facility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES.iter().find(|(_, facility)| facility == self).map_or("user", |(name, _)| name))
    }
}

const NAMES: &[(&str, Facility)] = &[
    ("kern", Facility::Kern),
    ("user", Facility::User),
    ("mail", Facility::Mail),
    ("daemon", Facility::Daemon),
    ("auth", Facility::Auth),
    ("security", Facility::Auth),
    ("syslog", Facility::Syslog),
    ("lpr", Facility::Lpr),
    ("news", Facility::News),
    ("uucp", Facility::Uucp),
    ("cron", Facility::Cron),
    ("authpriv", Facility::Authpriv),
    ("ftp", Facility::Ftp),
    ("local0", Facility::Local0),
    ("local1", Facility::Local1),
    ("local2", Facility::Local2),
    ("local3", Facility::Local3),
    ("local4", Facility::Local4),
    ("local5", Facility::Local5),
    ("local6", Facility::Local6),
    ("local7", Facility::Local7),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn received(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 512];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    /// Priority, time, tag and text arrive as syslog(3) would send them; a daemon that restarts is found again.
    #[test]
    fn datagrams_are_syslog_s_and_survive_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let (at, utc) = (Duration::from_secs(1_565_012_745), jiff::tz::TimeZone::UTC);
        let mut syslog = Syslog::new(path.clone(), "kea-dhcp4", Facility::Local0);
        assert!(syslog.send("lost\n", Severity::Info, at, &utc).is_err());
        let daemon = UnixDatagram::bind(&path).unwrap();
        syslog.send("INFO  [x] one\n", Severity::Info, at, &utc).unwrap();
        assert_eq!(received(&daemon), "<134>Aug  5 13:45:45 kea-dhcp4: INFO  [x] one");
        drop(daemon);
        std::fs::remove_file(&path).unwrap();
        let daemon = UnixDatagram::bind(&path).unwrap();
        syslog.send("two", Severity::Fatal, at, &utc).unwrap();
        assert_eq!(received(&daemon), "<130>Aug  5 13:45:45 kea-dhcp4: two");
    }

    /// Facilities by name; what nobody knows is `user`.
    #[test]
    fn facilities_are_known_by_name() {
        assert_eq!(Facility::named("LOCAL7"), Facility::Local7);
        assert_eq!(Facility::named("kea"), Facility::User);
        assert_eq!(Facility::named("daemon").to_string(), "daemon");
    }
}
