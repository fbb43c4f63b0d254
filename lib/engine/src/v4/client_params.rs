//! The parameters of a client: what is reserved for it, then those of its classes in the order in which it came to them,
//! then its subnet's.

use std::net::Ipv4Addr;

use kotare_config::v4::{ClassParams4, Config4, HostDetails4, LifetimeRange, Params4};
use kotare_expr::Memberships;
use kotare_model::Lifetime;

/// Which lifetimes a lease may have.
pub(super) fn valid_lifetime(config: &Config4, classes: &Memberships, params: &Params4) -> LifetimeRange {
    first(config, classes, |class| class.valid_lifetime).unwrap_or(params.valid_lifetime)
}

/// How long an offered address is kept for its client, if it is.
pub(super) fn offer_lifetime(config: &Config4, classes: &Memberships, params: &Params4) -> Option<Lifetime> {
    match first(config, classes, |class| class.offer_lifetime) {
        Some(span) => Some(span).filter(|span| *span != Lifetime(0)),
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
        classes: &Memberships,
        params: Option<&'a Params4>,
        reserved: Option<&'a HostDetails4>,
    ) -> Self {
        let subnet = params.map_or(Self::NONE, |params| Self {
            next_server: params.next_server,
            server_hostname: &params.server_hostname,
            file_name: &params.boot_file_name,
        });
        let some = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        let text = |of_host: fn(&HostDetails4) -> &str, of_class: fn(&ClassParams4) -> &str| {
            let reserved = reserved.and_then(|details| some(of_host(details)));
            reserved.or_else(|| first(config, classes, |class| some(of_class(class))))
        };
        let reserved_server = reserved.and_then(|details| details.next_server);
        let next_server = reserved_server.or_else(|| first(config, classes, |class| class.next_server));
        Self {
            next_server: next_server.unwrap_or(subnet.next_server),
            server_hostname: text(|host| &host.server_hostname, |class| &class.server_hostname)
                .unwrap_or(subnet.server_hostname),
            file_name: text(|host| &host.boot_file_name, |class| &class.boot_file_name)
                .unwrap_or(subnet.file_name),
        }
    }
}

/// What the first class says that says anything.
fn first<'a, T>(
    config: &'a Config4,
    classes: &Memberships,
    says: impl Fn(&'a ClassParams4) -> Option<T>,
) -> Option<T> {
    config.classes.giving(classes).find_map(|class| says(&class.params))
}
