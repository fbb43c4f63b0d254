//! `lease6`: leases of DHCPv6 as rows, and the questions for them.

use std::net::Ipv6Addr;

use kotare_model::{
    Duid, HostName, HwAddr, HwAddr6, HwAddrSource, Lease6, LeaseState, LeaseType, Lifetime, SubnetId,
    Timestamp,
};
use kotare_store::{By6, Found, Ia};
use smallvec::smallvec;

use super::layout::Layout;
use super::question::{Asked, Id, Question, Subnets, Wanted};
use super::record::{Record, bytes, bytes_or_null, cltt, expire, name, state, text_or_null};
use super::relayed::{self, Relays};
use crate::column::Column;
use crate::engine::Engine;
use crate::value::{Kind, Row, Value};

const COLUMNS: [Column; 17] = [
    Column::plain("duid"),
    Column::plain("valid_lifetime"),
    Column::time("expire"),
    Column::plain("subnet_id"),
    Column::plain("pref_lifetime"),
    Column::plain("lease_type"),
    Column::plain("iaid"),
    Column::plain("prefix_len"),
    Column::plain("fqdn_fwd"),
    Column::plain("fqdn_rev"),
    Column::plain("hostname"),
    Column::plain("hwaddr"),
    Column::plain("hwtype"),
    Column::plain("hwaddr_source"),
    Column::plain("state"),
    Column::plain("user_context"),
    Column::plain("pool_id"),
];
/// How many of them every schema has.
const ALWAYS: usize = 16;
/// A DUID of nobody, as it was before it had three bytes.
const NOBODY: &[u8] = &[0];

impl Record for Lease6 {
    type Question = Question6;

    const TABLE: &'static str = "lease6";
    const ADDRESS: &'static str = "lease6.address";
    const TELLING: &'static [&'static str] =
        &["expire", "valid_lifetime", "state", "subnet_id", "duid", "iaid", "prefix_len"];

    fn columns(layout: &Layout) -> Vec<Column> {
        let rest = &COLUMNS[..if layout.pool_id { COLUMNS.len() } else { ALWAYS }];
        std::iter::once(layout.address6.column("address")).chain(rest.iter().copied()).collect()
    }

    fn values(&self, layout: &Layout) -> Vec<Value> {
        let hwaddr = self.hwaddr.as_ref();
        let mut values = vec![
            layout.address6.value(self.address),
            Value::from(self.duid.as_bytes()),
            self.valid_lifetime.0.into(),
            self.until().into(),
            self.subnet_id.0.into(),
            self.preferred_lifetime.0.into(),
            (self.lease_type as u32).into(),
            iaid(self.iaid, layout.engine),
            u32::from(self.prefix_len).into(),
            self.fqdn_fwd.into(),
            self.fqdn_rev.into(),
            name(&self.hostname),
            hwaddr.map_or(Value::Null(Kind::Bytes), |it| bytes_or_null(it.address.as_bytes())),
            Value::int(hwaddr.map(|it| htype(it.address.htype(), layout.engine))),
            Value::int(hwaddr.map(|it| (it.source as u32).into())),
            (layout.states.nearest(self.state) as u32).into(),
            text_or_null(self.user_context.as_deref()),
        ];
        if layout.pool_id {
            values.push(self.pool_id.into());
        }
        values
    }

    fn of_row(row: &Row, layout: &Layout) -> Result<Self, &'static str> {
        let valid_lifetime = Lifetime(row.number(2).ok_or("valid_lifetime")?);
        let duid = match bytes(row, 1, "duid")? {
            [] if row.is_null(1) => return Err("duid"),
            NOBODY | [] => Duid::empty(),
            bytes => Duid::new(bytes).map_err(|_| "duid")?,
        };
        let prefix_len = row.number(8).filter(|length| *length <= 128).ok_or("prefix_len")?;
        Ok(Self {
            address: Self::address_of(row, layout).ok_or("address")?,
            prefix_len,
            lease_type: row.number(6).and_then(LeaseType::from_number).ok_or("lease_type")?,
            // PostgreSQL has it with a sign.
            iaid: match layout.engine {
                Engine::Postgres => row.number(7).map(i32::cast_unsigned),
                Engine::MySql | Engine::Sqlite => row.number(7),
            }
            .ok_or("iaid")?,
            duid,
            preferred_lifetime: Lifetime(row.number(5).ok_or("pref_lifetime")?),
            valid_lifetime,
            cltt: cltt(row.int(3), valid_lifetime)?,
            subnet_id: SubnetId(row.number(4).ok_or("subnet_id")?),
            fqdn_fwd: row.bool(9).unwrap_or_default(),
            fqdn_rev: row.bool(10).unwrap_or_default(),
            hostname: HostName::new(row.bytes(11).unwrap_or_default()),
            hwaddr: hwaddr(row)?,
            state: state(row, 15)?,
            user_context: row.text(16).filter(|text| !text.is_empty()).map(Box::from),
            pool_id: if layout.pool_id { row.number(17).ok_or("pool_id")? } else { 0 },
        })
    }

    fn address_of(row: &Row, layout: &Layout) -> Option<Ipv6Addr> {
        layout.address6.read(row, 0)
    }

    fn unusable(row: &Row, layout: &Layout) -> Option<Self> {
        Some(Self {
            address: Self::address_of(row, layout)?,
            prefix_len: row.number(8).filter(|length| *length <= 128).unwrap_or(128),
            lease_type: row.number(6).and_then(LeaseType::from_number).unwrap_or_default(),
            iaid: 0,
            duid: Duid::empty(),
            preferred_lifetime: Lifetime(0),
            valid_lifetime: Lifetime::INFINITE,
            cltt: Timestamp(0),
            subnet_id: SubnetId(row.number(4).unwrap_or_default()),
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: HostName::default(),
            hwaddr: None,
            state: LeaseState::Declined,
            user_context: None,
            pool_id: 0,
        })
    }

    fn relays(&self) -> Relays {
        relayed::all(self.user_context.as_deref())
    }

    fn until(&self) -> i64 {
        expire(self.cltt, self.valid_lifetime)
    }

    fn address_value(address: Ipv6Addr, layout: &Layout) -> Value {
        layout.address6.value(address)
    }
}

fn hwaddr(row: &Row) -> Result<Option<HwAddr6>, &'static str> {
    let Some(bytes) = row.bytes(12).filter(|bytes| !bytes.is_empty()) else { return Ok(None) };
    let htype = row.int(13).and_then(|it| u16::try_from(it.rem_euclid(1 << 16)).ok());
    let htype = htype.unwrap_or(HwAddr::ETHERNET);
    let address = HwAddr::new(htype, bytes).map_err(|_| "hwaddr")?;
    let source = row.number(14).and_then(HwAddrSource::from_number).unwrap_or_default();
    Ok(Some(HwAddr6 { address, source }))
}

/// PostgreSQL's schema has it in two bytes with a sign.
fn htype(htype: u16, engine: Engine) -> i64 {
    match engine {
        Engine::Postgres => htype.cast_signed().into(),
        Engine::MySql | Engine::Sqlite => htype.into(),
    }
}

/// PostgreSQL's schema has it in four bytes with a sign.
fn iaid(iaid: u32, engine: Engine) -> Value {
    match engine {
        Engine::Postgres => Value::Int(iaid.cast_signed().into()),
        Engine::MySql | Engine::Sqlite => iaid.into(),
    }
}

/// A [`By6`] of its own.
#[derive(Clone, Debug)]
pub enum Question6 {
    Address(Ipv6Addr),
    Ia(OwnIa),
    IaOn(OwnIa, Subnets),
    Duid(Id),
    HwAddr(HwAddr),
    Hostname(String),
}

/// An [`Ia`] of its own.
#[derive(Clone, Debug)]
pub struct OwnIa {
    lease_type: LeaseType,
    duid: Id,
    iaid: u32,
}

impl OwnIa {
    fn of(ia: Ia<'_>) -> Self {
        Self { lease_type: ia.lease_type, duid: Id::from_slice(ia.duid), iaid: ia.iaid }
    }

    /// A lease that nobody has is of no association.
    fn is_of(&self, lease: &Lease6) -> bool {
        !lease.duid.is_empty()
            && (self.lease_type, &self.duid[..], self.iaid)
                == (lease.lease_type, lease.duid.as_bytes(), lease.iaid)
    }
}

impl Question<Lease6> for Question6 {
    fn of(by: By6<'_>) -> Self {
        match by {
            By6::Address(address) => Self::Address(address),
            By6::Ia(ia) => Self::Ia(OwnIa::of(ia)),
            By6::IaOn(ia, subnets) => Self::IaOn(OwnIa::of(ia), Subnets::from_slice(subnets)),
            By6::Duid(duid) => Self::Duid(Id::from_slice(duid)),
            By6::HwAddr(hwaddr) => Self::HwAddr(*hwaddr),
            By6::Hostname(name) => Self::Hostname(name.to_owned()),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Address(_) | Self::Ia(_) => false,
            Self::IaOn(_, subnets) => subnets.is_empty(),
            Self::Duid(duid) => duid.is_empty(),
            Self::HwAddr(hwaddr) => hwaddr.is_empty(),
            Self::Hostname(name) => name.is_empty(),
        }
    }

    fn list(&self) -> u8 {
        match self {
            Self::Address(_) => 0,
            Self::Duid(_) => 1,
            Self::Ia(_) => 2,
            Self::IaOn(..) => 3,
            Self::Hostname(_) => 4,
            Self::HwAddr(_) => 5,
        }
    }

    fn asked(&self, layout: &Layout) -> Asked<'_> {
        let one = |column, value| Asked {
            wanted: smallvec![Wanted { column, value }],
            subnets: None,
            folded: column == "hostname",
        };
        let of_ia = |ia: &OwnIa| {
            smallvec![
                Wanted { column: "duid", value: Value::from(&ia.duid[..]) },
                Wanted { column: "iaid", value: iaid(ia.iaid, layout.engine) },
            ]
        };
        match self {
            Self::Address(address) => one("address", layout.address6.value(*address)),
            Self::Ia(ia) => Asked { wanted: of_ia(ia), subnets: None, folded: false },
            Self::IaOn(ia, subnets) => Asked { wanted: of_ia(ia), subnets: Some(subnets), folded: false },
            Self::Duid(duid) => one("duid", Value::from(&duid[..])),
            Self::HwAddr(hwaddr) => one("hwaddr", Value::from(hwaddr.as_bytes())),
            Self::Hostname(name) => one("hostname", Value::from(&**name)),
        }
    }

    fn pick(&self, rows: &[Lease6]) -> Found<Lease6> {
        let matching = |lease: &&Lease6| match self {
            Self::Address(address) => lease.address == *address,
            Self::Ia(ia) => ia.is_of(lease),
            Self::IaOn(ia, subnets) => ia.is_of(lease) && subnets.binary_search(&lease.subnet_id).is_ok(),
            Self::Duid(duid) => lease.duid.as_bytes() == &duid[..],
            Self::HwAddr(hwaddr) => lease.hwaddr.as_ref().is_some_and(|own| own.address == *hwaddr),
            Self::Hostname(name) => lease.hostname.as_bytes() == name.as_bytes(),
        };
        rows.iter().filter(matching).cloned().collect()
    }
}
