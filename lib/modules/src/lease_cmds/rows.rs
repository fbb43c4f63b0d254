//! `lease4-bulk-apply` and `lease6-bulk-apply` of leases in rows of a lease file, as servers of ours tell each other of them.
//!
//! That is done where the command is read, without another thread, which would take longer: a store in memory need not be
//! waited for, nor a lease file most of the time. When it has to be, a thread that may wait does so: other commands of
//! partners, their heartbeats among them, are read meanwhile. Changes of different addresses are asked for together, so that
//! a database makes them together.

use std::collections::HashSet;

use futures_util::future::join_all;
use kotare_control::{Reply, Request, aside};
use kotare_store::Lease;
use kotare_store_memfile::{Sent, each_row};
use serde_json::Value as Json;

use super::LeaseCmds;
use super::bulk::{answer, failure};
use super::change::{wiped_out, written};
use super::family::Commanded;
use super::find::parameters;
use super::scene::{Done, Scene, command};
use crate::arguments::{Arguments, Refused};

/// So many bytes of rows are read at once; what is longer takes a thread of its own.
const SHORT: usize = 1 << 16;

/// So many changes are asked for at once, so that clients do not wait for more than that.
const AT_ONCE: usize = 512;

/// The argument.
const ROWS: &str = "rows";

/// Whether that is how a command tells of leases.
pub(super) fn are_in(request: &Request) -> bool {
    request.arguments.as_ref().is_some_and(|arguments| arguments.get(ROWS).is_some())
}

fn text(request: &Request) -> Result<&str, Refused> {
    let arguments = Arguments::of(request, "Command arguments missing or a not a map.")?;
    if arguments.get("leases").or(arguments.get("deleted-leases")).is_some() {
        return Err("'rows' parameter must not be specified with 'leases' or 'deleted-leases'".into());
    }
    Ok(arguments.text(ROWS)?)
}

/// The answer to the command.
pub(super) fn reply<L: Commanded>(module: &LeaseCmds<L>, request: Request) -> Reply<'static> {
    if text(&request).is_ok_and(|rows| rows.len() > SHORT) {
        return command(module, request, |scene, request| {
            let applied = scene.finish(apply(scene, request));
            told::<L>(request, applied.and_then(|response| scene.flush().map(|()| response)))
        });
    }
    let scene = Scene::of(module);
    Box::pin(async move {
        let scene = match scene {
            Ok(scene) => scene,
            Err(refused) => return refused.into(),
        };
        let kept = match apply(&scene, &request).await {
            Ok(response) => keep(scene).await.map(|()| response),
            Err(refused) => Err(refused),
        };
        told::<L>(&request, kept).unwrap_or_else(Into::into)
    })
}

async fn apply<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    put(scene, &read(scene, request)?).await
}

/// Keeps what was applied as safe as configured, without holding this thread up.
async fn keep<L: Commanded>(scene: Scene<L>) -> Result<(), Refused> {
    match scene.flushed_at_once().await? {
        true => Ok(()),
        false => aside(move || scene.flush()).await,
    }
}

/// Tells why a command is not done, if it is not.
fn told<L: Commanded>(request: &Request, done: Done) -> Done {
    done.inspect_err(|refused| (L::LOG.apply_failed)(&parameters(request), &refused.text))
}

/// The leases of the rows, if all of them are well-formed and have a place here.
fn read<L: Commanded>(scene: &Scene<L>, request: &Request) -> Result<Vec<Sent<L>>, Refused> {
    let mut leases = Ok(Vec::new());
    each_row::<L>(text(request)?, |row, sent| {
        let Ok(taken) = &mut leases else { return };
        let sent = sent.map_err(|reason| Refused::error(format!("row '{row}': {reason}")));
        match sent.and_then(|sent| placed(scene, sent)) {
            Ok(sent) => taken.push(sent),
            Err(refused) => leases = Err(refused),
        }
    })?;
    leases
}

/// What goes needs no place.
fn placed<L: Commanded>(scene: &Scene<L>, sent: Sent<L>) -> Result<Sent<L>, Refused> {
    match sent.is_gone {
        true => Ok(sent),
        false => Ok(Sent { lease: sent.lease.placed(scene.config())?, is_gone: false }),
    }
}

async fn put<L: Commanded>(scene: &Scene<L>, leases: &[Sent<L>]) -> Done {
    let (mut count, mut deleted, mut kept) = (0, Vec::new(), Vec::new());
    let mut note = |sent: &Sent<L>, done: Result<(), Refused>| match done {
        Ok(()) => count += 1,
        Err(refused) => {
            let list = if sent.is_gone { &mut deleted } else { &mut kept };
            list.push(failed(&sent.lease, &refused));
        }
    };
    let mut rest = leases;
    if !scene.is_far() {
        for sent in std::mem::take(&mut rest) {
            note(sent, one(scene, sent).await);
        }
    }
    while !rest.is_empty() {
        // Of two rows of one address the second counts.
        let mut seen = HashSet::new();
        let many =
            rest.iter().take(AT_ONCE).take_while(|sent| seen.insert(Lease::address(&sent.lease))).count();
        let (now, later) = rest.split_at(many);
        let done = join_all(now.iter().map(|sent| one(scene, sent))).await;
        now.iter().zip(done).for_each(|(sent, done)| note(sent, done));
        rest = later;
    }
    Ok(answer::<L>(count, deleted, kept))
}

async fn one<L: Commanded>(scene: &Scene<L>, sent: &Sent<L>) -> Result<(), Refused> {
    let lease = &sent.lease;
    if !sent.is_gone {
        return written(scene, lease, true).await.map(drop);
    }
    let there = scene.found(L::by_address(Lease::address(lease))).await?.pop();
    let there = there.filter(|there| there.is_of(Some(lease.lease_type())));
    let gone = match there {
        Some(there) => wiped_out(scene, there).await?,
        None => false,
    };
    gone.then_some(()).ok_or_else(|| Refused::empty("lease not found"))
}

fn failed<L: Commanded>(lease: &L, refused: &Refused) -> Json {
    failure(lease.lease_type().name(), Some(("ip-address", Lease::address(lease).to_string())), refused)
}
