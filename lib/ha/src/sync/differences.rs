//! In which leases partners differ: both lists, in the order of their keys, side by side.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Peekable;

use super::Synced;
use super::merge::shown;

/// A lease that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference<L> {
    /// Only this server has it.
    Here(L),
    /// Only the partner has it.
    There(L),
    /// Both have one, and they differ.
    Both {
        /// That of this server.
        here: L,
        /// That of the partner.
        there: L,
    },
}

impl<L: Synced> fmt::Display for Difference<L> {
    /// Both leases, for the log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(lease) => write!(f, "{} only here", shown(lease)),
            Self::There(lease) => write!(f, "{} only there", shown(lease)),
            Self::Both { here, there } => write!(f, "{} here, {} there", shown(here), shown(there)),
        }
    }
}

/// The differences between two lists of leases in the order of their keys.
pub struct Differences<H: Iterator, T: Iterator> {
    here: Peekable<H>,
    there: Peekable<T>,
}

impl<H: Iterator, T: Iterator> fmt::Debug for Differences<H, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Differences").finish_non_exhaustive()
    }
}

impl<H: Iterator, T: Iterator> Differences<H, T> {
    /// Compares the leases of this server with those of the partner.
    pub fn between(here: H, there: T) -> Self {
        Self { here: here.peekable(), there: there.peekable() }
    }
}

impl<L: Synced, H: Iterator<Item = L>, T: Iterator<Item = L>> Iterator for Differences<H, T> {
    type Item = Difference<L>;

    fn next(&mut self) -> Option<Difference<L>> {
        loop {
            let order = match (self.here.peek(), self.there.peek()) {
                (Some(here), Some(there)) => here.key().cmp(&there.key()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return None,
            };
            match order {
                Ordering::Less => return self.here.next().map(Difference::Here),
                Ordering::Greater => return self.there.next().map(Difference::There),
                Ordering::Equal => {
                    let (here, there) = (self.here.next()?, self.there.next()?);
                    if here != there {
                        return Some(Difference::Both { here, there });
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use kotare_model::{SubnetId, Timestamp};

    use super::*;

    /// A lease that is only its number and when its client was heard.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Plain(u8, i64);

    impl Synced for Plain {
        type Key = u8;
        fn key(&self) -> u8 {
            self.0
        }
        fn address(&self) -> IpAddr {
            [192, 0, 2, self.0].into()
        }
        fn subnet(&self) -> SubnetId {
            SubnetId(1)
        }
        fn cltt(&self) -> Timestamp {
            Timestamp(self.1)
        }
        fn expires(&self) -> Timestamp {
            Timestamp(self.1 + 10)
        }
        fn follows(&self, _: &Self) -> bool {
            false
        }
    }

    /// What only one has and what differs is found, what is the same is not.
    #[test]
    fn differences_are_found() {
        let here = [Plain(1, 5), Plain(2, 5), Plain(4, 5)];
        let there = [Plain(2, 6), Plain(3, 5), Plain(4, 5), Plain(5, 5)];
        let found: Vec<_> = Differences::between(here.into_iter(), there.into_iter()).collect();
        assert_eq!(
            found,
            [
                Difference::Here(Plain(1, 5)),
                Difference::Both { here: Plain(2, 5), there: Plain(2, 6) },
                Difference::There(Plain(3, 5)),
                Difference::There(Plain(5, 5)),
            ]
        );
        assert_eq!(
            found[1].to_string(),
            "192.0.2.2 (subnet 1, heard 5, until 15) here, 192.0.2.2 (subnet 1, heard 6, until 16) there"
        );
        assert_eq!(Differences::between([Plain(1, 1)].into_iter(), [Plain(1, 1)].into_iter()).next(), None);
    }
}
