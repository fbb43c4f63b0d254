//! Sub-options inside an option.

use std::borrow::Cow;

use kotare_wire::v4::SubOptions;
use kotare_wire::v6;

use crate::{DHCP4_SPACE, Universe};

/// The sub-options in an option of either protocol, in the order in which they stand.
#[derive(Clone)]
pub(crate) enum Inside<'a> {
    V4(SubOptions<'a>),
    V6(v6::Options<'a>),
}

impl<'a> Inside<'a> {
    /// The sub-options in `data`, which follow the fields of option `code` of this space.
    pub(crate) fn of(universe: Universe, space: &str, code: u16, data: &'a [u8]) -> Self {
        match universe {
            Universe::V4 => Self::V4(sub_options_of(space, code, data)),
            Universe::V6 => Self::V6(v6::Options::new(data)),
        }
    }

    /// What has not been read. After the last: what is none.
    pub(crate) fn rest(&self) -> &'a [u8] {
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
