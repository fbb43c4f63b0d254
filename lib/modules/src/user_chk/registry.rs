//! The users that are known, and the file they are in.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use kotare_config::schema::bytes;
use kotare_model::{Duid, HwAddr};
use parking_lot::{Mutex, RwLock};
use serde_json::{Map, Value as Json};

use super::messages::*;

/// So many bytes of a file are read.
const LARGEST: u64 = 64 * 1024 * 1024;

/// By what a user is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum UserId {
    HwAddr(Box<[u8]>),
    Duid(Box<[u8]>),
}

/// What is set for a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct User {
    pub(super) bootfile: Box<str>,
    pub(super) tftp_server: Box<str>,
}

/// All users.
type Users = HashMap<UserId, User>;

/// The users of a file, which is looked at again and again.
#[derive(Debug)]
pub(super) struct Registry {
    path: PathBuf,
    users: RwLock<Users>,
    /// What the file was like when it was read, or found wrong.
    seen: RwLock<Option<(SystemTime, u64)>>,
    /// Held by who reads: whoever comes meanwhile finds the users of the file, not those of before.
    reading: Mutex<()>,
}

impl Registry {
    /// Reads a file for the first time.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn open(path: PathBuf) -> Result<Self, String> {
        let registry =
            Self { path, users: RwLock::default(), seen: RwLock::default(), reading: Mutex::new(()) };
        registry.read()?;
        Ok(registry)
    }

    /// Whether there is such a user, and what is set for it.
    pub(super) fn find(&self, id: &UserId) -> Option<User> {
        self.users.read().get(id).cloned()
    }

    /// Reads the file if it is another one. If it is wrong, the users stay what they were.
    pub(super) fn refresh(&self) {
        if let Err(reason) = self.read() {
            KOTARE_USER_CHK_REGISTRY_KEPT(reason);
        }
    }

    fn read(&self) -> Result<(), String> {
        let _reading = self.reading.lock();
        let failed = |error| unread(&self.path, &error);
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            // Said once: what is not there is not another one.
            Err(_) if self.seen.read().is_some_and(|(_, len)| len == u64::MAX) => return Ok(()),
            Err(error) => {
                *self.seen.write() = Some((SystemTime::UNIX_EPOCH, u64::MAX));
                return Err(failed(error));
            }
        };
        let about = file.metadata().map_err(failed)?;
        let looks = (about.modified().map_err(failed)?, about.len());
        if *self.seen.read() == Some(looks) {
            return Ok(());
        }
        *self.seen.write() = Some(looks);
        let users = users(&mut file, &self.path)?;
        KOTARE_USER_CHK_REGISTRY_READ(self.path.display(), users.len());
        *self.users.write() = users;
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
    let mut users = Users::new();
    for (number, line) in text.lines().enumerate() {
        let (id, user) = user(line).map_err(|reason| format!("{shown}:{}: {reason}", number + 1))?;
        if users.insert(id, user).is_some() {
            return Err(format!("{shown}:{}: UserRegistry duplicate user: {line}", number + 1));
        }
    }
    Ok(users)
}

/// The user of a line.
fn user(line: &str) -> Result<(UserId, User), String> {
    let read: Map<String, Json> =
        serde_json::from_str(line).map_err(|error| format!("UserFile entry is malformed JSON: {error}"))?;
    if let Some((name, _)) = read.iter().find(|(_, value)| !value.is_string()) {
        return Err(format!("UserFile entry: {line} has non-string value for : {name}"));
    }
    let text = |name| read.get(name).and_then(Json::as_str).unwrap_or_default();
    let wrong = || format!("UserFile cannot create user form entry: {line}");
    let id = bytes(&text("id").replace(':', "")).filter(|id| !id.is_empty()).ok_or_else(wrong)?;
    let id = match text("type") {
        "HW_ADDR" if id.len() <= HwAddr::MAX => UserId::HwAddr(id.into()),
        "DUID" if id.len() <= Duid::MAX => UserId::Duid(id.into()),
        "HW_ADDR" | "DUID" => return Err(wrong()),
        kind => {
            return Err(format!("UserFile entry has invalid type: {line} Invalid UserIdType string:{kind}"));
        }
    };
    Ok((id, User { bootfile: text("bootfile").into(), tftp_server: text("tftp_server").into() }))
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
        let find = |id: &[u8]| registry.find(&UserId::HwAddr(id.into())).map(|user| user.bootfile);
        let first = [0x0c, 0x0e, 0x0a, 1, 0xff, 4];
        assert_eq!(find(&first).as_deref(), Some("/usr/local/share/kea/v4bootfile"));
        let duid = [0, 1, 0, 1, 0x19, 0xef, 0xe6, 0x3b, 0, 0x0c, 1, 2, 3, 6];
        let user = registry.find(&UserId::Duid(duid.as_slice().into())).expect("digits may stand alone");
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
