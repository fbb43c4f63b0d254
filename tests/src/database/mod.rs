//! Private database servers: PostgreSQL and MariaDB of Debian, in a folder of their own, reached through a UNIX socket
//! there. They end, and their folder goes, with the process that started them, however that ends.

mod folder;
mod galera;
mod mariadb;
mod odd;
mod postgres;

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{
    Host, OwnClock, World, eventually_within, own_shared_memory, partner, program, send_signal,
};
use folder::Folder;
pub use galera::galera;
pub use odd::OddCell;

/// How long a server may take to be ready.
const READY: Duration = Duration::from_secs(60);
/// Who owns databases that tests make, and the password.
pub const USER: &str = "keatest";
/// The password of [`USER`].
pub const PASSWORD: &str = "keatest";

/// What server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// MariaDB.
    MariaDb,
    /// PostgreSQL.
    Postgres,
}

/// A private database server.
#[derive(Debug)]
pub struct DatabaseServer {
    kind: Kind,
    folder: Folder,
    /// What it is told beside what every server of a test is told.
    arguments: Vec<String>,
    /// What its environment has beside that of the test.
    variables: Vec<(&'static str, PathBuf)>,
    /// While it runs.
    running: Option<Child>,
    /// Its processes that do nothing just now.
    frozen: Vec<u32>,
}

impl DatabaseServer {
    /// Makes an empty server and starts it; none where Debian's programs are not there.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start(kind: Kind) -> Option<Self> {
        let mut server = Self::made(kind, None)?;
        server.run();
        Some(server)
    }

    /// Makes an empty server that does not run yet, on this host; none where Debian's programs are not there.
    ///
    /// # Panics
    /// If it cannot be made.
    pub fn made(kind: Kind, host: Option<&Host>) -> Option<Self> {
        let programs = match kind {
            Kind::MariaDb => mariadb::programs(),
            Kind::Postgres => postgres::programs(),
        };
        if !programs.iter().all(|program| program.exists()) {
            crate::tell(&format!("left out: no {kind:?} here ({})", programs[0].display()));
            return None;
        }
        let folder = Folder::new(host.cloned());
        match kind {
            Kind::MariaDb => mariadb::make(&folder),
            Kind::Postgres => postgres::make(&folder),
        }
        Some(Self {
            kind,
            folder,
            arguments: Vec::new(),
            variables: Vec::new(),
            running: None,
            frozen: Vec::new(),
        })
    }

    /// Has it started with these arguments from now on.
    pub fn tell(&mut self, arguments: impl IntoIterator<Item = impl Into<String>>) {
        self.arguments = arguments.into_iter().map(Into::into).collect();
    }

    /// Has it started by this clock from now on, in a sandbox.
    ///
    /// # Panics
    /// If this is none.
    pub fn live_by(&mut self, clock: &OwnClock) {
        own_shared_memory();
        self.variables = clock.variables().into();
    }

    /// A file beside its own that it alone may read.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        self.folder.write(name, text)
    }

    /// What kind it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Starts it again after [`kill`](Self::kill).
    ///
    /// # Panics
    /// If it does not start.
    pub fn run(&mut self) {
        let (mut command, signal) = match self.kind {
            Kind::MariaDb => (mariadb::server(&self.folder), "KILL"),
            // Without farewell, too; what it started for its clients ends with it, and does not keep it from starting again.
            Kind::Postgres => (postgres::server(&self.folder), "QUIT"),
        };
        for argument in &self.arguments {
            command.push_str(&format!(" '{argument}'"));
        }
        let mut command = self.folder.guarded(&command, signal);
        let mut child = command.envs(self.variables.clone()).spawn().expect("a shell starts");
        eventually_within(READY, "the database answers", || {
            let ended = child.try_wait().expect("its state can be asked for");
            assert!(ended.is_none(), "no {:?}: {}", self.kind, self.folder.log());
            self.answers().then_some(())
        });
        self.running = Some(child);
    }

    /// Ends it at once, as a crash would.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&mut self) {
        self.thaw();
        let mut child = self.running.take().expect("it runs");
        // The shell that guards it kills it when nobody holds its standard input any more.
        drop(child.stdin.take());
        child.wait().expect("it ends");
    }

    /// Has it do nothing more. The kernel goes on taking connections and what is said in them.
    ///
    /// # Panics
    /// If it does not run.
    pub fn freeze(&mut self) {
        let shell = self.running.as_ref().expect("it runs").id();
        let mut family = vec![shell];
        // What it makes meanwhile is a child of one that is listed before.
        let mut seen = 0;
        while let Some(parent) = family.get(seen).copied() {
            if parent != shell {
                send_signal(parent, "STOP");
            }
            family.extend(children(parent));
            seen += 1;
        }
        self.frozen = family.split_off(1);
        assert!(!self.frozen.is_empty(), "no process of it is found");
    }

    /// Has it go on.
    ///
    /// # Panics
    /// If a process of it is gone.
    pub fn thaw(&mut self) {
        self.frozen.drain(..).for_each(|process| send_signal(process, "CONT"));
    }

    /// Has a database be in a file system of its own, which is gone with the sandbox of the test; where it is. The server is
    /// started again for it.
    ///
    /// # Panics
    /// If it does not run, or there can be no such file system.
    pub fn confine(&mut self, database: &str, size: &str) -> PathBuf {
        let folder = match self.kind {
            Kind::MariaDb => mariadb::data(&self.folder).join(database),
            Kind::Postgres => {
                let number = format!("SELECT oid FROM pg_database WHERE datname = '{database}'");
                let number = self.administer("", &number);
                // What is written to its files again after a crash is in them before.
                self.administer("", "CHECKPOINT");
                postgres::data(&self.folder).join("base").join(number.trim())
            }
        };
        self.kill();
        self.folder.confine(&folder, size);
        self.run();
        folder
    }

    /// Makes an empty database that [`USER`] owns.
    ///
    /// # Panics
    /// If the server refuses.
    pub fn create(&self, name: &str) {
        let statements = match self.kind {
            Kind::MariaDb => mariadb::create(name),
            Kind::Postgres => postgres::create(name),
        };
        for (database, statement) in statements {
            self.administer(&database, &statement);
        }
    }

    /// Makes a database with Kea's tables of today, which [`USER`] owns, with our `kea-admin`.
    ///
    /// # Panics
    /// If it cannot be made.
    pub fn create_whole(&self, name: &str) {
        self.create(name);
        let kind = if self.kind == Kind::MariaDb { "mysql" } else { "pgsql" };
        let mut command = Command::new(program("kea-admin"));
        command.args(["db-init", kind, "-n", name, "-u", USER, "-p", PASSWORD, "-h"]).arg(self.host());
        let output = command.output().expect("kea-admin starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs a statement as the administrator, and gives what its client prints.
    ///
    /// # Panics
    /// If the server refuses.
    pub fn administer(&self, database: &str, statement: &str) -> String {
        let output = self.client(database, statement).output().expect("its client starts");
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Makes a database as Debian's `kea-admin` (Kea 2.2) would, with its own script; false where that is not there.
    ///
    /// # Panics
    /// If the server refuses.
    pub fn create_as_kea(&self, name: &str) -> bool {
        let script = match self.kind {
            Kind::MariaDb => "usr/share/kea/scripts/mysql/dhcpdb_create.mysql",
            Kind::Postgres => "usr/share/kea/scripts/pgsql/dhcpdb_create.pgsql",
        };
        let Some(script) =
            crate::world::partners().map(|root| root.join(script)).filter(|path| path.exists())
        else {
            return false;
        };
        self.create(name);
        let mut client = match self.kind {
            Kind::MariaDb => mariadb::as_owner(&self.folder, name),
            Kind::Postgres => postgres::as_owner(&self.folder, name),
        };
        let output =
            client.stdin(File::open(&script).expect("it is there")).output().expect("its client starts");
        assert!(output.status.success(), "{}: {}", script.display(), String::from_utf8_lossy(&output.stderr));
        true
    }

    /// `host` of a configuration: the path of its socket, or of the folder of its socket.
    pub fn host(&self) -> PathBuf {
        match self.kind {
            Kind::MariaDb => mariadb::socket(&self.folder),
            Kind::Postgres => self.folder.path().to_owned(),
        }
    }

    /// What a configuration says of one of its databases.
    pub fn map(&self, name: &str) -> Value {
        json!({
            "type": self.type_name(),
            "name": name,
            "host": self.host(),
            "user": USER,
            "password": PASSWORD,
        })
    }

    /// The same for Debian's Kea, whose library of MySQL finds the socket in the environment ([`partner`](Self::partner)).
    pub fn map_for_kea(&self, name: &str) -> Value {
        let mut map = self.map(name);
        if self.kind == Kind::MariaDb {
            map["host"] = "localhost".into();
        }
        map
    }

    /// A server of Debian's Kea that finds this database; none where it is not unpacked.
    ///
    /// # Panics
    /// If no file can be written into the world's folder.
    pub fn partner(&self, world: &World, name: &str) -> Option<PathBuf> {
        let kea = partner(name)?;
        let script = world.path(&format!("{name}-with-socket"));
        let socket = self.host();
        let text = format!("#!/bin/sh\nMYSQL_UNIX_PORT={} exec {} \"$@\"\n", socket.display(), kea.display());
        std::fs::write(&script, text).expect("a script");
        std::fs::set_permissions(&script, Permissions::from_mode(0o755)).expect("it is ours");
        Some(script)
    }

    /// `type` of a configuration.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::MariaDb => "mysql",
            Kind::Postgres => "postgresql",
        }
    }

    /// What the log calls its library: `MYSQL`, `PGSQL`.
    pub fn library(&self) -> &'static str {
        match self.kind {
            Kind::MariaDb => "MYSQL",
            Kind::Postgres => "PGSQL",
        }
    }

    fn answers(&self) -> bool {
        let mut client = self.client("", "SELECT 1");
        client.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    fn client(&self, database: &str, statement: &str) -> Command {
        match self.kind {
            Kind::MariaDb => mariadb::client(&self.folder, database, statement),
            Kind::Postgres => postgres::client(&self.folder, database, statement),
        }
    }
}

impl Drop for DatabaseServer {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.kill();
        }
    }
}

/// The processes that a process has made and that are still there.
fn children(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("processes are listed");
    let processes = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |process: &u32| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // The name, in parentheses, may have anything in it.
        let after = stat.rsplit_once(") ").map(|(_, after)| after.to_owned()).unwrap_or_default();
        after.split(' ').nth(1).is_some_and(|it| it == parent.to_string())
    };
    processes.filter(is_child).collect()
}

/// Puts a path between the quotes of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}
