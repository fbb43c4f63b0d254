//! The command line of `kea-admin`: Kea's commands, backends and options, and those that are Kotare's.

use std::path::PathBuf;

use clap::{ArgAction, Parser};

use crate::{Suggested, Word};

/// What can be done.
pub const COMMANDS: &[Word] = &[
    ("lease-dump", "writes the leases to a CSV file, one row each"),
    ("lease-upload", "adds the leases of a CSV file"),
    ("check", "looks for damaged rows, and leases outside of their subnets; changes nothing"),
    ("repair", "sets damaged rows aside"),
    ("stats-recount", "counts the leases of a database anew, or lets a running server count them"),
    ("db-version", "prints the version of the schema of the lease file or the database"),
    ("db-init", "makes the tables of a database; servers make their lease file"),
    ("db-upgrade", "converts the tables of a database; servers convert their lease file"),
];

/// Where leases can be.
pub const BACKENDS: &[Word] = &[
    ("memfile", "a lease file"),
    ("mysql", "a database of MySQL or MariaDB"),
    ("pgsql", "a database of PostgreSQL"),
    ("sqlite", "a database in a file of SQLite, Kotare's own"),
];

/// Looks after lease files and databases: makes and upgrades tables, dumps, uploads, checks and repairs leases
#[derive(Debug, Parser)]
#[command(
    name = "kea-admin",
    override_usage = "kea-admin COMMAND BACKEND [options]",
    disable_help_flag = true,
    disable_version_flag = true,
    args_override_self = true
)]
#[expect(missing_docs, reason = "the help of each is what it is")]
pub struct Letters {
    #[arg(value_name = "COMMAND", value_parser = Suggested(COMMANDS), help = "what to do")]
    pub command: Option<String>,
    #[arg(value_name = "BACKEND", value_parser = Suggested(BACKENDS), help = "where leases are")]
    pub backend: Option<String>,
    #[arg(short = '4', help = "leases of DHCPv4")]
    pub v4: bool,
    #[arg(short = '6', help = "leases of DHCPv6")]
    pub v6: bool,
    #[arg(short = 'i', long, value_name = "FILE", help = "what is uploaded")]
    pub input: Option<PathBuf>,
    #[arg(short = 'o', long, value_name = "FILE", help = "where leases are dumped")]
    pub output: Option<PathBuf>,
    #[arg(
        short = 'n',
        long,
        value_name = "FILE",
        help = "the lease file, or the name of the database; of SQLite its file"
    )]
    pub name: Option<PathBuf>,
    #[arg(
        long,
        value_name = "FILE",
        help = "the server's configuration, which names its lease file and its control socket"
    )]
    pub config: Option<PathBuf>,
    #[arg(long, value_name = "FILE", help = "the control socket of a running server")]
    pub socket: Option<PathBuf>,
    #[arg(long, help = "leases that are there already are replaced by those that are uploaded")]
    pub replace: bool,
    #[arg(short = 'y', long, help = "overwrite without a question")]
    pub yes: bool,
    #[arg(
        long,
        help = "print what db-init, db-upgrade or stats-recount would say to the database, or what lease-upload would change \
                there, and change nothing"
    )]
    pub dry_run: bool,
    #[arg(short = 'v', long, help = "print the version and exit")]
    pub version: bool,
    #[arg(short = 'V', help = "print the extended version and exit")]
    pub extended: bool,
    #[arg(long, help = "print this help and exit")]
    pub help: bool,
    #[arg(
        short = 'h',
        long,
        value_name = "HOST",
        help = "where the database is: a name, an address or the path of a socket"
    )]
    pub host: Option<String>,
    #[arg(short = 'P', long, value_name = "PORT", help = "the port of the database")]
    pub port: Option<String>,
    #[arg(short = 'u', long, value_name = "USER", help = "who asks the database")]
    pub user: Option<String>,
    #[arg(
        short = 'p',
        long,
        value_name = "PASSWORD",
        num_args = 0..=1,
        allow_hyphen_values = true,
        help = "the password of the database; asked for where it is left out"
    )]
    pub password: Option<Option<String>>,
    #[arg(
        short = 'd',
        long,
        value_name = "DIRECTORY",
        help = "where scripts of databases are; there are none, it says nothing"
    )]
    pub directory: Option<PathBuf>,
    #[arg(
        short = 'x',
        long,
        value_name = "ARGUMENT",
        allow_hyphen_values = true,
        action = ArgAction::Append,
        help = "for MySQL's client: there is none, and only what is about TLS (--ssl-…) means something; may be repeated"
    )]
    pub extra: Vec<String>,
}
