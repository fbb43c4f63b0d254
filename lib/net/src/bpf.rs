//! The classic BPF programs that the kernel runs for our sockets.

use std::net::Ipv4Addr;

use libc::sock_filter;

/// The most instructions a program here has; jumps are one byte.
type Program = Vec<sock_filter>;

// Offsets in an Ethernet frame, an IPv4 header and a UDP header, in bytes.
const ETHERNET_TYPE: u32 = 12;
const IP: u32 = 14;
const IP_FRAGMENT: u32 = IP + 6;
const IP_PROTOCOL: u32 = IP + 9;
const IP_DESTINATION: u32 = IP + 16;
const UDP_DESTINATION: u32 = 2;
const UDP_HEADER: u32 = 8;
/// `chaddr` in a BOOTP message, RFC 2131 section 2.
const CHADDR: u32 = 28;

// Offsets that mean something else than the packet's bytes (linux/filter.h).
const ANCILLARY: u32 = (-0x1000_i32).cast_unsigned();
const PACKET_TYPE: u32 = ANCILLARY + 4;
const VLAN_TAG: u32 = ANCILLARY + 44;
const NETWORK_HEADER: u32 = (-0x10_0000_i32).cast_unsigned();

/// Accepts nothing.
pub(crate) fn nothing() -> Program {
    vec![ret(0)]
}

/// Accepts, on a raw socket, what a DHCPv4 server wants to see: unfragmented UDP over IPv4 to `port` at `local`
/// or, if `broadcast`, at 255.255.255.255; not sent by this host; not tagged for a VLAN (those belong to the VLAN's
/// own interface; a mere priority tag, VLAN 0, is fine).
pub(crate) fn dhcp_frames(local: Ipv4Addr, port: u16, broadcast: bool) -> Program {
    // A test that fails jumps to the last instruction; `Test` notes which way that is.
    let tests = [
        vec![load_half(ETHERNET_TYPE), unless_equal(0x0800)],
        vec![load_byte(IP_PROTOCOL), unless_equal(libc::IPPROTO_UDP.cast_unsigned())],
        vec![load_half(IP_FRAGMENT), if_any_bit(0x3fff)],
        if broadcast {
            vec![load_word(IP_DESTINATION), skip_if_equal(u32::MAX), unless_equal(local.to_bits())]
        } else {
            vec![load_word(IP_DESTINATION), unless_equal(local.to_bits())]
        },
        vec![x_ip_header_length(IP), load_half_at_x(IP + UDP_DESTINATION), unless_equal(u32::from(port))],
        vec![load_byte(PACKET_TYPE), if_equal(u32::from(libc::PACKET_OUTGOING))],
        vec![load_half(VLAN_TAG), if_any_bit(0x0fff)],
    ];
    let mut program: Program = tests.into_iter().flatten().collect();
    let refuse = program.len() + 1;
    for (place, instruction) in program.iter_mut().enumerate() {
        let distance = (refuse - place - 1) as u8;
        for jump in [&mut instruction.jt, &mut instruction.jf] {
            if *jump == REFUSE {
                *jump = distance;
            }
        }
    }
    program.push(ret(u32::MAX));
    program.push(ret(0));
    program
}

/// For `SO_ATTACH_REUSEPORT_CBPF`: picks one of `workers` sockets by the client's hardware address. The program
/// sees the UDP payload; one too short for the address goes to the first.
pub(crate) fn steer_payloads(workers: usize) -> Program {
    let mut program = vec![load_half(CHADDR), a_to_x(), load_word(CHADDR + 2)];
    program.extend(mix_into(workers));
    program
}

/// The same for `PACKET_FANOUT_DATA`. The program sees a packet of any kind, at a place of the kernel's choosing,
/// so it counts from the network header. What is not DHCP ends anywhere, and is refused there.
pub(crate) fn steer_frames(workers: usize) -> Program {
    let chaddr = NETWORK_HEADER + UDP_HEADER + CHADDR;
    let mut program = vec![
        // The length of the IP header: four times the lower half of its first byte.
        load_byte(NETWORK_HEADER),
        op(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K, 0x0f),
        op(libc::BPF_ALU | libc::BPF_LSH | libc::BPF_K, 2),
        a_to_x(),
        load_half_at_x(chaddr),
        op(libc::BPF_ST, 0),
        load_word_at_x(chaddr + 2),
        op(libc::BPF_LDX | libc::BPF_MEM, 0),
    ];
    program.extend(mix_into(workers));
    program
}

/// For `SO_ATTACH_REUSEPORT_CBPF` of DHCPv6: picks one of `workers` sockets by whom the message is of, see [`whose6`]. The
/// program sees the UDP payload.
pub(crate) fn steer_payloads6(workers: usize) -> Program {
    let mut program = whose6(0, 0);
    program.extend(mix_into(workers));
    program
}

/// For `SO_ATTACH_FILTER` of DHCPv6: what is sent to a group reaches all sockets of it, so each accepts what is its
/// worker's. The program sees the UDP header, too.
pub(crate) fn only_of_worker6(worker: usize, workers: usize) -> Program {
    let mut program = whose6(UDP_HEADER, if worker == 0 { u32::MAX } else { 0 });
    let [mix @ .., _] = mix_into(workers);
    program.extend(mix);
    program.push(jump(libc::BPF_JEQ, u32::try_from(worker).unwrap_or(u32::MAX), 0, 1));
    program.push(ret(u32::MAX));
    program.push(ret(0));
    program
}

/// A and X become something of the client whose message is at `base`: the end of its DUID where that is the first option,
/// as nearly all clients write it; the end of the peer address of a relayed message, which is the client's where it passed
/// one relay agent; else the beginning of the options. A message too short for that returns `odd`.
fn whose6(base: u32, odd: u32) -> Program {
    const RELAY_FORW: u32 = 12;
    const CLIENTID: u32 = 1;
    let at_least = |length, otherwise| jump(libc::BPF_JGE, base + length, 0, otherwise);
    let go = |distance| jump(libc::BPF_JA, distance, 0, 0);
    let length = op(libc::BPF_LD | libc::BPF_LEN, 0);
    vec![
        op(libc::BPF_LDX | libc::BPF_LEN, 0),
        length,
        at_least(8, 20),
        load_byte(base),
        jump(libc::BPF_JEQ, RELAY_FORW, 12, 0),
        load_half(base + 4),
        jump(libc::BPF_JEQ, CLIENTID, 0, 7),
        // A DUID: its last four bytes, if it ends before the message does.
        load_half(base + 6),
        op(libc::BPF_ALU | libc::BPF_ADD | libc::BPF_K, base + 8),
        sock_filter { code: (libc::BPF_JMP | libc::BPF_JGT | libc::BPF_X) as u16, jt: 13, jf: 0, k: 0 },
        op(libc::BPF_ALU | libc::BPF_SUB | libc::BPF_K, 4),
        a_to_x(),
        load_word_at_x(0),
        go(10),
        // Another option: its code and its length.
        op(libc::BPF_LDX | libc::BPF_IMM, 0),
        load_word(base + 4),
        go(7),
        // A relay agent's peer: the last eight bytes of the address.
        length,
        at_least(34, 4),
        load_word(base + 26),
        a_to_x(),
        load_word(base + 30),
        go(1),
        ret(odd),
    ]
}

/// From A (four bytes of the address) and X (the other two) to a number below `workers`: multiplicative hashing,
/// whose upper bits depend on all lower ones.
fn mix_into(workers: usize) -> [sock_filter; 5] {
    [
        op(libc::BPF_ALU | libc::BPF_XOR | libc::BPF_X, 0),
        op(libc::BPF_ALU | libc::BPF_MUL | libc::BPF_K, 0x9e37_79b1),
        op(libc::BPF_ALU | libc::BPF_RSH | libc::BPF_K, 16),
        op(libc::BPF_ALU | libc::BPF_MOD | libc::BPF_K, u32::try_from(workers.max(1)).unwrap_or(u32::MAX)),
        op(libc::BPF_RET | libc::BPF_A, 0),
    ]
}

/// Stands for "to the instruction that refuses" until that is placed.
const REFUSE: u8 = u8::MAX;

fn op(code: u32, k: u32) -> sock_filter {
    sock_filter { code: code as u16, jt: 0, jf: 0, k }
}

fn jump(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code: (libc::BPF_JMP | code | libc::BPF_K) as u16, jt, jf, k }
}

fn unless_equal(k: u32) -> sock_filter {
    jump(libc::BPF_JEQ, k, 0, REFUSE)
}

fn if_equal(k: u32) -> sock_filter {
    jump(libc::BPF_JEQ, k, REFUSE, 0)
}

fn if_any_bit(k: u32) -> sock_filter {
    jump(libc::BPF_JSET, k, REFUSE, 0)
}

/// Skips the next instruction.
fn skip_if_equal(k: u32) -> sock_filter {
    jump(libc::BPF_JEQ, k, 1, 0)
}

fn load_byte(offset: u32) -> sock_filter {
    op(libc::BPF_LD | libc::BPF_B | libc::BPF_ABS, offset)
}

fn load_half(offset: u32) -> sock_filter {
    op(libc::BPF_LD | libc::BPF_H | libc::BPF_ABS, offset)
}

fn load_word(offset: u32) -> sock_filter {
    op(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset)
}

fn load_half_at_x(offset: u32) -> sock_filter {
    op(libc::BPF_LD | libc::BPF_H | libc::BPF_IND, offset)
}

fn load_word_at_x(offset: u32) -> sock_filter {
    op(libc::BPF_LD | libc::BPF_W | libc::BPF_IND, offset)
}

/// X becomes the length of the IP header at `offset`.
fn x_ip_header_length(offset: u32) -> sock_filter {
    op(libc::BPF_LDX | libc::BPF_B | libc::BPF_MSH, offset)
}

fn a_to_x() -> sock_filter {
    op(libc::BPF_MISC | libc::BPF_TAX, 0)
}

fn ret(k: u32) -> sock_filter {
    op(libc::BPF_RET | libc::BPF_K, k)
}
