//! What a configuration asks of HTTP sockets, judged: secrets and certificates are read, and what is not safe is told.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use kotare_config::json::format::{self, Shape};
use kotare_config::json::{Diagnostics, Source, Topic};
use kotare_config::process::{HttpAuthentication, HttpClient, HttpSocket, HttpTls, Secret, WrittenPath};
use kotare_config::schema;
use kotare_control::http::{Authentication, Header, ListenerConfig, Settings, Tls};

/// How long a name or a password in a file may be, in bytes.
const LONGEST: u64 = 4096;

/// Passwords that stand in examples, which Kea refuses too.
const EXAMPLES: &[&str] = &["keatest", "1234", "*****"];

const RELAX: &str = "start with -X to allow it";

/// Judges HTTP sockets; `realm` is what clients are told where none is written. With `enforced`, what is not safe is an
/// error, otherwise a warning. What is wrong goes to `diagnostics`; with errors the result serves nobody.
pub fn http_listeners(
    sockets: &[HttpSocket],
    realm: &str,
    enforced: bool,
    diagnostics: &mut Diagnostics,
) -> Vec<ListenerConfig> {
    let mut judge = Judge { realm, enforced, diagnostics };
    sockets.iter().map(|socket| judge.listener(socket)).collect()
}

/// The name and the password by which a client is known, read from their files in `directory` where they are in files.
/// What is wrong goes to `diagnostics`; without them then.
pub fn http_credentials(
    client: &HttpClient,
    directory: &str,
    enforced: bool,
    diagnostics: &mut Diagnostics,
) -> Option<(String, String)> {
    Judge { realm: "", enforced, diagnostics }.client(client, directory)
}

pub(crate) struct Judge<'a> {
    pub(crate) realm: &'a str,
    pub(crate) enforced: bool,
    pub(crate) diagnostics: &'a mut Diagnostics,
}

impl Judge<'_> {
    fn listener(&mut self, socket: &HttpSocket) -> ListenerConfig {
        let source = socket.written.source().clone();
        if socket.authentication.is_none() && socket.tls.is_none() {
            let shown = format::text(&schema::redacted(&socket.written.to_json()), Shape::Line);
            let message =
                format!("Unsecured HTTP control channel: whoever reaches {} commands the server", socket.at);
            let hint = format!("add \"authentication\" or TLS, or {RELAX}");
            self.unsafe_if_enforced(Topic::UnsecuredSocket(shown.into()), &source, message, hint);
        }
        let authentication = socket.authentication.as_ref().and_then(|it| self.authentication(it));
        let mut headers = Vec::new();
        for header in &socket.headers {
            match Header::new(&header.name, &header.value) {
                Ok(header) => headers.push(header),
                Err(reason) => self.diagnostics.error(&header.source, reason),
            }
        }
        let tls = socket.tls.as_ref().and_then(|tls| self.tls(tls));
        ListenerConfig {
            at: socket.at,
            settings: Arc::new(Settings {
                authentication,
                headers,
                tls,
                monitoring: socket.monitoring,
                accepts: None,
                turns: None,
            }),
            source,
            quick: None,
        }
    }

    fn authentication(&mut self, written: &HttpAuthentication) -> Option<Authentication> {
        let (realm, source) = &written.realm;
        let mut authentication = match Authentication::new(realm.as_deref().unwrap_or(self.realm)) {
            Ok(authentication) => authentication,
            Err(reason) => {
                self.diagnostics.error(source, reason);
                return None;
            }
        };
        for client in &written.clients {
            if let Some((user, password)) = self.client(client, &written.directory) {
                authentication.permit(&user, &password);
            }
        }
        Some(authentication)
    }

    /// The name and the password of a client.
    fn client(&mut self, client: &HttpClient, directory: &str) -> Option<(String, String)> {
        let HttpClient { user, password } = client;
        if let Some(Secret::Clear(text, source)) = password {
            if EXAMPLES.contains(&&**text) {
                self.diagnostics.error(source, "password must not be a default one");
            }
            self.clear(Topic::ClearPassword, "password", source);
            // The configuration itself, or a file that it includes.
            if source.line() > 0 {
                self.private(Path::new(source.file()), source);
            }
        }
        if let Some(Secret::Clear(_, source)) = user {
            self.clear(Topic::ClearUser, "user", source);
        }
        let password = match password {
            None => String::new(),
            Some(Secret::Clear(text, _)) => text.to_string(),
            Some(Secret::File(path)) => self.first_line(path, directory)?,
        };
        match (user, client.password.as_ref()) {
            (Some(Secret::Clear(user, _)), _) => Some((user.to_string(), password)),
            (Some(Secret::File(path)), _) => {
                let user = self.first_line(path, directory)?;
                if user.is_empty() || user.contains(':') {
                    let message =
                        format!("user must not be empty or contain a ':' from user-file '{}'", path.path);
                    self.diagnostics.error(&path.source, message);
                }
                Some((user, password))
            }
            (None, Some(Secret::File(path))) => match password.split_once(':') {
                Some((user, password)) => Some((user.to_owned(), password.to_owned())),
                None => {
                    let message = format!("can't find the user id part in password-file '{}'", path.path);
                    self.diagnostics.error_with_hint(&path.source, message, "write user:password there");
                    None
                }
            },
            // The form of the configuration was found wrong before.
            (None, _) => None,
        }
    }

    fn tls(&mut self, written: &HttpTls) -> Option<Tls> {
        self.private(Path::new(&*written.key.path), &written.key.source);
        let path = |written: &WrittenPath| Path::new(&*written.path).to_owned();
        let (anchor, certificate) = (path(&written.trust_anchor), path(&written.certificate));
        match Tls::read(&anchor, &certificate, &path(&written.key), written.required) {
            Ok(tls) => Some(tls),
            Err(reason) => {
                self.diagnostics.error(&written.certificate.source, reason);
                None
            }
        }
    }

    /// The first line of a file below `directory`.
    fn first_line(&mut self, written: &WrittenPath, directory: &str) -> Option<String> {
        let path = format!("{}/{}", directory.trim_end_matches('/'), written.path.trim_start_matches('/'));
        let path = Path::new(&path);
        match first_line(path) {
            Ok(line) => {
                self.private(path, &written.source);
                Some(line)
            }
            Err(reason) => {
                self.diagnostics.error(&written.source, reason);
                None
            }
        }
    }

    /// Warns of a file with a secret that is everybody's to read or to change.
    pub(crate) fn private(&mut self, path: &Path, source: &Source) {
        let mode = fs::metadata(path).map_or(0, |metadata| metadata.mode());
        for (bit, verb, advice) in [(0o004, "read", "chmod o-r it"), (0o002, "change", "chmod o-w it")] {
            if mode & bit != 0 {
                let message = format!("'{}' holds a secret that everybody can {verb}", path.display());
                self.diagnostics.warning_with_hint(source, message, advice);
            }
        }
    }

    pub(crate) fn clear(&mut self, topic: Topic, keyword: &str, source: &Source) {
        let message = format!("use of clear text '{keyword}' is NOT SECURE");
        self.unsafe_if_enforced(topic, source, message, format!("use \"{keyword}-file\", or {RELAX}"));
    }

    fn unsafe_if_enforced(&mut self, topic: Topic, source: &Source, message: String, hint: String) {
        match self.enforced {
            true => self.diagnostics.error_with_hint(source, message, hint),
            false => self.diagnostics.warning_about(topic, source, message, ""),
        }
    }
}

pub(crate) fn first_line(path: &Path) -> Result<String, String> {
    let shown = path.display();
    match fs::metadata(path) {
        Err(error) => return Err(format!("Expected a file at path '{shown}': {error}")),
        Ok(metadata) if !metadata.is_file() => {
            return Err(format!("Expected '{shown}' to be a regular file"));
        }
        Ok(_) => {}
    }
    let mut line = String::new();
    let file = File::open(path).map_err(|error| format!("Cannot open '{shown}': {error}"))?;
    let read = BufReader::new(file.take(LONGEST + 1)).read_line(&mut line);
    read.map_err(|error| format!("Cannot read '{shown}': {error}"))?;
    if line.len() as u64 > LONGEST {
        return Err(format!("the first line of '{shown}' is longer than {LONGEST} bytes"));
    }
    Ok(line.trim_end_matches('\n').to_owned())
}
