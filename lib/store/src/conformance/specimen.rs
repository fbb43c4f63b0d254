//! What the suite makes leases of.

use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_model::{
    ClientId, Duid, HostName, HwAddr, HwAddr6, HwAddrSource, Lease4, Lease6, LeaseState, LeaseType, Lifetime,
    SubnetId, Timestamp,
};

use crate::{By4, By6, Ia, Lease};

/// A lease of which there are as many different ones as a test needs.
pub trait Specimen: Lease {
    /// A lease of the address [`Specimen::at`] this host, an hour from second 1000 on.
    fn of(host: u8) -> Self;

    /// The address whose last octet is this.
    fn at(host: u8) -> Self::Address;

    /// What of it tests change.
    fn parts(&mut self) -> Parts<'_>;

    /// Each question that it is an answer to.
    fn questions(&self) -> Vec<Self::By<'_>>;

    /// The same with something else.
    fn with(mut self, edit: impl FnOnce(Parts<'_>)) -> Self {
        edit(self.parts());
        self
    }
}

/// What leases of both families have.
#[derive(Debug)]
pub struct Parts<'a> {
    /// When it begins.
    pub cltt: &'a mut Timestamp,
    /// How long it is valid.
    pub valid_lifetime: &'a mut Lifetime,
    /// Its subnet.
    pub subnet_id: &'a mut SubnetId,
    /// Its pool.
    pub pool_id: &'a mut u32,
    /// Its state.
    pub state: &'a mut LeaseState,
    /// The name of its client.
    pub hostname: &'a mut HostName,
    /// What else is kept with it.
    pub user_context: &'a mut Option<Box<str>>,
}

/// A lease of 192.0.2.`host` that a test can build on: Ethernet 02:00:00:00:00:`host`, the usual client
/// identifier, an hour from second 1000 on.
pub fn lease(host: u8) -> Lease4 {
    let mac = [2, 0, 0, 0, 0, host];
    Lease4 {
        address: Ipv4Addr::new(192, 0, 2, host),
        hwaddr: HwAddr::new(HwAddr::ETHERNET, &mac).expect("6 bytes fit"),
        client_id: Some(ClientId::new(&[1, 2, 0, 0, 0, 0, host]).expect("7 bytes fit")),
        valid_lifetime: Lifetime(3600),
        cltt: Timestamp(1000),
        subnet_id: SubnetId(1),
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: format!("host-{host}").into(),
        state: LeaseState::Assigned,
        user_context: None,
        pool_id: 0,
    }
}

/// A lease of 2001:db8::`host` that a test can build on: DUID-LL of Ethernet 02:00:00:00:00:`host`, of IA_NA 1, an hour
/// from second 1000 on.
pub fn lease6(host: u8) -> Lease6 {
    let mac = [2, 0, 0, 0, 0, host];
    let address = HwAddr::new(HwAddr::ETHERNET, &mac).expect("6 bytes fit");
    Lease6 {
        address: Lease6::at(host),
        prefix_len: 128,
        lease_type: LeaseType::Na,
        iaid: 1,
        duid: Duid::new(&[&[0, 3, 0, 1], &mac[..]].concat()).expect("10 bytes fit"),
        preferred_lifetime: Lifetime(1800),
        valid_lifetime: Lifetime(3600),
        cltt: Timestamp(1000),
        subnet_id: SubnetId(1),
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: format!("host-{host}").into(),
        hwaddr: Some(HwAddr6 { address, source: HwAddrSource::Duid }),
        state: LeaseState::Assigned,
        user_context: None,
        pool_id: 0,
    }
}

impl Specimen for Lease4 {
    fn of(host: u8) -> Self {
        lease(host)
    }

    fn at(host: u8) -> Ipv4Addr {
        Ipv4Addr::new(192, 0, 2, host)
    }

    fn parts(&mut self) -> Parts<'_> {
        let Self { cltt, valid_lifetime, subnet_id, pool_id, state, hostname, user_context, .. } = self;
        Parts { cltt, valid_lifetime, subnet_id, pool_id, state, hostname, user_context }
    }

    fn questions(&self) -> Vec<By4<'_>> {
        vec![
            By4::Address(self.address),
            By4::ClientId(self.client_id.as_ref().map_or(&[], ClientId::as_bytes)),
            By4::HwAddr(&self.hwaddr),
            By4::Hostname(std::str::from_utf8(self.hostname.as_bytes()).unwrap_or_default()),
        ]
    }
}

impl Specimen for Lease6 {
    fn of(host: u8) -> Self {
        lease6(host)
    }

    fn at(host: u8) -> Ipv6Addr {
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, host.into())
    }

    fn parts(&mut self) -> Parts<'_> {
        let Self { cltt, valid_lifetime, subnet_id, pool_id, state, hostname, user_context, .. } = self;
        Parts { cltt, valid_lifetime, subnet_id, pool_id, state, hostname, user_context }
    }

    fn questions(&self) -> Vec<By6<'_>> {
        let hwaddr = self.hwaddr.as_ref().map(|hwaddr| By6::HwAddr(&hwaddr.address));
        let others = [
            By6::Address(self.address),
            By6::Ia(Ia::of(self)),
            By6::IaOn(Ia::of(self), std::slice::from_ref(&self.subnet_id)),
            By6::Duid(self.duid.as_bytes()),
            By6::Hostname(std::str::from_utf8(self.hostname.as_bytes()).unwrap_or_default()),
        ];
        others.into_iter().chain(hwaddr).collect()
    }
}
