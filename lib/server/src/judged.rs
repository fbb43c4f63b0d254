//! What a configuration asks of the file system, judged: everything that is wrong with it, not the first only.

use std::path::{Path, PathBuf};

use kotare_config::Process;
use kotare_config::json::Diagnostics;
use kotare_config::process::{LocalNames, Memfile};
use kotare_control::unix::SocketConfig;
use kotare_daemon::logging::LoggingConfig;
use kotare_daemon::{PathKind, Paths};
use kotare_process::{DatabaseAt, Judge};
use kotare_store_sql::Engine;
use kotare_store_sql::config::Protocol;

/// Where a configuration keeps files.
#[derive(Debug)]
pub(crate) struct Judged {
    /// How leases are kept in memory, if they are.
    pub(crate) memfile: Option<Memfile>,
    /// The database that they are kept in, if they are.
    pub(crate) database: Option<DatabaseAt>,
    /// The databases that reservations are looked for in.
    pub(crate) hosts: Vec<DatabaseAt>,
    /// The databases that more of the configuration may be in.
    pub(crate) config: Vec<DatabaseAt>,
    /// The lease file, if leases are kept in one.
    pub(crate) lease_file: Option<PathBuf>,
    /// The control sockets that are files.
    pub(crate) unix: Vec<SocketConfig>,
    /// The files that names of clients are written to.
    pub(crate) names: Vec<PathBuf>,
    pub(crate) logging: LoggingConfig,
}

impl Judged {
    /// Judges all paths of a configuration: what `-T` adds to `-t`.
    ///
    /// `protocol` is what is served, `lease_file` what the lease file is called where none is named. What is wrong goes to
    /// `diagnostics`, and as warnings what `-X` lets pass; with errors the result serves nobody. What HTTP sockets need is
    /// read when they are to be opened.
    pub(crate) fn of(
        process: &Process,
        paths: &Paths,
        (protocol, lease_file): (Protocol, &str),
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut judge = Judge { paths, diagnostics };
        let logging = judge.logging(&process.loggers);
        let unix = judge.unix_sockets(&process.control_sockets);
        let database = process.lease_database.database().and_then(|database| judge.database(database));
        let database = database.map(|at| spoken(protocol, at));
        let hosts = process.hosts_databases.iter().filter_map(|database| judge.database(database));
        let hosts = hosts.map(|at| spoken(protocol, at)).collect();
        let config =
            process.config_databases.iter().filter_map(|database| judge.database(database)).collect();
        let memfile = process.lease_database.memfile().cloned();
        let lease_file = match memfile.as_ref().map(|memfile| (memfile.persist, &memfile.name)) {
            None | Some((false, _)) => None,
            Some((true, Some(name))) => judge.path(PathKind::Data, name),
            Some((true, None)) => Some(paths.directory(PathKind::Data).join(lease_file)),
        };
        let names = process.local_names.iter().flat_map(LocalNames::files);
        let names = names.filter_map(|file| judge.path(PathKind::Data, file)).collect();
        Self { memfile, database, hosts, config, lease_file, unix, names, logging }
    }

    /// The directories of the files.
    pub(crate) fn directories(&self) -> impl Iterator<Item = &Path> {
        let sockets = self.unix.iter().map(|socket| socket.path.as_path());
        let sqlite = self
            .database
            .iter()
            .chain(&self.hosts)
            .chain(&self.config)
            .filter(|it| it.access.engine == Engine::Sqlite);
        let databases = sqlite.map(|it| Path::new(&it.access.name));
        let leases = self.lease_file.as_deref().into_iter().chain(databases);
        let leases = leases.chain(self.names.iter().map(PathBuf::as_path));
        let files = leases.chain(sockets).chain(self.logging.files());
        files.filter_map(Path::parent)
    }
}

/// A database of leases or of reservations, of which the log tells for which protocol it is opened.
fn spoken(protocol: Protocol, at: DatabaseAt) -> DatabaseAt {
    DatabaseAt { given: at.given.with("universe", &protocol.named("#")), ..at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kotare_config::v4::{Config4, FILE};
    use kotare_config::{Candidate, Input, read};
    use kotare_daemon::Environment;
    use kotare_daemon::logging::{Destination, Format, LoggerConfig, OutputConfig, Threshold};
    use serde_json::json;

    fn candidate(dhcp4: serde_json::Value) -> Candidate<Config4> {
        let arguments = json!({ "Dhcp4": dhcp4 });
        read(Input::Command("config-test", &arguments), &FILE).unwrap_or_else(|refused| panic!("{refused}"))
    }

    fn judged(candidate: &mut Candidate<Config4>, enforced: bool) -> Result<Judged, Vec<String>> {
        let paths = Paths::new(&Environment::default(), enforced);
        let judged = candidate.judge(|config, diagnostics| {
            Judged::of(config.as_ref(), &paths, (Protocol::V4, "kea-leases4.csv"), diagnostics)
        });
        judged.map_err(|refused| refused.error_lines())
    }

    /// A plain file name is taken below the directory of its kind; everything written of a logger is kept.
    #[test]
    fn plain_names_have_their_directories() {
        let mut candidate = candidate(json!({"loggers": [{"name": "kea-dhcp4.leases", "severity": "DEBUG",
            "debuglevel": 50, "output-options": [
                {"output": "kea.log", "flush": false, "maxsize": 1, "maxver": 2, "pattern": "%m"}]}]}));
        let judged = judged(&mut candidate, true).expect("good paths");
        assert_eq!(judged.lease_file.as_deref(), Some("/var/lib/kea/kea-leases4.csv".as_ref()));
        let output = OutputConfig {
            destination: Destination::File("/var/log/kea/kea.log".into()),
            flush: false,
            maxsize: 1,
            maxver: 2,
            format: Format::Pattern("%m".into()),
        };
        let name = "kea-dhcp4.leases".to_owned();
        let logger = LoggerConfig { name, severity: Some(Threshold::Debug(50)), outputs: vec![output] };
        assert_eq!(judged.logging.loggers, [logger]);
    }

    /// All paths that may not be used are told at once, each where it stands; under `-X` they are warnings. Streams and
    /// syslog are no paths.
    #[test]
    fn all_bad_paths_are_told() {
        let dhcp4 = json!({
            "lease-database": {"type": "memfile", "name": "/tmp/leases"},
            "control-sockets": [{"socket-type": "unix", "socket-name": "/tmp/socket"}],
            "loggers": [{"name": "a", "output-options": [{"output": "stdout"}, {"output": "/tmp/one"},
                {"output": "syslog:x"}, {"output": "/tmp/two"}]}],
        });
        let said = judged(&mut candidate(dhcp4.clone()), true).unwrap_err();
        let told = [
            "Dhcp4/lease-database/name",
            "Dhcp4/control-sockets[0]/socket-name",
            "Dhcp4/loggers[0]/output-options[1]/output",
            "Dhcp4/loggers[0]/output-options[3]/output",
        ];
        for path in told {
            let line = format!("<config-test>: {path}: invalid path specified: '/tmp'");
            assert!(said.iter().any(|one| one.starts_with(&line)), "{path} in {said:?}");
        }
        let mut relaxed = candidate(dhcp4);
        let judged = judged(&mut relaxed, false).expect("whatever is asked for");
        assert_eq!(judged.logging.loggers[0].outputs[3].destination, Destination::File("/tmp/two".into()));
        let warnings: Vec<_> = relaxed.diagnostics.warnings().map(|one| one.path.clone()).collect();
        assert!(told.iter().all(|path| warnings.iter().any(|warning| warning == path)), "{warnings:?}");
    }
}
