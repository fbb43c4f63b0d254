//! The messages of clients in a capture.
//!
//! Of each packet the link layer is taken off, whichever it is, so that a server is sent what every capture has: the IP
//! packet.

use std::io::Read;

use pcap_parser::data::{PacketData, get_packetdata};
use pcap_parser::{Block, Linktype, PcapBlockOwned, PcapError, create_reader};

/// How much of a file is looked at at once: no block of it may be longer.
const BUFFER: usize = 1 << 20;
/// How many packets are looked at, how many interfaces a file may have, and how many messages are taken.
const MAX_PACKETS: usize = 1_000_000;
const MAX_INTERFACES: usize = 1000;
const MAX_MESSAGES: usize = 100;
/// How a file of pcapng begins: with a section header, whichever its order of bytes.
const PCAPNG: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
/// The shortest block: its type, and its length twice.
const MIN_BLOCK: u32 = 12;
/// Links that IP packets are captured on: BSD's loopback (0, 108), Ethernet (1), bare IP (12, 14, 101, 228), and what Linux
/// makes of any interface (113, 276).
const LINKS: [i32; 9] = [0, 1, 12, 14, 101, 108, 113, 228, 276];
/// Whose messages are looked for.
pub(super) struct Clients {
    /// The type of Ethernet frames.
    ethernet: u16,
    /// Whether an IP packet is of a client, or of a relay agent for one.
    send: fn(&[u8]) -> bool,
}

/// Clients of DHCPv4.
pub(super) const DHCPV4: Clients = Clients { ethernet: 0x0800, send: is_of_client4 };
/// Clients of DHCPv6.
pub(super) const DHCPV6: Clients = Clients { ethernet: 0x86dd, send: is_of_client6 };

/// The port of servers.
const SERVER_PORT: u16 = 67;
const SERVER_PORT6: u16 = 547;
/// What clients of DHCPv6 and their relay agents send (RFC 9915 §7.3, RFC 7341, RFC 9686).
const CLIENT_TYPES6: [u8; 11] = [1, 3, 4, 5, 6, 8, 9, 11, 12, 20, 36];
/// UDP, in IP's numbers.
const UDP: u8 = 17;

/// What is in a capture.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) messages: Vec<Message>,
    /// What was left out.
    pub(super) remarks: Vec<String>,
}

/// A message of a client, in its IP packet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// Its place among the messages, from 1.
    pub(super) number: usize,
    /// Its place among the packets, from 1, as other programs count.
    pub(super) packet: usize,
    bytes: Vec<u8>,
}

impl Message {
    /// Its IP packet in hexadecimal digits.
    pub(super) fn digits(&self) -> String {
        self.bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Reads a capture to its end.
///
/// # Errors
/// If it is none.
pub(super) fn read(input: impl Read + Send + 'static, clients: &Clients) -> Result<Found, String> {
    let wrong = |error: PcapError<&[u8]>| match error {
        PcapError::Eof => "the file is empty".to_owned(),
        PcapError::HeaderNotRecognized => "it is neither a pcap nor a pcapng file".to_owned(),
        PcapError::Incomplete(_) | PcapError::UnexpectedEof => "the file is cut short".to_owned(),
        error => format!("it cannot be read: {error}"),
    };
    let mut reader = create_reader(BUFFER, input).map_err(wrong)?;
    let mut found = Found::default();
    let mut links = Vec::new();
    let (mut packets, mut cut) = (0, 0);
    let has_blocks = reader.data().starts_with(&PCAPNG);
    loop {
        if has_blocks && is_too_short(reader.data()) {
            found.remarks.push(format!("behind packet {packets}: a block of the file is too short for one"));
            break;
        }
        match reader.next() {
            Ok((length, block)) => {
                if let Some((data, whole)) = packet(&block, &mut links)? {
                    packets += 1;
                    if packets > MAX_PACKETS {
                        found.remarks.push(format!("only the first {MAX_PACKETS} packets are looked at"));
                        break;
                    }
                    if let Some(bytes) = data.and_then(|data| client_message(data, clients)) {
                        if found.messages.len() == MAX_MESSAGES {
                            found.remarks.push(format!("only the first {MAX_MESSAGES} messages are taken"));
                            break;
                        }
                        let number = found.messages.len() + 1;
                        cut += usize::from(!whole);
                        if whole {
                            found.messages.push(Message { number, packet: packets, bytes: bytes.to_vec() });
                        }
                    }
                }
                reader.consume(length);
            }
            Err(PcapError::Eof) => break,
            Err(PcapError::Incomplete(_)) => {
                let before = reader.data().len();
                let is_read = reader.refill().is_ok();
                if !is_read || reader.data().len() == before && !reader.reader_exhausted() {
                    let why =
                        if is_read { "a block of the file is too long" } else { "the file cannot be read" };
                    found.remarks.push(format!("behind packet {packets}: {why}"));
                    break;
                }
            }
            Err(error) => {
                found.remarks.push(format!("behind packet {packets}: {}", wrong(error)));
                break;
            }
        }
    }
    if cut > 0 {
        found
            .remarks
            .push(format!("{cut} messages were not captured whole (snapshot length) and are left out"));
    }
    Ok(found)
}

/// Whether a block of pcapng is shorter than what every block has, in whichever order of bytes: the parser trusts in that.
/// What is so short in the other order would be longer than the buffer.
fn is_too_short(block: &[u8]) -> bool {
    let Some(&[_, _, _, _, a, b, c, d]) = block.first_chunk() else { return false };
    let length = u32::from_le_bytes([a, b, c, d]);
    length.min(length.swap_bytes()) < MIN_BLOCK
}

/// The packet of a block, if it has one: what is in it, and whether that is all.
fn packet<'a>(
    block: &'a PcapBlockOwned<'_>,
    links: &mut Vec<Linktype>,
) -> Result<Option<(Option<PacketData<'a>>, bool)>, String> {
    let of = |link: Linktype, data: &'a [u8], captured: u32, original: u32| {
        let captured = data.len().min(captured as usize);
        // Others are not looked into.
        let link = Some(link).filter(|link| LINKS.contains(&link.0));
        let data = link.and_then(|link| get_packetdata(&data[..captured], link, captured));
        Some((data, captured >= original as usize))
    };
    Ok(match block {
        PcapBlockOwned::LegacyHeader(header) => {
            links.push(header.network);
            None
        }
        PcapBlockOwned::Legacy(packet) => {
            let link = links.first().copied().unwrap_or(Linktype::ETHERNET);
            of(link, packet.data, packet.caplen, packet.origlen)
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => {
            links.clear();
            None
        }
        PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
            if links.len() >= MAX_INTERFACES {
                return Err(format!("it has more than {MAX_INTERFACES} interfaces"));
            }
            links.push(interface.linktype);
            None
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => match links.get(packet.if_id as usize) {
            Some(link) => of(*link, packet.data, packet.caplen, packet.origlen),
            None => None,
        },
        PcapBlockOwned::NG(Block::SimplePacket(packet)) => match links.first() {
            Some(link) => of(*link, packet.data, packet.origlen, packet.origlen),
            None => None,
        },
        PcapBlockOwned::NG(_) => None,
    })
}

/// The IP packet, if it has a message of a client.
fn client_message<'a>(data: PacketData<'a>, clients: &Clients) -> Option<&'a [u8]> {
    let packet = match data {
        PacketData::L2(frame) => ethernet(frame, clients.ethernet)?,
        PacketData::L3(_, packet) => packet,
        PacketData::L4(..) | PacketData::Unsupported(_) => return None,
    };
    (clients.send)(packet).then_some(packet)
}

/// What an Ethernet frame carries, behind the tags of VLANs.
fn ethernet(frame: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut rest = frame.get(12..)?;
    // Of a provider's network within another there are two.
    for _ in 0..3 {
        let (kind, behind) = rest.split_first_chunk::<2>()?;
        match u16::from_be_bytes(*kind) {
            kind if kind == wanted => return Some(behind),
            0x8100 | 0x88a8 | 0x9100 => rest = behind.get(2..)?,
            _ => return None,
        }
    }
    None
}

/// Whether it is an IPv4 packet with a message to a server: UDP to its port, and BOOTREQUEST.
fn is_of_client4(packet: &[u8]) -> bool {
    let Some(header) = packet.first_chunk::<20>() else { return false };
    let length = usize::from(header[0] & 0xf) * 4;
    let is_fragment = u16::from_be_bytes([header[6], header[7]]) & 0x3fff != 0;
    if header[0] >> 4 != 4 || header[9] != UDP || is_fragment {
        return false;
    }
    let Some(udp) = packet.get(length..) else { return false };
    let port = udp.get(2..4).map(|port| u16::from_be_bytes([port[0], port[1]]));
    port == Some(SERVER_PORT) && udp.get(8) == Some(&1)
}

/// Whether it is an IPv6 packet with a message to a server. Extension headers before it are unusual, and not looked behind.
fn is_of_client6(packet: &[u8]) -> bool {
    let Some((header, udp)) = packet.split_first_chunk::<40>() else { return false };
    let port = udp.get(2..4).map(|port| u16::from_be_bytes([port[0], port[1]]));
    let is_udp = header[0] >> 4 == 6 && header[6] == UDP && port == Some(SERVER_PORT6);
    is_udp && udp.get(8).is_some_and(|kind| CLIENT_TYPES6.contains(kind))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A DHCPDISCOVER to all, in an IP packet; `to` is the port.
    fn packet(to: u16) -> Vec<u8> {
        let mut message = vec![0; 244];
        message[..4].copy_from_slice(&[1, 1, 6, 0]);
        message[236..].copy_from_slice(&[0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255]);
        let mut packet = vec![0x45, 0, 1, 16, 0, 0, 0, 0, 64, 17, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255];
        packet.extend([0, 68]);
        packet.extend(to.to_be_bytes());
        packet.extend([0, 252, 0, 0]);
        packet.extend(message);
        packet
    }

    /// An Ethernet frame around it, with the tags of VLANs.
    fn frame(tags: &[u16], packet: &[u8]) -> Vec<u8> {
        let mut frame = vec![2; 12];
        tags.iter().for_each(|tag| frame.extend([&tag.to_be_bytes()[..], &[0, 7]].concat()));
        frame.extend([8, 0]);
        frame.extend(packet);
        frame
    }

    /// A pcap file of packets on such a link.
    fn pcap(link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
        let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0];
        file.extend(link.to_le_bytes());
        for packet in packets {
            let length = (packet.len() as u32).to_le_bytes();
            file.extend([[0; 8].as_slice(), &length, &length, packet].concat());
        }
        file
    }

    /// The same as pcapng.
    fn pcapng(link: u16, packets: &[Vec<u8>]) -> Vec<u8> {
        let block = |kind: u32, body: &[u8]| {
            let padded = [body, &vec![0; body.len().next_multiple_of(4) - body.len()]].concat();
            let length = (padded.len() as u32 + 12).to_le_bytes();
            [&kind.to_le_bytes()[..], &length, &padded, &length].concat()
        };
        let section = [&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat();
        let mut file = block(0x0a0d_0d0a, &section);
        file.extend(block(1, &[&link.to_le_bytes()[..], &[0, 0, 0, 0, 4, 0]].concat()));
        for packet in packets {
            let length = (packet.len() as u32).to_le_bytes();
            file.extend(block(6, &[[0; 12].as_slice(), &length, &length, packet].concat()));
        }
        file
    }

    fn found(file: Vec<u8>) -> Result<Found, String> {
        read(Cursor::new(file), &DHCPV4)
    }

    /// Whatever the link is, the IP packets of clients are found, and no others.
    #[test]
    fn messages_are_found_on_any_link() {
        let wanted = packet(67);
        let cooked = |length: usize, at: usize| {
            let mut header = vec![0; length];
            header[at..at + 2].copy_from_slice(&[8, 0]);
            [header, wanted.clone()].concat()
        };
        for (link, packet) in [
            (1, frame(&[], &wanted)),
            (1, frame(&[0x8100], &wanted)),
            (1, frame(&[0x88a8, 0x8100], &wanted)),
            (101, wanted.clone()),
            (113, cooked(16, 14)),
            (276, cooked(20, 0)),
        ] {
            let other = frame(&[], &self::packet(68));
            let packets = [other, packet.clone()];
            for file in [pcap(link, &packets), pcapng(link as u16, &packets)] {
                let found = found(file).unwrap();
                assert_eq!(
                    found.messages,
                    [Message { number: 1, packet: 2, bytes: wanted.clone() }],
                    "link {link}"
                );
                assert!(found.remarks.is_empty(), "{:?}", found.remarks);
            }
        }
        assert!(found(pcap(147, &[wanted])).unwrap().messages.is_empty());
    }

    /// Of DHCPv6 what clients and relay agents send to servers is found, and nothing else.
    #[test]
    fn messages_of_dhcpv6_are_found() {
        let packet = |kind: u8, to: u16| {
            let mut packet = vec![0x60, 0, 0, 0, 0, 12, UDP, 64];
            packet.extend([0; 32]);
            packet.extend([2, 34]);
            packet.extend(to.to_be_bytes());
            packet.extend([0, 12, 0, 0, kind, 0, 0, 1]);
            packet
        };
        let frame = |packet: &[u8]| [&[2; 12][..], &[0x86, 0xdd], packet].concat();
        let packets = [packet(1, 547), packet(7, 546), packet(13, 547), packet(12, 547)].map(|it| frame(&it));
        let found = read(Cursor::new(pcap(1, &packets)), &DHCPV6).unwrap();
        let at: Vec<_> = found.messages.iter().map(|message| message.packet).collect();
        assert_eq!(at, [1, 4]);
        assert!(self::found(pcap(1, &packets)).unwrap().messages.is_empty());
        assert!(read(Cursor::new(pcap(101, &[self::packet(67)])), &DHCPV6).unwrap().messages.is_empty());
    }

    /// A file that ends anywhere, or has anything in it, is read as far as it goes.
    #[test]
    fn broken_files_are_read_as_far_as_they_go() {
        let packets = [frame(&[], &packet(67)), frame(&[], &packet(67))];
        for file in [pcap(1, &packets), pcapng(1, &packets)] {
            for length in 0..file.len() {
                match found(file[..length].to_vec()) {
                    Ok(found) => assert!(found.messages.len() < 2),
                    Err(error) => assert!(length < 100, "{length}: {error}"),
                }
            }
            for at in 0..file.len().min(160) {
                let mut file = file.clone();
                file[at] ^= 0xff;
                let _ = found(file);
            }
        }
        for nothing in [vec![], vec![0; 100], b"{}".to_vec(), vec![0xff; 5000]] {
            assert!(found(nothing).is_err());
        }
    }

    /// What was captured in part is no message, and said so.
    #[test]
    fn packets_that_were_cut_are_left_out() {
        let mut file = pcap(1, &[frame(&[], &packet(67))]);
        file[36..40].copy_from_slice(&5000_u32.to_le_bytes());
        let found = found(file).unwrap();
        assert!(found.messages.is_empty() && found.remarks[0].contains("not captured whole"), "{found:?}");
    }

    /// Of very many messages only some are taken.
    #[test]
    fn messages_are_bounded() {
        let found = found(pcap(101, &vec![packet(67); MAX_MESSAGES + 5])).unwrap();
        assert_eq!((found.messages.len(), found.remarks.len()), (MAX_MESSAGES, 1));
    }
}
