//! Any bytes: read as a frame; and carried in a frame, which is read again.

use std::net::{Ipv4Addr, SocketAddrV4};

use kotare_wire::frame::{Addresses, Frame, HEADROOM, Refused};

/// Panics when a frame read from `input` is out of its bounds, or `input` does not survive being carried.
pub(crate) fn check(input: &[u8]) {
    for checksum_ready in [false, true] {
        match Frame::parse(input, checksum_ready) {
            Ok(frame) => {
                let (outer, inner) = (input.as_ptr_range(), frame.payload.as_ptr_range());
                assert!(outer.start <= inner.start && inner.end <= outer.end);
                assert!(frame.payload.len() + HEADROOM <= input.len());
                carry(
                    &Addresses {
                        source_mac: frame.source_mac,
                        destination_mac: frame.destination_mac,
                        source: frame.source,
                        destination: frame.destination,
                    },
                    frame.payload,
                );
            }
            Err(refused) => assert!(!refused.to_string().is_empty()),
        }
    }
    if let Some((&[a, b, c, d, e, f], payload)) = input.split_first_chunk() {
        let source = SocketAddrV4::new(Ipv4Addr::new(a, b, c, d), u16::from_be_bytes([e, f]));
        let destination = SocketAddrV4::new(Ipv4Addr::new(f, e, d, c), u16::from_be_bytes([b, a]));
        let addresses = Addresses {
            source_mac: [a, b, c, d, e, f],
            destination_mac: [f, e, d, c, b, a],
            source,
            destination,
        };
        carry(&addresses, payload);
    }
}

fn carry(addresses: &Addresses, payload: &[u8]) {
    let mut buffer = vec![0xaa; HEADROOM];
    buffer.extend_from_slice(payload);
    let Ok(len) = addresses.enclose(&mut buffer, payload.len()) else {
        assert!(payload.len() > 65507);
        return;
    };
    assert_eq!(len, HEADROOM + payload.len());
    let frame = Frame::parse(&buffer, true).expect("a frame we built");
    assert_eq!(
        (frame.source_mac, frame.destination_mac, frame.vlan, frame.source, frame.destination, frame.payload),
        (
            addresses.source_mac,
            addresses.destination_mac,
            None,
            addresses.source,
            addresses.destination,
            payload
        )
    );
    if let Some(at) = payload.len().checked_sub(1) {
        buffer[HEADROOM + at / 2] ^= 1 << (at % 8);
        assert_eq!(Frame::parse(&buffer, true), Err(Refused::UdpChecksum));
        assert!(Frame::parse(&buffer, false).is_ok());
    }
}
