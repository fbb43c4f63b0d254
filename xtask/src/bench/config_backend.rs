//! A configuration with 10 000 subnets that are in a database: how long it takes until it is served, and what a change of one
//! costs.

use std::{fs, io};

use kotare_tests::world::ServerOf;
use serde_json::{Value, json};

use super::figures::{Figure, Readings};
use super::process::cpu;
use super::protocol::Protocol;
use super::stage::{Act, stopwatch};
use super::start::{Start, first_offer};
use crate::run::Done;

/// So many subnets.
const SUBNETS: u32 = 10_000;
/// So many changes of a kind, one after the other.
const CHANGES: u32 = 20;
const NETWORK: &str = "floor";

/// What changes of one subnet.
#[derive(Clone, Copy)]
pub(super) enum Change {
    /// A timer.
    Timer,
    /// Which addresses its pool has.
    Pool,
    /// It comes and goes.
    Presence,
    /// It goes into a shared network and out of it.
    Network,
}

/// From the start of the program to its first offer.
pub(super) fn start<P: Protocol>(act: &Act<'_>) -> Done<Readings> {
    fill::<P>(act)?;
    first_offer::<P>(act, served::<P>(act))
}

/// Changes that somebody else makes, each of which is looked for at once. What the answer takes, and all that the server does.
pub(super) fn changes<P: Protocol>(act: &Act<'_>, change: Change) -> Done<Readings> {
    fill::<P>(act)?;
    let server = act.start::<P>(served::<P>(act))?;
    let editor = editor::<P>(act)?;
    let (mut spent, mut took) = (0.0, Vec::new());
    for turn in 0..CHANGES {
        made::<P>(&editor, act, change, turn)?;
        let before = cpu(server.pid()).ok_or("the server is gone")?;
        let elapsed = stopwatch();
        let answer = server.command("config-backend-pull", None);
        took.push(elapsed() * 1e3);
        spent += cpu(server.pid()).ok_or("the server is gone")? - before;
        if answer["result"] != 0 {
            return Err(format!("{answer}").into());
        }
    }
    editor.stop();
    server.stop();
    Ok(vec![
        (Figure::CPU_PER_CHANGE, spent * 1e3 / f64::from(CHANGES)),
        (Figure::ANSWER, super::median(&took).unwrap_or(f64::NAN)),
    ])
}

/// What the server serves: what is in the database, and the subnets of the client and its relay.
fn served<P: Protocol>(act: &Act<'_>) -> Value {
    configured::<P>(act, P::with_subnets(act, &Start::default()))
}

fn configured<P: Protocol>(act: &Act<'_>, mut map: Value) -> Value {
    let database = json!({"type": "sqlite", "name": act.world.path("configuration.sqlite")});
    map["config-control"] = json!({"config-databases": [database], "config-fetch-wait-time": 0});
    map["hooks-libraries"] = json!([{"library": act.library("libdhcp_cb_cmds.so")}]);
    map
}

/// A server that changes the database, and serves nobody.
fn editor<P: Protocol>(act: &Act<'_>) -> Done<ServerOf<P>> {
    let mut map = configured::<P>(act, P::configuration(act));
    map["interfaces-config"] = json!({"interfaces": []});
    map["lease-database"] = json!({"type": "memfile", "persist": false});
    let program = act.program(P::SERVER)?;
    Ok(ServerOf::launch(&act.world, act.relay(), "editor", &program, map).answering())
}

/// Puts the subnets into the database, once in a run.
fn fill<P: Protocol>(act: &Act<'_>) -> Done {
    let database = act.world.path("configuration.sqlite");
    act.place::<P>(&database, "configuration", |path| {
        filled::<P>(act).map_err(|error| io::Error::other(error.to_string()))?;
        fs::copy(&database, path).map(|_| ())
    })
}

fn filled<P: Protocol>(act: &Act<'_>) -> Done {
    let editor = editor::<P>(act)?;
    let networks = json!({"shared-networks": [{"name": NETWORK}], "server-tags": ["all"]});
    ask(&editor, &format!("remote-network{}-set", number::<P>()), networks)?;
    let many = P::with_subnets(act, &Start { subnets: SUBNETS, ..Start::default() });
    for subnet in many[subnets::<P>()].as_array().into_iter().flatten().skip(2) {
        set(&editor, subnet.clone(), None)?;
    }
    editor.stop();
    Ok(())
}

/// Changes one of the subnets in the middle.
fn made<P: Protocol>(editor: &ServerOf<P>, act: &Act<'_>, change: Change, turn: u32) -> Done {
    let many = P::with_subnets(act, &Start { subnets: SUBNETS, ..Start::default() });
    let mut subnet = many[subnets::<P>()][SUBNETS as usize / 2].clone();
    let is_odd = turn % 2 == 1;
    match change {
        Change::Timer => subnet["renew-timer"] = (1000 + turn).into(),
        Change::Pool if is_odd => {}
        Change::Pool => {
            let pool = subnet["pools"][0]["pool"].as_str().ok_or("a pool")?;
            let (first, _) = pool.split_once('-').ok_or("a range")?;
            subnet["pools"][0]["pool"] = format!("{0} - {0}", first.trim()).into();
        }
        Change::Presence if is_odd => {}
        Change::Presence => {
            let gone = json!({"subnets": [{"id": subnet["id"]}]});
            return ask(editor, &format!("remote-subnet{}-del-by-id", number::<P>()), gone);
        }
        Change::Network => return set(editor, subnet, Some(NETWORK).filter(|_| !is_odd)),
    }
    set(editor, subnet, None)
}

fn set<P: Protocol>(editor: &ServerOf<P>, mut subnet: Value, network: Option<&str>) -> Done {
    subnet["shared-network-name"] = network.into();
    let what = json!({"subnets": [subnet], "server-tags": ["all"]});
    ask(editor, &format!("remote-subnet{}-set", number::<P>()), what)
}

fn ask<P: Protocol>(editor: &ServerOf<P>, command: &str, arguments: Value) -> Done {
    let answer = editor.command(command, Some(arguments));
    match answer["result"] == 0 {
        true => Ok(()),
        false => Err(format!("{command}: {answer}").into()),
    }
}

fn number<P: Protocol>() -> &'static str {
    &P::MAP[P::MAP.len() - 1..]
}

fn subnets<P: Protocol>() -> String {
    format!("subnet{}", number::<P>())
}
