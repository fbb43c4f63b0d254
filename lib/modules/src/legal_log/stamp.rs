//! The time that a line begins with.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

/// The longest it may be, as in Kea.
const MOST: usize = 127;

/// The time since 1970 as `format` has it: that of strftime(3), and `%Q` for the milli- and microseconds of the second
/// (`123.456`).
///
/// # Errors
/// Why there is no such text.
pub(super) fn stamp(format: &str, zone: &TimeZone, since_epoch: Duration) -> Result<String, String> {
    let whole = with_fractions(format, since_epoch.subsec_micros());
    let time = Timestamp::try_from(std::time::SystemTime::UNIX_EPOCH + since_epoch)
        .map_err(|error| error.to_string())?
        .to_zoned(zone.clone());
    let text = BrokenDownTime::from(&time).to_string(&whole).map_err(|error| error.to_string())?;
    match text.len() {
        0 => Err("it is empty".into()),
        1..=MOST => Ok(text),
        len => Err(format!("it makes {len} bytes; {MOST} are the most")),
    }
}

/// Whether a format may tell parts of a second.
pub(super) fn tells_fractions(format: &str) -> bool {
    // `%Q`, and `%f` and `%N` in any width.
    format.contains(['Q', 'f', 'N'])
}

fn with_fractions(format: &str, micros: u32) -> String {
    let (mut whole, mut chars) = (String::with_capacity(format.len()), format.chars());
    while let Some(char) = chars.next() {
        match (char, (char == '%').then(|| chars.next()).flatten()) {
            ('%', Some('Q')) => whole += &format!("{:03}.{:03}", micros / 1000, micros % 1000),
            (char, next) => whole.extend([char].into_iter().chain(next)),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Formats are those of strftime, with fractions.
    #[test]
    fn formats_are_strftime_s_with_fractions() {
        let at = Duration::from_micros(1_515_204_123_012_345);
        for (format, text) in [
            ("%Y-%m-%d %H:%M:%S %Z", "2018-01-06 02:02:03 UTC"),
            ("%H%t%w %F%%", "02\t6 2018-01-06%"),
            ("%S.%Q %%Q", "03.012.345 %Q"),
        ] {
            assert_eq!(stamp(format, &TimeZone::UTC, at).as_deref(), Ok(text), "{format}");
        }
        assert!(stamp(&"x".repeat(128), &TimeZone::UTC, at).unwrap_err().contains("128 bytes"));
        assert!(stamp("%", &TimeZone::UTC, at).is_err());
        assert!(stamp("", &TimeZone::UTC, at).is_err());
    }
}
