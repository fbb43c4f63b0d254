//! What arguments of log messages say of either protocol, in Kea's notation. Each is put into words only when its message
//! is logged.

use std::fmt;

use kotare_model::Lifetime;

/// The most bytes that the options of a message are told in. What a client can expect to be read is told in less; but a
/// list of compressed names may stand for much more than it takes.
const LIMIT: usize = 1 << 15;
/// What the code and the length of an option take at most, indented.
const NAME: usize = 32;

/// Writes options on lines of their own, as far as there is room for them.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    told: usize,
}

impl Lines {
    /// Writes an option. Whether all of it was written; if not, nothing more is to be.
    pub(crate) fn write(&mut self, f: &mut fmt::Formatter<'_>, text: &str) -> Result<bool, fmt::Error> {
        let shown = begun(text, LIMIT - self.told);
        if !shown.is_empty() {
            write!(f, "\n{shown}")?;
        }
        if shown.len() < text.len() {
            f.write_str(" and more")?;
            return Ok(false);
        }
        self.told += text.len();
        Ok(true)
    }
}

/// The beginning of the text of an option, all of it if there is room. A line of it, its own or that of an option within,
/// which has no room even for the name, is left out.
fn begun(text: &str, room: usize) -> &str {
    let shown = &text[..text.floor_char_boundary(room)];
    let (before, last) = shown.rsplit_once('\n').unwrap_or(("", shown));
    if shown.len() < text.len() && last.len() < NAME { before } else { shown }
}

/// A value, or what stands for there being none.
pub(crate) struct Or<T>(pub(crate) Option<T>, pub(crate) &'static str);

impl<T: fmt::Display> fmt::Display for Or<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str(self.1),
        }
    }
}

/// A lifetime as Kea logs it.
pub(crate) struct Seconds(pub(crate) Lifetime);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == Lifetime::INFINITE { f.write_str("infinity") } else { self.0.fmt(f) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is cut still tells which option it is, or is left out: half a name is no line of a message.
    #[test]
    fn what_is_cut_begins_like_an_option() {
        let text = "  type=224, len=00300: aa:bb:cc:dd:ee:ff:00:11:22:33";
        assert_eq!(begun(text, text.len()), text);
        assert_eq!(begun(text, 40), &text[..40]);
        assert_eq!(begun(text, 31), "");
        assert_eq!(begun("  type=053, len=001: 1", 31), "  type=053, len=001: 1");
        let text = "  type=082, len=014:,\noptions:\n    type=001, len=00300: aa:bb:cc:dd";
        assert_eq!(begun(text, 60), "  type=082, len=014:,\noptions:");
        assert_eq!(begun(text, 64), &text[..64]);
    }
}
