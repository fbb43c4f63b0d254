//! `lease4-get`, and how a command names one lease: by its address, or by its client and subnet.

use std::net::Ipv4Addr;

use kotare_control::{Request, Response};
use kotare_model::{ClientId, HwAddr, Lease4, SubnetId};
use kotare_store::By4;
use serde_json::Value as Json;

use super::messages::LEASE_CMDS_GET4_FAILED;
use super::scene::{Done, Scene};
use super::shown;
use crate::arguments::{Arguments, Refused, client_id, hardware_address, ip_address, ipv4};

/// Which lease a command is about.
pub(super) enum Named {
    Address(Ipv4Addr),
    HwAddr(HwAddr, SubnetId),
    ClientId(ClientId, SubnetId),
    /// By what only DHCPv6 clients have.
    Duid,
}

/// `lease4-get`.
pub(super) fn get(scene: &Scene, request: &Request) -> Done {
    let found = named(request).map_err(Refused::from).and_then(|named| match named {
        Named::Duid => Err("Query by duid is not allowed in v4.".into()),
        named => named.find(scene),
    });
    match found {
        Ok(Some(lease)) => Ok(Response::success("IPv4 lease found.").with(shown::lease(&lease))),
        Ok(None) => Err(Refused::empty("Lease not found.")),
        Err(refused) => {
            LEASE_CMDS_GET4_FAILED(parameters(request), &refused.text);
            Err(refused)
        }
    }
}

/// The arguments of a command, for the log.
pub(super) fn parameters(request: &Request) -> String {
    match (&request.arguments, Arguments::if_any(request)) {
        (_, Ok(Some(arguments))) => arguments.to_string(),
        (Some(other), _) => other.to_string(),
        (None, _) => "<no args>".to_owned(),
    }
}

impl Named {
    /// The lease, if there is one. Of several of a client in the subnet, the most recent.
    pub(super) fn find(&self, scene: &Scene) -> Result<Option<Lease4>, Refused> {
        let found = match self {
            Self::Address(address) => scene.get(By4::Address(*address))?,
            Self::HwAddr(address, subnet) => scene.get(By4::HwAddrOn(address, &[*subnet]))?,
            Self::ClientId(id, subnet) => scene.get(By4::ClientIdOn(id.as_bytes(), &[*subnet]))?,
            Self::Duid => return Ok(None),
        };
        Ok(found.into_iter().max_by_key(|lease| (lease.cltt, lease.address)))
    }
}

/// Which lease a request names.
pub(super) fn named(request: &Request) -> Result<Named, String> {
    let arguments = match Arguments::if_any(request) {
        Ok(Some(arguments)) => arguments,
        Ok(None) | Err(_) => return Err("Parameters missing or are not a map.".into()),
    };
    if arguments.get("update-ddns").is_some_and(|value| !value.is_boolean()) {
        return Err("'update-ddns' is not a boolean".into());
    }
    match arguments.get("type").map(Json::as_str) {
        None | Some(Some("IA_NA" | "0" | "IA_PD" | "2" | "V4" | "3")) => {}
        Some(None) => return Err("stringValue() called on non-string Element".into()),
        Some(Some(other)) => {
            return Err(format!(
                "Invalid lease type specified: {other}, only supported values are: IA_NA, IA_PD and V4"
            ));
        }
    }
    if let Some(value) = arguments.get("ip-address") {
        let text = value.as_str().ok_or("'ip-address' is not a string.")?;
        let address = ipv4(ip_address(text)?, |_| format!("Invalid IPv4 address specified: {text}"))?;
        return Ok(Named::Address(address));
    }
    let subnet = arguments.get("subnet-id").ok_or("Mandatory 'subnet-id' parameter missing.")?;
    let subnet = subnet.as_i64().ok_or("'subnet-id' parameter is not integer.")?;
    let subnet =
        u32::try_from(subnet).map_err(|_| "'subnet-id' parameter is not a 32 bit unsigned integer.")?;
    if arguments.get("iaid").is_some() {
        return Err("'iaid' parameter is specific to DHCPv6.".into());
    }
    let text = |name: &str| {
        arguments.get(name).and_then(Json::as_str).ok_or_else(|| {
            format!("No 'ip-address' provided and '{name}' is either missing or not a string.")
        })
    };
    let (kind, identifier) = (text("identifier-type")?, text("identifier")?);
    let bad = |reason: String| format!("Bad '{kind}' identifier: {reason}");
    Ok(match kind {
        "hw-address" => Named::HwAddr(hardware_address(identifier).map_err(bad)?, SubnetId(subnet)),
        "client-id" => Named::ClientId(client_id(identifier).map_err(bad)?, SubnetId(subnet)),
        "duid" => Named::Duid,
        other => {
            return Err(format!(
                "Incorrect identifier type: {other}, the only supported values are: hw-address, duid, client-id"
            ));
        }
    })
}
