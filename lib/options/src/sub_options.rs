//! Sub-options inside an option.

use std::borrow::Cow;

use kotare_wire::v4::SubOptions;
use kotare_wire::v6;

use crate::{DHCP4_SPACE, Definition, Universe};

/// The sub-options in an option of either protocol, in the order in which they stand.
///
/// One that says it is longer than what is left ends them; [`Inside::rest`] tells whether there was one.
#[derive(Clone)]
pub enum Inside<'a> {
    /// In an option of DHCPv4.
    V4(SubOptions<'a>),
    /// In an option of DHCPv6.
    V6(v6::Options<'a>),
}

impl<'a> Inside<'a> {
    /// The sub-options in `data`, which is nothing else.
    pub fn new(universe: Universe, data: &'a [u8]) -> Self {
        match universe {
            Universe::V4 => Self::V4(SubOptions::new(data)),
            Universe::V6 => Self::V6(v6::Options::new(data)),
        }
    }

    /// The sub-options in `data`, which follow the fields of option `code` of this space.
    pub(crate) fn of(universe: Universe, space: &str, code: u16, data: &'a [u8]) -> Self {
        match universe {
            Universe::V4 => Self::V4(sub_options_of(space, code, data)),
            Universe::V6 => Self::V6(v6::Options::new(data)),
        }
    }

    /// What has not been read. After the last: what is none.
    pub fn rest(&self) -> &'a [u8] {
        match self {
            Self::V4(options) => options.rest(),
            Self::V6(options) => options.rest(),
        }
    }
}

impl<'a> Iterator for Inside<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::V4(options) => options.next().map(|(code, value)| (code.into(), value)),
            Self::V6(options) => options.next().map(|(code, value)| (code.0, value)),
        }
    }
}

impl Definition {
    /// The sub-options in `data`, the payload of this option; `None` when this option carries none, or `data` does not fit
    /// it.
    pub fn inside<'a>(&self, data: &'a [u8]) -> Option<Inside<'a>> {
        match self.universe {
            Universe::V4 => self.sub_options_in(data).map(Inside::V4),
            Universe::V6 => self.options_in(data).map(Inside::V6),
        }
    }
}

/// The sub-options of DHCPv4 in `data`, which follow the fields of option `code` of this space.
pub(crate) fn sub_options_of<'a>(space: &str, code: u16, data: &'a [u8]) -> SubOptions<'a> {
    // RFC 2132 §8.4.
    if space == DHCP4_SPACE && code == 43 { SubOptions::padded(data) } else { SubOptions::new(data) }
}

/// The payload of sub-option `code`, its parts joined when it was split (RFC 3396).
pub fn find_sub_option<'a>(sub_options: SubOptions<'a>, code: u8) -> Option<Cow<'a, [u8]>> {
    let mut found: Option<Cow<'a, [u8]>> = None;
    for (_, part) in sub_options.filter(|(at, _)| *at == code) {
        match &mut found {
            None => found = Some(Cow::Borrowed(part)),
            Some(joined) => joined.to_mut().extend_from_slice(part),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use kotare_wire::v4::push_sub_option;

    use super::*;

    /// What was split is found whole again, and what is cut short is not invented.
    #[test]
    fn split_sub_options_are_joined() {
        let long = vec![7; 300];
        let mut data = Vec::new();
        push_sub_option(&mut data, 1, &long);
        push_sub_option(&mut data, 2, &[]);
        assert_eq!(find_sub_option(SubOptions::new(&data), 1).as_deref(), Some(&long[..]));
        assert_eq!(find_sub_option(SubOptions::new(&data), 2).as_deref(), Some(&[][..]));
        assert_eq!(find_sub_option(SubOptions::new(&[1, 2, 3]), 1), None);
    }
}
