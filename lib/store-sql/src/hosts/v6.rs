//! What is reserved in DHCPv6 stands in `ipv6_reservations`, a row each.

use std::net::Ipv6Addr;

use kotare_model::{KeptPrefix, Reserved6};

use super::layout::Layout;
use super::record::{FIRST, HostRecord};
use crate::column::Column;
use crate::value::{Kind, Row, Value};

/// `type` of an address.
const ADDRESS: i64 = 0;
/// `type` of a prefix.
const PREFIX: i64 = 2;

impl HostRecord for Reserved6 {
    const SUBNET: &'static str = "dhcp6_subnet_id";
    const CLASSES: &'static str = "dhcp6_client_classes";
    const OPTIONS: &'static str = "dhcp6_options";
    const SPACE: &'static str = "dhcp6";
    const OWN: &'static [&'static str] = &[];
    const MORE: Option<(&'static str, &'static str)> = Some(("ipv6_reservations", "reservation_id"));
    const ONCE_IN_SUBNET: bool = false;

    fn read(layout: &Layout) -> Vec<String> {
        let (excluded, length) = match layout.excluded {
            Some(form) => (form.column("r.excluded_prefix").read(layout.engine), "r.excluded_prefix_len"),
            None => ("NULL".to_owned(), "NULL"),
        };
        let address = layout.address6.column("r.address").read(layout.engine);
        vec![
            "r.reservation_id".to_owned(),
            address,
            "r.prefix_len".to_owned(),
            "r.type".to_owned(),
            excluded,
            length.to_owned(),
        ]
    }

    fn values(&self) -> Vec<Value> {
        Vec::new()
    }

    fn rows(&self, layout: &Layout) -> (Vec<Column>, Vec<Vec<Value>>) {
        let mut columns = vec![
            layout.address6.column("address"),
            Column::plain("prefix_len"),
            Column::plain("type"),
            Column::plain("dhcp6_iaid"),
        ];
        if let Some(form) = layout.excluded {
            columns.extend([form.column("excluded_prefix"), Column::plain("excluded_prefix_len")]);
        }
        let row = |address: Ipv6Addr, length: u8, kind: i64, excluded: Option<(Ipv6Addr, u8)>| {
            // Kea knows of no identity association of a reservation yet.
            let mut row =
                vec![layout.address6.value(address), u32::from(length).into(), kind.into(), 0_i64.into()];
            if let Some(form) = layout.excluded {
                let none = Value::Null(if form.is_bytes() { Kind::Bytes } else { Kind::Text });
                row.push(excluded.map_or(none, |(address, _)| form.value(address)));
                row.push(excluded.map_or(0, |(_, length)| u32::from(length)).into());
            }
            row
        };
        let addresses = self.addresses.iter().map(|address| row(*address, 128, ADDRESS, None));
        let prefixes = self.prefixes.iter().map(|it| row(it.address, it.length, PREFIX, it.excluded));
        (columns, addresses.chain(prefixes).collect())
    }

    fn wanted(addresses: &[Ipv6Addr], layout: &Layout) -> (Column, Vec<Value>) {
        let values = addresses.iter().map(|address| layout.address6.value(*address));
        (layout.address6.column("address"), values.collect())
    }

    fn begin(_: &Row) -> Result<Self, &'static str> {
        Ok(Self::default())
    }

    fn add(&mut self, row: &Row, layout: &Layout) -> Result<(), &'static str> {
        let address = layout.address6.read(row, FIRST + 1).ok_or("address")?;
        let length: u8 =
            row.number(FIRST + 2).filter(|length| (1..=128).contains(length)).ok_or("prefix_len")?;
        match row.int(FIRST + 3) {
            Some(ADDRESS) if length == 128 => self.addresses.push(address),
            Some(ADDRESS) => return Err("prefix_len"),
            Some(PREFIX) => {
                let excluded = excluded(row, layout, (address, length))?;
                self.prefixes.push(KeptPrefix { address, length, excluded });
            }
            _ => return Err("type"),
        }
        Ok(())
    }

    fn collides(&self, other: &Self) -> bool {
        let same_prefix =
            |one: &KeptPrefix, two: &KeptPrefix| (one.address, one.length) == (two.address, two.length);
        self.addresses.iter().any(|address| other.addresses.contains(address))
            || self.prefixes.iter().any(|one| other.prefixes.iter().any(|two| same_prefix(one, two)))
    }
}

/// What is excluded of a prefix: a longer one within it (RFC 6603 §4.2).
fn excluded(
    row: &Row,
    layout: &Layout,
    (prefix, length): (Ipv6Addr, u8),
) -> Result<Option<(Ipv6Addr, u8)>, &'static str> {
    let Some(form) = layout.excluded else { return Ok(None) };
    let own_length: u8 = match row.is_null(FIRST + 5) {
        true => 0,
        false => row.number(FIRST + 5).ok_or("excluded_prefix_len")?,
    };
    if row.is_null(FIRST + 4) || own_length == 0 {
        return Ok(None);
    }
    let own = form.read(row, FIRST + 4).ok_or("excluded_prefix")?;
    if own_length <= length || own_length > 128 {
        return Err("excluded_prefix_len");
    }
    let differing = u128::from(own) ^ u128::from(prefix);
    // `length` is 1 at least.
    match differing >> (128 - u32::from(length)) {
        0 => Ok(Some((own, own_length))),
        _ => Err("excluded_prefix"),
    }
}
