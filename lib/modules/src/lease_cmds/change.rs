//! Commands that change one lease: `lease4-add`, `lease4-update`, `lease4-del`, and `lease4-resend-ddns`, which would
//! change what DNS says of one.
//!
//! A lease is changed if it still is as it was read. Where a client was faster, the command reads it anew and tries
//! again.

use kotare_control::{Request, Response, ResultCode};
use kotare_model::{Lease4, LeaseState};
use kotare_store::{By4, Change, Put};

use super::find::{Named, named, parameters};
use super::given;
use super::messages::{
    LEASE_CMDS_ADD4, LEASE_CMDS_ADD4_CONFLICT, LEASE_CMDS_ADD4_FAILED, LEASE_CMDS_DEL4,
    LEASE_CMDS_DEL4_FAILED, LEASE_CMDS_RESEND_DDNS4_FAILED, LEASE_CMDS_UPDATE4, LEASE_CMDS_UPDATE4_CONFLICT,
    LEASE_CMDS_UPDATE4_FAILED,
};
use super::scene::{Done, Scene};
use crate::arguments::{Arguments, Refused, ip_address};

/// How often a command tries to change a lease that others change at the same time.
const TRIES: usize = 16;

/// `lease4-add`.
pub(super) fn add(scene: &Scene, request: &Request) -> Done {
    let added = Arguments::of(request, "no parameters specified for the command")
        .map_err(Refused::from)
        .and_then(|arguments| given::lease(scene, arguments))
        .and_then(|(lease, _)| match put(scene, None, Some(&lease))? {
            true => Ok(lease),
            false => Err(Refused::conflict("IPv4 lease already exists.")),
        });
    match added {
        Ok(Lease4 { address, subnet_id, .. }) => {
            LEASE_CMDS_ADD4(address);
            Ok(Response::success(format!("Lease for address {address}, subnet-id {subnet_id} added.")))
        }
        Err(refused) => {
            match refused.result {
                ResultCode::Conflict => LEASE_CMDS_ADD4_CONFLICT(parameters(request), &refused.text),
                _ => LEASE_CMDS_ADD4_FAILED(parameters(request), &refused.text),
            }
            Err(refused)
        }
    }
}

/// `lease4-update`.
pub(super) fn update(scene: &Scene, request: &Request) -> Done {
    let updated = Arguments::of(request, "no parameters specified for lease4-update command")
        .map_err(Refused::from)
        .and_then(|arguments| given::lease(scene, arguments))
        .and_then(|(lease, create)| Ok((lease.address, write(scene, &lease, create)?)));
    match updated {
        Ok((address, added)) => {
            LEASE_CMDS_UPDATE4(address);
            Ok(Response::success(if added { "IPv4 lease added." } else { "IPv4 lease updated." }))
        }
        Err(refused) => {
            match refused.result {
                ResultCode::Conflict => LEASE_CMDS_UPDATE4_CONFLICT(parameters(request), &refused.text),
                _ => LEASE_CMDS_UPDATE4_FAILED(parameters(request), &refused.text),
            }
            Err(refused)
        }
    }
}

/// Writes a lease over the one that there is, or, if `create` says so, where there is none; whether there was none.
fn write(scene: &Scene, lease: &Lease4, create: bool) -> Result<bool, Refused> {
    if lease.state == LeaseState::Registered {
        return Err("DHCPv4 leases do not support registered state".into());
    }
    for _ in 0..TRIES {
        let there = scene.get(By4::Address(lease.address))?.pop();
        if there.is_none() && !create {
            break;
        }
        if put(scene, there.as_ref(), Some(lease))? {
            return Ok(there.is_none());
        }
    }
    Err(Refused::conflict(format!(
        "failed to update the lease with address {} either because the lease has been deleted or it has changed in the \
         database, in both cases a retry might succeed",
        lease.address
    )))
}

/// `lease4-del`.
pub(super) fn delete(scene: &Scene, request: &Request) -> Done {
    let deleted = named(request).map_err(Refused::from).and_then(|named| match named {
        Named::Duid => Err("Delete by duid is not allowed in v4.".into()),
        named => remove(scene, &named),
    });
    match deleted {
        Ok(Some(lease)) => {
            LEASE_CMDS_DEL4(lease.address);
            Ok(Response::success("IPv4 lease deleted."))
        }
        Ok(None) => Err(Refused::empty("IPv4 lease not found.")),
        Err(refused) => {
            LEASE_CMDS_DEL4_FAILED(parameters(request), &refused.text);
            Err(refused)
        }
    }
}

/// Removes a lease; the lease that was removed.
fn remove(scene: &Scene, named: &Named) -> Result<Option<Lease4>, Refused> {
    for _ in 0..TRIES {
        let Some(lease) = named.find(scene)? else { return Ok(None) };
        if put(scene, Some(&lease), None)? {
            return Ok(Some(lease));
        }
    }
    Err("the lease changes all the time; a retry might succeed".into())
}

/// Changes the lease of an address if it still is `from`, and makes sure of it; whether it was so.
fn put(scene: &Scene, from: Option<&Lease4>, to: Option<&Lease4>) -> Result<bool, Refused> {
    let Some(address) = from.or(to).map(|lease| lease.address) else { return Ok(true) };
    match scene.put(Change { address, from, to })? {
        Put::Done => scene.flush().map(|()| true),
        Put::Conflict(_) => Ok(false),
    }
}

/// `lease4-resend-ddns`. DNS is not updated by this version, so it answers as where that is not configured.
pub(super) fn resend_ddns(_: &Scene, request: &Request) -> Done {
    let checked = Arguments::of(request, "get(string) called on a non-map Element").and_then(|arguments| {
        let value = arguments.get("ip-address").ok_or("'ip-address' parameter is missing.")?;
        let text = value.as_str().ok_or("'ip-address' is not a string.")?;
        let address = ip_address(text).map_err(|_| format!("'{text}' is not a valid IP address."))?;
        match address.is_ipv4() {
            true => Ok(()),
            false => Err(format!("Invalid IPv4 address specified: {text}")),
        }
    });
    let refused = match checked {
        Ok(()) => Refused::conflict("DDNS updating is not enabled"),
        Err(text) => Refused::error(text),
    };
    LEASE_CMDS_RESEND_DDNS4_FAILED(&refused.text);
    Err(refused)
}

/// Removes a lease whatever it is by then; whether there was one.
pub(super) fn wipe_out(scene: &Scene, lease: Lease4) -> Result<bool, Refused> {
    let mut lease = lease;
    for _ in 0..TRIES {
        let change = Change { address: lease.address, from: Some(&lease), to: None };
        match scene.put(change)? {
            Put::Done => return Ok(true),
            Put::Conflict(None) => return Ok(false),
            Put::Conflict(Some(there)) => lease = *there,
        }
    }
    Err(format!("the lease of {} changes all the time; a retry might succeed", lease.address).into())
}
