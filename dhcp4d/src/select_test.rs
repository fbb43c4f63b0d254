//! `subnet4-select-test` and `subnet4o6-select-test`: which subnet a client would be on.

use std::sync::Arc;

use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_config::v4::{Config4, SubnetAt};
use kotare_control::{Request, Response};
use kotare_engine::v4::select::{Selector, select};
use kotare_expr::ClassSet;
use kotare_model::Lease4;
use kotare_server::commands::place::{self, Told};
use kotare_server::{Daemon, Store};

use crate::Dhcp4;
use crate::family::Network4;

/// `subnet4-select-test`.
pub(crate) fn subnet4<N: Network4, S: Store<Lease4>>(
    daemon: &Daemon<Dhcp4<N, S>>,
    request: &Request,
) -> Result<Response, String> {
    let generation = daemon.generation();
    let config = generation.config();
    let mut by = Selector::UNKNOWN;
    let mut among = ClassSet::default();
    let ignore_link = config.compatibility.ignore_rai_link_selection;
    let told = Told::of(request)?;
    for key in told.keys() {
        match key {
            "interface" => by.interface = told.text(key)?,
            "address" => by.client = told.v4(key)?,
            "relay" => by.relay = told.v4(key)?,
            "local" => by.local = told.v4(key)?,
            "remote" => by.source = told.v4(key)?,
            "link" => {
                let link = told.v4(key)?;
                if !ignore_link {
                    by.link = link;
                }
            }
            "subnet" if told.has("link") && !ignore_link => {}
            "subnet" => by.link = told.v4(key)?,
            "classes" => among = told.classes(key, |name| config.classes.id(name))?,
            other => return Err(format!("unknown entry '{other}'")),
        }
    }
    by.classes = &among;
    // A message was broadcast when the address it was sent to says so.
    by.broadcast = by.local == Ipv4Addr::BROADCAST;
    if by.is_by_interface() {
        let present = daemon.interfaces().unwrap_or_default();
        let Some(interface) = present.iter().find(|interface| interface.name == by.interface) else {
            return Err(format!(
                "Error during command processing: interface {} doesn't exist and therefore it is impossible to find \
                 a suitable subnet for its IPv4 address",
                by.interface
            ));
        };
        if by.broadcast || by.local.is_unspecified() {
            by.local = interface.addresses.first().map_or(Ipv4Addr::UNSPECIFIED, |it| it.address);
        }
    }
    Ok(answer(config, select(config, &by).ok()))
}

/// `subnet4o6-select-test`: by what the DHCPv6 server tells of a client of DHCPv4 over DHCPv6.
pub(crate) fn subnet4o6(config: &Config4, request: &Request) -> Result<Response, String> {
    let (mut interface, mut interface_id) = ("", Vec::new());
    let mut remote = Ipv6Addr::UNSPECIFIED;
    let mut among = ClassSet::default();
    let told = Told::of(request)?;
    for key in told.keys() {
        match key {
            "interface" => interface = told.text(key)?,
            "interface-id" => interface_id = told.identifier(key)?,
            // Kea takes these, too, and goes by none of them.
            "address" | "relay" | "subnet" => _ = told.v4(key)?,
            "local" | "link" => _ = told.v6(key)?,
            "remote" => remote = told.v6(key)?,
            "classes" => among = told.classes(key, |name| config.classes.id(name))?,
            other => return Err(format!("unknown entry '{other}'")),
        }
    }
    let serves = |subnet: &Arc<kotare_config::v4::Subnet4>| {
        let over6 = subnet.over6.as_ref();
        over6.is_some_and(|over6| over6.serves(remote, &interface_id, interface)) && subnet.fits(&among)
    };
    Ok(answer(config, config.subnets.iter().position(serves).map(SubnetAt::new)))
}

fn answer(config: &Config4, found: Option<SubnetAt>) -> Response {
    let Some(found) = found else { return place::not_selected() };
    let subnet = &config[found];
    place::selected(subnet.network.map(|at| &*config[at].name), subnet.prefix, subnet.id)
}
