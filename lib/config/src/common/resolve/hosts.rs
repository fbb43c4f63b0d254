//! What reservations of both protocols have.

use kotare_expr::ClassId;

use super::{Protocol, Scope, options};
use crate::Level;
use crate::common::{HostIdType, Options};
use crate::json::Value;

/// In `host-reservation-identifiers`: all there are.
const AUTO: &str = "auto";

/// `host-reservation-identifiers`, of which the protocol has `all`.
pub(crate) fn identifiers(global: Level<'_>, all: &[HostIdType]) -> Vec<HostIdType> {
    let written = global.texts("host-reservation-identifiers");
    if written.contains(&AUTO) {
        all.to_vec()
    } else {
        written.into_iter().filter_map(HostIdType::of).collect()
    }
}

/// `client-classes` of a reservation: those that its client belongs to.
pub(crate) fn classes<F: Protocol>(host: Level<'_>, scope: &mut Scope<'_, F>) -> Box<[ClassId]> {
    let names = host.items("client-classes").iter().filter_map(|name| Some(name.as_str()?.trim()));
    names.filter(|name| !name.is_empty()).map(|name| scope.classes.intern(name)).collect()
}

/// `option-data` of a reservation, if it has any.
pub(crate) fn options<F: Protocol>(host: &Value, scope: &mut Scope<'_, F>) -> Option<Box<Options<F::Codes>>> {
    (!host.list("option-data").is_empty()).then(|| options::level(host, scope).into())
}
