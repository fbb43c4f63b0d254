//! What a duration is of: messages of a type with replies of a type, between two events, of one subnet or of all.

use std::fmt;
use std::time::Duration;

use kotare_engine::hooks::Times;
use kotare_model::{Lease4, Lease6};
use kotare_wire::{v4, v6};

use super::Watched;

/// Between which events a duration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Between {
    /// In the kernel.
    ReceivedAndRead,
    /// From the socket to its place in the line for a thread.
    ReadAndQueued,
    /// In that line, and behind others of its client.
    QueuedAndStarted,
    /// From the socket to the beginning of the exchange, where there is no line.
    ReadAndStarted,
    /// The exchange.
    StartedAndCompleted,
    /// All of it.
    Whole,
}

impl Between {
    pub(super) const ALL: [Self; 6] = [
        Self::ReceivedAndRead,
        Self::ReadAndQueued,
        Self::QueuedAndStarted,
        Self::ReadAndStarted,
        Self::StartedAndCompleted,
        Self::Whole,
    ];

    /// Kea's names of the first and the last event.
    pub(super) const fn events(self) -> (&'static str, &'static str) {
        match self {
            Self::ReceivedAndRead => ("socket_received", "buffer_read"),
            Self::ReadAndQueued => ("buffer_read", "mt_queued"),
            Self::QueuedAndStarted => ("mt_queued", "process_started"),
            Self::ReadAndStarted => ("buffer_read", "process_started"),
            Self::StartedAndCompleted => ("process_started", "process_completed"),
            Self::Whole => ("composite", "total_response"),
        }
    }

    /// How long a message took, from each of its events to the next and in all.
    pub(super) fn spans(times: &Times) -> impl Iterator<Item = (Self, Duration)> {
        let Times { waited, queued, started, completed, .. } = *times;
        let started_after = |since: Duration| started.saturating_sub(since);
        let spans = [
            waited.map(|waited| (Self::ReceivedAndRead, waited)),
            queued.map(|queued| (Self::ReadAndQueued, queued)),
            Some(match queued {
                Some(queued) => (Self::QueuedAndStarted, started_after(queued)),
                None => (Self::ReadAndStarted, started),
            }),
            Some((Self::StartedAndCompleted, completed.saturating_sub(started))),
            Some((Self::Whole, waited.unwrap_or_default() + completed)),
        ];
        spans.into_iter().flatten()
    }

    /// That of two events; the manual writes them with a dash, too.
    pub(super) fn named(first: &str, last: &str) -> Option<Self> {
        let name = |event: &str| event.replace('-', "_");
        let (first, last) = (name(first), name(last));
        Self::ALL.into_iter().find(|between| between.events() == (&*first, &*last))
    }
}

/// What a duration is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    /// The number of the type of messages; 0 for any.
    pub(super) asked: u8,
    /// That of their replies.
    pub(super) replied: u8,
    pub(super) between: Between,
    /// 0 for all.
    pub(super) subnet: u32,
}

impl Key {
    /// How the log names it.
    pub(super) fn label<L: Watched>(self) -> Label<L> {
        Label(self, std::marker::PhantomData)
    }

    /// The statistic that its mean is.
    pub(super) fn statistic<L: Watched>(self) -> String {
        let (first, last) = self.between.events();
        let (asked, replied) = (L::name(self.asked), L::name(self.replied));
        let subnet = if self.subnet == 0 { String::new() } else { format!("subnet-id[{}].", self.subnet) };
        format!("{subnet}perfmon.{asked}-{replied}.{first}-{last}.mean-usecs")
    }
}

/// A key in the log.
pub(super) struct Label<L>(Key, std::marker::PhantomData<fn() -> L>);

impl<L: Watched> fmt::Display for Label<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = self.0.between.events();
        let (asked, replied) = (L::name(self.0.asked), L::name(self.0.replied));
        write!(f, "{asked}-{replied}.{first}-{last}.{}", self.0.subnet)
    }
}

/// The number of the type of this name, among those of a family; `*` and nothing are any.
pub(super) fn number<L: Watched>(name: &str) -> Option<u8> {
    match name {
        "" | "*" => Some(0),
        name => (1..=u8::MAX).find(|number| L::name(*number) == name && name != "UNKNOWN"),
    }
}

/// Kea's name of a type of DHCPv4.
pub(super) fn name4(number: u8) -> String {
    if number == 0 { "*".to_owned() } else { v4::MessageType(number).to_string() }
}

/// And of DHCPv6.
pub(super) fn name6(number: u8) -> String {
    if number == 0 { "*".to_owned() } else { v6::MessageType(number).to_string() }
}

/// Whether messages of a type are watched, with replies of a type.
pub(super) trait Pairs {
    const WATCHED: &'static [(u8, &'static [u8])];
}

impl Pairs for Lease4 {
    const WATCHED: &'static [(u8, &'static [u8])] = {
        use v4::MessageType as Type;
        &[
            (0, &[0, Type::OFFER.0, Type::ACK.0, Type::NAK.0]),
            (Type::DISCOVER.0, &[0, Type::OFFER.0, Type::NAK.0]),
            (Type::REQUEST.0, &[0, Type::ACK.0, Type::NAK.0]),
            (Type::INFORM.0, &[0, Type::ACK.0]),
        ]
    };
}

impl Pairs for Lease6 {
    const WATCHED: &'static [(u8, &'static [u8])] = {
        use v6::MessageType as Type;
        &[
            (0, &[0, Type::ADVERTISE.0, Type::REPLY.0]),
            (Type::SOLICIT.0, &[0, Type::ADVERTISE.0, Type::REPLY.0]),
            (Type::REQUEST.0, &[0, Type::REPLY.0]),
            (Type::RENEW.0, &[0, Type::REPLY.0]),
            (Type::REBIND.0, &[0, Type::REPLY.0]),
            (Type::CONFIRM.0, &[0, Type::REPLY.0]),
        ]
    };
}

/// Whether a message with such a reply is watched.
pub(super) fn is_watched<L: Pairs>(asked: u8, replied: u8) -> bool {
    L::WATCHED.iter().any(|(of, replies)| *of == asked && replies.contains(&replied))
}
