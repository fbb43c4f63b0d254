//! What is measured of DHCPv6: one entry each, with the aims of the project. *NA* is a client that wants an address,
//! *NA and PD* one that wants a prefix, too.

use kotare_tests::world::V6;

use super::cleanup::cleanup;
use super::config_backend::{self, Change, changes};
use super::load::{Pool, Steps, bare, load};
use super::measures::{Measure, Turns};
use super::start::{Start, start};

/// Many at a time, of clients that want an address, and of those that want a prefix, too.
const NA: Steps = Steps { in_flight: 256, ..Steps::DEFAULT };
const NA_AND_PD: Steps = Steps { prefixes: true, ..NA };

/// All measures of DHCPv6.
pub(super) const MEASURES6: &[Measure] = &[
    Measure {
        name: "DHCPv6: bare socket loop instead of a server, NA, 1 thread, 256 in flight",
        kea: Turns::None,
        aims: &[],
        take: |act| bare::<V6>(act, false),
    },
    Measure {
        name: "DHCPv6: NA, 256 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 130 000, ≥ 6 × Kea's")],
        take: |act| load::<V6>(act, &NA),
    },
    Measure {
        name: "DHCPv6: NA, 256 in flight, 1 thread",
        kea: Turns::All,
        aims: &[("server's CPU µs/exchange", "≤ 1.6 × DHCPv4's")],
        take: |act| load::<V6>(act, &Steps { threads: 1, ..NA }),
    },
    Measure {
        name: "DHCPv6: NA and PD, 256 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "≥ 90 000, ≥ 6 × Kea's")],
        take: |act| load::<V6>(act, &NA_AND_PD),
    },
    Measure {
        name: "DHCPv6: NA and PD, 256 in flight, 1 thread",
        kea: Turns::All,
        aims: &[],
        take: |act| load::<V6>(act, &Steps { threads: 1, ..NA_AND_PD }),
    },
    Measure {
        name: "DHCPv6: NA, one at a time, 1 thread",
        kea: Turns::All,
        aims: &[],
        take: |act| load::<V6>(act, &Steps { in_flight: 1, threads: 1, ..NA }),
    },
    Measure {
        name: "DHCPv6: NA and PD, one at a time, 1 thread",
        kea: Turns::All,
        aims: &[],
        take: |act| load::<V6>(act, &Steps { in_flight: 1, threads: 1, ..NA_AND_PD }),
    },
    Measure {
        name: "DHCPv6: NA, fdatasync before replies, 256 in flight",
        kea: Turns::None,
        aims: &[],
        take: |act| load::<V6>(act, &Steps { durability: Some("system"), ..NA }),
    },
    Measure {
        name: "DHCPv6: renewals of NA, 200 000 clients, 256 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| load::<V6>(act, &Steps { pool: Pool::Renewals(200_000), ..NA }),
    },
    Measure {
        name: "DHCPv6: renewals of NA and PD, 200 000 clients, 256 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| load::<V6>(act, &Steps { pool: Pool::Renewals(200_000), ..NA_AND_PD }),
    },
    Measure {
        name: "DHCPv6: offers, pool of 60 000 empty, 64 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| load::<V6>(act, &Steps { in_flight: 64, pool: Pool::Offers { full: false }, ..NA }),
    },
    Measure {
        name: "DHCPv6: offers, pool of 60 000 99.8 % full, 64 in flight",
        kea: Turns::All,
        aims: &[("exchanges/s", "as when empty")],
        take: |act| load::<V6>(act, &Steps { in_flight: 64, pool: Pool::Offers { full: true }, ..NA }),
    },
    Measure {
        name: "DHCPv6: start with 1 M leases",
        kea: Turns::One,
        aims: &[("CPU s", "≤ 1"), ("MB peak", "≤ 150")],
        take: |act| start::<V6>(act, &Start { leases: 1_000_000, ..Start::default() }),
    },
    Measure {
        name: "DHCPv6: start with 1 M leases, half of them of prefixes",
        kea: Turns::One,
        aims: &[("CPU s", "≤ 1"), ("MB peak", "≤ 150")],
        take: |act| start::<V6>(act, &Start { leases: 1_000_000, prefixes: true, ..Start::default() }),
    },
    Measure {
        name: "DHCPv6: start with 10 000 subnets",
        kea: Turns::One,
        aims: &[("s to the first offer", "≤ 0.6"), ("MB peak", "≤ 150")],
        take: |act| start::<V6>(act, &Start { subnets: 10_000, ..Start::default() }),
    },
    Measure {
        name: "DHCPv6: start with 10 000 subnets, 100 000 reservations",
        kea: Turns::One,
        aims: &[("s to the first offer", "≤ 0.6"), ("MB peak", "≤ 150")],
        take: |act| start::<V6>(act, &Start { subnets: 10_000, reservations: 100_000, ..Start::default() }),
    },
    Measure {
        name: "DHCPv6: start with 10 000 subnets of a database",
        kea: Turns::None,
        aims: &[("s to the first offer", "≤ 3")],
        take: config_backend::start::<V6>,
    },
    Measure {
        name: "DHCPv6: a timer of one of 10 000 subnets of a database changes",
        kea: Turns::None,
        aims: &[("server's CPU ms/change", "≤ 50")],
        take: |act| changes::<V6>(act, Change::Timer),
    },
    Measure {
        name: "DHCPv6: the pool of one of 10 000 subnets of a database changes",
        kea: Turns::None,
        aims: &[("server's CPU ms/change", "≤ 50")],
        take: |act| changes::<V6>(act, Change::Pool),
    },
    Measure {
        name: "DHCPv6: the presence of one of 10 000 subnets of a database changes",
        kea: Turns::None,
        aims: &[("server's CPU ms/change", "≤ 50")],
        take: |act| changes::<V6>(act, Change::Presence),
    },
    Measure {
        name: "DHCPv6: the shared network of one of 10 000 subnets of a database changes",
        kea: Turns::None,
        aims: &[("server's CPU ms/change", "≤ 50")],
        take: |act| changes::<V6>(act, Change::Network),
    },
    Measure {
        name: "DHCPv6: cleanup of 3 M lease rows",
        kea: Turns::One,
        aims: &[("s", "≤ 2"), ("MB peak", "≤ 250")],
        take: cleanup::<V6>,
    },
];
