//! How clients' names are made: what is taken of what a client says, and what a name is made up of.

use kotare_ddns::ConflictResolution;
use kotare_model::Lifetime;

use super::Sanitizer;

/// `ddns-replace-client-name`: whether the name that a client sends is used, and whether one that sends none gets one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReplaceName {
    /// Its own name, or none.
    #[default]
    Never,
    /// A made-up one for everybody.
    Always,
    /// A made-up one instead of its own.
    WhenPresent,
    /// Its own, or else a made-up one.
    WhenNotPresent,
}

/// The parameters of clients' names ("Name Generation for DDNS Update Requests" in Kea's manual), of one
/// level: many subnets share those that hold for all.
///
/// By default the server updates nothing, and names are taken as they come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    /// `ddns-send-updates`, where `enable-updates` of `dhcp-ddns` is set: the server says that it updates DNS.
    pub updates: bool,
    /// `ddns-override-no-update`: it does so for clients that want nobody to.
    pub override_no_update: bool,
    /// `ddns-override-client-update`: it does so for clients that want to do it themselves.
    pub override_client_update: bool,
    /// `ddns-replace-client-name`.
    pub replace: ReplaceName,
    /// `ddns-generated-prefix`: what stands before the address in a made-up name.
    pub generated_prefix: Box<str>,
    /// `ddns-qualifying-suffix`: the domain of names that have none.
    pub qualifying_suffix: Box<str>,
    /// `hostname-char-set` and `hostname-char-replacement`, unless names are taken as they come.
    pub sanitizer: Option<Sanitizer>,
    /// What is asked for of the DNS.
    pub terms: UpdateTerms,
}

/// What requests for changes of the DNS say of a name besides what its lease does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UpdateTerms {
    /// `ddns-update-on-renew`: the DNS is asked again with every renewal.
    pub on_renew: bool,
    /// `ddns-conflict-resolution-mode`.
    pub conflict_resolution: ConflictResolution,
    /// `ddns-ttl`, in seconds, whatever the lifetime of the lease.
    pub ttl: Option<u32>,
    /// `ddns-ttl-percent`: which part of that lifetime.
    pub ttl_percent: Option<f64>,
    /// `ddns-ttl-min`, in seconds.
    pub ttl_min: Option<u32>,
    /// `ddns-ttl-max`, in seconds.
    pub ttl_max: Option<u32>,
}

/// For how many seconds records may be remembered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ttl {
    /// As many as that.
    Plain(u32),
    /// At least so many, as the part of the lifetime is less.
    AtLeast(u32, Part),
    /// At most so many, as the part of the lifetime is more.
    AtMost(u32, Part),
}

/// A part of a lifetime.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Which one.
    pub part: f64,
    /// How many seconds that is.
    pub seconds: u32,
}

impl Ttl {
    /// How many they are.
    #[must_use]
    pub fn seconds(self) -> u32 {
        match self {
            Self::Plain(seconds) | Self::AtLeast(seconds, _) | Self::AtMost(seconds, _) => seconds,
        }
    }
}

impl UpdateTerms {
    /// For how long the records of a lease with this lifetime may be remembered: a third of it and ten minutes at
    /// least (RFC 4702, section 5), unless something else is configured. Zeros are as if not written.
    #[must_use]
    pub fn ttl(&self, lifetime: Lifetime) -> Ttl {
        let set = |value: Option<u32>| value.filter(|&value| value > 0);
        if let Some(ttl) = set(self.ttl) {
            return Ttl::Plain(ttl);
        }
        let part = self.ttl_percent.filter(|&part| part > 0.0).unwrap_or(0.333_33);
        // Saturates: more than all of an infinite lifetime is that.
        let seconds = (part * f64::from(lifetime.0)).round() as u32;
        let (least, most) = (set(self.ttl_min).unwrap_or(600), set(self.ttl_max).unwrap_or(u32::MAX));
        let part = Part { part, seconds };
        match seconds {
            _ if seconds < least => Ttl::AtLeast(least, part),
            _ if seconds > most => Ttl::AtMost(most, part),
            _ => Ttl::Plain(seconds),
        }
    }
}

impl ReplaceName {
    /// Whether a client's own name is not used.
    pub fn replaces(self) -> bool {
        matches!(self, Self::Always | Self::WhenPresent)
    }

    /// Whether a client that sends no name gets one.
    pub fn supplies(self) -> bool {
        matches!(self, Self::Always | Self::WhenNotPresent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_remembered_for_a_part_of_the_lifetime() {
        let terms = UpdateTerms::default();
        let ttl = |terms: &UpdateTerms, lifetime| terms.ttl(Lifetime(lifetime)).seconds();
        assert_eq!([3600, 1000, 0].map(|lifetime| ttl(&terms, lifetime)), [1200, 600, 600]);
        assert_eq!(terms.ttl(Lifetime::INFINITE).seconds(), 1_431_641_448);
        let half = UpdateTerms { ttl_percent: Some(0.5), ttl_min: Some(100), ttl_max: Some(900), ..terms };
        assert_eq!([3600, 1000, 20].map(|lifetime| ttl(&half, lifetime)), [900, 500, 100]);
        let fixed = UpdateTerms { ttl: Some(7), ..half };
        assert_eq!(ttl(&fixed, 3600), 7);
        let zeros = UpdateTerms { ttl: Some(0), ttl_percent: Some(0.0), ttl_min: Some(0), ..terms };
        assert_eq!([3600, 20].map(|lifetime| ttl(&zeros, lifetime)), [1200, 600]);
        let twice = UpdateTerms { ttl_percent: Some(2.0), ..terms };
        assert_eq!(twice.ttl(Lifetime::INFINITE).seconds(), u32::MAX);
    }
}
