//! Commands that change one lease: `lease4-add`, `lease6-update`, `lease4-del`, and `lease4-resend-ddns`, which has what the
//! DNS says of one put right.
//!
//! A lease is changed if it still is as it was read. Where a client was faster, the command reads it anew and tries
//! again.

use kotare_control::{Request, Response, ResultCode};
use kotare_ddns::Change as NameChange;
use kotare_store::{Change, Lease, Put};

use super::family::{Commanded, Doing};
use super::find::{Named, named, parameters};
use super::scene::{Done, Scene};
use crate::arguments::{Arguments, Refused, ip_address};

/// How often a command tries to change a lease that others change at the same time.
const TRIES: usize = 16;

/// `lease4-add`, `lease6-add`.
pub(super) fn add<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let added = Arguments::of(request, "no parameters specified for the command")
        .map_err(Refused::from)
        .and_then(|arguments| {
            force_create(arguments, L::given(scene.config(), scene.now, arguments)?).map(|(lease, _)| lease)
        })
        .and_then(|lease| match put(scene, None, Some(&lease))? {
            true => Ok(lease),
            false => Err(Refused::conflict(format!("{} lease already exists.", L::WORDS.ip))),
        });
    match added {
        Ok(lease) => {
            (L::LOG.added)(&lease.address());
            let (place, subnet) = (lease.place_text(), lease.subnet_id());
            Ok(Response::success(format!("Lease for {place}, subnet-id {subnet} added.")))
        }
        Err(refused) => {
            let failed = match refused.result {
                ResultCode::Conflict => L::LOG.add_conflict,
                _ => L::LOG.add_failed,
            };
            failed(&parameters(request), &refused.text);
            Err(refused)
        }
    }
}

/// `lease4-update`, `lease6-update`.
pub(super) fn update<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let missing = || format!("no parameters specified for lease{}-update command", L::WORDS.number);
    let updated = Arguments::if_any(request)
        .and_then(|arguments| arguments.ok_or_else(missing))
        .map_err(Refused::from)
        .and_then(|arguments| force_create(arguments, L::given(scene.config(), scene.now, arguments)?))
        .and_then(|(lease, create)| {
            let added = write(scene, &lease, create)?;
            scene.flush()?;
            Ok((lease.address(), added))
        });
    match updated {
        Ok((address, added)) => {
            (L::LOG.updated)(&address);
            Ok(L::WORDS.lease(if added { "added" } else { "updated" }))
        }
        Err(refused) => {
            let failed = match refused.result {
                ResultCode::Conflict => L::LOG.update_conflict,
                _ => L::LOG.update_failed,
            };
            failed(&parameters(request), &refused.text);
            Err(refused)
        }
    }
}

/// With a lease, whether it is made where there is none.
fn force_create<L>(arguments: Arguments<'_>, lease: L) -> Result<(L, bool), Refused> {
    Ok((lease, arguments.truth("force-create")?))
}

/// Writes a lease over the one that there is, or, if `create` says so, where there is none; whether there was none.
pub(super) fn write<L: Commanded>(scene: &Scene<L>, lease: &L, create: bool) -> Result<bool, Refused> {
    scene.finish(written(scene, lease, create))
}

/// The same for who may not wait.
pub(super) async fn written<L: Commanded>(
    scene: &Scene<L>,
    lease: &L,
    create: bool,
) -> Result<bool, Refused> {
    let address = Lease::address(lease);
    for _ in 0..TRIES {
        let there = scene.found(L::by_address(address)).await?.pop();
        lease.may_replace(there.as_ref())?;
        if there.is_none() && !create {
            break;
        }
        // What has the address is of another kind, which Kea does not find.
        if there.as_ref().is_some_and(|there| !there.is_of(Some(lease.lease_type()))) {
            match create {
                true => return Err(Refused::conflict("lost race between calls to get and add")),
                false => break,
            }
        }
        match scene.changed(Change { address, from: there.as_ref(), to: Some(lease) }).await? {
            Put::Done => return Ok(there.is_none()),
            Put::Conflict(_) => {}
        }
    }
    Err(Refused::conflict(format!(
        "failed to update the lease with address {address} either because the lease has been deleted or it has changed in \
         the database, in both cases a retry might succeed"
    )))
}

/// `lease4-del`, `lease6-del`.
pub(super) fn delete<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let with_name = wants_update(request);
    let deleted =
        named::<L>(request).map_err(Refused::from).and_then(|named| remove(scene, &named, with_name));
    match deleted {
        Ok(Some(lease)) => {
            (L::LOG.deleted)(&lease.address());
            Ok(L::WORDS.lease("deleted"))
        }
        Ok(None) => Err(Refused::empty(format!("{} lease not found.", L::WORDS.ip))),
        Err(refused) => {
            (L::LOG.delete_failed)(&parameters(request), &refused.text);
            Err(refused)
        }
    }
}

/// Whether the name of the lease shall go with it. What the argument may be was looked at before.
fn wants_update(request: &Request) -> bool {
    Arguments::if_any(request).ok().flatten().and_then(|it| it.get("update-ddns")?.as_bool()) == Some(true)
}

/// Removes a lease, with its name in the DNS or without; the lease that was removed.
fn remove<L: Commanded>(
    scene: &Scene<L>,
    named: &Named<L::Address>,
    with_name: bool,
) -> Result<Option<L>, Refused> {
    let updates = scene.updates.as_ref().filter(|_| with_name);
    for _ in 0..TRIES {
        let Some(lease) = named.find(scene, Doing::Delete)? else { return Ok(None) };
        let foretold = updates.and_then(|updates| updates.change(NameChange::Remove, &lease));
        let removed = put(scene, Some(&lease), None)?;
        foretold.into_iter().for_each(|foretold| foretold.came(removed));
        if removed {
            return Ok(Some(lease));
        }
    }
    Err("the lease changes all the time; a retry might succeed".into())
}

/// Changes the lease of an address if it still is `from`, and makes sure of it; whether it was so.
fn put<L: Commanded>(scene: &Scene<L>, from: Option<&L>, to: Option<&L>) -> Result<bool, Refused> {
    let Some(address) = from.or(to).map(L::address) else { return Ok(true) };
    match scene.put(Change { address, from, to })? {
        Put::Done => scene.flush().map(|()| true),
        Put::Conflict(_) => Ok(false),
    }
}

/// `lease4-resend-ddns`, `lease6-resend-ddns`.
pub(super) fn resend_ddns<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let checked = Arguments::of(request, "get(string) called on a non-map Element").and_then(|arguments| {
        let value = arguments.get("ip-address").ok_or("'ip-address' parameter is missing.")?;
        let text = value.as_str().ok_or("'ip-address' is not a string.")?;
        let address = ip_address(text).map_err(|_| format!("'{text}' is not a valid IP address."))?;
        L::key(address).ok_or_else(|| format!("Invalid {} address specified: {text}", L::WORDS.ip))
    });
    match checked.map_err(Refused::error).and_then(|address| resend(scene, address)) {
        Ok(text) => {
            (L::LOG.resent)(&text);
            Ok(Response::success(text))
        }
        Err(refused) => {
            (L::LOG.resend_failed)(&refused.text);
            Err(refused)
        }
    }
}

/// Asks for the name of a lease to come once more; what is answered.
fn resend<L: Commanded>(scene: &Scene<L>, address: L::Address) -> Result<String, Refused> {
    let updates = scene.updates.as_ref().ok_or_else(|| Refused::conflict("DDNS updating is not enabled"))?;
    let none = || Refused::empty(format!("No lease found for: {address}"));
    let lease = scene.get(L::by_address(address))?.pop().ok_or_else(none)?;
    match lease.named() {
        Some(named) if named.name.is_empty() => {
            Err(Refused::conflict(format!("Lease for: {address}, has no hostname, nothing to update")))
        }
        Some(named) if named.is_there() => {
            updates.change(NameChange::Add, &lease).into_iter().for_each(|foretold| foretold.came(true));
            Ok(format!("NCR generated for: {address}, hostname: {}", named.name))
        }
        _ => {
            let text = "Neither forward nor reverse updates enabled for lease for:";
            Err(Refused::conflict(format!("{text} {address}")))
        }
    }
}

/// Removes a lease whatever it is by then; whether there was one.
pub(super) fn wipe_out<L: Commanded>(scene: &Scene<L>, lease: L) -> Result<bool, Refused> {
    scene.finish(wiped_out(scene, lease))
}

/// The same for who may not wait.
pub(super) async fn wiped_out<L: Commanded>(scene: &Scene<L>, lease: L) -> Result<bool, Refused> {
    let mut lease = lease;
    let address = Lease::address(&lease);
    for _ in 0..TRIES {
        match scene.changed(Change { address, from: Some(&lease), to: None }).await? {
            Put::Done => return Ok(true),
            Put::Conflict(None) => return Ok(false),
            Put::Conflict(Some(there)) => lease = *there,
        }
    }
    Err(format!("the lease of {address} changes all the time; a retry might succeed").into())
}
