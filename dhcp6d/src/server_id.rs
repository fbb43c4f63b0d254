//! How the server's DUID is made (RFC 9915 §11): as it is configured, of what it was before, of what there is.

use std::fmt;
use std::time::Duration;

use kotare_config::v6::{DuidType, ServerId};
use kotare_model::Duid;
use kotare_net::Interface;

/// The number of the enterprise that makes Kea, which stands where none is configured.
const ISC: u32 = 2495;
/// Ethernet (ARPHRD_ETHER), which a link-layer address is of where nothing else is said.
const ETHERNET: u16 = 1;
/// 2000-01-01 00:00 UTC, from which a DUID-LLT counts, after 1970.
const MILLENNIUM: Duration = Duration::from_secs(946_684_800);

/// Why there is no DUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoDuid {
    /// No interface that is up has a link-layer address.
    NoInterface,
    /// What is configured makes one that no message carries, of so many bytes.
    Length(usize),
}

/// What a DUID is made of besides what is configured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around<'a> {
    /// What the server called itself before: what it does not say otherwise stays.
    pub(crate) former: Option<&'a Duid>,
    /// The interfaces there are.
    pub(crate) present: &'a [Interface],
    /// The time since 1970-01-01T00:00:00Z.
    pub(crate) since_epoch: Duration,
    /// A random number.
    pub(crate) chance: u64,
}

/// The DUID of a server with this `server-id`.
///
/// # Errors
/// When there is nothing to make it of, or it would be too long.
pub(crate) fn duid(config: &ServerId, around: Around<'_>) -> Result<Duid, NoDuid> {
    let former = around.former.map_or(&[][..], Duid::as_bytes);
    let bytes = match config.duid_type {
        DuidType::Llt => {
            let (htype, time, former) = match former {
                [0, 1, a, b, c, d, e, f, id @ ..] if !id.is_empty() => {
                    (u16::from_be_bytes([*a, *b]), u32::from_be_bytes([*c, *d, *e, *f]), id)
                }
                _ => (0, 0, &[][..]),
            };
            let (htype, id) = link_layer(config, (htype, former), around.present)?;
            // The number goes round in 2136, as RFC 9915 says it does.
            let now = around.since_epoch.saturating_sub(MILLENNIUM).as_secs() as u32;
            let time = [config.time, time, now].into_iter().find(|&time| time != 0).unwrap_or_default();
            [&[0, 1][..], &htype.to_be_bytes(), &time.to_be_bytes(), id].concat()
        }
        DuidType::Ll => {
            let former = match former {
                [0, 3, a, b, id @ ..] if !id.is_empty() => (u16::from_be_bytes([*a, *b]), id),
                _ => (0, &[][..]),
            };
            let (htype, id) = link_layer(config, former, around.present)?;
            [&[0, 3][..], &htype.to_be_bytes(), id].concat()
        }
        DuidType::En => {
            let (enterprise, former) = match former {
                [0, 2, a, b, c, d, id @ ..] if !id.is_empty() => (u32::from_be_bytes([*a, *b, *c, *d]), id),
                _ => (0, &[][..]),
            };
            let enterprises = [config.enterprise, enterprise, ISC];
            let enterprise = enterprises.into_iter().find(|&number| number != 0).unwrap_or(ISC);
            let chance = around.chance.to_be_bytes();
            let ids = [&config.identifier, former, &chance[2..]];
            let id = ids.into_iter().find(|id| !id.is_empty()).unwrap_or_default();
            [&[0, 2][..], &enterprise.to_be_bytes(), id].concat()
        }
    };
    Duid::new(&bytes).map_err(|_| NoDuid::Length(bytes.len()))
}

/// The type and the bytes of the link-layer address: as configured, as before, or of an interface.
fn link_layer<'a>(
    config: &'a ServerId,
    former: (u16, &'a [u8]),
    present: &'a [Interface],
) -> Result<(u16, &'a [u8]), NoDuid> {
    if !config.identifier.is_empty() {
        let types = [config.htype, former.0, ETHERNET];
        let htype = types.into_iter().find(|&htype| htype != 0).unwrap_or(ETHERNET);
        return Ok((htype, &config.identifier));
    }
    if !former.1.is_empty() {
        return Ok(former);
    }
    let named = |interface: &'a Interface| Some((interface.hardware_type, interface.mac.as_ref()?));
    let fit = present.iter().filter(|interface| interface.up && !interface.loopback);
    let mut fit = fit.filter_map(named).filter(|(_, mac)| **mac != [0; 6]);
    // Ethernet where there is some; else the last there is, as in Kea.
    let found = fit.clone().find(|(htype, _)| *htype == ETHERNET).or_else(|| fit.next_back());
    found.map(|(htype, mac)| (htype, &mac[..])).ok_or(NoDuid::NoInterface)
}

impl fmt::Display for NoDuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoInterface => f.write_str(
                "unable to find suitable interface for generating a DUID-LLT: none that is up has a link-layer \
                 address; \"server-id\": { \"type\": \"EN\" } needs none",
            ),
            Self::Length(bytes) => {
                write!(f, "the DUID would have {bytes} bytes; at most {} are allowed", Duid::MAX)
            }
        }
    }
}

impl std::error::Error for NoDuid {}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str, hardware_type: u16, mac: Option<[u8; 6]>) -> Interface {
        Interface {
            index: 1,
            name: name.into(),
            up: true,
            running: false,
            loopback: name == "lo",
            broadcast: true,
            multicast: true,
            hardware_type,
            ethernet: hardware_type == 1,
            mac,
            mtu: 1500,
            addresses: Vec::new(),
            addresses6: Vec::new(),
        }
    }

    fn present() -> Vec<Interface> {
        let mut down = interface("eth9", 1, Some([9; 6]));
        down.up = false;
        vec![
            interface("lo", 772, Some([0; 6])),
            down,
            interface("tun0", 65534, None),
            interface("ib0", 32, Some([7; 6])),
            interface("eth0", 1, Some([1, 2, 3, 4, 5, 6])),
            interface("eth1", 1, Some([8; 6])),
        ]
    }

    fn made(config: &ServerId, former: Option<&str>, present: &[Interface]) -> Result<String, NoDuid> {
        let bytes = |text: &str| {
            text.split(':').map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect::<Vec<_>>()
        };
        let former = former.map(|text| Duid::new(&bytes(text)).unwrap());
        let since_epoch = MILLENNIUM + Duration::from_secs(0x0a0b_0c0d);
        let around = Around { former: former.as_ref(), present, since_epoch, chance: 0x1122_3344_5566_7788 };
        duid(config, around).map(|duid| duid.to_string())
    }

    fn of_type(duid_type: DuidType) -> ServerId {
        ServerId { duid_type, ..ServerId::default() }
    }

    /// Without anything configured it is made of an Ethernet address of an interface that is up, and of the time.
    #[test]
    fn each_type_is_made_of_what_there_is() {
        let made = |duid_type| made(&of_type(duid_type), None, &present()).unwrap();
        assert_eq!(made(DuidType::Llt), "00:01:00:01:0a:0b:0c:0d:01:02:03:04:05:06");
        assert_eq!(made(DuidType::Ll), "00:03:00:01:01:02:03:04:05:06");
        assert_eq!(made(DuidType::En), "00:02:00:00:09:bf:33:44:55:66:77:88");
    }

    /// Another link serves where there is no Ethernet; without any there is no DUID, but for one that needs none.
    #[test]
    fn an_interface_is_needed_for_its_address() {
        let present = present();
        let ib = made(&of_type(DuidType::Ll), None, &present[..4]);
        assert_eq!(ib.unwrap(), "00:03:00:20:07:07:07:07:07:07");
        assert_eq!(made(&of_type(DuidType::Llt), None, &present[..3]), Err(NoDuid::NoInterface));
        assert!(made(&of_type(DuidType::En), None, &[]).is_ok());
    }

    /// What was said before stays, whatever interfaces there are now; another type begins anew.
    #[test]
    fn what_was_before_stays() {
        let llt = "00:01:00:06:00:00:00:01:aa:bb";
        assert_eq!(made(&of_type(DuidType::Llt), Some(llt), &[]).unwrap(), llt);
        let en = "00:02:00:00:00:07:aa";
        assert_eq!(made(&of_type(DuidType::En), Some(en), &[]).unwrap(), en);
        let ll = "00:03:00:20:aa:bb:cc";
        assert_eq!(made(&of_type(DuidType::Ll), Some(ll), &[]).unwrap(), ll);
        assert_eq!(made(&of_type(DuidType::Ll), Some(llt), &[]), Err(NoDuid::NoInterface));
        assert!(made(&of_type(DuidType::En), Some("00:02:00:00:00:07"), &[]).unwrap().len() > 17);
    }

    /// What is configured goes before all else, each part for itself.
    #[test]
    fn what_is_configured_holds() {
        let identifier: Box<[u8]> = [0xab, 0xcd].into();
        let llt = ServerId { identifier: identifier.clone(), time: 5, ..of_type(DuidType::Llt) };
        assert_eq!(made(&llt, None, &[]).unwrap(), "00:01:00:01:00:00:00:05:ab:cd");
        let former = Some("00:01:00:06:00:00:00:01:aa:bb");
        let typed = ServerId { time: 0, htype: 8, ..llt.clone() };
        assert_eq!(made(&llt, former, &[]).unwrap(), "00:01:00:06:00:00:00:05:ab:cd");
        assert_eq!(made(&typed, former, &[]).unwrap(), "00:01:00:08:00:00:00:01:ab:cd");
        let en = ServerId { identifier, enterprise: 7, ..of_type(DuidType::En) };
        assert_eq!(made(&en, Some("00:02:00:00:00:09:aa"), &[]).unwrap(), "00:02:00:00:00:07:ab:cd");
        let long = ServerId { identifier: [1; 130].into(), ..of_type(DuidType::Ll) };
        assert_eq!(made(&long, None, &[]), Err(NoDuid::Length(134)));
    }
}
