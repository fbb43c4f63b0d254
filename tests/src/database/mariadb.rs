//! MariaDB.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::folder::Folder;
use super::{PASSWORD, USER, quoted};
use crate::world::partner_or_system;

pub(super) fn programs() -> [PathBuf; 3] {
    ["mariadbd", "mariadb-install-db", "mariadb"].map(partner_or_system)
}

/// The kernel has few of the queues that it would want, and tests run many servers.
const ASYNCHRONOUS: &str = "--innodb-use-native-aio=0";

/// What a server of a test keeps is small; without these, each begins with a hundred megabytes on disk and more in memory.
const SMALL: [&str; 3] = [
    "--innodb-log-file-size=8M",
    "--innodb-buffer-pool-size=32M",
    "--innodb-temp-data-file-path=ibtmp1:1M:autoextend",
];

/// A server of tests has thousands of tables, and by default remembers what four hundred look like.
const REMEMBERED: &str = "--table-definition-cache=8192";

/// How often making the tables is tried.
const TRIES: usize = 3;

/// Makes the tables that the server itself needs.
pub(super) fn make(folder: &Folder) {
    let [_, install, _] = programs();
    let mut said = String::new();
    for _ in 0..TRIES {
        let mut command = folder.as_nobody(&install);
        let output = command
            .arg("--no-defaults")
            .arg(format!("--basedir={}", base(&install).display()))
            .arg(format!("--datadir={}", data(folder).display()))
            .args(["--skip-test-db", "--auth-root-authentication-method=normal", ASYNCHRONOUS])
            .args(SMALL)
            .arg(format!("--tmpdir={}", temporary(folder).display()))
            .output()
            .expect("mariadb-install-db starts");
        if output.status.success() {
            return;
        }
        said += &format!(
            "{}\n{}\n",
            String::from_utf8_lossy(&output.stderr),
            String::from_utf8_lossy(&output.stdout)
        );
        let _gone = std::fs::remove_dir_all(data(folder));
    }
    panic!("mariadb-install-db failed {TRIES} times: {said}");
}

/// Durable against a crash of the process; what a power cut would do is no test's business.
pub(super) fn server(folder: &Folder) -> String {
    let [server, ..] = programs();
    let messages = base(&server).join("share/mysql");
    format!(
        "{} --no-defaults --basedir={} --datadir={} --lc-messages-dir={} --socket={} --skip-networking \
         --tmpdir={} {ASYNCHRONOUS} {REMEMBERED} {} --innodb-flush-log-at-trx-commit=2 --skip-log-bin --max-connections=200",
        quoted(&server),
        quoted(&base(&server)),
        quoted(&data(folder)),
        quoted(&messages),
        quoted(&socket(folder)),
        quoted(&temporary(folder)),
        SMALL.join(" "),
    )
}

pub(super) fn client(folder: &Folder, database: &str, statement: &str) -> Command {
    let [_, _, client] = programs();
    let mut command = Command::new(client);
    crate::world::with_libraries(&mut command);
    command.args(["--no-defaults", "--user=root", "--batch", "--skip-column-names", "--socket"]);
    command.arg(socket(folder)).args(["--execute", statement]).arg(database);
    command
}

/// A client of the owner of a database, which reads statements.
pub(super) fn as_owner(folder: &Folder, database: &str) -> Command {
    let [_, _, client] = programs();
    let mut command = Command::new(client);
    crate::world::with_libraries(&mut command);
    command.args([
        "--no-defaults",
        "--batch",
        &format!("--user={USER}"),
        &format!("--password={PASSWORD}"),
        "--socket",
    ]);
    command.arg(socket(folder)).arg(database);
    command
}

pub(super) fn create(name: &str) -> Vec<(String, String)> {
    let statements = format!(
        "CREATE DATABASE {name} CHARACTER SET utf8mb4; CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'; \
         CREATE USER IF NOT EXISTS '{USER}'@'localhost' IDENTIFIED BY '{PASSWORD}'; \
         GRANT ALL ON {name}.* TO '{USER}'@'%'; GRANT ALL ON {name}.* TO '{USER}'@'localhost'; \
         SET GLOBAL log_bin_trust_function_creators = 1;"
    );
    vec![(String::new(), statements)]
}

pub(super) fn socket(folder: &Folder) -> PathBuf {
    folder.path().join("mysqld.sock")
}

/// Where it keeps what is in passing. Its names there contain the number of its process, which servers in sandboxes with numbers of
/// their own share: in one folder they would remove each other's files, and end.
fn temporary(folder: &Folder) -> PathBuf {
    folder.path().to_owned()
}

/// Where its files are.
pub(super) fn data(folder: &Folder) -> PathBuf {
    folder.path().join("data")
}

/// What is above the `bin` or `sbin` of a program.
fn base(program: &Path) -> PathBuf {
    program.parent().and_then(Path::parent).map_or_else(|| "/usr".into(), Path::to_owned)
}
