//! `lease4-get`, `lease6-get`, and how a command names one lease: by its address, or by its client and subnet.

use kotare_control::Request;
use kotare_model::{ClientId, Duid, HwAddr, LeaseType, SubnetId};
use serde_json::Value as Json;

use super::family::{Commanded, Doing};
use super::scene::{Done, Scene};
use crate::arguments::{Arguments, Refused, client_id, duid, hardware_address, ip_address};

/// Which lease a command is about.
pub(super) struct Named<A> {
    /// What it is a lease of; `None` for what only DHCPv4 has.
    pub(super) lease_type: Option<LeaseType>,
    pub(super) by: By<A>,
}

pub(super) enum By<A> {
    Address(A),
    Client(Client),
}

/// Whose lease of which subnet it is.
pub(super) struct Client {
    pub(super) id: Identifier,
    pub(super) subnet: SubnetId,
    /// Of what kind, where a client has several.
    pub(super) lease_type: Option<LeaseType>,
    /// Of which identity association.
    pub(super) iaid: u32,
}

pub(super) enum Identifier {
    HwAddr(HwAddr),
    ClientId(ClientId),
    Duid(Duid),
}

/// `lease4-get`, `lease6-get`.
pub(super) fn get<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let found = named::<L>(request).map_err(Refused::from).and_then(|named| named.find(scene, Doing::Query));
    match found {
        Ok(Some(lease)) => Ok(L::WORDS.lease("found").with(lease.shown())),
        Ok(None) => Err(Refused::empty("Lease not found.")),
        Err(refused) => {
            (L::LOG.get_failed)(&parameters(request), &refused.text);
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

impl<A: Copy> Named<A> {
    /// The lease, if there is one.
    pub(super) fn find<L: Commanded<Address = A>>(
        &self,
        scene: &Scene<L>,
        doing: Doing,
    ) -> Result<Option<L>, Refused> {
        match &self.by {
            By::Address(address) => {
                let found = scene.get(L::by_address(*address))?.pop();
                Ok(found.filter(|lease| lease.is_of(self.lease_type)))
            }
            By::Client(client) => L::of_client(scene, client, doing),
        }
    }
}

/// Which lease a request names.
pub(super) fn named<L: Commanded>(request: &Request) -> Result<Named<L::Address>, String> {
    named_by::<L>(Arguments::if_any(request).ok().flatten())
}

/// Which lease these arguments name.
pub(super) fn named_by<L: Commanded>(arguments: Option<Arguments<'_>>) -> Result<Named<L::Address>, String> {
    let arguments = arguments.ok_or("Parameters missing or are not a map.")?;
    if arguments.get("update-ddns").is_some_and(|value| !value.is_boolean()) {
        return Err("'update-ddns' is not a boolean".into());
    }
    let lease_type = match arguments.get("type").map(Json::as_str) {
        None | Some(Some("IA_NA" | "0")) => Some(LeaseType::Na),
        Some(Some("IA_PD" | "2")) => Some(LeaseType::Pd),
        Some(Some("V4" | "3")) => None,
        Some(None) => return Err("stringValue() called on non-string Element".into()),
        Some(Some(other)) => {
            return Err(format!(
                "Invalid lease type specified: {other}, only supported values are: IA_NA, IA_PD and V4"
            ));
        }
    };
    if let Some(value) = arguments.get("ip-address") {
        let text = value.as_str().ok_or("'ip-address' is not a string.")?;
        let address = L::key(ip_address(text)?);
        let address = address.ok_or_else(|| format!("Invalid {} address specified: {text}", L::WORDS.ip))?;
        return Ok(Named { lease_type, by: By::Address(address) });
    }
    let number = |name: &str, value: &Json| {
        let number = value.as_i64().ok_or_else(|| format!("'{name}' parameter is not integer."))?;
        u32::try_from(number).map_err(|_| format!("'{name}' parameter is not a 32 bit unsigned integer."))
    };
    let subnet = arguments.get("subnet-id").ok_or("Mandatory 'subnet-id' parameter missing.")?;
    let subnet = SubnetId(number("subnet-id", subnet)?);
    let iaid = match arguments.get("iaid") {
        None => 0,
        Some(_) if !L::HAS_ASSOCIATIONS => return Err("'iaid' parameter is specific to DHCPv6.".into()),
        Some(value) => number("iaid", value)?,
    };
    let text = |name: &str| {
        arguments.get(name).and_then(Json::as_str).ok_or_else(|| {
            format!("No 'ip-address' provided and '{name}' is either missing or not a string.")
        })
    };
    let (kind, identifier) = (text("identifier-type")?, text("identifier")?);
    let id = match kind {
        "hw-address" => hardware_address(identifier).map(Identifier::HwAddr),
        "client-id" => client_id(identifier).map(Identifier::ClientId),
        "duid" => duid(identifier).map(Identifier::Duid),
        other => {
            return Err(format!(
                "Incorrect identifier type: {other}, the only supported values are: hw-address, duid, client-id"
            ));
        }
    };
    let id = id.map_err(|reason| format!("Bad '{kind}' identifier: {reason}"))?;
    Ok(Named { lease_type, by: By::Client(Client { id, subnet, lease_type, iaid }) })
}
