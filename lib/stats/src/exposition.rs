//! The text that Prometheus reads: families of metrics, each with its samples.

use std::fmt::{Display, Write};

/// Which dialect of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Prometheus' own, 0.0.4.
    Prometheus,
    /// OpenMetrics 1.0.0.
    OpenMetrics,
}

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, until the server starts anew or a command resets it.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It goes up and down, but has a name that ends like a counter's: other programs gave it that.
    Untyped,
    /// Counts of what is at most so big, and the sum.
    Histogram,
}

/// A family of metrics, which differ by their labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name without what all metrics of a server begin with: `packets_sent_total`.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What it says, in a sentence.
    pub help: &'static str,
    /// Whether its name begins as that of other metrics of a server does. Those of a process are called the same everywhere.
    pub is_the_servers: bool,
}

/// The text so far, which is taken in parts.
#[derive(Debug)]
pub struct Exposition {
    /// What the names of a server's metrics begin with: `kea_dhcp4_`.
    prefix: Box<str>,
    dialect: Dialect,
    /// The name of the family that samples are of.
    name: String,
    text: String,
}

impl Dialect {
    /// What is said of such a text in `Content-Type`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

impl Kind {
    /// What Prometheus calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Untyped => "untyped",
            Self::Histogram => "histogram",
        }
    }
}

impl Metric {
    /// A metric of a server.
    pub const fn new(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { name, kind, help, is_the_servers: true }
    }

    /// A metric of any process.
    pub const fn of_process(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { is_the_servers: false, ..Self::new(name, kind, help) }
    }

    /// Its whole name.
    pub fn full_name(&self, prefix: &str) -> String {
        let prefix = if self.is_the_servers { prefix } else { "" };
        format!("{prefix}{}", self.name)
    }
}

impl Exposition {
    /// No text yet. The names of a server's metrics begin with `prefix`.
    pub fn new(prefix: &str, dialect: Dialect) -> Self {
        Self { prefix: prefix.into(), dialect, name: String::new(), text: String::new() }
    }

    /// Begins a family; its samples follow.
    pub fn begin(&mut self, metric: &Metric) {
        self.name = metric.full_name(&self.prefix);
        let (family, kind) = match (self.dialect, metric.kind) {
            (Dialect::OpenMetrics, Kind::Counter) => (self.name.trim_end_matches("_total"), "counter"),
            (Dialect::OpenMetrics, Kind::Untyped) => (&*self.name, "unknown"),
            (_, kind) => (&*self.name, kind.word()),
        };
        let help = metric.help;
        // A write to a String cannot fail.
        let _ = write!(self.text, "# HELP {family} {help}\n# TYPE {family} {kind}\n");
    }

    /// A sample of the family. `labels` is what [`label`] wrote, or nothing; `suffix` is added to the name.
    pub fn sample(&mut self, suffix: &str, labels: &str, value: impl Display) {
        let (open, close) = if labels.is_empty() { ("", "") } else { ("{", "}") };
        let Self { name, text, .. } = self;
        let _ = writeln!(text, "{name}{suffix}{open}{labels}{close} {value}");
    }

    /// Ends the text.
    pub fn end(&mut self) {
        if self.dialect == Dialect::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
    }

    /// How long the text is that was not taken, in bytes.
    pub fn pending(&self) -> usize {
        self.text.len()
    }

    /// Takes the text that was not taken.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

/// Adds a label to others.
pub fn label(labels: &mut String, name: &str, value: impl Display) {
    if !labels.is_empty() {
        labels.push(',');
    }
    let _ = write!(labels, "{name}=\"");
    let begin = labels.len();
    let _ = write!(labels, "{value}");
    if labels[begin..].contains(['\\', '"', '\n']) {
        let escaped = labels[begin..].replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        labels.truncate(begin);
        labels.push_str(&escaped);
    }
    labels.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(dialect: Dialect) -> String {
        let mut text = Exposition::new("kea_dhcp4_", dialect);
        text.begin(&Metric::new("packets_sent_total", Kind::Counter, "Packets sent."));
        let mut labels = String::new();
        label(&mut labels, "a", 1);
        label(&mut labels, "b", "\"x\\y\n");
        text.sample("", &labels, 7);
        text.begin(&Metric::of_process("process_threads", Kind::Untyped, "Threads."));
        text.sample("", "", 0.5);
        text.end();
        text.take()
    }

    /// Both dialects, as their specifications have it: in OpenMetrics a family of counters has no `_total`.
    #[test]
    fn both_dialects_are_written() {
        let sample = "kea_dhcp4_packets_sent_total{a=\"1\",b=\"\\\"x\\\\y\\n\"} 7\n";
        let prometheus = format!(
            "# HELP kea_dhcp4_packets_sent_total Packets sent.\n# TYPE kea_dhcp4_packets_sent_total counter\n{sample}\
             # HELP process_threads Threads.\n# TYPE process_threads untyped\nprocess_threads 0.5\n"
        );
        assert_eq!(text(Dialect::Prometheus), prometheus);
        let open = format!(
            "# HELP kea_dhcp4_packets_sent Packets sent.\n# TYPE kea_dhcp4_packets_sent counter\n{sample}\
             # HELP process_threads Threads.\n# TYPE process_threads unknown\nprocess_threads 0.5\n# EOF\n"
        );
        assert_eq!(text(Dialect::OpenMetrics), open);
    }
}
