//! `sanity-checks`: what becomes of stored leases that do not fit the configuration.

use crate::Level;
use crate::schema::tables::SANITY_CHECKS;

/// `sanity-checks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SanityChecks {
    /// `lease-checks`.
    pub leases: LeaseChecks,
    /// `extended-info-checks`.
    pub extended_info: ExtendedInfoChecks,
}

/// What becomes of a lease whose subnet is none, or does not have its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseChecks {
    /// Nothing, and nothing is said.
    None,
    /// It is told.
    Warn,
    /// It gets the subnet that has its address. Without one, it is told.
    Fix,
    /// It gets the subnet that has its address. Without one, it goes.
    FixDel,
    /// It goes.
    Del,
}

/// How closely it is looked at what a relay said of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExtendedInfoChecks {
    /// Not at all.
    None,
    /// What earlier versions wrote is brought into today's form, what is of no form at all goes.
    Fix,
    /// The values have to be right, too.
    Strict,
    /// And there must be no others.
    Pedantic,
}

impl SanityChecks {
    pub(super) fn resolve(global: Level<'_>) -> Self {
        let level = global.section(&SANITY_CHECKS);
        Self {
            leases: match level.text("lease-checks") {
                "none" => LeaseChecks::None,
                "fix" => LeaseChecks::Fix,
                "fix-del" => LeaseChecks::FixDel,
                "del" => LeaseChecks::Del,
                _ => LeaseChecks::Warn,
            },
            extended_info: match level.text("extended-info-checks") {
                "none" => ExtendedInfoChecks::None,
                "strict" => ExtendedInfoChecks::Strict,
                "pedantic" => ExtendedInfoChecks::Pedantic,
                _ => ExtendedInfoChecks::Fix,
            },
        }
    }
}

impl ExtendedInfoChecks {
    /// The keyword.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Fix => "fix",
            Self::Strict => "strict",
            Self::Pedantic => "pedantic",
        }
    }
}
