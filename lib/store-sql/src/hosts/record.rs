//! A reservation as rows: one of `hosts`, and what other tables have for it.

use std::fmt::Debug;

use kotare_model::{HostIdType, Reservation, SubnetId};
use kotare_store::Reserved;

use super::layout::Layout;
use super::odd::Oddities;
use super::option;
use crate::column::Column;
use crate::value::{Row, Value};

/// What [`SqlHosts`](super::SqlHosts) keeps: what is reserved in either family, in the columns and tables of its own.
pub trait HostRecord: Reserved + Debug {
    /// The column of `hosts` with the subnet; NULL in rows of the other family.
    #[doc(hidden)]
    const SUBNET: &'static str;

    /// The column of `hosts` with the names of classes.
    #[doc(hidden)]
    const CLASSES: &'static str;

    /// The table of options.
    #[doc(hidden)]
    const OPTIONS: &'static str;

    /// What options of the protocol itself have in `space`.
    #[doc(hidden)]
    const SPACE: &'static str;

    /// Columns of `hosts` that this family alone has.
    #[doc(hidden)]
    const OWN: &'static [&'static str];

    /// The table `r` with more rows for a reservation, and its key; none if `hosts` says it all.
    #[doc(hidden)]
    const MORE: Option<(&'static str, &'static str)>;

    /// Whether an address that may be reserved once only may be reserved in each subnet.
    #[doc(hidden)]
    const ONCE_IN_SUBNET: bool;

    /// What is read beside what both families have, from the column [`FIRST`] on: of [`OWN`](Self::OWN) or of the table
    /// [`MORE`](Self::MORE), the key first.
    #[doc(hidden)]
    fn read(layout: &Layout) -> Vec<String>;

    /// The values of [`OWN`](Self::OWN).
    #[doc(hidden)]
    fn values(&self) -> Vec<Value>;

    /// The columns of the table [`MORE`](Self::MORE) and their values, a row for each thing reserved.
    #[doc(hidden)]
    fn rows(&self, layout: &Layout) -> (Vec<Column>, Vec<Vec<Value>>);

    /// The column that an address is found by, in `hosts` or in the table [`MORE`](Self::MORE), and its values.
    #[doc(hidden)]
    fn wanted(addresses: &[Self::Address], layout: &Layout) -> (Column, Vec<Value>);

    /// What a row of `hosts` reserves; the column that is wrong if it makes no sense.
    #[doc(hidden)]
    fn begin(row: &Row) -> Result<Self, &'static str>;

    /// Adds what a row of the table [`MORE`](Self::MORE) reserves.
    #[doc(hidden)]
    fn add(&mut self, row: &Row, layout: &Layout) -> Result<(), &'static str>;

    /// Whether both reserve the same address or prefix.
    #[doc(hidden)]
    fn collides(&self, other: &Self) -> bool;
}

/// Columns that are read of every reservation, in this order.
const HOST: usize = 0;
const KIND: usize = 1;
const ID: usize = 2;
const SUBNET: usize = 3;
const HOSTNAME: usize = 4;
const CLASSES: usize = 5;
const CONTEXT: usize = 6;
/// Where the columns of an option begin.
const OPTION: usize = 7;
/// Where the columns of a family begin.
pub(super) const FIRST: usize = OPTION + option::COLUMNS;

/// The expressions that are read, in the order of these columns.
pub(super) fn expressions<R: HostRecord>(layout: &Layout) -> String {
    let host = of_hosts::<R>().into_iter().map(|name| format!("h.{name}"));
    host.chain(option::read(layout)).chain(R::read(layout)).collect::<Vec<_>>().join(", ")
}

fn of_hosts<R: HostRecord>() -> [&'static str; OPTION] {
    ["host_id", "dhcp_identifier_type", "dhcp_identifier", R::SUBNET, "hostname", R::CLASSES, "user_context"]
}

/// The columns that `hosts` has to have.
pub(super) fn columns<R: HostRecord>() -> impl Iterator<Item = &'static str> {
    of_hosts::<R>().into_iter().chain(R::OWN.iter().copied())
}

/// A reservation and the number of its row.
#[derive(Clone, Debug)]
pub(super) struct Kept<R> {
    pub(super) number: i64,
    pub(super) host: Reservation<R>,
}

/// The reservations of rows that are in the order of hosts, options and what is reserved, without what makes no sense.
///
/// There is a row for each pair of an option and of what is reserved.
pub(super) fn assemble<R: HostRecord>(rows: &[Row], layout: &Layout, odd: &Oddities) -> Vec<Kept<R>> {
    let mut kept = Vec::new();
    for rows in rows.chunk_by(|one, next| one.int(HOST) == next.int(HOST)) {
        let (first, number) = (&rows[0], rows[0].int(HOST));
        let mut host = match begin::<R>(first) {
            Ok(host) => host,
            Err(column) => {
                odd.found("hosts", number, column);
                continue;
            }
        };
        for same in rows.chunk_by(|one, next| one.int(OPTION) == next.int(OPTION)) {
            let number = same[0].int(OPTION);
            match option::of_row(&same[0], OPTION, R::SPACE) {
                Ok(option) => host.options.extend(option),
                Err(column) => odd.found(R::OPTIONS, number, column),
            }
        }
        if let Some((table, _)) = R::MORE {
            let of_first_option = rows.iter().take_while(|row| row.int(OPTION) == first.int(OPTION));
            for row in of_first_option.filter(|row| !row.is_null(FIRST)) {
                if let Err(column) = host.reserved.add(row, layout) {
                    odd.found(table, row.int(FIRST), column);
                }
            }
        }
        kept.extend(number.map(|number| Kept { number, host }));
    }
    kept
}

fn begin<R: HostRecord>(row: &Row) -> Result<Reservation<R>, &'static str> {
    let kind = row.number(KIND).and_then(HostIdType::from_number).ok_or("dhcp_identifier_type")?;
    let id = row.bytes(ID).filter(|id| !id.is_empty()).ok_or("dhcp_identifier")?;
    Ok(Reservation {
        kind,
        id: id.into(),
        subnet: SubnetId(row.number(SUBNET).ok_or(R::SUBNET)?),
        hostname: text(row, HOSTNAME, "hostname")?.into(),
        classes: split(text(row, CLASSES, R::CLASSES)?),
        options: Vec::new(),
        user_context: Some(text(row, CONTEXT, "user_context")?)
            .filter(|text| !text.is_empty())
            .map(Box::from),
        reserved: R::begin(row)?,
    })
}

/// The text of a column; empty if there is none.
pub(super) fn text<'a>(row: &'a Row, column: usize, name: &'static str) -> Result<&'a str, &'static str> {
    match row.is_null(column) {
        true => Ok(""),
        false => row.text(column).ok_or(name),
    }
}

/// The names in a list with commas.
fn split(list: &str) -> Vec<Box<str>> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Box::from).collect()
}
