//! What is measured: one entry each, with the aims of the project.

use kotare_tests::database::Kind;
use kotare_tests::world::V4;

use super::answers::{Chore, answers};
use super::chapters::{classes, subnets};
use super::cleanup::cleanup;
use super::commands::{Front, LARGE, bare as bare_commands, commands, long, packets};
use super::config_backend::{self, Change, changes};
use super::databases::{
    in_file, in_file_among_many, looked_up, looked_up_in_file, served, served_among_many,
};
use super::figures::Readings;
use super::load::{Pool, Steps, bare, load};
use super::overload::flood;
use super::pages::pages;
use super::pairs::{Machines, Together, synchronisation, together};
use super::scrapes::scrapes;
use super::stage::Act;
use super::start::{Start, start};
use super::third_party::with_module;
use super::updates::{exchanges, requests};
use crate::run::Done;

/// One measure; it has several figures.
pub(super) struct Measure {
    /// Its name in the table.
    pub(super) name: &'static str,
    /// How many of the rounds are for Kea, too.
    pub(super) kea: Turns,
    /// Figures of this measure with an aim, as in the table.
    pub(super) aims: &'static [(&'static str, &'static str)],
    /// Takes it once.
    pub(super) take: fn(&Act<'_>) -> Done<Readings>,
}

/// How often Kea takes part.
#[derive(Clone, Copy)]
pub(super) enum Turns {
    /// In every round.
    All,
    /// In the first one: it takes long.
    One,
    /// Never: it does not offer this.
    None,
}

/// All measures. An aim that needs more than this machine has may not be reached on it.
pub(super) const MEASURES: &[Measure] = &[
    Measure {
        name: "bare socket loop instead of a server, 1 thread, 256 in flight",
        kea: Turns::None,
        aims: &[],
        take: |act| bare::<V4>(act, false),
    },
    Measure {
        name: "relayed, udp, 256 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 150 000")],
        take: |act| load::<V4>(act, &Steps { in_flight: 256, ..Steps::DEFAULT }),
    },
    Measure {
        name: "relayed, udp, 256 in flight, 1 thread",
        kea: Turns::All,
        aims: &[],
        take: |act| load::<V4>(act, &Steps { in_flight: 256, threads: 1, ..Steps::DEFAULT }),
    },
    Measure {
        name: "relayed, udp, 256 in flight, 1 thread, with a module of WebAssembly",
        kea: Turns::None,
        aims: &[],
        take: with_module,
    },
    Measure {
        name: "relayed, raw, 256 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| load::<V4>(act, &Steps { in_flight: 256, socket_type: "raw", ..Steps::DEFAULT }),
    },
    Measure {
        name: "relayed, raw, 256 in flight, 1 thread",
        kea: Turns::All,
        aims: &[],
        take: |act| {
            load::<V4>(act, &Steps { in_flight: 256, socket_type: "raw", threads: 1, ..Steps::DEFAULT })
        },
    },
    Measure {
        name: "relayed, udp, one at a time, 1 thread",
        kea: Turns::All,
        aims: &[("p50 µs", "≤ 45")],
        take: |act| load::<V4>(act, &Steps { in_flight: 1, threads: 1, ..Steps::DEFAULT }),
    },
    Measure {
        name: "fdatasync before replies, 256 in flight",
        kea: Turns::None,
        aims: &[("exchanges/s", "≥ 100 000")],
        take: |act| load::<V4>(act, &Steps { in_flight: 256, durability: Some("system"), ..Steps::DEFAULT }),
    },
    Measure {
        name: "renewals, 200 000 clients, 256 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| {
            load::<V4>(act, &Steps { in_flight: 256, pool: Pool::Renewals(200_000), ..Steps::DEFAULT })
        },
    },
    Measure {
        name: "offers, pool of 60 000 empty, 64 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| {
            load::<V4>(act, &Steps { in_flight: 64, pool: Pool::Offers { full: false }, ..Steps::DEFAULT })
        },
    },
    Measure {
        name: "offers, pool of 60 000 99.8 % full, 64 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "as when empty")],
        take: |act| {
            load::<V4>(act, &Steps { in_flight: 64, pool: Pool::Offers { full: true }, ..Steps::DEFAULT })
        },
    },
    Measure {
        name: "10 subnets, 100 reservations, 256 in flight, 1 thread",
        kea: Turns::All,
        aims: &[],
        take: |act| subnets(act, 10),
    },
    Measure {
        name: "1 000 subnets, 10 000 reservations, 256 in flight, 1 thread",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 0.9 × those with 10")],
        take: |act| subnets(act, 1_000),
    },
    Measure {
        name: "10 000 subnets, 100 000 reservations, 256 in flight, 1 thread",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 0.9 × those with 10")],
        take: |act| subnets(act, 10_000),
    },
    Measure {
        name: "described clients, no classes, 256 in flight, 1 thread",
        kea: Turns::All,
        aims: &[],
        take: |act| classes(act, 0),
    },
    Measure {
        name: "described clients, 100 classes, 256 in flight, 1 thread",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 0.7 × those without")],
        take: |act| classes(act, 100),
    },
    Measure {
        name: "clients with names, 256 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| exchanges(act, false),
    },
    Measure {
        name: "clients with names that the DNS is told of, 256 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 0.8 × those without")],
        take: |act| exchanges(act, true),
    },
    Measure {
        name: "name change requests through to BIND, 512 in flight",
        kea: Turns::All,
        aims: &[("requests/s", "≥ 5 × Kea's")],
        take: requests,
    },
    Measure { name: "1 M leases, one at a time", kea: Turns::All, aims: &[], take: |act| pages(act, false) },
    Measure {
        name: "1 M leases, one at a time, beside lease4-get-page",
        kea: Turns::All,
        aims: &[("p99 µs", "≤ 2 × that without")],
        take: |act| pages(act, true),
    },
    Measure {
        name: "10 000 subnets, one at a time",
        kea: Turns::None,
        aims: &[],
        take: |act| scrapes(act, false),
    },
    Measure {
        name: "10 000 subnets, one at a time, beside /metrics",
        kea: Turns::None,
        aims: &[("p99 µs", "≤ 2 × that without")],
        take: |act| scrapes(act, true),
    },
    Measure {
        name: "a flood of DISCOVERs, 30 000 in flight, and 16 renewals beside it",
        kea: Turns::All,
        aims: &[],
        take: flood,
    },
    Measure {
        name: "start with 1 M leases",
        kea: Turns::One,
        aims: &[("s to the first offer", "≤ 0.8"), ("MB peak", "≤ 200")],
        take: |act| start::<V4>(act, &Start { leases: 1_000_000, ..Start::default() }),
    },
    Measure {
        name: "start with 10 000 subnets",
        kea: Turns::All,
        aims: &[("s to the first offer", "≤ 0.6"), ("MB peak", "≤ 150")],
        take: |act| start::<V4>(act, &Start { subnets: 10_000, ..Start::default() }),
    },
    Measure {
        name: "start with 10 000 subnets, 100 000 reservations",
        kea: Turns::One,
        aims: &[("s to the first offer", "≤ 0.6"), ("MB peak", "≤ 150")],
        take: |act| start::<V4>(act, &Start { subnets: 10_000, reservations: 100_000, ..Start::default() }),
    },
    Measure {
        name: "start with 10 000 subnets of a database",
        kea: Turns::None,
        aims: &[("s to the first offer", "≤ 3")],
        take: config_backend::start::<V4>,
    },
    Measure {
        name: "a timer of one of 10 000 subnets of a database changes",
        kea: Turns::None,
        aims: &[("server's CPU ms/change", "≤ 50")],
        take: |act| changes::<V4>(act, Change::Timer),
    },
    Measure {
        name: "the pool of one of 10 000 subnets of a database changes",
        kea: Turns::None,
        aims: &[("server's CPU ms/change", "≤ 50")],
        take: |act| changes::<V4>(act, Change::Pool),
    },
    Measure {
        name: "the presence of one of 10 000 subnets of a database changes",
        kea: Turns::None,
        aims: &[("server's CPU ms/change", "≤ 50")],
        take: |act| changes::<V4>(act, Change::Presence),
    },
    Measure {
        name: "the shared network of one of 10 000 subnets of a database changes",
        kea: Turns::None,
        aims: &[("server's CPU ms/change", "≤ 50")],
        take: |act| changes::<V4>(act, Change::Network),
    },
    Measure {
        name: "commands while config-get of 100 000 reservations is made",
        kea: Turns::One,
        aims: &[("version-get ms at most", "≤ 50")],
        take: |act| answers(act, Chore::Show),
    },
    Measure {
        name: "commands while 3 M leases are loaded",
        kea: Turns::One,
        aims: &[("version-get ms at most", "≤ 50")],
        take: |act| answers(act, Chore::Load),
    },
    Measure {
        name: "version-get over HTTP, 1 client",
        kea: Turns::All,
        aims: &[("commands/s", "≥ 5 × Kea's")],
        take: |act| commands(act, Front::Http, 1),
    },
    Measure {
        name: "version-get over HTTP, 64 clients",
        kea: Turns::All,
        aims: &[("commands/s", "≥ 5 × Kea's")],
        take: |act| commands(act, Front::Http, 64),
    },
    Measure {
        name: "bare accept loop instead of a server over UNIX sockets, 1 client",
        kea: Turns::None,
        aims: &[],
        take: |act| bare_commands(act, 1),
    },
    Measure {
        name: "version-get over UNIX sockets, 1 client",
        kea: Turns::All,
        aims: &[],
        take: |act| commands(act, Front::Unix, 1),
    },
    Measure {
        name: "bare accept loop instead of a server over UNIX sockets, 64 clients",
        kea: Turns::None,
        aims: &[],
        take: |act| bare_commands(act, 64),
    },
    Measure {
        name: "version-get over UNIX sockets, 64 clients",
        kea: Turns::All,
        aims: &[],
        take: |act| commands(act, Front::Unix, 64),
    },
    Measure {
        name: "statistic-get-all of 10 000 subnets over HTTP",
        kea: Turns::One,
        aims: &[],
        take: |act| long(act, "statistic-get-all", &Start { subnets: 10_000, ..Start::default() }),
    },
    Measure {
        name: "config-get of 100 000 reservations over HTTP",
        kea: Turns::One,
        aims: &[],
        take: |act| long(act, "config-get", &LARGE),
    },
    Measure {
        name: "10 000 subnets, 100 000 reservations, one at a time",
        kea: Turns::One,
        aims: &[],
        take: |act| packets(act, None),
    },
    Measure {
        name: "10 000 subnets, 100 000 reservations, one at a time, beside version-get",
        kea: Turns::One,
        aims: &[("p99 µs", "≤ 2 × that without")],
        take: |act| packets(act, Some("version-get")),
    },
    Measure {
        name: "10 000 subnets, 100 000 reservations, one at a time, beside statistic-get-all",
        kea: Turns::One,
        aims: &[("p99 µs", "≤ 2 × that without")],
        take: |act| packets(act, Some("statistic-get-all")),
    },
    Measure {
        name: "10 000 subnets, 100 000 reservations, one at a time, beside config-get",
        kea: Turns::One,
        aims: &[("p99 µs", "≤ 2 × that without")],
        take: |act| packets(act, Some("config-get")),
    },
    Measure {
        name: "leases in PostgreSQL, 64 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 10 000")],
        take: |act| served(act, Kind::Postgres),
    },
    Measure {
        name: "leases in MariaDB, 64 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 10 000")],
        take: |act| served(act, Kind::MariaDb),
    },
    Measure {
        name: "leases in SQLite, 64 in flight",
        kea: Turns::None,
        aims: &[("exchanges/s", "≥ 20 000")],
        take: in_file,
    },
    Measure {
        name: "leases in SQLite among 1 M, 64 in flight",
        kea: Turns::None,
        aims: &[("exchanges/s", "≥ 20 000")],
        take: in_file_among_many,
    },
    Measure {
        name: "leases in PostgreSQL among 1 M, 100 000 reservations there, 64 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "3 x Kea's")],
        take: |act| served_among_many(act, Kind::Postgres),
    },
    Measure {
        name: "leases in MariaDB among 1 M, 100 000 reservations there, 64 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "3 x Kea's")],
        take: |act| served_among_many(act, Kind::MariaDb),
    },
    Measure {
        name: "no reservations looked up, 64 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| looked_up(act, None),
    },
    Measure {
        name: "reservations looked up in PostgreSQL, 64 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| looked_up(act, Some(Kind::Postgres)),
    },
    Measure {
        name: "reservations looked up in MariaDB, 64 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| looked_up(act, Some(Kind::MariaDb)),
    },
    Measure {
        name: "reservations looked up in SQLite, 64 in flight",
        kea: Turns::None,
        aims: &[],
        take: looked_up_in_file,
    },
    Measure {
        name: "a server alone, 64 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| together(act, Together::Alone, Machines::Shared, 64),
    },
    Measure {
        name: "a hot-standby pair, 64 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 0.75 × those of one alone")],
        take: |act| together(act, Together::HotStandby, Machines::Shared, 64),
    },
    Measure {
        name: "a load-balancing pair, 64 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 0.75 × those of one alone")],
        take: |act| together(act, Together::LoadBalancing, Machines::Shared, 64),
    },
    Measure {
        name: "synchronisation of 1 M leases",
        kea: Turns::One,
        aims: &[("s", "≤ 10"), ("p99 µs meanwhile", "≤ 2 × that before")],
        take: |act| synchronisation(act, Machines::Shared),
    },
    Measure {
        name: "a server alone, a processor each, 64 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| together(act, Together::Alone, Machines::OneEach, 64),
    },
    Measure {
        name: "a hot-standby pair, a processor each, 64 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 0.75 × those of one alone")],
        take: |act| together(act, Together::HotStandby, Machines::OneEach, 64),
    },
    Measure {
        name: "a load-balancing pair, a processor each, 64 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 0.75 × those of one alone")],
        take: |act| together(act, Together::LoadBalancing, Machines::OneEach, 64),
    },
    Measure {
        name: "a server alone, a processor each, 256 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| together(act, Together::Alone, Machines::OneEach, 256),
    },
    Measure {
        name: "a hot-standby pair, a processor each, 256 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 0.75 × those of one alone")],
        take: |act| together(act, Together::HotStandby, Machines::OneEach, 256),
    },
    Measure {
        name: "a load-balancing pair, a processor each, 256 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 0.75 × those of one alone")],
        take: |act| together(act, Together::LoadBalancing, Machines::OneEach, 256),
    },
    Measure {
        name: "synchronisation of 1 M leases, a processor each",
        kea: Turns::One,
        aims: &[("s", "≤ 10"), ("p99 µs meanwhile", "≤ 2 × that before")],
        take: |act| synchronisation(act, Machines::OneEach),
    },
    Measure {
        name: "cleanup of 3 M lease rows",
        kea: Turns::One,
        aims: &[("s", "≤ 2"), ("MB peak", "≤ 250")],
        take: cleanup::<V4>,
    },
];
