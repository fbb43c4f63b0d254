//! Options of DHCPv4 as they go on the wire, prepared at configuration time.

use kotare_wire::v4::{Codes, OptionCode};

use crate::common::{Choice, Code, CodeSet, ConfiguredOption, Options, VendorOption};

/// One option of one level, encoded. A value longer than 255 bytes is split when written (RFC 3396).
pub type Option4 = ConfiguredOption<u8>;
/// A sub-option of option 125 for the devices of one vendor (RFC 3925 §4).
pub type VendorOption4 = VendorOption<u8>;
/// The options of a level.
pub type Options4 = Options<Codes>;
/// What levels say of which options are sent.
pub type Choice4 = Choice<Codes>;

impl Code for u8 {
    /// RFC 3925.
    fn names_vendor(self) -> bool {
        matches!(OptionCode(self), OptionCode::VIVCO | OptionCode::VIVSO)
    }
}

impl CodeSet for Codes {
    type Code = u8;

    fn insert_if(&mut self, there: bool, code: u8) {
        self.insert_if(there, OptionCode(code));
    }

    fn add(&mut self, other: &Self) {
        *self = self.union(*other);
    }

    fn keep(&mut self, other: &Self) {
        *self = self.intersection(*other);
    }

    fn take_out(&mut self, other: &Self) {
        *self = self.without(*other);
    }
}

#[cfg(test)]
mod tests {
    use kotare_expr::{ClassId, ClassSet};

    use super::*;
    use crate::common::Guard;

    fn option(code: u8, data: &[u8]) -> Option4 {
        Option4 { code, data: data.into(), ..Option4::default() }
    }

    fn classes(numbers: &[u32]) -> ClassSet {
        numbers.iter().copied().map(ClassId).collect()
    }

    fn guarded(code: u8, data: &[u8], numbers: &[u32]) -> Option4 {
        Option4 { guard: Guard::of(classes(numbers)), ..option(code, data) }
    }

    /// Of several entries of one code the first one counts, and a flag of any of them.
    #[test]
    fn the_first_of_a_code_counts() {
        let always = Option4 { always_send: true, ..option(6, &[9]) };
        let options = Options4::new(vec![option(6, &[1]), option(3, &[2]), always]);
        assert_eq!(options.iter().map(|o| o.code).collect::<Vec<_>>(), [3, 6]);
        assert_eq!(options.find(6, &classes(&[])), Some(&option(6, &[1])));
        assert!([0, 4, 7, 255].iter().all(|code| options.find(*code, &classes(&[])).is_none()));
        assert_eq!(options.choice().always.iter().collect::<Vec<_>>(), [6]);
        assert!(Options4::new(Vec::new()).is_empty() && !options.is_empty());
    }

    /// Options that name a vendor are all kept, the last written first.
    #[test]
    fn each_vendor_has_its_option() {
        let [a, b] = [[0, 0, 0, 1], [0, 0, 0, 2]].map(|vendor| [124, 125].map(|code| option(code, &vendor)));
        let options = Options4::new([&a[1], &b[1], &a[0], &b[0]].map(Clone::clone).to_vec());
        assert_eq!(options.all(124), [b[0].clone(), a[0].clone()]);
        assert_eq!(options.all(125), [b[1].clone(), a[1].clone()]);
        assert_eq!((options.find(125, &classes(&[])), options.all(126)), (Some(&a[1]), &[][..]));
        assert_eq!((a[1].enterprise(), option(43, &[0, 0, 0, 1]).enterprise()), (Some(1), None));
    }

    /// A value for clients of a class goes before the one for everybody, wherever it is written; where several are for
    /// a client, the last written counts, as in Kea.
    #[test]
    fn values_for_classes_go_first() {
        let options = Options4::new(vec![
            guarded(6, &[1], &[1, 2]),
            option(6, &[0]),
            guarded(6, &[3], &[3]),
            option(6, &[9]),
            guarded(7, &[4], &[300]),
        ]);
        let found = |code, of: &[u32]| options.find(code, &classes(of)).map(|option| option.data[0]);
        for (of, value) in [(&[][..], 0), (&[4], 0), (&[1], 1), (&[2], 1), (&[3], 3), (&[2, 3], 3)] {
            assert_eq!(found(6, of), Some(value), "{of:?}");
        }
        assert_eq!((found(7, &[300]), found(7, &[6])), (Some(4), None));
        assert_eq!(options.choice().guarded.iter().collect::<Vec<_>>(), [7]);
    }

    /// Flags hold on whichever level they stand; only what some level has is sent.
    #[test]
    fn flags_hold_whichever_level_sets_them() {
        let level = |rows: &[(u8, bool, bool)]| {
            let mut choice = Choice4::default();
            rows.iter().for_each(|&(code, always, never)| choice.insert(code, always, never));
            choice
        };
        let codes = |codes: &[u8]| codes.iter().copied().collect::<Codes>();
        let subnet = level(&[(3, false, false), (6, false, false), (7, true, false)]);
        let global = level(&[(3, true, false), (6, true, true), (7, false, false), (8, false, false)]);
        let (mut one, mut other) = (subnet, global);
        one.add(&global);
        other.add(&subnet);
        assert_eq!(one, other);
        assert_eq!(one.of(Codes::default()), codes(&[3, 7]));
        assert_eq!(one.of(codes(&[6, 8, 9])), codes(&[3, 7, 8]));
    }
}
