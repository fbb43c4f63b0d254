//! Packets that are not what they say, or nothing at all.

use std::net::{Ipv4Addr, SocketAddrV4};

use kotare_model::Chance;
use kotare_tests::world::sandboxed;
use kotare_wire::frame::{Addresses, BROADCAST_MAC, HEADROOM};
use kotare_wire::v4::OptionCode;
use serde_json::json;

use crate::packets::{Link, Query, RELAY, mac};
use crate::scene::{Scene, bytes};

/// How many packets go out before the server is asked whether it is still there: no more than its socket holds.
const BURST: usize = 200;

/// A broadcast of a client without an address.
fn broadcast() -> Addresses {
    Addresses {
        source_mac: mac(7),
        destination_mac: BROADCAST_MAC,
        source: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 68),
        destination: SocketAddrV4::new(Ipv4Addr::BROADCAST, 67),
    }
}

/// Sends all of these, and lets the server keep up.
fn send_all(link: &mut Link, payloads: impl IntoIterator<Item = Vec<u8>>) {
    for (sent, payload) in payloads.into_iter().enumerate() {
        link.send(broadcast(), &payload);
        if sent % BURST == BURST - 1 {
            assert!(link.is_served(), "the server keeps up");
        }
    }
    assert!(link.is_served(), "the server is still there");
}

/// A message with a bit of everything.
fn rich() -> Query {
    Query::discover(7)
        .client_id(b"\x01client seven")
        .option(OptionCode::PARAMETER_REQUEST_LIST, &[1, 3, 6, 12, 15, 42, 51, 81, 119, 121])
        .option(OptionCode::HOST_NAME, b"seven")
        .option(OptionCode::FQDN, b"\x05\0\0\x05seven\x07example\x03org\0")
        .option(OptionCode::VENDOR_CLASS_IDENTIFIER, b"vendor")
        .option(OptionCode::VIVSO, &[0, 0, 0x11, 0x8b, 4, 1, 2, 3, 4])
        .option(OptionCode::MAX_MESSAGE_SIZE, &[2, 64])
        .option(OptionCode::OVERLOAD, &[3])
        .option(OptionCode::RELAY_AGENT_INFORMATION, b"\x01\x04eth7\x02\x06remote\x05\x04\x0a\0\0\0")
        .relayed(RELAY)
}

/// Bytes without any meaning.
#[test]
fn random_datagrams() {
    sandboxed("datagrams::random_datagrams", |world| {
        let mut scene = Scene::new(world);
        let mut noise = Chance::new(1);
        let payloads = (0..2000).map(|_| {
            let len = noise.below(1400);
            bytes(&mut noise, len)
        });
        send_all(&mut scene.link, payloads);
        scene.assert_serves();
    });
}

/// Sound messages with some bytes changed.
#[test]
fn damaged_messages() {
    sandboxed("datagrams::damaged_messages", |world| damage(Scene::new(world), 2));
}

/// The same, for several workers at once.
#[test]
fn damaged_messages_for_several_workers() {
    sandboxed("datagrams::damaged_messages_for_several_workers", |world| {
        let threads = json!({"enable-multi-threading": true, "thread-pool-size": 3});
        damage(Scene::with(world, json!({"multi-threading": threads})), 3);
    });
}

fn damage(mut scene: Scene<'_>, seed: u64) {
    let mut noise = Chance::new(seed);
    let sound = rich().bytes();
    let payloads = (0..4000).map(|_| {
        let mut bytes = sound.clone();
        for _ in 0..=noise.below(8) {
            // Rather among the options than in the 192 bytes of names.
            let at =
                if noise.below(3) == 0 { noise.below(240) } else { 240 + noise.below(bytes.len() - 240) };
            bytes[at] = noise.below(256) as u8;
        }
        bytes
    });
    send_all(&mut scene.link, payloads);
    scene.assert_serves();
}

/// A message cut off after every one of its bytes.
#[test]
fn truncated_messages() {
    sandboxed("datagrams::truncated_messages", |world| {
        let mut scene = Scene::new(world);
        let sound = rich().bytes();
        send_all(&mut scene.link, (0..=sound.len()).map(|len| sound[..len].to_vec()));
        scene.assert_serves();
    });
}

/// Every option with no bytes, with 255 bytes, and with a length that is more than there is; in the options field and
/// inside Relay Agent Information.
#[test]
fn lying_option_lengths() {
    sandboxed("datagrams::lying_option_lengths", |world| {
        let mut scene = Scene::new(world);
        let mut payloads = Vec::new();
        for code in 0..=255u8 {
            for kind in [1, 3, 4, 7, 8] {
                let query = Query::bootp(mac(8)).raw(&[53, 1, kind]);
                payloads.push(query.clone().raw(&[code, 0]).bytes());
                payloads.push(query.clone().raw(&[code, 255]).raw(&[code; 255]).bytes());
                payloads.push(query.clone().raw(&[code, 255, 1, 2, 3]).end(&[]).bytes());
                payloads.push(query.clone().raw(&[code]).end(&[]).bytes());
                payloads.push(query.relayed(RELAY).raw(&[82, 4, code, 255, 1, 2]).bytes());
            }
        }
        send_all(&mut scene.link, payloads);
        scene.assert_serves();
    });
}

/// Hardware addresses of every length a byte can say, 0 and 255 among them.
#[test]
fn every_hardware_address_length() {
    sandboxed("datagrams::every_hardware_address_length", |world| {
        let mut scene = Scene::new(world);
        let with = |hlen: u8, kind: u8| Query::bootp(mac(9)).raw(&[53, 1, kind]).header(2, &[hlen]).bytes();
        send_all(&mut scene.link, (0..=255).flat_map(|hlen| [1, 3, 4, 7, 8].map(|kind| with(hlen, kind))));
        for hlen in [0, 17, 255] {
            let anonymous = Query::discover(9).header(2, &[hlen]);
            assert!(scene.link.ask(&anonymous).is_empty(), "a client nobody can tell apart is not answered");
        }
        scene.assert_serves();
    });
}

/// Frames whose Ethernet, IP and UDP headers say what is not so, and frames that end within them.
#[test]
fn lying_headers() {
    sandboxed("datagrams::lying_headers", |world| {
        let mut scene = Scene::new(world);
        let payload = rich().bytes();
        let mut sound = vec![0; HEADROOM + payload.len()];
        sound[HEADROOM..].copy_from_slice(&payload);
        broadcast().enclose(&mut sound, payload.len()).expect("room");
        let mut sent = 0;
        // The Ethernet addresses are left as they are, or the frame does not arrive.
        for at in 12..HEADROOM {
            for value in [0, 1, 7, 0x45, 0x4f, 0x7f, 0x80, 0xff, sound[at].wrapping_add(1)] {
                let mut frame = sound.clone();
                frame[at] = value;
                for checked in [true, false] {
                    if checked {
                        frame[24..26].fill(0);
                        let sum = ip_checksum(&frame[14..34]);
                        frame[24..26].copy_from_slice(&sum);
                        // No UDP checksum at all, so that the lie itself is looked at.
                        frame[40..42].fill(0);
                        frame[at] = value;
                    }
                    scene.link.send_frame(&frame);
                    sent += 1;
                    assert!(sent % BURST != 0 || scene.link.is_served(), "the server keeps up");
                }
            }
        }
        for len in 14..HEADROOM + 4 {
            scene.link.send_frame(&sound[..len]);
        }
        scene.assert_serves();
    });
}

/// The checksum of an IP header (RFC 791 §3.1).
fn ip_checksum(header: &[u8]) -> [u8; 2] {
    let words = header.chunks_exact(2).map(|word| u32::from(u16::from_be_bytes([word[0], word[1]])));
    let sum: u32 = words.sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    (!(folded + (folded >> 16)) as u16).to_be_bytes()
}
