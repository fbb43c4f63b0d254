//! What configurations of both protocols have alike, for who tells of it.

use std::fmt;

use kotare_expr::ClassId;
use kotare_model::SubnetId;

use super::{Guard, NetworkAt, Reservations, SubnetAt};
use crate::Process;
use crate::v4::Config4;
use crate::v6::Config6;

/// A configuration, as far as it is alike for both protocols.
pub trait Overview: AsRef<Process> {
    /// How many subnets there are.
    fn subnet_count(&self) -> usize;

    /// What there is to tell of a subnet.
    fn overview(&self, at: SubnetAt) -> SubnetOverview<'_>;

    /// Where the subnet with this id stands.
    fn position(&self, id: SubnetId) -> Option<SubnetAt>;

    /// The name of a shared network.
    fn network_name(&self, at: NetworkAt) -> &str;

    /// The name of a class; empty if there is no such class.
    fn class_name(&self, id: ClassId) -> &str;

    /// Whether it has reservations.
    fn reserves(&self) -> bool;
}

/// What there is to tell of a subnet.
#[derive(Clone, Copy)]
pub struct SubnetOverview<'a> {
    /// `id`.
    pub id: SubnetId,
    /// `subnet`.
    pub prefix: &'a dyn fmt::Display,
    /// The shared network that it is in.
    pub network: Option<NetworkAt>,
    /// Whom it is for.
    pub guard: &'a Guard,
    /// Which reservations count in it.
    pub reservations: Reservations,
}

impl fmt::Debug for SubnetOverview<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (id {})", self.prefix, self.id)
    }
}

/// The same but for its types.
macro_rules! overview {
    ($config:ty) => {
        impl Overview for $config {
            fn subnet_count(&self) -> usize {
                self.subnets.len()
            }

            fn overview(&self, at: SubnetAt) -> SubnetOverview<'_> {
                let subnet = &self[at];
                SubnetOverview {
                    id: subnet.id,
                    prefix: &subnet.prefix,
                    network: subnet.network,
                    guard: &subnet.guard,
                    reservations: subnet.params.reservations,
                }
            }

            fn position(&self, id: SubnetId) -> Option<SubnetAt> {
                self.subnet_at(id)
            }

            fn network_name(&self, at: NetworkAt) -> &str {
                &self[at].name
            }

            fn class_name(&self, id: ClassId) -> &str {
                self.classes.get(id).map_or("", |class| &class.name)
            }

            fn reserves(&self) -> bool {
                !self.hosts.is_empty()
            }
        }
    };
}

overview!(Config4);
overview!(Config6);
