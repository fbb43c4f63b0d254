//! Figures and the table of them.

use std::fmt;

use super::measures::Measure;
use super::stage::Contender;

/// What one taking of a measure says.
pub(super) type Readings = Vec<(Figure, f64)>;

/// A figure: its name with its unit, and how it is shown and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) name: &'static str,
    decimals: usize,
    better: Better,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Better {
    Higher,
    Lower,
    /// It is about the measuring, not about who is measured.
    Neither,
}

impl Figure {
    /// Completed exchanges a second (offers, renewals where those are the measure).
    pub(super) const EXCHANGES: Self = Self::new("exchanges/s", 0, Better::Higher);
    /// Offers a second.
    pub(super) const OFFERS: Self = Self::new("offers/s", 0, Better::Higher);
    /// Renewals a second.
    pub(super) const RENEWALS: Self = Self::new("renewals/s", 0, Better::Higher);
    /// Time on processors that the server took for an exchange.
    pub(super) const CPU_PER_EXCHANGE: Self = Self::new("server's CPU µs/exchange", 1, Better::Lower);
    /// Half of the exchanges took no longer.
    pub(super) const P50: Self = Self::new("p50 µs", 0, Better::Lower);
    /// Of a hundred exchanges, 99 took no longer.
    pub(super) const P99: Self = Self::new("p99 µs", 0, Better::Lower);
    /// The same while nothing else happens, and while something does.
    pub(super) const P99_BEFORE: Self = Self::new("p99 µs before", 0, Better::Lower);
    pub(super) const P99_MEANWHILE: Self = Self::new("p99 µs meanwhile", 0, Better::Lower);
    /// Exchanges that were completed while something else happened.
    pub(super) const MEANWHILE: Self = Self::new("exchanges meanwhile", 0, Better::Higher);
    /// Messages that were not answered within a second.
    pub(super) const RESENT: Self = Self::new("unanswered", 0, Better::Neither);
    /// How busy a processor was with the load's side.
    pub(super) const BUSY: Self = Self::new("load generator busy %", 0, Better::Neither);
    /// How long half of the answers to `version-get` took at most.
    pub(super) const ANSWER_P50: Self = Self::new("version-get p50 ms", 1, Better::Lower);
    /// How long the slowest answer to `version-get` took.
    pub(super) const ANSWER_WORST: Self = Self::new("version-get ms at most", 1, Better::Lower);
    /// Commands answered each second.
    pub(super) const COMMANDS: Self = Self::new("commands/s", 0, Better::Higher);
    /// Time on processors that the server, and the agent before it, took for a command.
    pub(super) const CPU_PER_COMMAND: Self = Self::new("server's CPU µs/command", 1, Better::Lower);
    /// Name change requests carried out each second.
    pub(super) const REQUESTS: Self = Self::new("requests/s", 0, Better::Higher);
    /// What one of them costs the server.
    pub(super) const CPU_PER_REQUEST: Self = Self::new("server's CPU µs/request", 1, Better::Lower);
    /// Queries for leases answered each second.
    pub(super) const QUERIES: Self = Self::new("lease queries/s", 0, Better::Higher);
    /// What one of them costs the server.
    pub(super) const CPU_PER_QUERY: Self = Self::new("server's CPU µs/query", 1, Better::Lower);
    /// How long half of the answers to a long command took at most, until all of it was read.
    pub(super) const ANSWER: Self = Self::new("answer p50 ms", 1, Better::Lower);
    /// What a change of the configuration in a database costs the server.
    pub(super) const CPU_PER_CHANGE: Self = Self::new("server's CPU ms/change", 1, Better::Lower);
    /// Leases that an operator's commands listed, each second.
    pub(super) const LISTED: Self = Self::new("leases listed/s", 0, Better::Higher);
    /// How long a page takes.
    pub(super) const PAGE_SECONDS: Self = Self::new("s a page", 2, Better::Lower);
    /// How long a page is.
    pub(super) const PAGE_SIZE: Self = Self::new("MB a page", 1, Better::Lower);
    /// From the start of a program, or of a command, to its end.
    pub(super) const SECONDS: Self = Self::new("s", 2, Better::Lower);
    /// From the start of a server to its first reply.
    pub(super) const FIRST_OFFER: Self = Self::new("s to the first offer", 2, Better::Lower);
    /// Time on processors.
    pub(super) const CPU: Self = Self::new("CPU s", 2, Better::Lower);
    /// Resident memory, now.
    pub(super) const RESIDENT: Self = Self::new("MB", 0, Better::Lower);
    /// The most resident memory so far.
    pub(super) const PEAK: Self = Self::new("MB peak", 0, Better::Lower);

    const fn new(name: &'static str, decimals: usize, better: Better) -> Self {
        Self { name, decimals, better }
    }

    /// Where nothing was done that could be measured, there is no number.
    fn shown(self, value: Option<f64>) -> String {
        value
            .filter(|value| value.is_finite())
            .map_or("—".to_owned(), |value| grouped(&format!("{value:.*}", self.decimals)))
    }

    /// How many times better ours is.
    fn ratio(self, ours: Option<f64>, other: Option<f64>) -> String {
        let ratio = match (self.better, ours, other) {
            (Better::Higher, Some(ours), Some(other)) => ours / other,
            (Better::Lower, Some(ours), Some(other)) => other / ours,
            _ => return "—".to_owned(),
        };
        match ratio {
            // Two builds of ours differ by a few per cent.
            ..1.95 => format!("{ratio:.2} ×"),
            _ if ratio.is_finite() => format!("{ratio:.1} ×"),
            _ => "—".to_owned(),
        }
    }
}

/// The rows of one measure.
pub(super) struct Table<'a> {
    measure: &'a Measure,
    /// Each figure with what was read of it: ours, the other's.
    rows: Vec<(Figure, [Vec<f64>; 2])>,
}

impl<'a> Table<'a> {
    /// The head of the whole table, which compares ours with `other`.
    pub(super) fn head(other: Contender) -> String {
        let other = other.name();
        format!(
            "| measure | figure | Kotare | {other} | Kotare is better by | aim |\n|---|---|---:|---:|---:|---:|"
        )
    }

    pub(super) fn new(measure: &'a Measure) -> Self {
        Self { measure, rows: Vec::new() }
    }

    pub(super) fn add(&mut self, contender: Contender, readings: Readings) {
        for (figure, value) in readings {
            let at = self.rows.iter().position(|(known, _)| *known == figure).unwrap_or_else(|| {
                self.rows.push((figure, Default::default()));
                self.rows.len() - 1
            });
            self.rows[at].1[usize::from(contender != Contender::Kotare)].push(value);
        }
    }
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (figure, [ours, other]) in &self.rows {
            let (ours, other) = (median(ours), median(other));
            let aim = self.measure.aims.iter().find(|(name, _)| *name == figure.name);
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} |",
                self.measure.name,
                figure.name,
                figure.shown(ours),
                figure.shown(other),
                figure.ratio(ours, other),
                aim.map_or("", |(_, aim)| aim)
            )?;
        }
        Ok(())
    }
}

/// The middle of the values.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some((lower + upper) / 2.0)
}

/// Puts spaces between groups of three digits.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_once('.').map_or((number, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::new();
    for (place, digit) in whole.char_indices() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    match rest {
        Some(rest) => text + "." + rest,
        None => text,
    }
}
