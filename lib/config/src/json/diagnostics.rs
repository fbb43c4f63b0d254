//! What is wrong with a configuration: every error and warning, each with its place.

use std::fmt;
use std::net::Ipv6Addr;

use super::{Source, Value};

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// It can be used, but perhaps not as meant.
    Warning,
}

/// What a diagnostic is about, where the log tells it from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Topic {
    /// What the configuration says.
    #[default]
    Content,
    /// The form it is written in: it is no JSON, a keyword is none, a value is of the wrong type. Kea's grammar refuses
    /// it before it looks at what is said.
    Form,
    /// An older spelling, by its keyword.
    Older(&'static str),
    /// Clients would have to renew their leases after they have to rebind them.
    RenewAfterRebind {
        /// Where: `subnet-id 1`, `shared-network floor`.
        place: String,
        /// `renew-timer`.
        renew: i64,
        /// `rebind-timer`.
        rebind: i64,
    },
    /// The name of a class has characters that have to be escaped elsewhere.
    ClassName {
        /// The name.
        name: Box<str>,
        /// What to call it instead.
        better: Box<str>,
    },
    /// A class that is evaluated late has lifetimes, for which it is too late then.
    LateLifetimes(Box<str>),
    /// The order in which reservations are looked up is of no use with several threads.
    ReservationsFirst,
    /// A queue of packets is of no use with several threads.
    QueueWithThreads,
    /// What the server calls itself is configured.
    ServerId,
    /// An address to listen at is reached from one link alone.
    UnicastLinkLocal {
        /// The address.
        address: Ipv6Addr,
        /// The interface that has it.
        interface: Box<str>,
    },
    /// The lease file is in no supported directory.
    LeaseFilePath,
    /// A log file is in no supported directory.
    LogFilePath,
    /// A control socket is in no supported directory.
    SocketPath,
    /// The directory of a control socket lets too many in.
    SocketPermissions,
    /// A control socket serves commands to anybody who reaches it; the entry without its secrets.
    UnsecuredSocket(Box<str>),
    /// The name of who may send commands is in the configuration itself.
    ClearUser,
    /// The secret of a key stands where everybody may read it who reads the configuration.
    ClearSecret,
    /// The same of a password.
    ClearPassword,
}

/// One thing to tell the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How grave it is.
    pub severity: Severity,
    /// What it is about.
    pub topic: Topic,
    /// Where it is.
    pub source: Source,
    /// The path to it, `Dhcp4/subnet4[2]/pools[0]/pool`; empty until [`Diagnostics::locate`] finds it.
    pub path: String,
    /// What is wrong, with the value it is wrong about.
    pub message: String,
    /// What to do about it; empty when the message says it all.
    pub hint: String,
}

impl Diagnostic {
    /// The parameter of the server that it is part of: `subnet4` for `Dhcp4/subnet4[2]/pools[0]/pool`.
    pub fn parameter(&self) -> &str {
        let inside = self.path.split_once('/').map_or(&*self.path, |(_, inside)| inside);
        inside.split(['/', '[']).next().unwrap_or_default()
    }
}

impl fmt::Display for Diagnostic {
    /// `kea-dhcp4.conf:7:18: warning: Dhcp4/subnet4[0]/id: message; hint`, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.source)?;
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if !self.hint.is_empty() {
            write!(f, "; {}", self.hint)?;
        }
        Ok(())
    }
}

/// The errors and warnings of one configuration.
///
/// Each severity keeps its first [`Diagnostics::KEPT`] and counts the rest: a configuration of a hundred
/// thousand wrong reservations is as readable as one of a hundred.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    kept: Vec<Diagnostic>,
    errors: usize,
    warnings: usize,
}

impl Diagnostics {
    /// How many of each severity are kept.
    pub const KEPT: usize = 100;
    /// How many bytes of a message, a hint or a path are kept: they repeat what was written, which may be as long as one
    /// likes.
    pub const LENGTH: usize = 2000;

    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an error at `source`.
    pub fn error(&mut self, source: &Source, message: impl Into<String>) {
        self.error_with_hint(source, message, "");
    }

    /// Adds an error at `source` with what to do about it.
    pub fn error_with_hint(&mut self, source: &Source, message: impl Into<String>, hint: impl Into<String>) {
        self.error_about(Topic::Content, source, message, hint);
    }

    /// Adds an error about something that the log tells from others.
    pub fn error_about(
        &mut self,
        topic: Topic,
        source: &Source,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(Severity::Error, topic, source, message.into(), hint.into());
    }

    /// Adds an error of form at `source`, see [`Topic::Form`].
    pub fn malformed(&mut self, source: &Source, message: impl Into<String>, hint: impl Into<String>) {
        self.error_about(Topic::Form, source, message, hint);
    }

    /// Adds a warning at `source`.
    pub fn warning(&mut self, source: &Source, message: impl Into<String>) {
        self.warning_with_hint(source, message, "");
    }

    /// Adds a warning at `source` with what to do about it.
    pub fn warning_with_hint(
        &mut self,
        source: &Source,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.warning_about(Topic::Content, source, message, hint);
    }

    /// Adds a warning about something that the log tells from others.
    pub fn warning_about(
        &mut self,
        topic: Topic,
        source: &Source,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(Severity::Warning, topic, source, message.into(), hint.into());
    }

    /// Whether the configuration cannot be used.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Whether further errors will only be counted, so that their words can be spared.
    pub fn is_full(&self) -> bool {
        self.errors >= Self::KEPT
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.errors + self.warnings == 0
    }

    /// How many errors there are, kept or not.
    pub fn error_count(&self) -> usize {
        self.errors
    }

    /// How many warnings there are, kept or not.
    pub fn warning_count(&self) -> usize {
        self.warnings
    }

    /// The errors kept, by file and line.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.sorted().into_iter().filter(|one| one.severity == Severity::Error)
    }

    /// The errors kept of those that were added when there were `count` already, as they came.
    pub fn errors_after(&self, count: usize) -> impl Iterator<Item = &Diagnostic> {
        self.kept.iter().filter(|one| one.severity == Severity::Error).skip(count)
    }

    /// The warnings kept, by file and line.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.sorted().into_iter().filter(|one| one.severity == Severity::Warning)
    }

    /// The errors kept, by file and line, each in a line, and how many more there are.
    pub fn error_lines(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.errors().map(ToString::to_string).collect();
        let more = self.errors - lines.len();
        if more > 0 {
            lines.push(format!("and {more} more errors"));
        }
        lines
    }

    /// Gives each diagnostic the path in `root` that leads to its place, in one walk.
    pub fn locate(&mut self, root: &Value) {
        // Few places are looked for among very many, so most must be turned away with little work.
        let sought = self.kept.iter().filter(|one| one.path.is_empty());
        let mut spots: Vec<_> = sought.map(|one| (one.source.line(), one.source.column())).collect();
        if spots.is_empty() {
            return;
        }
        spots.sort_unstable();
        walk(root, &mut String::new(), &mut |source, path| {
            if spots.binary_search(&(source.line(), source.column())).is_err() {
                return;
            }
            for one in &mut self.kept {
                if one.path.is_empty() && one.source.is_same_place(source) {
                    one.path = line(path.to_owned());
                }
            }
        });
    }

    fn add(&mut self, severity: Severity, topic: Topic, source: &Source, message: String, hint: String) {
        let count = match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        *count += 1;
        if *count <= Self::KEPT {
            self.kept.push(Diagnostic {
                severity,
                topic,
                source: source.clone(),
                path: String::new(),
                message: line(message),
                hint: line(hint),
            });
        }
    }

    fn sorted(&self) -> Vec<&Diagnostic> {
        let mut sorted: Vec<_> = self.kept.iter().collect();
        sorted.sort_by(|a, b| (a.severity, &a.source).cmp(&(b.severity, &b.source)));
        sorted
    }
}

impl fmt::Display for Diagnostics {
    /// The errors, then the warnings, one a line, each group by file and line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for one in self.sorted() {
            write!(f, "{separator}{one}")?;
            separator = "\n";
        }
        for (count, what) in [(self.errors, "errors"), (self.warnings, "warnings")] {
            if count > Self::KEPT {
                write!(f, "\nand {} more {what}", count - Self::KEPT)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// The text in a line, or its beginning where it is too long. What was written may have any character.
fn line(text: String) -> String {
    let mut text = text;
    if text.contains(char::is_control) {
        let escaped = |char: char| char.is_control().then(|| char.escape_default().to_string());
        text = text.chars().map(|char| escaped(char).unwrap_or_else(|| char.into())).collect();
    }
    if text.len() > Diagnostics::LENGTH {
        text.truncate(text.floor_char_boundary(Diagnostics::LENGTH));
        text.push('…');
    }
    text
}

/// Visits every key and value below `value` with its path.
fn walk(value: &Value, path: &mut String, visit: &mut impl FnMut(&Source, &str)) {
    visit(value.source(), path);
    let length = path.len();
    for entry in value.entries() {
        if length > 0 {
            path.push('/');
        }
        path.push_str(&entry.key);
        visit(entry.key.source(), path);
        walk(&entry.value, path, visit);
        path.truncate(length);
    }
    for (index, item) in value.items().iter().enumerate() {
        path.push_str(&format!("[{index}]"));
        walk(item, path, visit);
        path.truncate(length);
    }
}
