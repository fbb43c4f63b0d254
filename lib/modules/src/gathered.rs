//! Records of exchanges that are written together: those of all exchanges that end in a round, before their replies leave.
//!
//! What was answered is written, as with leases: nobody has a reply whose record is not with the kernel. Workers put records
//! into one buffer; whoever ends a round first writes what is there, and others that had records in it wait for that.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::time::Duration;

use kotare_engine::hooks::RoundEnd;
use parking_lot::Mutex;
use smallvec::SmallVec;

/// So many bytes wait at most until they are written: who puts more writes himself.
const MOST: usize = 1 << 20;

/// As many are left for another thread at most: more than one command can have to say.
const ROOM: usize = 64 << 20;

/// As long somebody who ends waits for whoever writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// A record that is being made. Usual ones need no memory of their own.
#[derive(Default)]
pub(crate) struct Text(pub(crate) SmallVec<[u8; 448]>);

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Records in their order.
#[derive(Debug, Default)]
pub(crate) struct Records {
    bytes: Vec<u8>,
    /// When each was made, and where it ends.
    ends: Vec<(Duration, usize)>,
    /// How many more there would be if there had been room.
    refused: u64,
}

impl Records {
    /// Adds one of this time.
    pub(crate) fn push(&mut self, at: Duration, record: &[u8]) {
        self.bytes.extend_from_slice(record);
        self.ends.push((at, self.bytes.len()));
    }

    /// Each with its time.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Duration, &[u8])> {
        let mut begin = 0;
        self.ends.iter().map(move |(at, end)| {
            let record = &self.bytes[begin..*end];
            begin = *end;
            (*at, record)
        })
    }

    /// All of them, one behind the other.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many of them are not among the first `written` bytes.
    pub(crate) fn beyond(&self, written: usize) -> usize {
        self.ends.len() - self.ends.partition_point(|(_, end)| *end <= written)
    }

    /// How many found no room.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }

    /// Forgets them, and gives back room that only many of them need.
    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.refused = 0;
        self.bytes.shrink_to(MOST);
        self.ends.shrink_to(MOST / 64);
    }
}

/// There is no room for a record that nobody writes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    /// So many wait.
    pub(crate) waiting: usize,
    /// None was refused since some were written.
    pub(crate) is_first: bool,
}

/// Where records go.
pub(crate) trait Sink: Send + 'static {
    /// Writes them, and tells of those that cannot be written.
    fn write(&mut self, records: &Records);
}

/// Records that wait for the end of a round.
pub(crate) struct Gathered<S> {
    waiting: Mutex<Records>,
    /// Where they go, and those that are being written.
    sink: Mutex<(S, Records)>,
    /// How many were put in, and how many of them are written.
    put: AtomicU64,
    written: AtomicU64,
}

impl<S: Sink> Gathered<S> {
    /// None yet; they go there.
    pub(crate) fn new(sink: S) -> Self {
        let (waiting, records, put, written) = Default::default();
        Self { waiting: Mutex::new(waiting), sink: Mutex::new((sink, records)), put, written }
    }

    /// Puts one in.
    pub(crate) fn put(&self, at: Duration, record: &[u8]) {
        let mut waiting = self.waiting.lock();
        self.push(&mut waiting, at, record);
        let is_full = waiting.bytes.len() >= MOST;
        drop(waiting);
        if is_full {
            self.write();
        }
    }

    /// Puts one in for another thread to write: nothing is waited for. Whether so much waits that it is to be written now.
    ///
    /// # Errors
    /// When there is no room for it. That is counted.
    pub(crate) fn offer(&self, at: Duration, record: &[u8]) -> Result<bool, Full> {
        let mut waiting = self.waiting.lock();
        if waiting.bytes.len() >= ROOM {
            waiting.refused += 1;
            return Err(Full { waiting: waiting.len(), is_first: waiting.refused == 1 });
        }
        self.push(&mut waiting, at, record);
        Ok(waiting.bytes.len() >= MOST)
    }

    fn push(&self, waiting: &mut Records, at: Duration, record: &[u8]) {
        waiting.push(at, record);
        // Nobody else counts up while they are locked.
        self.put.store(self.put.load(Acquire) + 1, Release);
    }

    /// Writes what was put in so far, or waits for whoever does.
    pub(crate) fn write(&self) {
        if self.written.load(Acquire) == self.put.load(Acquire) {
            return;
        }
        self.write_to(&mut self.sink.lock());
    }

    /// The same for who ends: a disk that somebody waits for in vain is not waited for, either. Nobody was answered whose records are
    /// lost then.
    pub(crate) fn end(&self) {
        if self.written.load(Acquire) != self.put.load(Acquire)
            && let Some(mut sink) = self.sink.try_lock_for(PATIENCE)
        {
            self.write_to(&mut sink);
        }
    }

    fn write_to(&self, sink: &mut (S, Records)) {
        let (sink, records) = sink;
        let put = {
            let mut waiting = self.waiting.lock();
            std::mem::swap(&mut *waiting, records);
            self.put.load(Acquire)
        };
        if records.len() > 0 {
            sink.write(records);
            records.clear();
        }
        self.written.store(put, Release);
    }

    /// Takes what waits, for tests to look at.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> Vec<String> {
        let waiting = std::mem::take(&mut *self.waiting.lock());
        waiting.iter().map(|(_, record)| String::from_utf8_lossy(record).into_owned()).collect()
    }
}

impl<S: Sink> RoundEnd for Gathered<S> {
    fn round_ends(&self) {
        self.write();
    }
}

impl<S> fmt::Debug for Gathered<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered").field("waiting", &self.waiting.lock().len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    /// Keeps what it is given, and how often it was.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<(Vec<String>, usize)>>);

    impl Sink for Kept {
        fn write(&mut self, records: &Records) {
            let mut kept = self.0.lock();
            kept.0.extend(
                records
                    .iter()
                    .map(|(at, text)| format!("{} {}", at.as_secs(), String::from_utf8_lossy(text))),
            );
            kept.1 += 1;
        }
    }

    /// Keeps how many were refused.
    struct Refused(Arc<Mutex<Vec<u64>>>);

    impl Sink for Refused {
        fn write(&mut self, records: &Records) {
            self.0.lock().push(records.refused());
        }
    }

    /// Records of a round are written in one go, in their order; a round without any writes nothing.
    #[test]
    fn a_round_is_written_in_one_go() {
        let kept = Kept::default();
        let gathered = Gathered::new(kept.clone());
        gathered.put(Duration::from_secs(1), b"one");
        gathered.put(Duration::from_secs(2), b"");
        gathered.put(Duration::from_secs(3), b"three");
        assert_eq!(kept.0.lock().1, 0);
        gathered.round_ends();
        gathered.round_ends();
        assert_eq!(*kept.0.lock(), (vec!["1 one".into(), "2 ".into(), "3 three".into()], 1));
        let long = vec![b'x'; MOST];
        gathered.put(Duration::ZERO, &long);
        assert_eq!(kept.0.lock().1, 2, "what is too much does not wait");
    }

    /// What is left for another thread waits for nobody, and what finds no room is counted.
    #[test]
    fn who_waits_for_nobody_may_find_no_room() {
        let refused = Arc::new(Mutex::new(Vec::new()));
        let gathered = Gathered::new(Refused(refused.clone()));
        let held = gathered.sink.lock();
        let half = vec![b'x'; ROOM / 2];
        assert_eq!(gathered.offer(Duration::ZERO, b"few"), Ok(false));
        assert_eq!([0; 2].map(|_| gathered.offer(Duration::ZERO, &half)), [Ok(true); 2]);
        let full = |is_first| Err(Full { waiting: 3, is_first });
        assert_eq!(gathered.offer(Duration::ZERO, b"one"), full(true));
        assert_eq!(gathered.offer(Duration::ZERO, b"two"), full(false));
        drop(held);
        gathered.write();
        assert_eq!(gathered.offer(Duration::ZERO, b"three"), Ok(false));
        gathered.write();
        assert_eq!(*refused.lock(), [2, 0]);
    }

    /// Of what was cut off, it is known which records are there.
    #[test]
    fn records_beyond_a_cut_are_counted() {
        let mut records = Records::default();
        ["one", "two", "three"].iter().for_each(|record| records.push(Duration::ZERO, record.as_bytes()));
        assert_eq!([0, 3, 5, 6, 11].map(|written| records.beyond(written)), [3, 2, 2, 1, 0]);
    }

    /// Whatever threads put in is written when their own round has ended, by them or by others, each once.
    #[test]
    fn nobody_goes_on_before_his_own_is_written() {
        let kept = Kept::default();
        let gathered = Gathered::new(kept.clone());
        thread::scope(|scope| {
            for thread in 0..4 {
                let (gathered, kept) = (&gathered, &kept);
                scope.spawn(move || {
                    for round in 0..200 {
                        let record = format!("{thread}-{round}");
                        gathered.put(Duration::ZERO, record.as_bytes());
                        gathered.round_ends();
                        let there = kept.0.lock().0.iter().filter(|it| **it == format!("0 {record}")).count();
                        assert_eq!(there, 1);
                    }
                });
            }
        });
        assert_eq!(kept.0.lock().0.len(), 800);
    }
}
