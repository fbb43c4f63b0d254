//! Kea's names: `pkt4-received`, `subnet[7].assigned-addresses`, `subnet[7].pool[0].assigned-addresses`.

use std::fmt;

use kotare_model::SubnetId;

use crate::Stat4;

/// A statistic and where it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Global(Stat4),
    Subnet(SubnetId, Stat4),
    Pool(SubnetId, u32, Stat4),
}

impl Name {
    /// The name's meaning; none if no statistic can have this name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let Some((subnet, rest)) = indexed(text, "subnet[") else {
            return Stat4::from_name(text).filter(|stat| stat.is_global()).map(Self::Global);
        };
        let subnet = SubnetId(subnet);
        match indexed(rest, "pool[") {
            Some((pool, rest)) => Stat4::from_name(rest)
                .filter(|stat| stat.is_of_pool())
                .map(|stat| Self::Pool(subnet, pool, stat)),
            None => Stat4::from_name(rest)
                .filter(|stat| stat.is_of_subnet())
                .map(|stat| Self::Subnet(subnet, stat)),
        }
    }
}

/// Splits `prefix` number `].` rest. The number is written as we write it: no sign, no leading zeros.
fn indexed<'a>(text: &'a str, prefix: &str) -> Option<(u32, &'a str)> {
    let (digits, rest) = text.strip_prefix(prefix)?.split_once("].")?;
    let number: u32 = digits.parse().ok()?;
    (number.to_string() == digits).then_some((number, rest))
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global(stat) => f.write_str(stat.name()),
            Self::Subnet(subnet, stat) => write!(f, "subnet[{subnet}].{}", stat.name()),
            Self::Pool(subnet, pool, stat) => write!(f, "subnet[{subnet}].pool[{pool}].{}", stat.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every name that is shown finds its statistic again.
    #[test]
    fn names_are_read_as_they_are_written() {
        for &stat in Stat4::ALL {
            for (has, name) in [
                (stat.is_global(), Name::Global(stat)),
                (stat.is_of_subnet(), Name::Subnet(SubnetId(u32::MAX), stat)),
                (stat.is_of_pool(), Name::Pool(SubnetId(7), 0, stat)),
            ] {
                assert_eq!(Name::parse(&name.to_string()), has.then_some(name));
            }
        }
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
        ] {
            assert_eq!(Name::parse(text), None, "{text}");
        }
        for text in
            ["subnet[+1].v4-lease-reuses", "subnet[4294967296].v4-lease-reuses", "subnet[1].pkt4-sent"]
        {
            assert_eq!(Name::parse(text), None, "{text}");
        }
        assert_eq!(Name::parse("subnet[1].pool[0].v4-lease-reuses"), None);
    }
}
