//! The users that are known, and the file they are in.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::{ArcSwap, Guard};
use foldhash::fast::FixedState;
use kotare_config::schema::bytes;
use kotare_model::{Duid, HwAddr};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json};

use super::messages::*;

/// So many bytes of a file are read.
const LARGEST: u64 = 64 * 1024 * 1024;

/// By what a user is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    HwAddr,
    Duid,
}

/// The bytes of the user of a kind whose settings those get who are not known.
const OTHERS: [u8; 4] = [0; 4];

/// What is set for a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct User {
    pub(super) bootfile: Box<str>,
    pub(super) tftp_server: Box<str>,
}

/// All users, by what they are known by.
#[derive(Debug, Default)]
pub(super) struct Users {
    by_hwaddr: HashMap<Box<[u8]>, User, FixedState>,
    by_duid: HashMap<Box<[u8]>, User, FixedState>,
}

impl Users {
    fn of(&self, kind: Kind) -> &HashMap<Box<[u8]>, User, FixedState> {
        match kind {
            Kind::HwAddr => &self.by_hwaddr,
            Kind::Duid => &self.by_duid,
        }
    }

    /// What is set for a user, if there is such a one.
    pub(super) fn find(&self, kind: Kind, id: &[u8]) -> Option<&User> {
        self.of(kind).get(id)
    }

    /// What is set for all others, if anything is.
    pub(super) fn others(&self, kind: Kind) -> Option<&User> {
        self.find(kind, &OTHERS)
    }

    fn len(&self) -> usize {
        self.by_hwaddr.len() + self.by_duid.len()
    }

    /// Adds one; whether it is new.
    fn insert(&mut self, kind: Kind, id: Box<[u8]>, user: User) -> bool {
        let users = match kind {
            Kind::HwAddr => &mut self.by_hwaddr,
            Kind::Duid => &mut self.by_duid,
        };
        users.insert(id, user).is_none()
    }
}

/// The users of a file, which is looked at again and again.
#[derive(Debug)]
pub(super) struct Registry {
    path: PathBuf,
    /// Read by workers, who wait for nobody.
    users: ArcSwap<Users>,
    /// What the file was like when it was read, or found wrong. Held by who reads: whoever comes meanwhile finds the users of
    /// the file, not those of before.
    seen: Mutex<Option<(SystemTime, u64)>>,
}

impl Registry {
    /// Reads a file for the first time.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn open(path: PathBuf) -> Result<Self, String> {
        let registry = Self { path, users: ArcSwap::default(), seen: Mutex::default() };
        registry.read()?;
        Ok(registry)
    }

    /// The users that there are now.
    pub(super) fn users(&self) -> Guard<Arc<Users>> {
        self.users.load()
    }

    /// Reads the file if it is another one. If it is wrong, the users stay what they were.
    pub(super) fn refresh(&self) {
        if let Err(reason) = self.read() {
            KOTARE_USER_CHK_REGISTRY_KEPT(reason);
        }
    }

    fn read(&self) -> Result<(), String> {
        let mut seen = self.seen.lock();
        let failed = |error| unread(&self.path, &error);
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            // Said once: what is not there is not another one.
            Err(_) if seen.is_some_and(|(_, len)| len == u64::MAX) => return Ok(()),
            Err(error) => {
                *seen = Some((SystemTime::UNIX_EPOCH, u64::MAX));
                return Err(failed(error));
            }
        };
        let about = file.metadata().map_err(failed)?;
        let looks = (about.modified().map_err(failed)?, about.len());
        if *seen == Some(looks) {
            return Ok(());
        }
        *seen = Some(looks);
        let users = users(&mut file, &self.path)?;
        KOTARE_USER_CHK_REGISTRY_READ(self.path.display(), users.len());
        self.users.store(Arc::new(users));
        Ok(())
    }
}

/// Finds out whether the users of a file can be read.
///
/// # Errors
/// Why they cannot.
pub(super) fn judge(path: &Path) -> Result<(), String> {
    let mut file = File::open(path).map_err(|error| unread(path, &error))?;
    users(&mut file, path).map(drop)
}

fn unread(path: &Path, error: &io::Error) -> String {
    format!("cannot open file:{} reason: {error}", path.display())
}

/// The users of a file.
fn users(file: &mut File, path: &Path) -> Result<Users, String> {
    let shown = path.display();
    let mut text = String::new();
    file.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| unread(path, &error))?;
    if text.len() as u64 > LARGEST {
        return Err(format!("{shown} has more than the {LARGEST} bytes that are read at most"));
    }
    let mut users = Users::default();
    for (number, line) in text.lines().enumerate() {
        let (kind, id, user) = user(line).map_err(|reason| format!("{shown}:{}: {reason}", number + 1))?;
        if !users.insert(kind, id, user) {
            return Err(format!("{shown}:{}: UserRegistry duplicate user: {line}", number + 1));
        }
    }
    Ok(users)
}

/// The user of a line.
fn user(line: &str) -> Result<(Kind, Box<[u8]>, User), String> {
    let read: Map<String, Json> =
        serde_json::from_str(line).map_err(|error| format!("UserFile entry is malformed JSON: {error}"))?;
    if let Some((name, _)) = read.iter().find(|(_, value)| !value.is_string()) {
        return Err(format!("UserFile entry: {line} has non-string value for : {name}"));
    }
    let text = |name| read.get(name).and_then(Json::as_str).unwrap_or_default();
    let wrong = || format!("UserFile cannot create user form entry: {line}");
    let id = bytes(&text("id").replace(':', "")).filter(|id| !id.is_empty()).ok_or_else(wrong)?;
    let kind = match text("type") {
        "HW_ADDR" if id.len() <= HwAddr::MAX => Kind::HwAddr,
        "DUID" if id.len() <= Duid::MAX => Kind::Duid,
        "HW_ADDR" | "DUID" => return Err(wrong()),
        kind => {
            return Err(format!("UserFile entry has invalid type: {line} Invalid UserIdType string:{kind}"));
        }
    };
    let user = User { bootfile: text("bootfile").into(), tftp_server: text("tftp_server").into() };
    Ok((kind, id.into(), user))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The file of the manual, and what follows when it is changed.
    #[test]
    fn a_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry");
        let manual = r#"{ "type" : "HW_ADDR", "id" : "0c:0e:0a:01:ff:04", "bootfile" : "/usr/local/share/kea/v4bootfile" }
{ "type" : "HW_ADDR", "id" : "0c:0e:0a:01:ff:06", "tftp_server" : "tftp.v4.example.com" }
{ "type" : "DUID", "id" : "00:01:00:01:19:ef:e6:3b:00:0c:01:02:03:04", "bootfile" : "/usr/local/share/kea/v6bootfile" }
{ "type" : "DUID", "id" : "0001000119efe63b000c01020306", "tftp_server" : "tftp.v6.example.com" }
"#;
        fs::write(&path, manual).unwrap();
        let registry = Registry::open(path.clone()).expect("the manual is right");
        let find = |id: &[u8]| registry.users().find(Kind::HwAddr, id).map(|user| user.bootfile.clone());
        let first = [0x0c, 0x0e, 0x0a, 1, 0xff, 4];
        assert_eq!(find(&first).as_deref(), Some("/usr/local/share/kea/v4bootfile"));
        let duid = [0, 1, 0, 1, 0x19, 0xef, 0xe6, 0x3b, 0, 0x0c, 1, 2, 3, 6];
        let users = registry.users();
        let user = users.find(Kind::Duid, &duid).expect("digits may stand alone");
        assert_eq!(&*user.tftp_server, "tftp.v6.example.com");
        fs::write(&path, "{ \"type\": \"HW_ADDR\" ").unwrap();
        registry.refresh();
        assert!(find(&first).is_some(), "what is wrong changes nothing");
        fs::write(&path, "{\"type\": \"HW_ADDR\", \"id\": \"01\"}").unwrap();
        registry.refresh();
        assert_eq!((find(&first), find(&[1]).as_deref()), (None, Some("")));
        fs::remove_file(&path).unwrap();
        registry.refresh();
        assert!(find(&[1]).is_some());
    }

    /// What is wrong is told with its line.
    #[test]
    fn errors_are_told() {
        for (line, error) in [
            ("", "malformed JSON"),
            ("[]", "malformed JSON"),
            (r#"{"type": "HW_ADDR", "id": 1}"#, "has non-string value for : id"),
            (r#"{"type": "NAME", "id": "01"}"#, "Invalid UserIdType string:NAME"),
            (r#"{"type": "DUID", "id": ""}"#, "cannot create user"),
            (r#"{"type": "DUID", "id": "xy"}"#, "cannot create user"),
        ] {
            let told = user(line).expect_err("an error");
            assert!(told.contains(error), "{line}: {told}");
        }
        assert!(
            Registry::open("/nowhere/registry".into()).is_err_and(|error| error.contains("cannot open file"))
        );
    }
}
