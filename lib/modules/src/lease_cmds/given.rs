//! A lease as a command gives it.

use kotare_config::json::format::{Shape, text};
use kotare_config::v4::Subnet4;
use kotare_engine::v4::correct_extended_info;
use kotare_model::{HostName, Lease4, LeaseState, Lifetime, SubnetId, Timestamp};
use serde_json::{Map, Value as Json};

use super::scene::Scene;
use crate::arguments::{Arguments, Refused, client_id, hardware_address, ipv4};

/// The lease that `arguments` give, and whether it is made where there is none (`force-create`).
///
/// What is not given is as the subnet would have it: the lifetime, and the pool of the address.
pub(super) fn lease(scene: &Scene, arguments: Arguments<'_>) -> Result<(Lease4, bool), Refused> {
    let address = ipv4(arguments.ip_address("ip-address")?, |address| {
        format!("Non-IPv4 address specified: {address}")
    })?;
    let hwaddr = hardware_address(arguments.text("hw-address")?)?;
    let subnet_id = arguments.number_if_any::<u32>("subnet-id")?.filter(|id| *id != 0).map(SubnetId);
    let pool_id = arguments.number_if_any("pool-id")?;
    let subnet = match subnet_id {
        Some(id) => {
            let subnet = scene.config().subnet(id).ok_or_else(|| {
                Refused::conflict(format!(
                    "Invalid subnet-id: No IPv4 subnet with subnet-id={id} currently configured."
                ))
            })?;
            if !subnet.prefix.contains(address) {
                return Err(Refused::conflict(format!(
                    "The address {address} does not belong to subnet {}, subnet-id={id}",
                    subnet.prefix
                )));
            }
            subnet
        }
        // As in Kea, one that is for some clients only must be named.
        None => {
            let of = |subnet: &&Subnet4| subnet.prefix.contains(address) && subnet.guard.is_open();
            scene.config().subnets.iter().find(of).ok_or_else(|| {
                Refused::conflict(format!(
                    "subnet-id not specified and failed to find a subnet for address {address}"
                ))
            })?
        }
    };
    let client_id = arguments.text_if_any("client-id")?.map(client_id).transpose()?;
    let lifetime = arguments.number_if_any("valid-lft")?.map(Lifetime);
    let valid_lifetime = lifetime.unwrap_or(subnet.params.valid_lifetime.default);
    let cltt = match arguments.integer_if_any("expire")? {
        None => scene.now,
        Some(..=0) => return Err(format!("expiration time must be positive for address {address}").into()),
        Some(expires) if expires < i64::from(valid_lifetime.0) => {
            return Err(
                format!("expiration time must be greater than valid lifetime for address {address}").into()
            );
        }
        Some(expires) => Timestamp(expires - i64::from(valid_lifetime.0)),
    };
    let (fqdn_fwd, fqdn_rev) = (arguments.truth("fqdn-fwd")?, arguments.truth("fqdn-rev")?);
    let hostname = arguments.text_if_any("hostname")?.unwrap_or_default().to_ascii_lowercase();
    if hostname.is_empty() && (fqdn_fwd || fqdn_rev) {
        return Err("No hostname specified and either forward or reverse fqdn was set to true.".into());
    }
    let state = arguments.number_if_any::<u8>("state")?.unwrap_or_default();
    let state = LeaseState::from_number(u32::from(state)).ok_or_else(|| {
        format!(
            "Invalid state value: {state}, supported values are: 0 (default), 1 (declined), 2 (expired-reclaimed), 3 \
             (released) and 4 (registered)"
        )
    })?;
    let user_context = user_context(arguments)?;
    let mut lease = Lease4 {
        address,
        hwaddr,
        client_id,
        valid_lifetime,
        cltt,
        subnet_id: subnet.id,
        fqdn_fwd,
        fqdn_rev,
        hostname: HostName::from(hostname),
        state,
        user_context,
        pool_id: pool_id.unwrap_or_else(|| subnet.pool_of(address).map_or(0, |pool| pool.id)),
    };
    correct_extended_info(&mut lease, scene.config().process.sanity_checks.extended_info);
    Ok((lease, arguments.truth("force-create")?))
}

/// `user-context` with `comment` in it.
fn user_context(arguments: Arguments<'_>) -> Result<Option<Box<str>>, String> {
    let context = match arguments.get("user-context") {
        None => None,
        Some(Json::Object(map)) => Some(map),
        Some(other) => {
            return Err(format!("Invalid user context '{}' is not a JSON map.", text(other, Shape::Line)));
        }
    };
    // The order of Kea's maps.
    let shown = |map: &Map<String, Json>| {
        let mut map = Json::Object(map.clone());
        map.sort_all_objects();
        text(&map, Shape::Line)
    };
    match (context, arguments.get("comment")) {
        (None, None) => Ok(None),
        (Some(context), None) => Ok(Some(shown(context).into())),
        (Some(context), Some(comment)) if context.contains_key("comment") => Err(format!(
            "Duplicated comment entry '{}' in user context '{}'",
            text(comment, Shape::Line),
            shown(context)
        )),
        (context, Some(comment)) => {
            let mut context = context.cloned().unwrap_or_default();
            context.insert("comment".to_owned(), comment.clone());
            Ok(Some(shown(&context).into()))
        }
    }
}
