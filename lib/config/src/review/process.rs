//! Reviews of what concerns the server rather than its clients.

use super::{Grade, Review, Scene};
use crate::json::{Diagnostics, Source, Value};
use crate::{Configuration, Process};

/// The configuration of a server that leases addresses.
pub(crate) trait Served: Configuration + AsRef<Process> {}

impl<C: Configuration + AsRef<Process>> Served for C {}

/// The reviews that every kind of server has.
pub(crate) const fn reviews<C: Served>() -> [Review<C>; 9] {
    use Grade::{Note, Warning};
    [
        Review { name: "lease_cmds_presence", grade: Note, run: lease_cmds },
        Review { name: "stat_cmds_presence", grade: Note, run: stat_cmds },
        Review { name: "host_cmds_presence", grade: Note, run: host_cmds },
        Review { name: "subnet_cmds_and_cb_mutual_exclusion", grade: Warning, run: subnet_cmds },
        Review { name: "ha_mt_presence", grade: Note, run: ha_threads },
        Review { name: "ha_dedicated_ports", grade: Note, run: ha_listener },
        Review { name: "agent_credentials_over_https", grade: Warning, run: credentials },
        Review { name: "no_interfaces", grade: Warning, run: interfaces },
        Review { name: "leases_forgotten", grade: Warning, run: persist },
    ]
}

fn has<C: Served>(scene: &Scene<'_, C>, library: &str) -> bool {
    scene.config.as_ref().libraries.iter().any(|loaded| &*loaded.name == library)
}

/// Where hook libraries are written, or would be.
fn place<C: Served>(scene: &Scene<'_, C>) -> Source {
    let global = scene.global();
    let list = global.own("hooks-libraries").or(global.map()).unwrap_or(scene.written.root());
    list.source().clone()
}

fn missing<C: Served>(scene: &Scene<'_, C>, library: &str, lacks: &str, diagnostics: &mut Diagnostics) {
    let message = format!("the hook library {library} is not loaded: {lacks}");
    let hint = format!("add \"libdhcp_{library}.so\" to \"hooks-libraries\"");
    diagnostics.warning_with_hint(&place(scene), message, hint);
}

fn lease_cmds<C: Served>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    if !has(scene, "lease_cmds") {
        missing(scene, "lease_cmds", "no tool can look for leases, or for who uses an address", diagnostics);
    }
}

fn stat_cmds<C: Served>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    if !has(scene, "stat_cmds") {
        missing(scene, "stat_cmds", "no tool can ask how full all subnets are at once", diagnostics);
    }
}

fn host_cmds<C: Served>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    if !has(scene, "host_cmds") && !scene.global().items("hosts-databases").is_empty() {
        missing(scene, "host_cmds", "no tool sees the reservations of the hosts databases", diagnostics);
    }
}

fn subnet_cmds<C: Served>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    let databases = scene.global().own("config-control").map_or(&[][..], |it| it.list("config-databases"));
    let library = scene.config.as_ref().libraries.iter().find(|library| &*library.name == "subnet_cmds");
    if let (Some(library), [_, ..]) = (library, databases) {
        let message =
            "what subnet_cmds changes is not in the configuration databases, which replace it again";
        diagnostics.warning_with_hint(
            &library.source,
            message,
            "manage subnets in the database, with cb_cmds",
        );
    }
}

/// The relationships of the hook library `ha`, with `multi-threading` of each.
fn relationships<'a, C: Served>(scene: &Scene<'a, C>) -> impl Iterator<Item = &'a Value> {
    let process = scene.config.as_ref();
    let is_threaded = process.multi_threading.enabled;
    let libraries = process.libraries.iter().filter(move |library| is_threaded && &*library.name == "ha");
    let parameters = libraries.filter_map(|library| library.parameters.as_ref());
    let all = parameters.flat_map(|parameters| parameters.list("high-availability"));
    all.filter_map(|relationship| relationship.get("multi-threading"))
}

fn ha_threads<C: Served>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    for threading in relationships(scene) {
        if let Some(value) = threading.get("enable-multi-threading").filter(|it| it.as_bool() == Some(false))
        {
            let message =
                "the server has several threads, and what it tells its partner waits for one of them";
            diagnostics.warning_with_hint(value.source(), message, "set it to true");
        }
    }
}

fn ha_listener<C: Served>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    for threading in relationships(scene) {
        let is_on = threading.get("enable-multi-threading").and_then(Value::as_bool).unwrap_or(true);
        let listener = threading.get("http-dedicated-listener").filter(|it| it.as_bool() == Some(false));
        if let Some(value) = listener.filter(|_| is_on) {
            let message = "partners speak through a control agent, which all of them wait for";
            diagnostics.warning_with_hint(
                value.source(),
                message,
                "set it to true, and give each server a port that no control agent has",
            );
        }
    }
}

/// On loopback nobody listens but those who may read the configuration, too.
fn credentials<C: Served>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    for socket in &scene.config.as_ref().http_sockets {
        if socket.authentication.is_some() && socket.tls.is_none() && !socket.at.ip().is_loopback() {
            let message = format!("passwords for {} cross the network as everybody can read them", socket.at);
            let hint = "set \"trust-anchor\", \"cert-file\" and \"key-file\", or listen at 127.0.0.1";
            diagnostics.warning_with_hint(socket.written.source(), message, hint);
        }
    }
}

fn interfaces<C: Served>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    let global = scene.global();
    let config = global.own("interfaces-config");
    if config.is_none_or(|config| config.list("interfaces").is_empty())
        && let Some(place) = config.or(global.map())
    {
        let message = "the server listens at no interface, so no client is ever answered";
        let hint = "name them in \"interfaces\" of \"interfaces-config\", or \"*\" for all";
        diagnostics.warning_with_hint(place.source(), message, hint);
    }
}

fn persist<C: Served>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    let database = scene.global().own("lease-database");
    if let Some(persist) = database.and_then(|it| it.get("persist")).filter(|it| it.as_bool() == Some(false))
    {
        let message = "leases are forgotten when the server ends, and their addresses given to others";
        diagnostics.warning_with_hint(persist.source(), message, "set it to true, except for tests");
    }
}
