//! What a line looks like: log4cplus' patterns, or JSON.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::config::{Destination, Format, OutputConfig};
use super::line::{Record, is_harmful};
use super::time_format::TimeFormat;

/// Kea's pattern for standard output, standard error and files.
pub(super) const DEFAULT_PATTERN: &str = "%D{%Y-%m-%d %H:%M:%S.%q} %-5p [%c/%i.%t] %m\n";
/// Kea's pattern for syslog, which adds time and process itself.
pub(super) const DEFAULT_SYSLOG_PATTERN: &str = "%-5p [%c.%t] %m\n";

/// How an output formats a record.
#[derive(Debug)]
pub(super) enum Layout {
    Pattern(Pattern),
    Json,
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Literal(String),
    Field { field: Field, width: Width },
}

/// `%-15.40m`: at least 15 characters, blanks to the right; at most 40, the last ones.
#[derive(Clone, Copy, Debug, Default)]
struct Width {
    least: usize,
    most: Option<usize>,
    left: bool,
}

#[derive(Debug)]
enum Field {
    Time {
        format: TimeFormat,
        utc: bool,
    },
    /// The last so many components of the logger's name; all when 0.
    Logger(usize),
    Severity,
    Message,
    Pid,
    ThreadId,
    ThreadName,
    Host,
    Elapsed,
    FilePath,
    FileName,
    Line,
    Place,
    Function,
    Variable(String),
    Nothing,
}

impl Layout {
    pub(super) fn new(config: &OutputConfig) -> Self {
        match (&config.format, &config.destination) {
            (Format::Json, _) => Self::Json,
            (Format::Pattern(text), Destination::Syslog(_)) if text.is_empty() => {
                Self::Pattern(Pattern::compile(DEFAULT_SYSLOG_PATTERN))
            }
            (Format::Pattern(text), _) if text.is_empty() => Self::Pattern(Pattern::compile(DEFAULT_PATTERN)),
            (Format::Pattern(text), _) => Self::Pattern(Pattern::compile(text)),
        }
    }

    pub(super) fn format(&self, record: &Record<'_>, line: &mut String) {
        match self {
            Self::Pattern(pattern) => pattern.format(record, line),
            Self::Json => push_json(record, line),
        }
    }
}

impl Pattern {
    /// Every text is a pattern: what log4cplus does not know stands for itself, as there.
    pub(super) fn compile(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            literal.push_str(&rest[..at]);
            let (length, piece) = conversion(&rest[at..]);
            match piece {
                Piece::Literal(text) => literal.push_str(&text),
                field => {
                    if !literal.is_empty() {
                        pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                    }
                    pieces.push(field);
                }
            }
            rest = &rest[at + length..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Self(pieces)
    }

    pub(super) fn format(&self, record: &Record<'_>, line: &mut String) {
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => line.push_str(text),
                Piece::Field { field, width } => {
                    let start = line.len();
                    field.format(record, line);
                    width.apply(line, start);
                }
            }
        }
    }
}

/// One conversion at the start of `text`, which begins with `%`: its length and meaning.
fn conversion(text: &str) -> (usize, Piece) {
    let (width, at) = Width::read(text, 1);
    let Some(letter) = text[at..].chars().next() else {
        return (text.len(), Piece::Literal(text.to_owned()));
    };
    let end = at + letter.len_utf8();
    let option =
        text[end..].strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(option, _)| option);
    let field = match letter {
        '%' => return (end, Piece::Literal("%".into())),
        'n' => return (end, Piece::Literal("\n".into())),
        'd' | 'D' => {
            Field::Time { format: TimeFormat::new(option.unwrap_or("%Y-%m-%d %H:%M:%S")), utc: letter == 'd' }
        }
        'c' => Field::Logger(option.and_then(|count| count.parse().ok()).unwrap_or(0)),
        'E' => Field::Variable(option.unwrap_or_default().to_owned()),
        'p' => Field::Severity,
        'm' => Field::Message,
        'i' => Field::Pid,
        't' => Field::ThreadId,
        'T' => Field::ThreadName,
        'h' | 'H' => Field::Host,
        'r' => Field::Elapsed,
        'F' => Field::FilePath,
        'b' => Field::FileName,
        'L' => Field::Line,
        'l' => Field::Place,
        'M' => Field::Function,
        'x' | 'X' => Field::Nothing,
        _ => return (end, Piece::Literal(text[..end].to_owned())),
    };
    let takes_option = matches!(letter, 'd' | 'D' | 'c' | 'E' | 'X');
    let length = end + option.filter(|_| takes_option).map_or(0, |option| option.len() + 2);
    (length, Piece::Field { field, width })
}

impl Width {
    /// Reads `[-][least][.most]` from byte `at` of `text`; returns it and where it ends.
    fn read(text: &str, mut at: usize) -> (Self, usize) {
        let bytes = text.as_bytes();
        let left = bytes.get(at) == Some(&b'-');
        at += usize::from(left);
        let (least, mut at) = number(bytes, at);
        let mut most = None;
        if bytes.get(at) == Some(&b'.') {
            (most, at) = number(bytes, at + 1);
        }
        (Self { least: least.unwrap_or(0), most, left }, at)
    }

    /// Pads or cuts what stands in `line` from `start` on.
    fn apply(self, line: &mut String, start: usize) {
        if self.least == 0 && self.most.is_none() {
            return;
        }
        let count = line[start..].chars().count();
        if let Some(surplus) =
            self.most.and_then(|most| count.checked_sub(most)).filter(|&surplus| surplus > 0)
        {
            let cut =
                line[start..].char_indices().nth(surplus).map_or(line.len(), |(index, _)| start + index);
            line.replace_range(start..cut, "");
        } else if count < self.least {
            let at = if self.left { line.len() } else { start };
            line.insert_str(at, &" ".repeat(self.least - count));
        }
    }
}

/// The digits from byte `at` on; a width beyond 999 is meant by nobody.
fn number(bytes: &[u8], at: usize) -> (Option<usize>, usize) {
    let count = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = std::str::from_utf8(&bytes[at..at + count]).unwrap_or_default();
    ((count > 0).then(|| digits.parse().unwrap_or(999).min(999)), at + count)
}

impl Field {
    fn format(&self, record: &Record<'_>, line: &mut String) {
        let metadata = record.metadata;
        let path = metadata.file().unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Time { format, utc } => {
                let zone = if *utc { &jiff::tz::TimeZone::UTC } else { &record.facts.zone };
                format.push(record.since_epoch, zone, line);
                Ok(())
            }
            Self::Logger(components) => line.write_str(last_components(record.logger, *components)),
            Self::Severity => line.write_str(record.severity_name()),
            Self::Message => line.write_str(record.message),
            Self::Pid => write!(line, "{}", record.facts.pid),
            Self::ThreadId => write!(line, "{}", record.thread),
            Self::ThreadName => match std::thread::current().name() {
                Some(name) => line.write_str(name),
                None => write!(line, "{}", record.thread),
            },
            Self::Host => line.write_str(&record.facts.host),
            Self::Elapsed => write!(line, "{}", record.facts.clock.moment().elapsed().as_millis()),
            Self::FilePath => line.write_str(path),
            Self::FileName => {
                line.write_str(Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default())
            }
            Self::Line => write!(line, "{}", metadata.line().unwrap_or_default()),
            Self::Place => write!(line, "{path}:{}", metadata.line().unwrap_or_default()),
            Self::Function => line.write_str(record.id),
            Self::Variable(name) => line.write_str(record.facts.environment.text(name).unwrap_or_default()),
            Self::Nothing => Ok(()),
        };
    }
}

fn last_components(name: &str, count: usize) -> &str {
    let start = match count.checked_sub(1) {
        Some(skip) => name.rmatch_indices('.').nth(skip).map_or(0, |(at, _)| at + 1),
        None => 0,
    };
    &name[start..]
}

/// One object, one line; the arguments by their names, all as text.
fn push_json(record: &Record<'_>, line: &mut String) {
    let time = jiff::Timestamp::try_from(std::time::SystemTime::UNIX_EPOCH + record.since_epoch);
    let level = match record.severity {
        kotare_messages::Severity::Debug(level) => Value::from(level),
        _ => Value::Null,
    };
    let object = json!({
        "timestamp": time.map(|time| format!("{time:.6}")).unwrap_or_default(),
        "severity": record.severity_name(),
        "debuglevel": level,
        "logger": record.logger,
        "id": record.id,
        "args": record.args,
        "message": record.sentence(),
        "pid": record.facts.pid,
        "thread": record.thread,
    });
    push_harmless(line, &object.to_string());
    line.push('\n');
}

/// JSON escapes fewer characters than a terminal minds. Outside of strings there are none of them.
fn push_harmless(line: &mut String, json: &str) {
    let mut rest = json;
    while let Some(at) = rest.find(is_harmful) {
        let (before, from) = rest.split_at(at);
        line.push_str(before);
        let mut chars = from.chars();
        if let Some(harmful) = chars.next() {
            let _ = write!(line, "\\u{:04x}", u32::from(harmful));
        }
        rest = chars.as_str();
    }
    line.push_str(rest);
}
