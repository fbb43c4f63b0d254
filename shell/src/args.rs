//! The command line: Kea's options, and `--socket` and `--output`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Parser;

use crate::output::Output;

/// The longest user or password, in bytes.
const MAX_SECRET: u64 = 64 * 1024;

/// Sends a command to a Kea server and shows the answer.
///
/// The command's arguments are read from standard input until its end, as members of a JSON map:
/// `echo '"subnet-id": 1' | kea-shell --socket /run/kea/kea4-ctrl-socket stat-lease4-get`. With a terminal as standard
/// input and no command, commands are asked for one after another. `kea-shell COMMAND --help` shows what a command does
/// and the arguments that it takes.
#[derive(Debug, Parser)]
#[command(name = "kea-shell", disable_help_flag = true, disable_version_flag = true)]
pub(crate) struct Args {
    /// Name or address of the host to connect to
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// TCP port to connect to
    #[arg(long, default_value_t = 8000)]
    pub(crate) port: u16,
    /// Path of the URL, where a reverse proxy distributes requests
    #[arg(long, default_value = "")]
    pub(crate) path: String,
    /// UNIX control socket of a server, instead of HTTP
    #[arg(long, value_name = "PATH", conflicts_with_all = [
        "host", "port", "path", "ca", "cert", "key", "auth_user", "auth_user_file", "auth_password", "auth_password_file",
    ])]
    pub(crate) socket: Option<PathBuf>,
    /// Use HTTPS, and trust the certification authorities in this file or directory
    #[arg(long, value_name = "PATH")]
    pub(crate) ca: Option<PathBuf>,
    /// Certificate to show to the server
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
    /// Private key of the certificate, not encrypted
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// How long to wait for the answer, in seconds; 0 is for ever
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    pub(crate) timeout: u32,
    /// Daemon that a control agent passes the command to; may be repeated. Servers ignore it
    #[arg(long, value_name = "SERVICE")]
    pub(crate) service: Vec<String>,
    /// User of basic HTTP authentication
    #[arg(long, value_name = "USER", default_value = "")]
    auth_user: String,
    /// File whose first line is the user; goes before --auth-user
    #[arg(long, value_name = "FILE")]
    auth_user_file: Option<PathBuf>,
    /// Password of basic HTTP authentication; other users of this machine can see it
    #[arg(long, value_name = "PASSWORD", default_value = "")]
    auth_password: String,
    /// File whose first line is the password; goes before --auth-password
    #[arg(long, value_name = "FILE")]
    auth_password_file: Option<PathBuf>,
    /// How to show the answer: as JSON, or lists as a table or as CSV
    #[arg(long, value_enum, default_value_t = Output::Json)]
    pub(crate) output: Output,
    /// Print this, or, with a command, what that does and takes
    #[arg(short, long)]
    pub(crate) help: bool,
    /// Print the version
    #[arg(short = 'v')]
    pub(crate) version: bool,
    /// Print the extended version
    #[arg(short = 'V')]
    pub(crate) extended: bool,
    /// Command to send; `list-commands` where none is given and standard input is no terminal
    pub(crate) command: Option<String>,
}

impl Args {
    /// User and password, if there is a user.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn credentials(&self) -> Result<Option<(String, String)>, String> {
        let user = secret(self.auth_user_file.as_deref(), &self.auth_user)?;
        if self.auth_user_file.is_none() && user.is_empty() {
            return Ok(None);
        }
        Ok(Some((user, secret(self.auth_password_file.as_deref(), &self.auth_password)?)))
    }
}

/// The first line of `file`, if one is named, else `text`.
fn secret(file: Option<&Path>, text: &str) -> Result<String, String> {
    let Some(path) = file.filter(|path| !path.as_os_str().is_empty()) else { return Ok(text.to_owned()) };
    let wrong = |error| format!("cannot read {}: {error}", path.display());
    let mut line = String::new();
    BufReader::new(File::open(path).map_err(wrong)?.take(MAX_SECRET)).read_line(&mut line).map_err(wrong)?;
    Ok(line.strip_suffix('\n').unwrap_or(&line).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Result<Args, String> {
        Args::try_parse_from(line.split(' ')).map_err(|error| error.to_string())
    }

    /// Kea's manual, "Shell Usage": where nothing else is said.
    #[test]
    fn defaults_are_kea_s() {
        let args = args("kea-shell").unwrap();
        assert_eq!((&*args.host, args.port, &*args.path, args.timeout), ("127.0.0.1", 8000, "", 10));
        assert_eq!(args.credentials(), Ok(None));
        assert_eq!(args.output, Output::Json);
    }

    /// Files go before what stands on the command line, and only their first line counts.
    #[test]
    fn credentials_come_from_files_first() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "s3c ret\nmore\n").unwrap();
        let file = file.display();
        let line = format!("kea-shell --auth-user me --auth-password x --auth-password-file {file} foo");
        let pair = |user: &str, password: &str| Ok(Some((user.to_owned(), password.to_owned())));
        assert_eq!(args(&line).unwrap().credentials(), pair("me", "s3c ret"));
        let line = format!("kea-shell --auth-user me --auth-user-file {file}");
        assert_eq!(args(&line).unwrap().credentials(), pair("s3c ret", ""));
        let error = args("kea-shell --auth-user-file /nowhere").unwrap().credentials().unwrap_err();
        assert!(error.contains("/nowhere"), "{error}");
    }

    /// A socket has neither host nor users; the contradiction is named.
    #[test]
    fn a_socket_has_no_host() {
        for option in ["--host a", "--port 1", "--auth-user me", "--ca /etc"] {
            let error = args(&format!("kea-shell --socket /run/x {option}")).unwrap_err();
            assert!(error.contains("cannot be used with"), "{error}");
        }
    }
}
