//! What lines have in common.

use std::fmt::{self, Write};

use kotare_config::json::format::{Shape, text};
use kotare_model::{Hex, HwAddr, LeaseState, Lifetime};
use serde_json::Value as Json;

use crate::gathered::Text;

/// How long a lease is.
pub(super) struct For(pub(super) Lifetime);

impl fmt::Display for For {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == Lifetime::INFINITE {
            return f.write_str("infinite duration");
        }
        let Lifetime(seconds) = self.0;
        let (minutes, hours) = (seconds / 60, seconds / 3600);
        if hours >= 24 {
            write!(f, "{} days ", hours / 24)?;
        }
        write!(f, "{} hrs {} mins {} secs", hours % 24, minutes % 60, seconds % 60)
    }
}

/// A hardware address with its type.
pub(super) struct Typed<'a>(pub(super) &'a HwAddr);

impl fmt::Display for Typed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hwtype={} {}", self.0.htype(), self.0)
    }
}

/// Bytes, and what they say if they can be read.
pub(super) struct Legible<'a>(pub(super) &'a [u8]);

impl fmt::Display for Legible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Hex(self.0))?;
        match std::str::from_utf8(self.0) {
            Ok(text) if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => write!(f, " ({text})"),
            _ => Ok(()),
        }
    }
}

/// What happened to a lease that is in this state now: it was assigned for so long, or ends.
pub(super) struct Verb(pub(super) LeaseState, pub(super) Lifetime);

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            LeaseState::Assigned | LeaseState::Registered => write!(f, "assigned for {} to", For(self.1)),
            LeaseState::Declined | LeaseState::ExpiredReclaimed | LeaseState::Released => {
                f.write_str("released from")
            }
        }
    }
}

/// Adds what identifies a client on its network: those of the parts that are there, under their names.
pub(super) fn identify(line: &mut Text, introduction: &str, parts: &[(&str, Option<&[u8]>)]) {
    let there = parts.iter().filter_map(|(name, value)| Some((name, value.filter(|it| !it.is_empty())?)));
    for (number, (name, value)) in there.enumerate() {
        let before = if number == 0 { introduction } else { " and " };
        // Writing to a text does not fail.
        let _ = write!(line, "{before}{name}: {}", Legible(value));
    }
}

/// Adds the user context of a lease.
pub(super) fn contextualize(line: &mut Text, context: Option<&str>) {
    let read = context.and_then(|context| serde_json::from_str::<Json>(context).ok());
    if let Some(context) = read {
        let _ = write!(line, ", context: {}", text(&context, Shape::Line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days are told where there are some.
    #[test]
    fn durations_are_told() {
        for (seconds, text) in [
            (0, "0 hrs 0 mins 0 secs"),
            (6735, "1 hrs 52 mins 15 secs"),
            (86_399, "23 hrs 59 mins 59 secs"),
            (90_061, "1 days 1 hrs 1 mins 1 secs"),
            (u32::MAX, "infinite duration"),
        ] {
            assert_eq!(For(Lifetime(seconds)).to_string(), text);
        }
    }
}
