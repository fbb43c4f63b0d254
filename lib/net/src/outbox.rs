//! Many datagrams sent with one system call, `sendmmsg`, and those that go the same way with one packet.
//!
//! `unsafe` because this call takes lists of addresses of buffers. The lists are built for each call on the stack, from
//! buffers borrowed for that call, which the kernel only reads.
#![expect(unsafe_code, reason = "sendmmsg and its control messages")]

use std::io;
use std::mem::size_of;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};
use std::ops::Range;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

use crate::mmsg::{BATCH, CONTROL, Control, Name, SLOT};
use crate::sys;

/// Up to [`BATCH`] datagrams to send.
pub struct Outbox {
    envelopes: Box<[Envelope; BATCH]>,
    /// Room for frames, which are written here; other datagrams stay where they are.
    frames: Box<[u8]>,
    /// Whether datagrams that go the same way are handed over together.
    joins: bool,
}

#[derive(Clone, Copy)]
struct Envelope {
    name: Name,
    name_length: usize,
    frame_length: usize,
    control: Control,
    control_length: usize,
    way: Way,
}

/// Where a datagram goes, and from where. Those of one way and length may be joined.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// It is one of its kind.
    Alone,
    Inet6(SocketAddrV6, Option<(u32, Ipv6Addr)>),
}

impl Outbox {
    /// With `joins`, datagrams of IPv6 that go the same way and are of one length are handed over together, as one packet
    /// that the system divides on its way (`UDP_SEGMENT`): that saves most of what sending costs. Whoever listens with a
    /// UDP socket does not notice; who listens to packets on the same machine may see them undivided.
    pub(crate) fn new(joins: bool) -> Self {
        let empty = Envelope {
            name: Name::inet6(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, 0, 0, 0)),
            name_length: 0,
            frame_length: 0,
            control: Control([0; CONTROL]),
            control_length: 0,
            way: Way::Alone,
        };
        Self { envelopes: Box::new([empty; BATCH]), frames: vec![0; BATCH * SLOT].into_boxed_slice(), joins }
    }

    /// Makes a datagram a frame for a station of the link. `write` writes it and returns its length.
    pub(crate) fn address_link<E>(
        &mut self,
        place: usize,
        name: Name,
        write: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let envelope = &mut self.envelopes[place];
        envelope.frame_length = write(&mut self.frames[place * SLOT..][..SLOT])?.min(SLOT);
        envelope.name = name;
        envelope.name_length = size_of::<libc::sockaddr_ll>();
        envelope.control_length = 0;
        envelope.way = Way::Alone;
        Ok(())
    }

    /// Addresses a datagram to an IPv4 address. `from` fixes the source address and, unless 0, the interface.
    pub(crate) fn address_inet(&mut self, place: usize, to: SocketAddrV4, from: Option<(u32, Ipv4Addr)>) {
        let envelope = &mut self.envelopes[place];
        envelope.name = Name::inet(to);
        envelope.name_length = size_of::<libc::sockaddr_in>();
        envelope.frame_length = 0;
        envelope.way = Way::Alone;
        envelope.control_length =
            from.map_or(0, |(ifindex, source)| envelope.control.packet_info(ifindex, source));
    }

    /// The same for an IPv6 address.
    pub(crate) fn address_inet6(&mut self, place: usize, to: SocketAddrV6, from: Option<(u32, Ipv6Addr)>) {
        let envelope = &mut self.envelopes[place];
        envelope.name = Name::inet6(to);
        envelope.name_length = size_of::<libc::sockaddr_in6>();
        envelope.frame_length = 0;
        envelope.way = Way::Inet6(to, from);
        envelope.control_length =
            from.map_or(0, |(ifindex, source)| envelope.control.packet_info6(ifindex, source));
    }

    /// Sends the first `payloads.len()` datagrams (at most [`BATCH`]), all addressed before: the frame where one was
    /// written, else the payload. For each that the kernel refuses, `unsent` is called with its place; returns how
    /// many were taken.
    pub(crate) fn send(
        &mut self,
        fd: BorrowedFd<'_>,
        payloads: &[&[u8]],
        mut unsent: impl FnMut(usize, io::Error),
    ) -> usize {
        let payloads = &payloads[..payloads.len().min(BATCH)];
        let mut order: [usize; BATCH] = std::array::from_fn(|place| place);
        if self.joins && payloads.len() > 1 {
            let key = |&place: &usize| (self.envelopes[place].way, payloads[place].len(), place);
            order[..payloads.len()].sort_unstable_by_key(key);
        }
        let mut rest = &order[..payloads.len()];
        let mut taken = 0;
        loop {
            let Some(refused) = self.hand_over(fd, payloads, rest, &mut taken, &mut unsent) else {
                return taken;
            };
            // Either nothing gets there, or the system does not divide what goes there: where the link takes less than
            // what IPv6 demands of it, or what is sent is encrypted.
            let before = taken;
            self.joins = false;
            self.hand_over(fd, payloads, &rest[refused.clone()], &mut taken, &mut unsent);
            self.joins = taken == before;
            rest = &rest[refused.end..];
        }
    }

    /// Sends the datagrams of these places. Joined ones that the kernel refuses are left, and all behind them: their range in
    /// `places` is returned.
    fn hand_over(
        &mut self,
        fd: BorrowedFd<'_>,
        payloads: &[&[u8]],
        places: &[usize],
        taken: &mut usize,
        unsent: &mut impl FnMut(usize, io::Error),
    ) -> Option<Range<usize>> {
        // SAFETY: all zeros (null addresses, no lengths) is a valid value of these C structs.
        let mut parts: [libc::iovec; BATCH] = unsafe { std::mem::zeroed() };
        // SAFETY: as above.
        let mut headers: [libc::mmsghdr; BATCH] = unsafe { std::mem::zeroed() };
        // Where in `places` what a header sends begins, and where the last ends.
        let mut starts = [0; BATCH + 1];
        for (part, &place) in parts.iter_mut().zip(places) {
            let frame = self.envelopes[place].frame_length;
            let bytes = if frame > 0 { &self.frames[place * SLOT..][..frame] } else { payloads[place] };
            part.iov_base = bytes.as_ptr().cast_mut().cast();
            part.iov_len = bytes.len();
        }
        let mut count = 0;
        while starts[count] < places.len() {
            let start = starts[count];
            let joined = self.joined(payloads, &places[start..]);
            let envelope = &mut self.envelopes[places[start]];
            let header = &mut headers[count].msg_hdr;
            header.msg_iov = &raw mut parts[start];
            header.msg_iovlen = joined as _;
            header.msg_name = (&raw mut envelope.name).cast();
            header.msg_namelen = envelope.name_length as libc::socklen_t;
            let control = match joined {
                1 => envelope.control_length,
                _ => envelope.control.segment(envelope.control_length, payloads[places[start]].len() as u16),
            };
            if control > 0 {
                header.msg_control = envelope.control.0.as_mut_ptr().cast();
                header.msg_controllen = control as _;
            }
            count += 1;
            starts[count] = start + joined;
        }
        let (mut next, mut patience) = (0, true);
        while next < count {
            let rest = &mut headers[next..count];
            // SAFETY: `rest` are valid headers; all they point at is borrowed until this function returns, has the
            // lengths given, and the kernel only reads it.
            let sent = unsafe {
                libc::sendmmsg(
                    fd.as_raw_fd(),
                    rest.as_mut_ptr(),
                    rest.len() as libc::c_uint,
                    libc::MSG_DONTWAIT as _,
                )
            };
            if let Ok(sent) = usize::try_from(sent)
                && sent > 0
            {
                *taken += starts[next + sent] - starts[next];
                next += sent;
                continue;
            }
            // The first of the rest was refused. A full send buffer empties soon: worth one short wait a batch.
            let error = io::Error::last_os_error();
            match error.kind() {
                io::ErrorKind::Interrupted => continue,
                io::ErrorKind::WouldBlock if patience => {
                    patience = false;
                    if sys::wait_writable(fd, PATIENCE).unwrap_or(false) {
                        continue;
                    }
                }
                _ => {}
            }
            let refused = starts[next]..starts[next + 1];
            if refused.len() > 1 {
                return Some(refused);
            }
            unsent(places[refused.start], error);
            next += 1;
        }
        None
    }

    /// How many of these, of which there are some, are handed over as one packet, from the first on.
    fn joined(&self, payloads: &[&[u8]], places: &[usize]) -> usize {
        let of = |place: usize| (self.envelopes[place].way, payloads[place].len());
        let first @ (way, length) = of(places[0]);
        if !self.joins || way == Way::Alone || !(1..=SEGMENT).contains(&length) {
            return 1;
        }
        let alike = places.iter().take(LONGEST / length).take_while(|&&place| of(place) == first);
        alike.count()
    }
}

/// The longest datagram that is joined with others: every link of IPv6 takes packets of 1280 bytes, headers included.
const SEGMENT: usize = 1280 - 40 - 8;
/// So many bytes are handed over as one packet at most: a packet has 65 535, headers included.
const LONGEST: usize = 65_000;

/// How long a batch may wait for room in a full send buffer.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(5);

impl Control {
    /// Makes this an `IP_PKTINFO` message; returns its length.
    fn packet_info(&mut self, ifindex: u32, source: Ipv4Addr) -> usize {
        let mut data = [0; size_of::<libc::in_pktinfo>()];
        // struct in_pktinfo { ipi_ifindex, ipi_spec_dst, ipi_addr }
        data[..4].copy_from_slice(&ifindex.to_ne_bytes());
        data[4..8].copy_from_slice(&source.octets());
        self.message(0, libc::IPPROTO_IP, libc::IP_PKTINFO, &data)
    }

    /// Makes this an `IPV6_PKTINFO` message; returns its length.
    fn packet_info6(&mut self, ifindex: u32, source: Ipv6Addr) -> usize {
        let mut data = [0; size_of::<libc::in6_pktinfo>()];
        // struct in6_pktinfo { ipi6_addr, ipi6_ifindex }
        data[..16].copy_from_slice(&source.octets());
        data[16..].copy_from_slice(&ifindex.to_ne_bytes());
        self.message(0, libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, &data)
    }

    /// Adds a `UDP_SEGMENT` message behind what is there: the length of each datagram; returns the length of all messages.
    fn segment(&mut self, behind: usize, length: u16) -> usize {
        self.message(behind, libc::IPPROTO_UDP, libc::UDP_SEGMENT, &length.to_ne_bytes())
    }

    /// Puts a message behind the `behind` bytes of others; returns where the next one would stand.
    fn message<const N: usize>(&mut self, behind: usize, level: i32, kind: i32, data: &[u8; N]) -> usize {
        const HEAD: usize = size_of::<libc::cmsghdr>();
        // SAFETY: all zeros is a valid value of this C struct of integers, some of which are padding on some systems.
        let mut header: libc::cmsghdr = unsafe { std::mem::zeroed() };
        header.cmsg_len = (HEAD + N) as _;
        header.cmsg_level = level;
        header.cmsg_type = kind;
        let room = &mut self.0[behind..][..HEAD + N];
        // SAFETY: there is room for a header.
        unsafe { ptr::write_unaligned(room.as_mut_ptr().cast(), header) };
        room[HEAD..].copy_from_slice(data);
        (behind + HEAD + N).next_multiple_of(size_of::<usize>())
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::os::fd::AsFd;

    use super::*;

    /// Two sockets that listen on loopback, the first of which receives joined datagrams as they are; and one that sends.
    fn sockets() -> ([UdpSocket; 2], UdpSocket) {
        let open = || UdpSocket::bind("[::1]:0").expect("a socket on loopback");
        let listening = [open(), open()];
        let gathers = sys::set_int(listening[0].as_fd(), libc::IPPROTO_UDP, libc::UDP_GRO, 1);
        gathers.expect("the kernel joins datagrams");
        (listening, open())
    }

    fn address(socket: &UdpSocket) -> SocketAddrV6 {
        match socket.local_addr() {
            Ok(std::net::SocketAddr::V6(address)) => address,
            other => panic!("{other:?}"),
        }
    }

    /// What came to a socket, with its length.
    fn received(socket: &UdpSocket, count: usize) -> Vec<Vec<u8>> {
        let mut all: Vec<_> = (0..count)
            .map(|_| {
                let mut bytes = [0; 4096];
                let length = socket.recv(&mut bytes).expect("a datagram");
                bytes[..length].to_vec()
            })
            .collect();
        all.sort();
        all
    }

    fn send(
        outbox: &mut Outbox,
        from: &UdpSocket,
        datagrams: &[(SocketAddrV6, &[u8])],
    ) -> (usize, Vec<usize>) {
        for (place, (to, _)) in datagrams.iter().enumerate() {
            outbox.address_inet6(place, *to, Some((0, Ipv6Addr::LOCALHOST)));
        }
        let payloads: Vec<_> = datagrams.iter().map(|(_, bytes)| *bytes).collect();
        let mut unsent = Vec::new();
        let taken = outbox.send(from.as_fd(), &payloads, |place, _| unsent.push(place));
        (taken, unsent)
    }

    /// What goes the same way and is of one length is one packet; the rest is as it is, whatever stands between.
    #[test]
    fn what_goes_the_same_way_goes_together() {
        let ([one, other], from) = sockets();
        let (to_one, to_other) = (address(&one), address(&other));
        let datagrams: [(_, &[u8]); 7] = [
            (to_one, b"aa"),
            (to_other, b"x"),
            (to_one, b"bbb"),
            (to_one, b"cc"),
            (to_other, b"y"),
            (to_one, b""),
            (to_one, b"dd"),
        ];
        let mut outbox = Outbox::new(true);
        assert_eq!(send(&mut outbox, &from, &datagrams), (7, vec![]));
        assert_eq!(received(&one, 3), [&b""[..], b"aaccdd", b"bbb"]);
        assert_eq!(received(&other, 2), [b"x", b"y"]);
        let mut apart = Outbox::new(false);
        assert_eq!(send(&mut apart, &from, &datagrams[..4]), (4, vec![]));
        assert_eq!(received(&one, 3), [&b"aa"[..], b"bbb", b"cc"]);
    }

    /// Where the kernel takes none that are joined they go one by one, those behind them, too, and later ones at once.
    #[test]
    fn what_cannot_go_together_goes_alone() {
        /// Without checksums there is nothing that could be divided.
        const UDP_NO_CHECK6_TX: i32 = 101;
        let ([one, other], from) = sockets();
        sys::set_int(from.as_fd(), libc::IPPROTO_UDP, UDP_NO_CHECK6_TX, 1)
            .expect("checksums may be left out");
        // Nobody drops what has no checksum.
        for socket in [&one, &other] {
            sys::set_int(socket.as_fd(), libc::IPPROTO_UDP, UDP_NO_CHECK6_TX + 1, 1)
                .expect("nor need there be any");
        }
        let (to_one, to_other) = (address(&one), address(&other));
        let datagrams: [(_, &[u8]); 4] = [(to_one, b"a"), (to_other, b"x"), (to_one, b"b"), (to_other, b"y")];
        let mut outbox = Outbox::new(true);
        assert_eq!(send(&mut outbox, &from, &datagrams), (4, vec![]));
        assert_eq!(
            (received(&one, 2), received(&other, 2)),
            (vec![b"a".to_vec(), b"b".to_vec()], vec![b"x".to_vec(), b"y".to_vec()])
        );
        assert!(!outbox.joins);
    }

    /// What gets nowhere is told one by one, and is no reason to send the rest one by one.
    #[test]
    fn what_goes_nowhere_is_told() {
        let ([one, _], from) = sockets();
        let nowhere = SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, 0, 0, 0);
        let to = address(&one);
        let datagrams: [(_, &[u8]); 4] = [(nowhere, b"a"), (to, b"b"), (nowhere, b"c"), (to, b"d")];
        let mut outbox = Outbox::new(true);
        assert_eq!(send(&mut outbox, &from, &datagrams), (2, vec![0, 2]));
        assert_eq!(received(&one, 1), [b"bd"]);
        assert!(outbox.joins);
    }
}
