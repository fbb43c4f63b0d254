//! Where the server listens, what it is called, and what it believes clients and relays.

use kotare_model::HwAddrSource;
use kotare_options::{DHCP6_SPACE, Definitions};
use kotare_wire::v6::OptionCode;

use crate::Level;
use crate::json::{Diagnostics, Value};
use crate::process::ServiceSockets;
use crate::schema::bytes;
use crate::schema::tables::{INTERFACES6, SERVER_ID};
use crate::v6::{Codes6, DuidType, InterfaceChoice6, Interfaces6, ServerId};

pub(super) fn interfaces(global: Level<'_>) -> Interfaces6 {
    let level = global.section(&INTERFACES6);
    Interfaces6 {
        choices: level.items("interfaces").iter().filter_map(|it| Some(interface(it.as_str()?))).collect(),
        sockets: ServiceSockets::of(level),
    }
}

fn interface(text: &str) -> InterfaceChoice6 {
    if text == "*" {
        return InterfaceChoice6::All;
    }
    match text.split_once('/') {
        Some((name, address)) => match address.trim().parse() {
            Ok(address) => InterfaceChoice6::Address(name.trim().into(), address),
            Err(_) => InterfaceChoice6::Named(text.into()),
        },
        None => InterfaceChoice6::Named(text.trim().into()),
    }
}

pub(super) fn server_id(global: Level<'_>) -> ServerId {
    let level = global.section(&SERVER_ID);
    ServerId {
        duid_type: match level.text("type") {
            "EN" => DuidType::En,
            "LL" => DuidType::Ll,
            _ => DuidType::Llt,
        },
        identifier: bytes(level.text("identifier")).unwrap_or_default().into(),
        htype: level.count("htype"),
        time: level.count("time"),
        enterprise: level.count("enterprise-id"),
        persist: level.bool("persist"),
    }
}

/// Where `any` looks for a hardware address, in Kea's order. Nothing is known of subscribers' identifiers.
const ANYWHERE: [HwAddrSource; 7] = [
    HwAddrSource::Raw,
    HwAddrSource::ClientAddrRelayOption,
    HwAddrSource::Duid,
    HwAddrSource::Ipv6LinkLocal,
    HwAddrSource::RemoteId,
    HwAddrSource::DocsisCmts,
    HwAddrSource::DocsisModem,
];

/// `mac-sources`, each once.
pub(super) fn mac_sources(global: Level<'_>) -> Vec<HwAddrSource> {
    let mut sources = Vec::new();
    for name in global.texts("mac-sources") {
        let named: &[HwAddrSource] = match name {
            "any" => &ANYWHERE,
            "raw" => &[HwAddrSource::Raw],
            "duid" => &[HwAddrSource::Duid],
            "ipv6-link-local" => &[HwAddrSource::Ipv6LinkLocal],
            "client-link-addr-option" | "rfc6939" => &[HwAddrSource::ClientAddrRelayOption],
            "remote-id" | "rfc4649" => &[HwAddrSource::RemoteId],
            "subscriber-id" | "rfc4580" => &[HwAddrSource::SubscriberId],
            "docsis-cmts" => &[HwAddrSource::DocsisCmts],
            "docsis-modem" => &[HwAddrSource::DocsisModem],
            _ => &[],
        };
        for source in named {
            if !sources.contains(source) {
                sources.push(*source);
            }
        }
    }
    sources
}

/// `relay-supplied-options`: codes, or names of standard options. What is written comes to the one that Kea begins with.
pub(super) fn relay_supplied_options(
    global: Level<'_>,
    definitions: &Definitions,
    diagnostics: &mut Diagnostics,
) -> Codes6 {
    let mut codes = Codes6::from_iter([OptionCode::ERP_LOCAL_DOMAIN_NAME.0]);
    for value in global.items("relay-supplied-options") {
        let Some(name) = value.as_str().map(str::trim) else { continue };
        match code(name, definitions) {
            Some(code) => codes.insert(code),
            None => report(value, name, diagnostics),
        }
    }
    codes
}

fn code(name: &str, definitions: &Definitions) -> Option<u16> {
    let by_name = || definitions.by_name(DHCP6_SPACE, name).map(|definition| definition.code);
    name.parse().ok().filter(|code| *code != 0).or_else(by_name)
}

fn report(value: &Value, name: &str, diagnostics: &mut Diagnostics) {
    let message = format!("\"{name}\" is neither the code nor the name of an option of DHCPv6");
    diagnostics.error_with_hint(value.source(), message, "write a code from 1 to 65535, such as \"65\"");
}
