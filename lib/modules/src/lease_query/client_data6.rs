//! How leases of DHCPv6 are told of: the option of a client's data (RFC 5007 §4.1.2.2), and how it went.

use kotare_model::{Lease6, LeaseType, Lifetime, Timestamp};
use kotare_wire::NoRoom;
use kotare_wire::v6::{OptionCode, StatusCode, Writer};

use super::{elapsed, relays6};

/// How it went, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) code: StatusCode,
    pub(super) text: &'static str,
}

impl Status {
    pub(super) const fn new(code: StatusCode, text: &'static str) -> Self {
        Self { code, text }
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        let option = writer.open(OptionCode::STATUS_CODE)?;
        writer.bytes(&self.code.0.to_be_bytes())?;
        writer.bytes(self.text.as_bytes())?;
        writer.close(option);
        Ok(())
    }
}

/// Writes what is known of a client: its leases, of which the first is the newest, as many as there is room for. With what
/// relay agents said of it, if that is wanted here.
pub(super) fn write(
    leases: &[Lease6],
    now: Timestamp,
    with_relays: bool,
    writer: &mut Writer<'_>,
) -> Result<(), NoRoom> {
    let Some(newest) = leases.first() else { return Ok(()) };
    let data = writer.open(OptionCode::CLIENT_DATA)?;
    writer.option(OptionCode::CLIENTID, newest.duid.as_bytes())?;
    let addresses = leases.iter().filter(|lease| lease.lease_type != LeaseType::Pd);
    for lease in addresses.chain(leases.iter().filter(|lease| lease.lease_type == LeaseType::Pd)) {
        // What comes after the leases needs its room.
        if writer.room() < 100 || write_lease(lease, now, writer).is_err() {
            break;
        }
    }
    writer.option(OptionCode::CLT_TIME, &elapsed(newest, now).to_be_bytes())?;
    if with_relays {
        relays6::write(newest, writer)?;
    }
    writer.close(data);
    Ok(())
}

fn write_lease(lease: &Lease6, now: Timestamp, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
    let age = elapsed(lease, now);
    let left = |lifetime: Lifetime| match lifetime {
        Lifetime::INFINITE => lifetime.0.to_be_bytes(),
        Lifetime(seconds) => seconds.saturating_sub(age).to_be_bytes(),
    };
    let (preferred, valid) = (left(lease.preferred_lifetime), left(lease.valid_lifetime));
    match lease.lease_type {
        LeaseType::Pd => {
            let value = [&preferred[..], &valid, &[lease.prefix_len], &lease.address.octets()].concat();
            writer.option(OptionCode::IAPREFIX, &value)
        }
        LeaseType::Na | LeaseType::Ta => {
            let value = [&lease.address.octets()[..], &preferred, &valid].concat();
            writer.option(OptionCode::IAADDR, &value)
        }
    }
}
