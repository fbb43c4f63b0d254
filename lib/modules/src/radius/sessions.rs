//! When sessions began, which names them: in memory, and in a file that outlives the server (`session-history`).

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use super::messages::*;
use crate::appended::{Appended, Cut};

/// What times are counted from: 2018-03-07T11:00:00Z, as in Kea.
const EPOCH: Duration = Duration::from_secs(1_520_420_400);
/// So many changes wait to be written at most.
const MOST: usize = 16_384;
/// How long the end of a server waits until changes are written.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest line that is read.
const LONGEST_LINE: u64 = 256;
const HEADER: &str = "address,seconds,milliseconds";

/// The sessions that there are.
pub(super) struct Sessions {
    begun: Mutex<HashMap<IpAddr, Duration>>,
    /// The way to the thread that writes the file, which ends with it.
    file: Option<SyncSender<Told>>,
    path: Option<PathBuf>,
}

/// What the thread is told.
enum Told {
    /// When the session of an address began; none: it ended.
    Session(IpAddr, Option<Duration>),
    /// All that was told before is to be written.
    Flush(SyncSender<()>),
}

/// A line of the file.
struct Row(IpAddr, Option<Duration>);

impl Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.1.unwrap_or_default();
        writeln!(f, "{},{},{}", self.0, since.as_secs(), since.subsec_millis())
    }
}

impl Row {
    fn read(line: &str) -> Option<Self> {
        let mut columns = line.trim_end().split(',');
        let address = columns.next()?.parse().ok()?;
        let (seconds, millis): (u64, u32) = (columns.next()?.parse().ok()?, columns.next()?.parse().ok()?);
        let since = Duration::from_secs(seconds) + Duration::from_millis(millis.into());
        Some(Self(address, Some(since).filter(|_| seconds > 0)))
    }
}

impl Sessions {
    /// Those in a file, if there is one to be.
    pub(super) fn open(path: Option<&Path>) -> Self {
        let mut begun = HashMap::new();
        let mut file = None;
        if let Some(path) = path {
            if path.exists() && load(path, &mut begun) && !begun.is_empty() {
                store(path, &begun);
            }
            match append_to(path) {
                Ok(opened) => {
                    RADIUS_SESSION_HISTORY_OPENED(path.display());
                    file = Some(opened);
                }
                Err(error) => RADIUS_SESSION_HISTORY_OPEN_FAILED(path.display(), error),
            }
        }
        Self { begun: Mutex::new(begun), file, path: path.map(Path::to_path_buf) }
    }

    /// Whether they are in this file.
    pub(super) fn are_in(&self, path: Option<&Path>) -> bool {
        self.path.as_deref() == path
    }

    /// The name of the session of an address, which begins `now` if it is `new` or not known.
    pub(super) fn of(&self, address: IpAddr, new: bool, now: Duration) -> String {
        let now = now.saturating_sub(EPOCH);
        let mut begun = self.begun.lock();
        let known = begun.get(&address).copied();
        if known.is_none() && !new {
            RADIUS_ACCOUNTING_NO_HISTORY(address);
        }
        let since = known.filter(|_| !new).unwrap_or_else(|| {
            begun.insert(address, now);
            self.write(address, Some(now));
            now
        });
        format!("{address}@{}.{}", since.as_secs(), since.subsec_millis())
    }

    /// The session of an address has ended.
    pub(super) fn end(&self, address: IpAddr) {
        let mut begun = self.begun.lock();
        begun.remove(&address);
        // Under the lock: the file has to have it before the session of this address that comes next.
        self.write(address, None);
    }

    fn write(&self, address: IpAddr, since: Option<Duration>) {
        let Some(file) = &self.file else { return };
        let told = file.try_send(Told::Session(address, since));
        if let Err(TrySendError::Full(_)) = told {
            RADIUS_SESSION_HISTORY_APPEND_FAILED(address, "too many changes wait to be written");
        }
    }

    /// Waits until all is written.
    pub(super) fn flush(&self) {
        let (done, flushed) = sync_channel(1);
        if self.file.as_ref().is_some_and(|file| file.try_send(Told::Flush(done)).is_ok()) {
            // Longer than that nobody waits.
            let _ = flushed.recv_timeout(PATIENCE);
        }
    }
}

/// Reads a file; whether all of it was right.
fn load(path: &Path, begun: &mut HashMap<IpAddr, Duration>) -> bool {
    let (mut added, mut skipped) = (0_u64, 0_u64);
    let mut read = || -> std::io::Result<()> {
        let mut file = BufReader::new(File::open(path)?);
        let mut line = Vec::new();
        loop {
            line.clear();
            if file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            let text = String::from_utf8_lossy(&line);
            match Row::read(&text) {
                Some(Row(address, Some(since))) => {
                    begun.insert(address, since);
                    added += 1;
                }
                Some(Row(address, None)) => _ = begun.remove(&address),
                None if text.trim() == HEADER => {}
                None => skipped += 1,
            }
        }
    };
    match read() {
        Ok(()) if skipped == 0 => {
            RADIUS_SESSION_HISTORY_LOADED(added, begun.len());
            true
        }
        _ => {
            KOTARE_RADIUS_SESSION_HISTORY_DAMAGED(added, skipped, begun.len());
            false
        }
    }
}

/// Writes a file of what there is in place of one of all that was.
fn store(path: &Path, begun: &HashMap<IpAddr, Duration>) {
    let with = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    let new = with(".new");
    let mut stored = 0;
    let mut write = || -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(&new)?);
        writeln!(file, "{HEADER}")?;
        let mut oldest: Vec<_> = begun.iter().collect();
        oldest.sort_by_key(|(_, since)| **since);
        for (address, since) in oldest {
            write!(file, "{}", Row(*address, Some(*since)))?;
            stored += 1;
        }
        file.into_inner()?.sync_all()?;
        fs::hard_link(path, with(".bak")).or_else(|_| fs::copy(path, with(".bak")).map(drop))?;
        fs::rename(&new, path)
    };
    match write() {
        Ok(()) => RADIUS_SESSION_HISTORY_STORED(stored),
        Err(error) => RADIUS_SESSION_HISTORY_STORE_FAILED(new.display(), error, stored, begun.len()),
    }
}

/// The way to a thread that appends to a file.
fn append_to(path: &Path) -> std::io::Result<SyncSender<Told>> {
    let mut file = Appended::open(path)?;
    if fs::metadata(path)?.len() == 0 {
        file.append(format!("{HEADER}\n").as_bytes()).map_err(|cut| cut.reason)?;
    }
    let (told, receiver) = sync_channel(MOST);
    thread::Builder::new().name("radius-history".into()).spawn(move || append(file, &receiver))?;
    Ok(told)
}

fn append(mut file: Appended<File>, told: &Receiver<Told>) {
    while let Ok(told) = told.recv() {
        match told {
            Told::Session(address, since) => {
                if let Err(Cut { reason, .. }) = file.append(Row(address, since).to_string().as_bytes()) {
                    RADIUS_SESSION_HISTORY_APPEND_FAILED(address, reason);
                }
            }
            Told::Flush(done) => _ = done.send(()),
        }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session has one name from its start to its end, also over a restart.
    #[test]
    fn sessions_outlive_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.csv");
        let at = |millis: u64| EPOCH + Duration::from_millis(millis);
        let [one, two]: [IpAddr; 2] = ["192.0.2.1", "2001:db8::1"].map(|text| text.parse().unwrap());
        let sessions = Sessions::open(Some(&path));
        assert_eq!(sessions.of(one, true, at(7_042)), "192.0.2.1@7.42");
        assert_eq!(sessions.of(one, false, at(9_000)), "192.0.2.1@7.42");
        assert_eq!(sessions.of(two, false, at(10_000)), "2001:db8::1@10.0", "nobody knows when it began");
        sessions.of(one, true, at(11_000));
        sessions.end(two);
        sessions.flush();
        drop(sessions);
        let again = Sessions::open(Some(&path));
        assert_eq!(again.of(one, false, at(20_000)), "192.0.2.1@11.0");
        assert_eq!(again.of(two, false, at(21_000)), "2001:db8::1@21.0");
        again.flush();
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "address,seconds,milliseconds\n192.0.2.1,11,0\n2001:db8::1,21,0\n"
        );
        assert!(
            fs::read_to_string(folder.path().join("history.csv.bak")).unwrap().contains("2001:db8::1,0,0")
        );
        drop(again);
        fs::write(&path, "address,seconds,milliseconds\nnonsense\n192.0.2.1,5,0\n").unwrap();
        let damaged = Sessions::open(Some(&path));
        assert_eq!(damaged.of(one, false, at(9_000)), "192.0.2.1@5.0", "what is right counts");
        drop(damaged);
        assert!(fs::read_to_string(&path).unwrap().contains("nonsense"), "and nothing is lost");
    }

    /// A line that the end of a machine cut off spoils no other.
    #[test]
    fn a_line_that_was_cut_off_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.csv");
        fs::write(&path, "address,seconds,milliseconds\n192.0.2.1,5,0\n192.0.2.9,1").unwrap();
        let sessions = Sessions::open(Some(&path));
        let two: IpAddr = "192.0.2.2".parse().unwrap();
        sessions.of(two, true, EPOCH + Duration::from_secs(7));
        sessions.flush();
        drop(sessions);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, "address,seconds,milliseconds\n192.0.2.1,5,0\n192.0.2.9,1\n192.0.2.2,7,0\n");
        let again = Sessions::open(Some(&path));
        assert_eq!(again.of(two, false, EPOCH), "192.0.2.2@7.0");
    }
}
