//! Many datagrams with one system call: `recvmmsg`.
//!
//! `unsafe` because this call takes lists of addresses of buffers. The lists are built for each call on the stack,
//! from buffers borrowed for that call; what the kernel wrote is read as bytes only.
#![expect(unsafe_code, reason = "recvmmsg and its control messages")]

use std::io;
use std::mem::size_of;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;
use std::time::Duration;

use kotare_wire::frame::HEADROOM;

use crate::sys;

/// The most datagrams received or sent with one system call.
pub const BATCH: usize = 64;
/// The longest datagram received, in bytes, with its headers where they are received, too.
pub const SLOT: usize = 4096;
/// The longest payload sent in a frame, in bytes.
pub const PAYLOAD: usize = SLOT - HEADROOM;

/// Bytes for control messages of one datagram; enough for the two kinds asked for, their times, and the two told.
pub(crate) const CONTROL: usize = 96;
/// Buffers for [`BATCH`] datagrams to receive.
pub struct Inbox {
    bytes: Box<[u8]>,
    names: Box<[Name; BATCH]>,
    controls: Box<[Control; BATCH]>,
    lengths: [Lengths; BATCH],
}

/// How much the kernel wrote for one datagram.
#[derive(Clone, Copy, Default)]
struct Lengths {
    datagram: usize,
    control: usize,
    truncated: bool,
}

/// Any socket address used here, as C lays it out.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) union Name {
    inet: libc::sockaddr_in,
    inet6: libc::sockaddr_in6,
    link: libc::sockaddr_ll,
}

#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub(crate) struct Control(pub(crate) [u8; CONTROL]);

/// What the control messages of a received datagram said.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Aside {
    /// `IP_PKTINFO`: the interface and the destination address.
    pub(crate) packet_info4: Option<(u32, Ipv4Addr)>,
    /// `IPV6_PKTINFO`: the same of IPv6.
    pub(crate) packet_info6: Option<(u32, Ipv6Addr)>,
    /// `PACKET_AUXDATA`: the sender left the checksum for hardware to fill in.
    pub(crate) checksum_not_ready: bool,
    /// `SCM_TIMESTAMPNS`: when the kernel received it, since 1970-01-01T00:00:00Z.
    pub(crate) came: Option<Duration>,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![0; BATCH * SLOT].into_boxed_slice(),
            names: Box::new([Name::inet6(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, 0, 0, 0)); BATCH]),
            controls: Box::new([Control([0; CONTROL]); BATCH]),
            lengths: [Lengths::default(); BATCH],
        }
    }

    /// Receives what is there, without waiting; returns how many datagrams.
    pub(crate) fn receive(&mut self, fd: BorrowedFd<'_>) -> io::Result<usize> {
        // SAFETY: all zeros (null addresses, no lengths) is a valid value of these C structs.
        let mut parts: [libc::iovec; BATCH] = unsafe { std::mem::zeroed() };
        // SAFETY: as above.
        let mut headers: [libc::mmsghdr; BATCH] = unsafe { std::mem::zeroed() };
        let buffers =
            self.bytes.chunks_exact_mut(SLOT).zip(self.names.iter_mut()).zip(self.controls.iter_mut());
        for ((header, part), ((bytes, name), control)) in headers.iter_mut().zip(&mut parts).zip(buffers) {
            part.iov_base = bytes.as_mut_ptr().cast();
            part.iov_len = bytes.len();
            header.msg_hdr.msg_iov = ptr::from_mut(part);
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_name = ptr::from_mut(name).cast();
            header.msg_hdr.msg_namelen = size_of::<Name>() as libc::socklen_t;
            header.msg_hdr.msg_control = control.0.as_mut_ptr().cast();
            header.msg_hdr.msg_controllen = CONTROL as _;
        }
        // SAFETY: `headers` are `BATCH` valid headers; all they point at is exclusively borrowed and has the
        // lengths given; names and bytes may hold any bit pattern.
        let received = unsafe {
            libc::recvmmsg(
                fd.as_raw_fd(),
                headers.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT as _,
                ptr::null_mut(),
            )
        };
        let received = usize::try_from(received).map_err(|_| io::Error::last_os_error())?;
        for (lengths, header) in self.lengths.iter_mut().zip(&headers[..received]) {
            *lengths = Lengths {
                datagram: (header.msg_len as usize).min(SLOT),
                control: CONTROL.min(header.msg_hdr.msg_controllen as _),
                truncated: header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0,
            };
        }
        Ok(received)
    }

    /// The bytes of a received datagram; `None` when it was longer than [`SLOT`].
    pub(crate) fn datagram(&self, place: usize) -> Option<&[u8]> {
        let Lengths { datagram, truncated, .. } = self.lengths[place];
        (!truncated).then(|| &self.bytes[place * SLOT..][..datagram])
    }

    /// The IPv4 sender of a datagram that an IPv4 socket received.
    pub(crate) fn sender4(&self, place: usize) -> SocketAddrV4 {
        // SAFETY: a longer one was written at creation, and whatever the kernel wrote since is a valid one, too: it is
        // integers.
        let raw = unsafe { self.names[place].inet };
        SocketAddrV4::new(raw.sin_addr.s_addr.to_ne_bytes().into(), u16::from_be(raw.sin_port))
    }

    /// The IPv6 sender of a datagram that an IPv6 socket received.
    pub(crate) fn sender6(&self, place: usize) -> SocketAddrV6 {
        // SAFETY: as above; one of this kind was written at creation.
        let raw = unsafe { self.names[place].inet6 };
        SocketAddrV6::new(raw.sin6_addr.s6_addr.into(), u16::from_be(raw.sin6_port), 0, raw.sin6_scope_id)
    }

    /// What the kernel said beside a received datagram.
    pub(crate) fn aside(&self, place: usize) -> Aside {
        let mut aside = Aside::default();
        let mut rest = &self.controls[place].0[..self.lengths[place].control];
        while rest.len() >= size_of::<libc::cmsghdr>() {
            // SAFETY: `rest` has that many bytes, and every bit pattern is a valid `cmsghdr`.
            let header: libc::cmsghdr = unsafe { ptr::read_unaligned(rest.as_ptr().cast()) };
            let end = (header.cmsg_len as usize).clamp(size_of::<libc::cmsghdr>(), rest.len());
            aside.take(header.cmsg_level, header.cmsg_type, &rest[size_of::<libc::cmsghdr>()..end]);
            rest = rest.get(end.next_multiple_of(size_of::<usize>())..).unwrap_or_default();
        }
        aside
    }
}

impl Aside {
    fn take(&mut self, level: i32, kind: i32, data: &[u8]) {
        let word = |at: usize| Some(u32::from_ne_bytes(data.get(at..at + 4)?.try_into().ok()?));
        match (level, kind) {
            (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                // struct in_pktinfo { ipi_ifindex, ipi_spec_dst, ipi_addr }
                self.packet_info4 =
                    word(0).zip(word(8)).map(|(ifindex, address)| (ifindex, address.to_ne_bytes().into()));
            }
            (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                // struct in6_pktinfo { ipi6_addr, ipi6_ifindex }
                let address = data.first_chunk::<16>().copied().map(Ipv6Addr::from);
                self.packet_info6 = word(16).zip(address);
            }
            (libc::SOL_PACKET, libc::PACKET_AUXDATA) => {
                // struct tpacket_auxdata { tp_status, … }
                self.checksum_not_ready =
                    word(0).is_some_and(|status| status & libc::TP_STATUS_CSUMNOTREADY != 0);
            }
            (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) => self.came = time(data),
            _ => {}
        }
    }
}

/// A `struct timespec` of the kernel's: two long integers.
fn time(data: &[u8]) -> Option<Duration> {
    const LONG: usize = size_of::<libc::c_long>();
    let long = |at: usize| Some(libc::c_long::from_ne_bytes(*data.get(at..)?.first_chunk::<LONG>()?));
    let seconds = u64::try_from(long(0)?).ok()?;
    Some(Duration::new(seconds, u32::try_from(long(LONG)?).ok().filter(|it| *it < 1_000_000_000)?))
}

impl Name {
    /// An IPv4 destination.
    pub(crate) fn inet(address: SocketAddrV4) -> Self {
        Self { inet: sys::inet_address(address) }
    }

    /// An IPv6 destination.
    pub(crate) fn inet6(address: SocketAddrV6) -> Self {
        Self { inet6: sys::inet6_address(address) }
    }

    /// A frame with an IPv4 packet, sent on an interface.
    pub(crate) fn link(ifindex: u32, mac: [u8; 6]) -> Self {
        Self { link: sys::link_address(ifindex, libc::ETH_P_IP as u16, mac) }
    }
}

impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inbox").finish_non_exhaustive()
    }
}
