//! A clock of its own for one program: what time it is there, a test says (Debian's `libfaketime`).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{World, partner_file};

/// Where Debian's package has it.
const LIBRARY: &str = "usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// What time it is for the programs that are started with it.
#[derive(Debug)]
pub struct OwnClock {
    folder: PathBuf,
    library: PathBuf,
}

impl World {
    /// A clock, right at first; `None` where `libfaketime` is not unpacked.
    pub fn own_clock(&self, name: &str) -> Option<OwnClock> {
        let library = partner_file(LIBRARY)?;
        let folder = self.path(&format!("{name}-clock"));
        fs::create_dir_all(&folder).expect("make the folder of a clock");
        let clock = OwnClock { folder, library };
        clock.set(0);
        Some(clock)
    }
}

impl OwnClock {
    /// Sets it: from now on it is ahead by so many seconds.
    pub fn set(&self, ahead: i64) {
        let new = self.folder.join("new");
        fs::write(&new, format!("{ahead:+}s\n")).expect("set a clock");
        fs::rename(new, self.offset()).expect("set a clock");
    }

    fn offset(&self) -> PathBuf {
        self.folder.join("offset")
    }

    /// What the environment of a program has that lives by it. The library needs a `/dev/shm` that other sandboxes do not have.
    pub fn variables(&self) -> [(&'static str, PathBuf); 5] {
        [
            ("LD_PRELOAD", self.library.clone()),
            ("FAKETIME_TIMESTAMP_FILE", self.offset()),
            ("FAKETIME_CACHE_DURATION", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
            ("NO_FAKE_STAT", "1".into()),
        ]
    }

    /// A program that becomes `program` with this clock. It has its name.
    pub fn starts(&self, program: &Path) -> PathBuf {
        let path = self.folder.join(program.file_name().expect("a program has a name"));
        // The library has names by process id in /dev/shm, where other sandboxes have theirs.
        let variables =
            self.variables().map(|(name, value)| format!("{name}='{}'", value.display())).join(" ");
        let script = format!(
            "#!/bin/sh\nmount -t tmpfs tmpfs /dev/shm || exit\nexport {variables}\nexec '{}' \"$@\"\n",
            program.display()
        );
        fs::write(&path, script).expect("write a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("make a script a program");
        path
    }
}
