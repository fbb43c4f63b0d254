//! Dates as HTTP has them (RFC 9110 §5.6.7), which heartbeats carry.

use jiff::Timestamp as Time;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use kotare_model::Timestamp;

/// A date of HTTP: `Thu, 07 Nov 2019 08:49:37 GMT`. Years that it cannot have become 1970.
#[must_use]
pub fn http_date(time: Timestamp) -> String {
    let printed = |time: &Time| DateTimePrinter::new().timestamp_to_rfc9110_string(time).ok();
    let time = Time::from_second(time.0).unwrap_or(Time::UNIX_EPOCH);
    printed(&time).or_else(|| printed(&Time::UNIX_EPOCH)).unwrap_or_default()
}

/// Reads a date of HTTP; `None` if it is none.
#[must_use]
pub fn read_http_date(text: &str) -> Option<Timestamp> {
    let time = DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim()).ok()?;
    Some(Timestamp(time.as_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The manual's date, both ways.
    #[test]
    fn dates_are_those_of_http() {
        let text = "Thu, 07 Nov 2019 08:49:37 GMT";
        assert_eq!(read_http_date(text), Some(Timestamp(1_573_116_577)));
        assert_eq!(http_date(Timestamp(1_573_116_577)), text);
        assert_eq!(http_date(Timestamp(i64::MAX)), "Thu, 01 Jan 1970 00:00:00 GMT");
        for wrong in ["", "yesterday", "2019-11-07 08:49:37", "Thu, 99 Nov 2019 08:49:37 GMT"] {
            assert_eq!(read_http_date(wrong), None, "{wrong}");
        }
    }
}
