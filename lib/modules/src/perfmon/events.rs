//! What the log tells of a message: its events, each with its time in UTC.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kotare_engine::hooks::Times;

/// The events of a message.
pub(super) struct Events(pub(super) Times);

impl fmt::Display for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Times { waited, read, queued, started, completed } = self.0;
        let events = [
            waited.map(|waited| ("socket_received", read.saturating_sub(waited))),
            Some(("buffer_read", read)),
            queued.map(|queued| ("mt_queued", read + queued)),
            Some(("process_started", read + started)),
            Some(("process_completed", read + completed)),
        ];
        for (at, (event, time)) in events.into_iter().flatten().enumerate() {
            write!(f, "{}{} : {event}", if at > 0 { ", " } else { "" }, text(time))?;
        }
        Ok(())
    }
}

fn text(since_epoch: Duration) -> String {
    let micros = i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX);
    let time = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX);
    time.to_zoned(TimeZone::UTC).strftime("%Y-%b-%d %H:%M:%S.%6f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the manual shows it.
    #[test]
    fn events_are_told_with_their_times() {
        let times = Times {
            waited: Some(Duration::from_micros(247)),
            read: Duration::from_micros(1_710_946_340_067_810),
            queued: Some(Duration::from_micros(87)),
            started: Duration::from_micros(142),
            completed: Duration::from_micros(1804),
        };
        let told = "2024-Mar-20 14:52:20.067563 : socket_received, 2024-Mar-20 14:52:20.067810 : buffer_read, \
                    2024-Mar-20 14:52:20.067897 : mt_queued, 2024-Mar-20 14:52:20.067952 : process_started, \
                    2024-Mar-20 14:52:20.069614 : process_completed";
        assert_eq!(Events(times).to_string(), told);
        let alone = Times { waited: None, queued: None, ..times };
        let told = "2024-Mar-20 14:52:20.067810 : buffer_read, 2024-Mar-20 14:52:20.067952 : process_started, \
                    2024-Mar-20 14:52:20.069614 : process_completed";
        assert_eq!(Events(alone).to_string(), told);
    }
}
