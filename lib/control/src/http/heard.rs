//! The beginning of what a client sent, for the log: what is no HTTP at all is seen by nobody else.

use std::fmt;

use kotare_messages::is_debugged;
use parking_lot::Mutex;

use super::details::{LONGEST, is_secret};

/// What comes first over TLS: a record of a handshake, of version 3.
const TLS: &[u8] = b"\x16\x03";

/// What came since the last answer, as much of it as is shown; only its very beginning where nothing is shown.
#[derive(Debug, Default)]
pub(super) struct Heard(Mutex<Vec<u8>>);

impl Heard {
    pub(super) fn add(&self, bytes: &[u8]) {
        let longest = if is_debugged() { LONGEST } else { TLS.len() };
        let mut heard = self.0.lock();
        let room = longest.saturating_sub(heard.len());
        heard.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// The client has its answer.
    pub(super) fn forget(&self) {
        self.0.lock().clear();
    }

    /// What to do about what is no request, if that is known.
    pub(super) fn advice(&self) -> &'static str {
        match self.0.lock().starts_with(TLS) {
            true => " (this socket speaks HTTP alone: use http:// in the client, or configure \"cert-file\")",
            false => "",
        }
    }
}

/// The head of it, without secrets: whatever is neither a line of a request nor a header that may be shown is not.
impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heard = self.0.lock();
        let text = String::from_utf8_lossy(&heard);
        let mut lines = text.lines().take_while(|line| !line.is_empty());
        match lines.next() {
            Some(line) if line.contains(" HTTP/") => f.write_str(line)?,
            // What follows an answer may begin anywhere.
            _ => return write!(f, "{} bytes that begin no request", heard.len()),
        }
        for line in lines {
            match line.split_once(':') {
                Some((name, _)) if !is_secret(name) && !name.contains([' ', '\t']) => {
                    write!(f, "\n{line}")?;
                }
                Some((name, _)) if is_secret(name) => write!(f, "\n{name}: *****")?,
                _ => f.write_str("\n*****")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> String {
        Heard(Mutex::new(bytes.to_vec())).to_string()
    }

    /// A request is shown without its credentials, however it is cut or folded, and without its body.
    #[test]
    fn no_secret_is_shown() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nAUTHORIZATION: Basic c2Vj\r\n cmV0\r\nA: b\r\n\r\nsecret";
        assert_eq!(shown(head.as_bytes()), "POST / HTTP/1.1\nHost: a\nAUTHORIZATION: *****\n*****\nA: b");
        assert_eq!(shown(b"c2VjcmV0\r\nHost: a\r\n"), "19 bytes that begin no request");
        assert_eq!(shown(b"GET / HTTP/1.1\r\nAuthorization : x"), "GET / HTTP/1.1\nAuthorization : *****");
    }

    /// Who speaks TLS where there is none is told so.
    #[test]
    fn tls_is_known_by_its_beginning() {
        let heard = Heard::default();
        heard.add(b"\x16\x03\x01\x02");
        assert!(heard.advice().contains("http://"));
        heard.forget();
        heard.add(b"GET /");
        assert_eq!(heard.advice(), "");
    }
}
