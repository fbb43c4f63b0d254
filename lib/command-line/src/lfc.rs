//! The command line of `kea-lfc`: Kea's letters, in any order and joined as one likes, the last of a kind counting.

use std::path::PathBuf;

use clap::Parser;

/// Cleans up the lease files of a server, one row for each lease
#[derive(Debug, Parser)]
#[command(
    name = "kea-lfc",
    override_usage = "kea-lfc [-4|-6] -p file -x file -i file -o file -f file -c file",
    disable_help_flag = true,
    disable_version_flag = true,
    args_override_self = true
)]
#[expect(missing_docs, reason = "the help of each is what it is")]
pub struct Letters {
    #[arg(short = '4', overrides_with = "v6", help = "the lease files are of DHCPv4")]
    pub v4: bool,
    #[arg(short = '6', overrides_with = "v4", help = "the lease files are of DHCPv6")]
    pub v6: bool,
    #[arg(short = 'p', value_name = "file", help = "pid file")]
    pub pid: Option<PathBuf>,
    #[arg(short = 'x', value_name = "file", help = "previous lease file, the result of the last cleanup")]
    pub previous: Option<PathBuf>,
    #[arg(short = 'i', value_name = "file", help = "copy of the lease file, moved there by the server")]
    pub copy: Option<PathBuf>,
    #[arg(short = 'o', value_name = "file", help = "where the result is written")]
    pub output: Option<PathBuf>,
    #[arg(short = 'f', value_name = "file", help = "what the result is called once it is whole")]
    pub finish: Option<PathBuf>,
    #[arg(short = 'c', value_name = "file", help = "configuration file; required, not read")]
    pub config: Option<PathBuf>,
    #[arg(short = 'v', help = "print the version number and exit")]
    pub version: bool,
    #[arg(short = 'V', help = "print the extended version and exit")]
    pub extended: bool,
    #[arg(short = 'W', help = "print the build report and exit")]
    pub report: bool,
    #[arg(short = 'd', help = "log to standard output instead of syslog")]
    pub verbose: bool,
    #[arg(short = 'h', long = "help", help = "print this help and exit")]
    pub help: bool,
}
