//! Captures of packets.

use std::net::Ipv6Addr;

/// A capture of one Ethernet frame, as tcpdump writes it (pcap).
pub fn pcap(frame: &[u8]) -> Vec<u8> {
    let length = (frame.len() as u32).to_le_bytes();
    let header = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 0x0004_0000, 1].map(u32::to_le_bytes);
    [header.as_flattened(), &[0; 8], &length, &length, frame].concat()
}

/// The frame in which a client of DHCPv6 sends a message to all servers on its link (RFC 9915 §7). Its checksum is 0.
pub fn frame6(mac: [u8; 6], source: Ipv6Addr, message: &[u8]) -> Vec<u8> {
    let length = (message.len() as u16 + 8).to_be_bytes();
    let all_servers = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);
    [
        &[0x33, 0x33, 0, 1, 0, 2][..],
        &mac,
        &[0x86, 0xdd, 0x60, 0, 0, 0],
        &length,
        &[17, 1],
        &source.octets(),
        &all_servers.octets(),
        &[2, 34, 2, 35],
        &length,
        &[0, 0],
        message,
    ]
    .concat()
}
