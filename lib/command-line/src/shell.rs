//! The command line of `kea-shell`: Kea's options, and `--socket` and `--output`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::explain::Explain;

/// How to show an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// As the server sent it
    Json,
    /// Lists such as leases, subnets and statistics as columns
    Table,
    /// The same, as comma-separated values with a line of names
    Csv,
}

/// What the program does with commands of its own making.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Tell what would become of a client's message, and why
    Explain(Box<Explain>),
}

/// Sends a command to a Kea server and shows the answer.
///
/// The command's arguments are read from standard input until its end, as members of a JSON map:
/// `echo '"subnet-id": 1' | kea-shell --socket /run/kea/kea4-ctrl-socket stat-lease4-get`. With a terminal as standard
/// input and no command, commands are asked for one after another. `kea-shell COMMAND --help` shows what a command does
/// and the arguments that it takes.
#[derive(Debug, Parser)]
#[command(name = "kea-shell", disable_help_flag = true, disable_version_flag = true)]
pub struct Args {
    /// Name or address of the host to connect to
    #[arg(long, global = true, default_value = "127.0.0.1")]
    pub host: String,
    /// TCP port to connect to
    #[arg(long, global = true, default_value_t = 8000)]
    pub port: u16,
    /// Path of the URL, where a reverse proxy distributes requests
    #[arg(long, global = true, default_value = "")]
    pub path: String,
    /// UNIX control socket of a server, instead of HTTP
    #[arg(long, global = true, value_name = "PATH", conflicts_with_all = [
        "host", "port", "path", "ca", "cert", "key", "auth_user", "auth_user_file", "auth_password", "auth_password_file",
    ])]
    pub socket: Option<PathBuf>,
    /// Use HTTPS, and trust the certification authorities in this file or directory
    #[arg(long, global = true, value_name = "PATH")]
    pub ca: Option<PathBuf>,
    /// Certificate to show to the server
    #[arg(long, global = true, value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// Private key of the certificate, not encrypted
    #[arg(long, global = true, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// How long to wait for the answer, in seconds; 0 is for ever
    #[arg(long, global = true, default_value_t = 10, value_name = "SECONDS")]
    pub timeout: u32,
    /// Daemon that a control agent passes the command to; may be repeated. Servers refuse others than themselves
    #[arg(long, global = true, value_name = "SERVICE")]
    pub service: Vec<String>,
    /// User of basic HTTP authentication
    #[arg(long, global = true, value_name = "USER", default_value = "")]
    pub auth_user: String,
    /// File whose first line is the user; goes before --auth-user
    #[arg(long, global = true, value_name = "FILE")]
    pub auth_user_file: Option<PathBuf>,
    /// Password of basic HTTP authentication; other users of this machine can see it
    #[arg(long, global = true, value_name = "PASSWORD", default_value = "")]
    pub auth_password: String,
    /// File whose first line is the password; goes before --auth-password
    #[arg(long, global = true, value_name = "FILE")]
    pub auth_password_file: Option<PathBuf>,
    /// How to show the answer: as JSON, or lists as a table or as CSV
    #[arg(long, value_enum, default_value_t = Output::Json)]
    pub output: Output,
    /// Print this, or, with a command, what that does and takes
    #[arg(short, long, global = true)]
    pub help: bool,
    /// Print the version
    #[arg(short = 'v')]
    pub version: bool,
    /// Print the extended version
    #[arg(short = 'V')]
    pub extended: bool,
    /// Command to send; `list-commands` where none is given and standard input is no terminal
    pub command: Option<String>,
    /// What the program does itself
    #[command(subcommand)]
    pub task: Option<Task>,
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
        assert_eq!((&*args.auth_user, &*args.auth_password), ("", ""));
        assert_eq!(args.output, Output::Json);
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
