//! `stats-recount`: a running server counts its leases anew.

use kotare_control::Request;

use crate::leases::Leases;
use crate::place::Place;
use crate::server::Server;
use crate::{Done, say};

pub(crate) fn recount<L: Leases>(place: &Place<L>) -> Done {
    let Some(socket) = &place.socket else {
        // As Kea says; there is nobody who could count.
        say::info("memfile does not keep lease statistics");
        say::info("a server counts its leases when it starts; name a running one with --socket or --config");
        return Ok(());
    };
    say::line("Recount lease statistics from database");
    let answer = Server::at(socket)?.ask(Request::new("leases-recount"))?;
    let count = |name| answer["arguments"][name].as_u64().unwrap_or(0);
    say::info(format_args!(
        "{} addresses are assigned, {} of them declined",
        count("assigned-addresses"),
        count("declined-addresses")
    ));
    Ok(())
}
