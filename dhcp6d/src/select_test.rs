//! `subnet6-select-test`: which subnet a client would be on.

use kotare_config::v6::Config6;
use kotare_control::{Request, Response};
use kotare_engine::v6::select::{Selector, select};
use kotare_expr::ClassSet;
use kotare_server::commands::place::{self, Told};

/// `subnet6-select-test`.
pub(crate) fn subnet6(config: &Config6, request: &Request) -> Result<Response, String> {
    let mut by = Selector::UNKNOWN;
    let mut interface_id = None;
    let mut among = ClassSet::default();
    let told = Told::of(request)?;
    for key in told.keys() {
        match key {
            "interface" => by.interface = told.text(key)?,
            "interface-id" => interface_id = Some(told.identifier(key)?),
            "remote" => by.source = told.v6(key)?,
            "link" => by.link = told.v6(key)?,
            "classes" => among = told.classes(key, |name| config.classes.id(name))?,
            other => return Err(format!("unknown entry '{other}'")),
        }
    }
    by.interface_id = interface_id.as_deref();
    by.classes = &among;
    let Ok(found) = select(config, &by) else { return Ok(place::not_selected()) };
    let subnet = &config[found];
    Ok(place::selected(subnet.network.map(|at| &*config[at].name), subnet.prefix, subnet.id))
}
