//! Rows of lease files that lie in no file: how servers tell each other of many leases. They take a fraction of the work
//! that maps of JSON take, on both sides.

use crate::kept::Kept;
use crate::row::Scratch;
use crate::schema::Schema;

/// The line that goes before rows and says what their columns are, with its newline.
#[must_use]
pub fn header<L: Kept>() -> &'static [u8] {
    L::FORMAT.header
}

/// Before the row of a lease that is gone. Its lifetime does not say that: one that was given back and is kept for its client has
/// none, either.
const GONE: char = '-';

/// Appends the row of a lease, with its newline, and says of one that `is_gone` so. All of it is ASCII.
pub fn append_row<L: Kept>(lease: &L, is_gone: bool, rows: &mut Vec<u8>) {
    if is_gone {
        rows.push(GONE as u8);
    }
    L::render(&lease.view(), rows);
}

/// What a row says of a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent<L> {
    /// The lease.
    pub lease: L,
    /// Whether it is gone.
    pub is_gone: bool,
}

/// Hands on what each row says, in their order, with the row. The first line is a [header], perhaps that of another version.
/// Empty lines are none.
///
/// # Errors
/// What is wrong with the header. What is wrong with a row is handed on.
pub fn each_row<L: Kept>(
    rows: &str,
    mut take: impl FnMut(&str, Result<Sent<L>, String>),
) -> Result<(), String> {
    let mut lines = rows.lines();
    let header = lines.next().unwrap_or_default();
    let columns = Schema::of(header.as_bytes(), &L::FORMAT)?.columns(&L::FORMAT);
    let mut room = Scratch::default();
    for row in lines.filter(|row| !row.is_empty()) {
        let (is_gone, written) = row.strip_prefix(GONE).map_or((false, row), |written| (true, written));
        let read = L::parse(written.as_bytes(), columns, &mut room);
        let sent = read.map(|view| Sent { is_gone, lease: L::of(view) });
        take(row, sent.map_err(|error| error.to_string()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use kotare_model::{HostName, HwAddr, Lease4, LeaseState, Lifetime, SubnetId, Timestamp};

    use super::*;

    fn lease(last: u8) -> Lease4 {
        Lease4 {
            address: Ipv4Addr::new(192, 0, 2, last),
            hwaddr: HwAddr::new(1, &[2, 0, 0, 0, 0, last]).unwrap(),
            client_id: None,
            valid_lifetime: Lifetime(60),
            cltt: Timestamp(1000),
            subnet_id: SubnetId(7),
            fqdn_fwd: true,
            fqdn_rev: false,
            hostname: HostName::from("ä,&\n"),
            state: LeaseState::Released,
            user_context: Some("{ \"a\": \"ü, \\n\" }".into()),
            pool_id: 3,
        }
    }

    /// What was sent comes, in its order, what is gone among it. What was given back and is kept is not.
    #[test]
    fn what_was_sent_comes() {
        let released = Lease4 { valid_lifetime: Lifetime(0), ..lease(3) };
        let sent = [(lease(1), false), (lease(2), true), (released, false)];
        let mut rows = header::<Lease4>().to_vec();
        sent.iter().for_each(|(lease, is_gone)| append_row(lease, *is_gone, &mut rows));
        assert!(rows.is_ascii());
        let mut read = Vec::new();
        each_row::<Lease4>(str::from_utf8(&rows).unwrap(), |_, lease| read.push(lease.unwrap())).unwrap();
        assert_eq!(read, sent.map(|(lease, is_gone)| Sent { lease, is_gone }));
    }

    /// What is no row is told with it, and the others come; what is no header is told.
    #[test]
    fn what_is_no_row_is_told() {
        let mut rows = header::<Lease4>().to_vec();
        append_row(&lease(1), false, &mut rows);
        let rows = String::from_utf8(rows).unwrap() + "\nnobody,1\n";
        let mut told = Vec::new();
        each_row::<Lease4>(&rows, |row, lease| told.push((row.to_owned(), lease.is_ok()))).unwrap();
        assert_eq!((told.len(), told[0].1), (2, true));
        assert_eq!(told[1], ("nobody,1".to_owned(), false));
        assert!(each_row::<Lease4>("", |_, _| {}).is_err());
        assert!(each_row::<Lease4>("address,duid", |_, _| {}).unwrap_err().contains("'duid'"));
    }
}
