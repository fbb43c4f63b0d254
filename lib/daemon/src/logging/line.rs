//! From an event to a line: formatted in a buffer of the thread, handed to each output whole.

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::time::Duration;

use kotare_messages::Severity;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata};

use super::pattern::Layout;
use super::routes::Route;
use crate::{Clock, Environment};

/// What lines say of the process, found out once.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) clock: Clock,
    pub(super) pid: u32,
    pub(super) host: String,
    pub(super) environment: Environment,
    pub(super) zone: jiff::tz::TimeZone,
}

/// One event, as the layouts see it.
pub(super) struct Record<'a> {
    pub(super) facts: &'a Facts,
    pub(super) since_epoch: Duration,
    pub(super) severity: Severity,
    pub(super) logger: &'a str,
    pub(super) id: &'static str,
    /// Id and sentence; [`Record::sentence`] is the sentence alone.
    pub(super) message: &'a str,
    pub(super) args: &'a Map<String, Value>,
    pub(super) metadata: &'a Metadata<'static>,
    pub(super) thread: i32,
}

/// Formats `event` and writes it to every output of its route.
pub(super) fn write(route: &Route, event: &Event<'_>, facts: &Facts) {
    BUFFERS.with(|buffers| match buffers.try_borrow_mut() {
        Ok(mut buffers) => buffers.write(route, event, facts),
        // An argument logs while it is displayed.
        Err(_) => Buffers::default().write(route, event, facts),
    });
}

impl Facts {
    pub(super) fn new(clock: Clock, environment: &Environment) -> Self {
        let host = nix::unistd::gethostname().unwrap_or_default().to_string_lossy().into_owned();
        let (pid, zone) = (std::process::id(), jiff::tz::TimeZone::system());
        Self { clock, pid, host, environment: environment.clone(), zone }
    }
}

impl Record<'_> {
    /// The message without its id.
    pub(super) fn sentence(&self) -> &str {
        &self.message[self.id.len() + 1..]
    }

    /// The severity's name in Kea.
    pub(super) fn severity_name(&self) -> &'static str {
        match self.severity {
            Severity::Debug(_) => "DEBUG",
            Severity::Info => "INFO",
            Severity::Warn => "WARN",
            Severity::Error => "ERROR",
            Severity::Fatal => "FATAL",
        }
    }
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = RefCell::default();
}

#[derive(Default)]
struct Buffers {
    raw: String,
    message: String,
    args: Map<String, Value>,
    line: String,
    thread: Option<i32>,
}

impl Buffers {
    fn write(&mut self, route: &Route, event: &Event<'_>, facts: &Facts) {
        let wants_args = route.outputs.iter().any(|output| matches!(output.layout, Layout::Json));
        self.raw.clear();
        self.args.clear();
        let args = wants_args.then_some(&mut self.args);
        event.record(&mut Reader { sentence: &mut self.raw, args });
        self.message.clear();
        self.message.push_str(route.message.id);
        self.message.push(' ');
        push_printable(&mut self.message, &self.raw);
        let thread = *self.thread.get_or_insert_with(|| nix::unistd::gettid().as_raw());
        let record = Record {
            facts,
            since_epoch: facts.clock.since_epoch(),
            severity: route.message.severity,
            logger: &route.logger,
            id: route.message.id,
            message: &self.message,
            args: &self.args,
            metadata: event.metadata(),
            thread,
        };
        for output in &*route.outputs {
            self.line.clear();
            output.layout.format(&record, &mut self.line);
            output.write(&self.line, record.severity, record.since_epoch);
        }
        self.trim();
    }

    /// One huge message must not be paid for ever.
    fn trim(&mut self) {
        for buffer in [&mut self.raw, &mut self.message, &mut self.line] {
            if buffer.capacity() > 1 << 16 {
                *buffer = String::new();
            }
        }
    }
}

/// What a client sent must not forge a line, drive a terminal or be shown in another order than it was written in: such
/// characters are escaped, and a message of several lines is indented from the second on.
fn push_printable(message: &mut String, text: &str) {
    if !text.contains(is_harmful) {
        return message.push_str(text);
    }
    for char in text.chars() {
        match char {
            '\n' => message.push_str("\n  "),
            '\t' => message.push('\t'),
            harmful if is_harmful(harmful) => {
                let _ = match u32::from(harmful) {
                    code @ ..=0xff => write!(message, "\\x{code:02x}"),
                    code => write!(message, "\\u{{{code:x}}}"),
                };
            }
            other => message.push(other),
        }
    }
}

/// Control characters, and what Unicode has to end a line or to turn the direction of writing.
pub(super) fn is_harmful(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Reads an event's sentence, and its arguments where an output wants them.
struct Reader<'a> {
    sentence: &'a mut String,
    args: Option<&'a mut Map<String, Value>>,
}

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.sentence, "{value:?}");
        } else if let Some(args) = &mut self.args {
            args.insert(field.name().to_owned(), Value::String(format!("{value:?}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No line begins with what a client sent, no escape sequence reaches a terminal.
    #[test]
    fn control_characters_are_made_harmless() {
        let mut message = String::new();
        push_printable(&mut message, "host \u{1b}[31m\r\n2026 INFO forged\tü\u{7f}\u{9b}\u{202e}txet");
        assert_eq!(message, "host \\x1b[31m\\x0d\n  2026 INFO forged\tü\\x7f\\x9b\\u{202e}txet");
    }
}
