//! Kea's names: `pkt4-received`, `subnet[7].assigned-addresses`, `subnet[7].pool[0].assigned-addresses`.

use std::fmt;

use kotare_model::SubnetId;

use crate::changed::PoolKey;
use crate::{PoolKind, Statistic};

/// A statistic and where it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name<S> {
    Global(S),
    Subnet(SubnetId, S),
    Pool(SubnetId, PoolKey, S),
}

impl<S: Statistic> Name<S> {
    /// The name's meaning; none if no statistic can have this name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let Some((subnet, rest)) = indexed(text, "subnet") else {
            return S::from_name(text).filter(|stat| stat.is_global()).map(Self::Global);
        };
        let subnet = SubnetId(subnet);
        for kind in PoolKind::ALL {
            if let Some((id, rest)) = indexed(rest, kind.word()) {
                return S::from_name(rest)
                    .filter(|stat| stat.is_of_pool(kind))
                    .map(|stat| Self::Pool(subnet, PoolKey { kind, id }, stat));
            }
        }
        S::from_name(rest).filter(|stat| stat.is_of_subnet()).map(|stat| Self::Subnet(subnet, stat))
    }
}

/// Splits `word` `[` number `].` rest. The number is written as we write it: no sign, no leading zeros.
fn indexed<'a>(text: &'a str, word: &str) -> Option<(u32, &'a str)> {
    let (digits, rest) = text.strip_prefix(word)?.strip_prefix('[')?.split_once("].")?;
    let number: u32 = digits.parse().ok()?;
    (number.to_string() == digits).then_some((number, rest))
}

impl<S: Statistic> fmt::Display for Name<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global(stat) => f.write_str(stat.name()),
            Self::Subnet(subnet, stat) => write!(f, "subnet[{subnet}].{}", stat.name()),
            Self::Pool(subnet, PoolKey { kind, id }, stat) => {
                write!(f, "subnet[{subnet}].{kind}[{id}].{}", stat.name())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stat4, Stat6};

    fn names_are_found<S: Statistic>() {
        for &stat in S::ALL {
            let pool = |kind| (stat.is_of_pool(kind), Name::Pool(SubnetId(7), PoolKey { kind, id: 0 }, stat));
            for (has, name) in [
                (stat.is_global(), Name::Global(stat)),
                (stat.is_of_subnet(), Name::Subnet(SubnetId(u32::MAX), stat)),
                pool(PoolKind::Addresses),
                pool(PoolKind::Prefixes),
            ] {
                assert_eq!(Name::parse(&name.to_string()), has.then_some(name));
            }
        }
    }

    /// Every name that is shown finds its statistic again.
    #[test]
    fn names_are_read_as_they_are_written() {
        names_are_found::<Stat4>();
        names_are_found::<Stat6>();
    }

    /// A name that only resembles a statistic's is no statistic.
    #[test]
    fn names_that_nothing_has_are_not_found() {
        for text in [
            "",
            "subnet",
            "subnet[1]",
            "subnet[1].",
            "subnet[].v4-lease-reuses",
            "subnet[01].v4-lease-reuses",
            "subnet[+1].v4-lease-reuses",
            "subnet[4294967296].v4-lease-reuses",
            "subnet[1].pkt4-sent",
            "subnet[1].pool[0].v4-lease-reuses",
            "subnet[1].pd-pool[0].reclaimed-leases",
        ] {
            assert_eq!(Name::<Stat4>::parse(text), None, "{text}");
        }
        for text in ["registered-nas", "subnet[1].pd-pool[0].assigned-nas", "subnet[1].pool[0].total-pds"] {
            assert_eq!(Name::<Stat6>::parse(text), None, "{text}");
        }
    }
}
