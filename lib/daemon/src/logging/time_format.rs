//! The time in a line: strftime with milliseconds (`%q`) and microseconds (`%Q`).

use std::cell::RefCell;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A compiled time format. The parts that are the same all second long are formatted once a second and thread.
#[derive(Debug)]
pub(super) struct TimeFormat {
    /// Tells the formats' remembered seconds apart.
    key: u64,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    /// For strftime(3), without fractions of a second.
    Second(String),
    /// `%q`: 000–999.
    Millis,
    /// `%Q`: 000.000–999.999.
    Micros,
}

impl TimeFormat {
    /// Every text is a format: a conversion that cannot be formatted stands for itself.
    pub(super) fn new(text: &str) -> Self {
        static KEYS: AtomicU64 = AtomicU64::new(1);
        let mut parts = Vec::new();
        let mut second = String::new();
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            let fraction = match (char, char == '%') {
                (_, false) => {
                    second.push(char);
                    continue;
                }
                _ => match chars.next() {
                    Some('q') => Part::Millis,
                    Some('Q') => Part::Micros,
                    Some(letter) => {
                        push_conversion(&mut second, letter);
                        continue;
                    }
                    None => {
                        second.push_str("%%");
                        continue;
                    }
                },
            };
            parts.push(Part::Second(std::mem::take(&mut second)));
            parts.push(fraction);
        }
        parts.push(Part::Second(second));
        Self { key: KEYS.fetch_add(1, Ordering::Relaxed), parts }
    }

    /// Appends the time `since_epoch` in `zone`.
    pub(super) fn push(&self, since_epoch: Duration, zone: &TimeZone, line: &mut String) {
        REMEMBERED.with_borrow_mut(|remembered| {
            let second = remembered.for_second(self, since_epoch.as_secs(), zone);
            let (mut texts, micros) = (second.iter(), since_epoch.subsec_micros());
            for part in &self.parts {
                let _ = match part {
                    Part::Second(_) => line.write_str(texts.next().map_or("", String::as_str)),
                    Part::Millis => write!(line, "{:03}", micros / 1000),
                    Part::Micros => write!(line, "{:03}.{:03}", micros / 1000, micros % 1000),
                };
            }
        });
    }

    fn texts(&self, second: u64, zone: &TimeZone) -> Vec<String> {
        let time = i64::try_from(second).ok().and_then(|second| Timestamp::from_second(second).ok());
        let time = time.unwrap_or_default().to_zoned(zone.clone());
        let text = |part: &Part| match part {
            Part::Second(format) => Some(time.strftime(format).to_string()),
            _ => None,
        };
        self.parts.iter().filter_map(text).collect()
    }
}

/// A conversion jiff can format goes in as it is, any other as literal text. What depends on where one lives is as in the C
/// locale, which Kea runs in.
fn push_conversion(format: &mut String, letter: char) {
    let everywhere = match letter {
        'c' => "%a %b %e %H:%M:%S %Y",
        'x' => "%m/%d/%y",
        'X' => "%H:%M:%S",
        _ => "",
    };
    if !everywhere.is_empty() {
        return format.push_str(everywhere);
    }
    let conversion = format!("%{letter}");
    let mut trial = String::new();
    let zoned = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
    let works = write!(trial, "{}", zoned.strftime(&conversion)).is_ok();
    if !works {
        format.push('%');
    }
    format.push_str(&conversion);
}

thread_local! {
    static REMEMBERED: RefCell<Remembered> = const { RefCell::new(Remembered(Vec::new())) };
}

/// The last second's texts of the formats this thread used last.
struct Remembered(Vec<(u64, u64, Vec<String>)>);

impl Remembered {
    fn for_second(&mut self, format: &TimeFormat, second: u64, zone: &TimeZone) -> &[String] {
        let index = self.0.iter().position(|(key, _, _)| *key == format.key).unwrap_or_else(|| {
            // Formats of replaced configurations leave from the front.
            if self.0.len() == 4 {
                self.0.remove(0);
            }
            self.0.push((format.key, u64::MAX, Vec::new()));
            self.0.len() - 1
        });
        let (_, at, texts) = &mut self.0[index];
        if *at != second {
            *texts = format.texts(second, zone);
            *at = second;
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(text: &str, zone: &TimeZone) -> String {
        let mut line = String::new();
        TimeFormat::new(text).push(Duration::from_micros(1_565_012_745_007_045), zone, &mut line);
        line
    }

    /// The manual's conversions, in UTC and in a zone with an offset.
    #[test]
    fn conversions_are_strftime_s_with_fractions() {
        let utc = TimeZone::UTC;
        assert_eq!(format("%Y-%m-%d %H:%M:%S.%q", &utc), "2019-08-05 13:45:45.007");
        assert_eq!(format("%j %H:%M:%S.%Q|%y %b %a %p %%", &utc), "217 13:45:45.007.045|19 Aug Mon PM %");
        assert_eq!(format("%c|%x|%X", &utc), "Mon Aug  5 13:45:45 2019|08/05/19|13:45:45");
        assert_eq!(format("%A %B %d %H %I %m %M %S %Z", &utc), "Monday August 05 13 01 08 45 45 UTC");
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(format("%H:%M:%S %U %w %W", &zone), "15:45:45 31 1 31");
    }

    /// What is no conversion stands for itself.
    #[test]
    fn unknown_conversions_stand_for_themselves() {
        assert_eq!(format("100% %! %Y %", &TimeZone::UTC), "100% %! 2019 %");
    }

    /// A new second is noticed, and two formats do not get in each other's way.
    #[test]
    fn remembered_seconds_do_not_outlive_their_second() {
        let formats: Vec<_> = (0..6).map(|index| TimeFormat::new(&format!("{index}:%S.%q"))).collect();
        for (second, millis) in [(1, 5), (1, 6), (2, 0), (1, 7)] {
            for (index, format) in formats.iter().enumerate() {
                let mut line = String::new();
                format.push(Duration::from_millis(second * 1000 + millis), &TimeZone::UTC, &mut line);
                assert_eq!(line, format!("{index}:{second:02}.{millis:03}"));
            }
        }
    }
}
