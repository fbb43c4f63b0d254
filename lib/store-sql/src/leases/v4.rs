//! `lease4`: leases of DHCPv4 as rows, and the questions for them.

use std::net::Ipv4Addr;

use kotare_model::{ClientId, HostName, HwAddr, Lease4, LeaseState, Lifetime, SubnetId, Timestamp};
use kotare_store::{By4, Found};
use smallvec::smallvec;

use super::layout::Layout;
use super::question::{Asked, Id, Question, Subnets, Wanted};
use super::record::{Record, bytes, bytes_or_null, cltt, expire, name, state, text_or_null};
use super::relayed;
use crate::column::Column;
use crate::value::{Row, Value};

/// Those that every schema has.
const COLUMNS: [Column; 11] = [
    Column::plain("address"),
    Column::plain("hwaddr"),
    Column::plain("client_id"),
    Column::plain("valid_lifetime"),
    Column::time("expire"),
    Column::plain("subnet_id"),
    Column::plain("fqdn_fwd"),
    Column::plain("fqdn_rev"),
    Column::plain("hostname"),
    Column::plain("state"),
    Column::plain("user_context"),
];
const POOL_ID: Column = Column::plain("pool_id");
/// What the user context says, too; nobody reads it from here.
const RELAYED: [Column; 2] = [Column::plain("relay_id"), Column::plain("remote_id")];

impl Record for Lease4 {
    type Question = Question4;

    const TABLE: &'static str = "lease4";
    const ADDRESS: &'static str = "lease4.address";
    const TELLING: &'static [&'static str] =
        &["expire", "valid_lifetime", "state", "subnet_id", "client_id", "hwaddr"];

    fn columns(layout: &Layout) -> Vec<Column> {
        let pool_id = layout.pool_id.then_some(POOL_ID);
        let relayed = RELAYED.into_iter().filter(|_| layout.relayed);
        COLUMNS.into_iter().chain(pool_id).chain(relayed).collect()
    }

    fn values(&self, layout: &Layout) -> Vec<Value> {
        let mut values = vec![
            Self::address_value(self.address, layout),
            bytes_or_null(self.hwaddr.as_bytes()),
            Value::bytes(self.client_id.as_ref().map(ClientId::as_bytes)),
            self.valid_lifetime.0.into(),
            self.until().into(),
            self.subnet_id.0.into(),
            self.fqdn_fwd.into(),
            self.fqdn_rev.into(),
            name(&self.hostname),
            (layout.states.nearest(self.state) as u32).into(),
            text_or_null(self.user_context.as_deref()),
        ];
        if layout.pool_id {
            values.push(self.pool_id.into());
        }
        if layout.relayed {
            values.extend(relayed::ids(self.user_context.as_deref()));
        }
        values
    }

    fn of_row(row: &Row, layout: &Layout) -> Result<Self, &'static str> {
        let valid_lifetime = Lifetime(row.number(3).ok_or("valid_lifetime")?);
        let client_id = Some(bytes(row, 2, "client_id")?).filter(|id| !id.is_empty());
        Ok(Self {
            address: Self::address_of(row, layout).ok_or("address")?,
            hwaddr: HwAddr::new(HwAddr::ETHERNET, bytes(row, 1, "hwaddr")?).map_err(|_| "hwaddr")?,
            client_id: client_id.map(ClientId::new).transpose().map_err(|_| "client_id")?,
            valid_lifetime,
            cltt: cltt(row.int(4), valid_lifetime)?,
            subnet_id: SubnetId(row.number(5).ok_or("subnet_id")?),
            fqdn_fwd: row.bool(6).unwrap_or_default(),
            fqdn_rev: row.bool(7).unwrap_or_default(),
            hostname: HostName::new(row.bytes(8).unwrap_or_default()),
            state: state(row, 9)?,
            user_context: row.text(10).filter(|text| !text.is_empty()).map(Box::from),
            pool_id: if layout.pool_id { row.number(11).ok_or("pool_id")? } else { 0 },
        })
    }

    fn address_of(row: &Row, _: &Layout) -> Option<Ipv4Addr> {
        row.number::<u32>(0).map(Ipv4Addr::from)
    }

    fn unusable(row: &Row, layout: &Layout) -> Option<Self> {
        Some(Self {
            address: Self::address_of(row, layout)?,
            hwaddr: HwAddr::new(HwAddr::ETHERNET, &[]).ok()?,
            client_id: None,
            valid_lifetime: Lifetime::INFINITE,
            cltt: Timestamp(0),
            subnet_id: SubnetId(row.number(5).unwrap_or_default()),
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: HostName::default(),
            state: LeaseState::Declined,
            user_context: None,
            pool_id: 0,
        })
    }

    fn until(&self) -> i64 {
        expire(self.cltt, self.valid_lifetime)
    }

    fn address_value(address: Ipv4Addr, _: &Layout) -> Value {
        u32::from(address).into()
    }
}

/// A [`By4`] of its own.
#[derive(Clone, Debug)]
pub enum Question4 {
    Address(Ipv4Addr),
    ClientId(Id),
    HwAddr(HwAddr),
    ClientIdOn(Id, Subnets),
    HwAddrOn(HwAddr, Subnets),
    NamelessOn(HwAddr, Subnets),
    Hostname(String),
}

impl Question<Lease4> for Question4 {
    fn of(by: By4<'_>) -> Self {
        match by {
            By4::Address(address) => Self::Address(address),
            By4::ClientId(id) => Self::ClientId(Id::from_slice(id)),
            By4::HwAddr(hwaddr) => Self::HwAddr(*hwaddr),
            By4::ClientIdOn(id, subnets) => {
                Self::ClientIdOn(Id::from_slice(id), Subnets::from_slice(subnets))
            }
            By4::HwAddrOn(hwaddr, subnets) => Self::HwAddrOn(*hwaddr, Subnets::from_slice(subnets)),
            By4::NamelessOn(hwaddr, subnets) => Self::NamelessOn(*hwaddr, Subnets::from_slice(subnets)),
            By4::Hostname(name) => Self::Hostname(name.to_owned()),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Address(_) => false,
            Self::ClientId(id) => id.is_empty(),
            Self::ClientIdOn(id, subnets) => id.is_empty() || subnets.is_empty(),
            Self::HwAddr(hwaddr) => hwaddr.is_empty(),
            Self::HwAddrOn(hwaddr, subnets) | Self::NamelessOn(hwaddr, subnets) => {
                hwaddr.is_empty() || subnets.is_empty()
            }
            Self::Hostname(name) => name.is_empty(),
        }
    }

    fn list(&self) -> u8 {
        match self {
            Self::Address(_) => 0,
            Self::ClientId(_) => 1,
            Self::ClientIdOn(..) => 2,
            Self::Hostname(_) => 3,
            Self::HwAddr(_) => 4,
            Self::HwAddrOn(..) | Self::NamelessOn(..) => 5,
        }
    }

    fn asked(&self, layout: &Layout) -> Asked<'_> {
        let (column, value, subnets) = match self {
            Self::Address(address) => ("address", Lease4::address_value(*address, layout), None),
            Self::ClientId(id) => ("client_id", Value::from(&id[..]), None),
            Self::HwAddr(hwaddr) => ("hwaddr", Value::from(hwaddr.as_bytes()), None),
            Self::ClientIdOn(id, subnets) => ("client_id", Value::from(&id[..]), Some(&subnets[..])),
            Self::HwAddrOn(hwaddr, subnets) | Self::NamelessOn(hwaddr, subnets) => {
                ("hwaddr", Value::from(hwaddr.as_bytes()), Some(&subnets[..]))
            }
            Self::Hostname(name) => ("hostname", Value::from(&**name), None),
        };
        Asked { wanted: smallvec![Wanted { column, value }], subnets, folded: column == "hostname" }
    }

    fn pick(&self, rows: &[Lease4]) -> Found<Lease4> {
        let matching = |lease: &&Lease4| match self {
            Self::Address(address) => lease.address == *address,
            Self::ClientId(id) | Self::ClientIdOn(id, _) => {
                lease.client_id.as_ref().is_some_and(|own| own.as_bytes() == &id[..])
            }
            Self::HwAddr(hwaddr) | Self::HwAddrOn(hwaddr, _) => lease.hwaddr == *hwaddr,
            Self::NamelessOn(hwaddr, _) => lease.hwaddr == *hwaddr && lease.client_id.is_none(),
            Self::Hostname(name) => lease.hostname.as_bytes() == name.as_bytes(),
        };
        let of_subnets =
            |subnets: &[SubnetId], lease: &&Lease4| subnets.binary_search(&lease.subnet_id).is_ok();
        match self {
            Self::ClientIdOn(_, subnets) | Self::NamelessOn(_, subnets) | Self::HwAddrOn(_, subnets) => {
                latest(
                    rows.iter().filter(matching).filter(|lease| of_subnets(subnets, lease)),
                    matches!(self, Self::HwAddrOn(..)),
                )
            }
            _ => rows.iter().filter(matching).cloned().collect(),
        }
    }
}

/// The most recent lease of each subnet; of those with and those without a client identifier, if `both` are wanted.
fn latest<'a>(leases: impl Iterator<Item = &'a Lease4>, both: bool) -> Found<Lease4> {
    let mut leases: Vec<&Lease4> = leases.collect();
    let named = |lease: &Lease4| both && lease.client_id.is_some();
    leases
        .sort_by_key(|lease| (lease.subnet_id, named(lease), std::cmp::Reverse((lease.cltt, lease.address))));
    leases.dedup_by_key(|lease| (lease.subnet_id, named(lease)));
    leases.into_iter().cloned().collect()
}
