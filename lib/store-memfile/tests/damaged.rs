//! Lease files of either protocol that were cut, damaged or written by others, and what is found in them.

#[macro_use]
mod common;

use std::fs::{read_to_string, write};

use common::{Rowed, add, all, hosts, open_of, with};
use kotare_model::{Lease4, Lease6};
use kotare_store::conformance::Specimen;
use kotare_store_memfile::{LfcFiles, Loaded, Memfile, Options, cleanup};
use proptest::prelude::*;

/// However many bytes of a file are left, every row is read that is whole, and new ones begin on a line of their own.
fn a_file_may_end_anywhere<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let text = format!("{}{}{}{}", L::HEADER, L::row(1), L::row(2), L::row(3));
    let header = L::HEADER.len();
    for end in 0..=text.len() {
        write(&path, &text[..end]).unwrap();
        // A row without its newline is whole if it could not go on: its last column is a number, which could.
        let whole = text[header.min(end)..end].matches('\n').count() as u8;
        let store = open_of::<L>(&path);
        let found = hosts(&store);
        let rest: Vec<_> = (1..=whole).collect();
        assert!(found.starts_with(&rest) && found.len() <= rest.len() + 1, "{end} bytes: {found:?}");
        assert!(all(&store).iter().all(|lease| (1..=3).any(|host| *lease == L::of_row(host))), "{end} bytes");
        assert_eq!(store.loaded().errors, 0, "{end} bytes");
        add(&store, <L as Specimen>::of(9));
        drop(store);
        let store = open_of::<L>(&path);
        assert_eq!((hosts(&store), store.loaded().errors), ([found, vec![9]].concat(), 0), "{end} bytes");
        drop(store);
        drop(std::fs::remove_file(with(&path, ".torn")));
    }
}

/// The result of a cleanup that ends anywhere costs nothing as long as what it was made of is there.
fn a_result_may_end_anywhere<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let whole = format!("{}{}{}{}", L::HEADER, L::row(1), L::row(2), L::row(3));
    for end in 0..whole.len() {
        write(&files.previous, format!("{}{}{}", L::HEADER, L::row(1), L::row(2))).unwrap();
        write(&files.copy, format!("{}{}", L::HEADER, L::row(3))).unwrap();
        write(&files.finish, &whole[..end]).unwrap();
        assert_eq!(hosts(&open_of::<L>(&path)), [1, 2, 3], "{end} bytes");
        cleanup::<L>(&files).unwrap().1.rotate().unwrap();
        assert_eq!(hosts(&open_of::<L>(&path)), [1, 2, 3], "{end} bytes");
        assert!(!files.copy.exists() && !files.finish.exists(), "{end} bytes");
    }
}

/// Garbage between rows is counted and left out, up to `max-row-errors`; what surrounds it is kept.
fn garbage_costs_only_itself<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let (zeros, long) = ("\0".repeat(5000), "x".repeat(3 << 20));
    let huge = L::row(8).replace("host-8", &"y".repeat(1 << 20));
    let text = format!(
        "{}{}garbage\n\n{zeros}\n{}{long}\n{huge}{},zz\n\r\n{}",
        L::HEADER,
        L::row(1),
        L::row(2),
        L::at(9),
        L::row(3)
    );
    write(&path, &text).unwrap();
    let store = open_of::<L>(&path);
    assert_eq!(hosts(&store), [1, 2, 3]);
    assert_eq!(store.loaded(), &Loaded { leases: 3, rows: 8, errors: 5, ..Loaded::default() });
    drop(store);
    let limited = |max_row_errors| {
        Memfile::<L>::open(Options { max_row_errors, ..Options::new(Some(path.clone()), 1) })
    };
    assert_eq!(limited(5).unwrap().len(), 3);
    let error = limited(4).unwrap_err().to_string();
    assert!(error.contains("more than 4 rows are bad (max-row-errors)"), "{error}");
    assert_eq!(read_to_string(&path).unwrap(), text, "a refused file is left alone");
}

/// Files of every older header and of newer ones are read, appended to, and reported for conversion.
fn files_of_other_schemas_are_read<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let current = L::HEADER.split(',').count();
    let cut = |line: &str, count: usize, more: [&str; 2]| {
        let fields: Vec<_> = line.trim_end().split(',').chain(more).take(count).collect();
        fields.join(",") + "\n"
    };
    for count in L::OLDEST..=current + 2 {
        let path = folder.path().join(format!("leases-{count}"));
        let header = cut(L::HEADER, count, ["new", "newer"]);
        write(&path, header + &cut(&L::row(1), count, ["more", "still-more"])).unwrap();
        let store = open_of::<L>(&path);
        assert_eq!(store.loaded().needs_conversion, count != current, "{count} columns");
        assert_eq!((store.loaded().rows, store.loaded().errors), (1, 0), "{count} columns");
        add(&store, <L as Specimen>::of(2));
        drop(store);
        let store = open_of::<L>(&path);
        assert_eq!((hosts(&store), store.loaded().errors), (vec![1, 2], 0), "{count} columns");
    }
}

/// A file of the other protocol, or of something else, is refused and left alone.
fn what_is_no_lease_file_is_refused<L: Rowed, Other: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let other = format!("{}{}", Other::HEADER, Other::row(1));
    for text in [&*other, "precious", "{ \"Dhcp6\": {} }", &"x".repeat(3 << 20)] {
        write(&path, text).unwrap();
        let error = Memfile::<L>::open(Options::new(Some(path.clone()), 1)).unwrap_err().to_string();
        assert!(error.contains("this is no lease file of DHCPv"), "{error}");
        assert_eq!(read_to_string(&path).unwrap(), text);
    }
}

/// A file with one byte changed anywhere is refused, or read with a row less at most and without a lease that is not one.
fn a_byte_may_be_any<L: Rowed>(at: usize, byte: u8) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let mut text = format!("{}{}{}{}", L::HEADER, L::row(1), L::row(2), L::row(3)).into_bytes();
    let at = at % text.len();
    text[at] = byte;
    write(&path, &text).unwrap();
    let Ok(store) = Memfile::<L>::open(Options::new(Some(path.clone()), 1)) else {
        assert!(at < L::HEADER.len(), "a bad row does not make the file a bad one");
        return;
    };
    let now = all(&store);
    let untouched = (1..=3).filter(|host| now.contains(&L::of_row(*host))).count();
    // With another header the columns may mean something else.
    assert!(untouched >= 1 || at < L::HEADER.len(), "{now:?}");
    drop(store);
    assert_eq!(all(&open_of::<L>(&path)), now, "what was read once is read again");
}

both! {
    a_file_may_end_anywhere,
    a_result_may_end_anywhere,
    garbage_costs_only_itself,
    files_of_other_schemas_are_read,
}

#[test]
fn files_of_the_other_protocol_are_refused() {
    what_is_no_lease_file_is_refused::<Lease4, Lease6>();
    what_is_no_lease_file_is_refused::<Lease6, Lease4>();
}

proptest! {
    #[test]
    fn one_byte_may_be_any(at: prop::sample::Index, byte: u8) {
        a_byte_may_be_any::<Lease4>(at.index(4096), byte);
        a_byte_may_be_any::<Lease6>(at.index(4096), byte);
    }
}
