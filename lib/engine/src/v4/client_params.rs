//! The parameters of a client: what is reserved for it, then those of its classes in the order in which it came to them,
//! then its subnet's.

use std::net::Ipv4Addr;

use kotare_config::v4::{Class4, ClassParams4, Config4, HostDetails4, LifetimeRange, Params4};
use kotare_expr::Memberships;
use kotare_model::Lifetime;

use super::Query4;
use super::trace::{Own, Scope, Step};

/// Which lifetimes a lease may have, and the class that says so, if one does.
pub(super) fn valid_lifetime<'a>(
    config: &'a Config4,
    classes: &Memberships,
    params: &Params4,
) -> (LifetimeRange, Option<&'a Class4>) {
    match first(config, classes, |class| class.valid_lifetime) {
        Some((class, range)) => (range, Some(class)),
        None => (params.valid_lifetime, None),
    }
}

/// Where something is written that is a class's, if there is one, or else the subnet's.
pub(super) fn scope(config: &Config4, class: Option<&Class4>) -> Scope {
    let id = class.and_then(|class| config.classes.id(&class.name));
    id.map_or(Scope::Inherited, Scope::Class)
}

/// How long an offered address is kept for its client, if it is.
pub(super) fn offer_lifetime(config: &Config4, classes: &Memberships, params: &Params4) -> Option<Lifetime> {
    match first(config, classes, |class| class.offer_lifetime) {
        Some((_, span)) => Some(span).filter(|span| *span != Lifetime(0)),
        None => params.offer_lifetime,
    }
}

/// The fields of a reply for clients that load a system: `siaddr`, `sname` and `file`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boot<'a> {
    pub(super) next_server: Ipv4Addr,
    pub(super) server_hostname: &'a str,
    pub(super) file_name: &'a str,
}

impl<'a> Boot<'a> {
    /// Nothing.
    pub(super) const NONE: Self =
        Self { next_server: Ipv4Addr::UNSPECIFIED, server_hostname: "", file_name: "" };

    /// What a client is told, with the parameters of its subnet if it is on one.
    pub(super) fn of(
        config: &'a Config4,
        query: &Query4,
        params: Option<&'a Params4>,
        reserved: Option<&'a HostDetails4>,
    ) -> Self {
        let classes = &query.classes;
        let subnet = params.map_or(Self::NONE, |params| Self {
            next_server: params.next_server,
            server_hostname: &params.server_hostname,
            file_name: &params.boot_file_name,
        });
        let some = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        let text = |of_host: fn(&HostDetails4) -> &str, of_class: fn(&ClassParams4) -> &str, of_subnet| {
            let reserved = reserved.and_then(|details| some(of_host(details)));
            let class = || first(config, classes, |class| some(of_class(class)));
            Source::of(reserved, class, of_subnet)
        };
        let reserved_server = reserved.and_then(|details| details.next_server);
        let class_server = || first(config, classes, |class| class.next_server);
        let server = Source::of(reserved_server, class_server, subnet.next_server);
        let host = text(|host| &host.server_hostname, |class| &class.server_hostname, subnet.server_hostname);
        let file = text(|host| &host.boot_file_name, |class| &class.boot_file_name, subnet.file_name);
        query.trace.note(|| {
            Step::Own(Own::Boot {
                next_server: server.scope(config),
                server_hostname: host.scope(config),
                file_name: file.scope(config),
            })
        });
        Self { next_server: server.value(), server_hostname: host.value(), file_name: file.value() }
    }
}

/// Whose a value is.
enum Source<'a, T> {
    Reservation(T),
    Class(&'a Class4, T),
    Subnet(T),
}

impl<'a, T> Source<'a, T> {
    fn of(reserved: Option<T>, class: impl FnOnce() -> Option<(&'a Class4, T)>, subnet: T) -> Self {
        match reserved {
            Some(value) => Self::Reservation(value),
            None => class().map_or(Self::Subnet(subnet), |(class, value)| Self::Class(class, value)),
        }
    }

    fn value(self) -> T {
        match self {
            Self::Reservation(value) | Self::Class(_, value) | Self::Subnet(value) => value,
        }
    }

    fn scope(&self, config: &Config4) -> Scope {
        match self {
            Self::Reservation(_) => Scope::Reservation,
            Self::Class(class, _) => scope(config, Some(class)),
            Self::Subnet(_) => Scope::Inherited,
        }
    }
}

/// What the first class says that says anything, and which one that is.
fn first<'a, T>(
    config: &'a Config4,
    classes: &Memberships,
    says: impl Fn(&'a ClassParams4) -> Option<T>,
) -> Option<(&'a Class4, T)> {
    config.classes.giving(classes).find_map(|class| Some((class, says(&class.params)?)))
}
