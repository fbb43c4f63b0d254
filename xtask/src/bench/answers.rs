//! How long commands wait while the server is busy with a large one.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use kotare_tests::world::V4;
use serde_json::{Value, json};

use super::figures::{Figure, Readings};
use super::leases;
use super::protocol::Protocol;
use super::stage::{Act, stopwatch};
use super::start::Start;
use crate::run::Done;

/// What the server is busy with.
#[derive(Clone, Copy)]
pub(super) enum Chore {
    /// `config-get` of 10 000 subnets with 100 000 reservations.
    Show,
    /// `config-set` to a lease file with three million leases.
    Load,
}

/// The pause between two small commands.
const PAUSE: Duration = Duration::from_millis(2);

/// Longer than the slowest server takes for a chore.
const PATIENCE: Duration = Duration::from_secs(300);

/// Gives the server its chore and asks for its version all the while.
pub(super) fn answers(act: &Act<'_>, chore: Chore) -> Done<Readings> {
    let dhcp4 = V4::with_subnets(
        act,
        &match chore {
            Chore::Show => Start { subnets: 10_000, reservations: 100_000, ..Start::default() },
            Chore::Load => Start::default(),
        },
    );
    let server = act.start::<V4>(dhcp4.clone())?;
    let request = match chore {
        Chore::Show => json!({"command": "config-get"}),
        Chore::Load => {
            let file = act.world.path("server/many.csv");
            act.place::<V4>(&file, "many", |path| {
                leases::write::<V4>(path, act.contender, 0..3_000_000, 0, false)
            })?;
            let mut other = dhcp4;
            other["lease-database"]["name"] = json!(file);
            json!({"command": "config-set", "arguments": server.configuration(other)})
        }
    };
    let socket = server.control_socket();
    let (done, ended) = channel();
    let (seconds, mut waits) = thread::scope(|scope| {
        scope.spawn(|| {
            let elapsed = stopwatch();
            let answered = ask(socket, &request).map(|()| elapsed()).map_err(|error| error.to_string());
            // The other side waits for it.
            drop(done.send(answered));
        });
        let mut waits = Vec::new();
        loop {
            match ended.recv_timeout(PAUSE) {
                Ok(answered) => return Ok((answered?, waits)),
                Err(RecvTimeoutError::Disconnected) => return Err("the chore was given up".into()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let elapsed = stopwatch();
            ask(socket, &json!({"command": "version-get"}))?;
            waits.push(elapsed() * 1e3);
        }
    })
    .map_err(|error: Box<dyn std::error::Error>| format!("{error}; the server's log:\n{}", server.log()))?;
    server.stop();
    waits.sort_by(f64::total_cmp);
    let (Some(&middle), Some(&worst)) = (waits.get(waits.len() / 2), waits.last()) else {
        return Err("the chore was done before anything else could be asked".into());
    };
    Ok(vec![(Figure::ANSWER_P50, middle), (Figure::ANSWER_WORST, worst), (Figure::SECONDS, seconds)])
}

/// Sends a command and waits for the whole answer, which must be success.
fn ask(socket: &Path, request: &Value) -> Done {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.to_string().as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    // The result comes first or last in an answer of many megabytes; only a small one is worth showing.
    let read: Value = serde_json::from_str(&answer)?;
    match read["result"].as_i64() {
        Some(0) => Ok(()),
        _ => Err(format!("{} is answered with {}", request["command"], read["text"]).into()),
    }
}
