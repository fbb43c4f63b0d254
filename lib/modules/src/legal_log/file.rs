//! The files of a log: what they are called, and when one gives way to the next.

use std::fmt::Display;
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::journal::Written;
use super::messages::*;
use super::parameters::{Settings, Unit};
use super::scripts::Scripts;
use super::stamp::{stamp, tells_fractions};
use crate::appended::{Appended, Cut};
use crate::gathered::{Records, Sink};

/// When a file began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Begun {
    /// At a second since 1970.
    Second(u64),
    /// On a day where the server is.
    Day(Date),
}

/// A file that gives way to the next when its time has come.
#[derive(Debug)]
pub(super) struct RotatingFile {
    settings: Settings,
    /// The open file with its path; before the first line where nobody knew the time.
    open: Option<(Appended<File>, PathBuf, Begun)>,
    scripts: Scripts,
    /// What is going to be written, and where each line with what belongs to it ends there.
    text: Vec<u8>,
    ends: Vec<usize>,
    /// The second of the last line, and how lines of it begin.
    second: Option<(u64, String)>,
    /// The second in which no file could be opened: many lines may come in one.
    tried: Option<u64>,
}

impl RotatingFile {
    /// Opens the file of `now`: an existing one whose time has not come, or else a new one. Without the time it is opened
    /// for the first line.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub(super) fn open(settings: Settings, now: Option<Duration>) -> Result<Self, String> {
        let (open, scripts, text, ends, second, tried) = Default::default();
        let mut file = Self { settings, open, scripts, text, ends, second, tried };
        match now {
            Some(now) => file.begin(now, true)?,
            // What could not be opened then would be missed by all lines.
            None => {
                let directory = &file.settings.directory;
                let is_there = fs::metadata(directory).map(|it| it.is_dir());
                let reason = match is_there {
                    Ok(true) => return Ok(file),
                    Ok(false) => "it is no directory".to_owned(),
                    Err(error) => error.to_string(),
                };
                return Err(format!("legal logs cannot be in {}: {reason}", directory.display()));
            }
        }
        Ok(file)
    }

    /// Appends what was gathered to the file.
    fn append(&mut self, written: &mut Written) {
        let failure = match &mut self.open {
            None => Some((0, format!("no file is open in {}", self.settings.directory.display()))),
            Some((file, path, _)) => file.append(&self.text).err().map(|Cut { written, reason }| {
                (written, format!("error writing to file:{} reason: {reason}", path.display()))
            }),
        };
        if let (Some((there, reason)), false) = (failure, self.ends.is_empty()) {
            written.lost += self.ends.iter().filter(|end| **end > there).count() as u64;
            // Why there is no file was said already.
            if written.failure.is_ok() {
                written.failure = Err(reason);
            }
        }
        self.text.clear();
        self.ends.clear();
    }

    fn render(&mut self, at: Duration, line: &[u8]) {
        let Self { settings: Settings { timestamp, zone, marks, .. }, text, ends, second, .. } = self;
        if second.as_ref().is_none_or(|(of, _)| *of != at.as_secs()) || tells_fractions(timestamp) {
            // It was tried when it was configured.
            *second = Some((at.as_secs(), stamp(timestamp, zone, at).unwrap_or_default()));
        }
        let time = second.as_ref().map_or("", |(_, time)| time);
        let whole = line.strip_suffix(b"\n").unwrap_or(line);
        let mut rows = whole.split(|byte| *byte == b'\n').peekable();
        while let Some(row) = rows.next() {
            text.extend_from_slice(time.as_bytes());
            text.push(if *marks && rows.peek().is_some() { b'-' } else { b' ' });
            text.extend_from_slice(row);
            text.push(b'\n');
        }
        ends.push(text.len());
    }

    /// Whether the next file has to begin.
    fn is_due(&self, now: Duration) -> bool {
        let Some((_, _, begun)) = &self.open else { return self.tried != Some(now.as_secs()) };
        self.settings.count != 0 && !self.is_current(*begun, now)
    }

    /// Whether a file that began then is still the one for now.
    fn is_current(&self, begun: Begun, now: Duration) -> bool {
        let count = self.settings.count;
        match begun {
            Begun::Second(second) => now.as_secs() < second.saturating_add(count.into()),
            Begun::Day(day) => {
                let Begun::Day(today) = self.begun(now) else { return false };
                let span = match self.settings.unit {
                    Unit::Month => Span::new().try_months(count),
                    Unit::Year => Span::new().try_years(count),
                    Unit::Day | Unit::Second => Span::new().try_days(count),
                };
                // A day that no calendar has never comes.
                let Some(end) = span.ok().and_then(|span| day.checked_add(span).ok()) else { return true };
                // The last day of a month is followed by the last of another.
                let is_last = day == day.last_of_month() && self.settings.unit != Unit::Day;
                today < if is_last { end.last_of_month() } else { end }
            }
        }
    }

    /// What a file is called that begins now.
    fn begun(&self, now: Duration) -> Begun {
        match self.settings.unit {
            Unit::Second => Begun::Second(now.as_secs()),
            Unit::Day | Unit::Month | Unit::Year => {
                let second = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
                let time = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
                Begun::Day(time.to_zoned(self.settings.zone.clone()).date())
            }
        }
    }

    fn named(&self, begun: Begun) -> PathBuf {
        let base = &self.settings.base;
        let name = match begun {
            Begun::Second(second) => format!("{base}.T{second:020}.txt"),
            Begun::Day(day) => {
                format!("{base}.{:04}{:02}{:02}.txt", day.year(), day.month(), day.day())
            }
        };
        self.settings.directory.join(name)
    }

    /// When the newest file there is began.
    fn newest(&self) -> Option<Begun> {
        let files = fs::read_dir(&self.settings.directory).ok()?;
        let begun = |name: &str| {
            let tag = name.strip_prefix(&*self.settings.base)?.strip_prefix('.')?.strip_suffix(".txt")?;
            match self.settings.unit {
                Unit::Second => {
                    let digits = tag.strip_prefix('T').filter(|digits| digits.len() == 20)?;
                    digits.parse().ok().map(Begun::Second)
                }
                _ if tag.len() == 8 => {
                    let part = |range: std::ops::Range<usize>| tag.get(range)?.parse::<i16>().ok();
                    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
                    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok().map(Begun::Day)
                }
                _ => None,
            }
        };
        files.flatten().filter_map(|file| begun(file.file_name().to_str()?)).max()
    }

    /// Opens the file of now.
    fn begin(&mut self, now: Duration, use_existing: bool) -> Result<(), String> {
        let existing = if use_existing { self.newest() } else { None };
        let begun = existing.filter(|begun| self.is_current(*begun, now)).unwrap_or(self.begun(now));
        let path = self.named(begun);
        let file = Appended::open(&path).map_err(|error| {
            format!(
                "cannot open file:{} reason: {error}; the directory must be there and writable",
                path.display()
            )
        })?;
        LEGAL_LOG_STORE_OPENED(path.display());
        self.open = Some((file, path, begun));
        Ok(())
    }

    /// Closes the file, and opens that of now.
    fn rotate(&mut self, now: Duration) -> Result<(), String> {
        let closed = self.open.take().map(|(_, path, _)| path);
        if let Some(path) = &closed {
            LEGAL_LOG_STORE_CLOSED(path.display());
            self.scripts.run(self.settings.prerotate.as_deref(), path);
        }
        self.begin(now, closed.is_none())?;
        let opened = self.open.as_ref().map(|(_, path, _)| path.clone());
        if let (Some(_), Some(path)) = (closed, opened) {
            self.scripts.run(self.settings.postrotate.as_deref(), &path);
        }
        Ok(())
    }

    /// The scripts that run.
    #[cfg(test)]
    pub(super) fn scripts(&self) -> &Scripts {
        &self.scripts
    }
}

impl RotatingFile {
    /// Writes lines, each to the file of its time.
    pub(super) fn write(&mut self, lines: &Records) -> Written {
        let mut written = Written { lost: 0, failure: Ok(()) };
        for (at, line) in lines.iter() {
            if self.is_due(at) {
                self.append(&mut written);
                let rotated = self.rotate(at);
                self.tried = rotated.is_err().then_some(at.as_secs());
                if rotated.is_err() {
                    written.failure = rotated;
                }
            }
            self.render(at, line);
        }
        self.append(&mut written);
        written
    }

    /// The file that is written to.
    fn name(&self) -> String {
        let path = self.open.as_ref().map_or(&self.settings.directory, |(_, path, _)| path);
        path.display().to_string()
    }
}

/// The files of a log, with who is told that lines could not be written.
#[derive(Debug)]
pub(super) struct Files {
    file: RotatingFile,
    failed: fn(&dyn Display),
    /// Lines that could not be written and were not told of.
    lost: u64,
    /// The second of the lines of which it was told last that they could not be written: it is told once in each.
    told: Option<u64>,
}

impl Files {
    /// As [`RotatingFile::open`]; `failed` says why lines could not be written.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub(super) fn open(
        settings: Settings,
        now: Option<Duration>,
        failed: fn(&dyn Display),
    ) -> Result<Self, String> {
        Ok(Self { file: RotatingFile::open(settings, now)?, failed, lost: 0, told: None })
    }
}

impl Sink for Files {
    fn write(&mut self, records: &Records) {
        let Written { lost, failure } = self.file.write(records);
        self.lost += lost + records.refused();
        let second = records.iter().last().map(|(at, _)| at.as_secs());
        if self.told == second || failure.is_ok() && self.lost == 0 {
            return;
        }
        self.told = second;
        if let Err(reason) = failure {
            (self.failed)(&reason);
        }
        self.tell_lost();
    }
}

impl Files {
    fn tell_lost(&mut self) {
        if self.lost > 0 {
            KOTARE_LEGAL_LOG_LOST_LINES(std::mem::take(&mut self.lost), self.file.name());
        }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.tell_lost();
        LEGAL_LOG_STORE_CLOSED(self.file.name());
    }
}
