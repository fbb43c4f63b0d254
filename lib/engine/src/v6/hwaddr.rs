//! Where a client's hardware address is found (`mac-sources`): DHCPv6 messages have no field for it.

use std::net::Ipv6Addr;

use kotare_model::{HwAddr, HwAddr6, HwAddrSource};
use kotare_wire::v6::{Duid, Message, OptionCode, Relay, vendor_options};

use super::query::client_address;

/// The enterprise number of CableLabs, whose options cable modems use.
const CABLE_LABS: u32 = 4491;
/// Of its options, what a modem says of itself: its hardware address.
const DEVICE_ID: OptionCode = OptionCode(36);
/// Of its options, what a modem termination system says of the modem.
const CMTS_CM_MAC: OptionCode = OptionCode(1026);

/// The hardware address of who sent `message` from `source`: that of the first of these sources which has one.
pub(super) fn find(sources: &[HwAddrSource], message: Message<'_>, source: Ipv6Addr) -> Option<HwAddr6> {
    sources.iter().find_map(|&kind| {
        let (htype, bytes) = match kind {
            // A UDP socket does not show frames.
            HwAddrSource::Unknown | HwAddrSource::Raw => return None,
            HwAddrSource::Duid => {
                let (hardware, bytes) = Duid::new(message.option(OptionCode::CLIENTID)?)?.hardware()?;
                (hardware.0, bytes)
            }
            HwAddrSource::Ipv6LinkLocal => {
                return Some(HwAddr6 {
                    address: of_link_local(client_address(message, source))?,
                    source: kind,
                });
            }
            HwAddrSource::ClientAddrRelayOption => of_relay(message)?,
            HwAddrSource::RemoteId => {
                let bytes = nearest(message)?.option(OptionCode::REMOTE_ID)?.get(4..)?;
                (HwAddr::ETHERNET, &bytes[..bytes.len().min(HwAddr::MAX)])
            }
            // Nobody has said yet where in it an address would be.
            HwAddrSource::SubscriberId => return None,
            HwAddrSource::DocsisCmts => (HwAddr::ETHERNET, of_cmts(message)?),
            HwAddrSource::DocsisModem => {
                (HwAddr::ETHERNET, of_cable_labs(message.all(OptionCode::VENDOR_OPTS), DEVICE_ID)?)
            }
        };
        let address = HwAddr::new(htype, bytes).ok().filter(|address| !address.is_empty())?;
        Some(HwAddr6 { address, source: kind })
    })
}

/// What the relay agent nearest to the client says of it (RFC 6939 §4): a type and an address.
fn of_relay(message: Message<'_>) -> Option<(u16, &[u8])> {
    let value = nearest(message)?.option(OptionCode::CLIENT_LINKLAYER_ADDR)?;
    let (&htype, address) = value.split_first_chunk()?;
    Some((u16::from_be_bytes(htype), address))
}

/// The relay agent nearest to the client.
fn nearest(message: Message<'_>) -> Option<Relay<'_>> {
    message.relays().next_back()
}

/// The Ethernet address that a link-local address was made of (RFC 4291, appendix A): its first half, ff:fe, its other
/// half, with the bit that says that it is globally unique inverted.
fn of_link_local(address: Ipv6Addr) -> Option<HwAddr> {
    let [_, _, _, _, _, _, _, _, a, b, c, 0xff, 0xfe, d, e, f] = address.octets() else { return None };
    let is_made_of_one = address.is_unicast_link_local() && a & 3 == 2;
    is_made_of_one.then(|| HwAddr::new(HwAddr::ETHERNET, &[a ^ 2, b, c, d, e, f]).ok()).flatten()
}

/// The value of an option of CableLabs in these vendor options, if there is something in it.
fn of_cable_labs<'a>(mut values: impl Iterator<Item = &'a [u8]>, code: OptionCode) -> Option<&'a [u8]> {
    values.find_map(|value| {
        let (vendor, options) = vendor_options(value)?;
        options.find_code(code).filter(|value| vendor == CABLE_LABS && !value.is_empty())
    })
}

/// What a modem termination system says of the modem, the one nearest to it first.
fn of_cmts(message: Message<'_>) -> Option<&[u8]> {
    message
        .relays()
        .rev()
        .find_map(|relay| of_cable_labs(relay.options().all_of(OptionCode::VENDOR_OPTS), CMTS_CM_MAC))
}
