//! What a script is told in its environment.

use std::fmt::{Display, Write};

use kotare_model::Hex;
use smallvec::SmallVec;

use super::Told;

/// Variables in the order in which they were set, each as `NAME=value` with a NUL behind it: one piece of memory for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Variables(String);

impl Variables {
    /// Sets `PREFIX_NAME`. No environment can hold a NUL: a value ends before its first.
    pub(super) fn set(&mut self, prefix: &str, name: &str, value: impl Display) {
        let underscore = if prefix.is_empty() { "" } else { "_" };
        let start = self.0.len();
        // Writing to a string does not fail.
        let _ = write!(self.0, "{prefix}{underscore}{name}={value}");
        if let Some(end) = self.0.get(start..).and_then(|text| text.find('\0')) {
            self.0.truncate(start + end);
        }
        self.0.push('\0');
    }

    /// Sets a variable to something that may not be there: then it is empty.
    pub(super) fn set_or_empty(&mut self, prefix: &str, name: &str, value: Option<impl Display>) {
        match value {
            Some(value) => self.set(prefix, name, value),
            None => self.set(prefix, name, ""),
        }
    }

    /// Sets `PREFIX_NAME` and `PREFIX_NAME_TYPE` to an address of the link and its type; to nothing if there is none.
    pub(super) fn set_hwaddr(&mut self, prefix: &str, name: &str, hwaddr: Option<(&[u8], u16)>) {
        self.set_or_empty(prefix, name, hwaddr.map(|(bytes, _)| Hex(bytes)));
        self.set_or_empty(prefix, &format!("{name}_TYPE"), hwaddr.map(|(_, htype)| htype));
    }

    /// Sets `PREFIX_OPTION_CODE` to the bytes of an option, if it is there.
    pub(super) fn set_option(&mut self, prefix: &str, code: impl Display, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.set(prefix, &format!("OPTION_{code}"), format_args!("0x{:X}", Hex(value)));
        }
    }

    /// Sets `PREFIX_SIZE` to how many leases there are, and what is told of each: `PREFIX_AT0_ADDRESS` and so on.
    pub(super) fn set_leases<'a, L: Told>(&mut self, prefix: &str, leases: impl IntoIterator<Item = &'a L>) {
        let leases: SmallVec<[&L; 4]> = leases.into_iter().collect();
        self.set(prefix, "SIZE", leases.len());
        for (at, lease) in leases.into_iter().enumerate() {
            lease.describe(&format!("{prefix}_AT{at}"), self);
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.split_terminator('\0').filter_map(|variable| variable.split_once('='))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value may hold anything but a NUL.
    #[test]
    fn values_are_kept() {
        let mut variables = Variables::default();
        variables.set("A", "B", "c=d\ne");
        variables.set("", "X", "y\0z=w");
        variables.set_hwaddr("L", "HWADDR", Some((&[1, 0xab], 6)));
        variables.set_hwaddr("N", "HWADDR", None);
        variables.set_option("Q", 82, Some(&[1, 0xfe]));
        variables.set_option("Q", 83, None);
        let all: Vec<_> = variables.iter().collect();
        let wanted = [
            ("A_B", "c=d\ne"),
            ("X", "y"),
            ("L_HWADDR", "01:ab"),
            ("L_HWADDR_TYPE", "6"),
            ("N_HWADDR", ""),
            ("N_HWADDR_TYPE", ""),
            ("Q_OPTION_82", "0x01FE"),
        ];
        assert_eq!(all, wanted);
    }
}
