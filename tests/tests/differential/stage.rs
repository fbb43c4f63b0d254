//! Two servers under the same configuration, and what they answer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;

use kotare_tests::tell;
use kotare_tests::world::{Host, Server, World, eventually, partner, partner_or_system, program};
use kotare_wire::v4::MessageType;
use serde_json::Value;

use crate::explained::EXPLAINED;
use crate::packets::{Answer, Link, Query};
use crate::reply;
use crate::verdict::{Difference, Field, differences_between, judge, statistics};

/// One of the two servers as a script sees it.
pub(crate) struct Side {
    link: Link,
    script: &'static str,
    transcript: Vec<Heard>,
    /// Whether something was asked as often as it took, so that the packets of the two servers cannot be counted.
    uncounted: bool,
}

/// What was answered to one query.
struct Heard {
    script: &'static str,
    step: String,
    answers: Vec<Answer>,
}

/// A story: its name, and what clients and relays do in it. Scripts of one configuration share its servers, so
/// each has clients of its own.
pub(crate) type Script = (&'static str, fn(&mut Side));

impl Side {
    /// One for a story without scripts.
    pub(crate) fn of(link: Link) -> Self {
        Self { link, script: "", transcript: Vec::new(), uncounted: false }
    }

    /// Sends a query and remembers what comes; the first reply, or none.
    pub(crate) fn ask(&mut self, step: &str, query: Query) -> Option<Answer> {
        let answers = self.link.ask(&query);
        let first = answers.first().cloned();
        self.transcript.push(Heard { script: self.script, step: step.to_owned(), answers });
        first
    }

    /// Sends a query again and again until it is answered, and remembers that.
    pub(crate) fn ask_until_answered(&mut self, step: &str, query: Query) {
        self.uncounted = true;
        let link = &mut self.link;
        let answers = eventually(step, || Some(link.ask(&query)).filter(|answers| !answers.is_empty()));
        self.transcript.push(Heard { script: self.script, step: step.to_owned(), answers });
    }

    /// Sends a query; the address in the reply, 0.0.0.0 for none.
    pub(crate) fn address(&mut self, step: &str, query: Query) -> Ipv4Addr {
        self.ask(step, query).map_or(Ipv4Addr::UNSPECIFIED, |answer| answer.yiaddr())
    }

    /// Takes a client through DISCOVER and REQUEST; `dress` adds to both messages. The address it has then.
    pub(crate) fn lease(&mut self, client: u16, dress: impl Fn(Query) -> Query) -> Ipv4Addr {
        let discover = dress(Query::discover(client));
        self.lease_after(client, discover, dress)
    }

    /// The same for a client that asks for an address.
    pub(crate) fn lease_at(
        &mut self,
        client: u16,
        address: Ipv4Addr,
        dress: impl Fn(Query) -> Query,
    ) -> Ipv4Addr {
        let discover = dress(Query::discover(client).requested(address));
        self.lease_after(client, discover, dress)
    }

    fn lease_after(&mut self, client: u16, discover: Query, dress: impl Fn(Query) -> Query) -> Ipv4Addr {
        let Some(offer) = self.ask("lease: discover", discover) else {
            return Ipv4Addr::UNSPECIFIED;
        };
        let server = offer.server_id().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let request = Query::request(client).server_id(server).requested(offer.yiaddr());
        let answer = self.ask("lease: request", dress(request));
        let acknowledged = answer.filter(|answer| answer.message_type() == Some(MessageType::ACK));
        acknowledged.map_or(Ipv4Addr::UNSPECIFIED, |answer| answer.yiaddr())
    }
}

/// The programs to compare; `None`, said aloud, where the real one is not unpacked.
fn programs() -> Option<[PathBuf; 2]> {
    let Some(kea) = partner("kea-dhcp4") else {
        tell("skipped: KOTARE_PARTNERS has no kea-dhcp4 to compare with");
        return None;
    };
    Some([kea, program("kea-dhcp4")])
}

/// Starts both servers under this configuration and gives them to `body`, each in a thread of its own.
pub(crate) fn with_both<T: Send>(
    world: &World,
    dhcp4: &Value,
    body: impl Fn(&Server, Link) -> T + Sync,
) -> Option<[T; 2]> {
    let programs = programs()?;
    let run = |name: &str, program: &PathBuf| {
        let (host, mut link): (Host, Link) = Link::new(world, name);
        let _sink = (dhcp4["dhcp-ddns"]["enable-updates"] == true).then(|| Sink::start(world, &host, name));
        let server = Server::start(world, &host, name, program, dhcp4.clone());
        assert!(link.is_served(), "{name} answers at all; its log:\n{}", server.log());
        body(&server, link)
    };
    Some(thread::scope(|scope| {
        let both = ["kea", "ours"].map(|name| {
            let program = &programs[usize::from(name == "ours")];
            scope.spawn(move || run(name, program))
        });
        both.map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    }))
}

/// Takes the requests of a server for changes of names in place of `kea-dhcp-ddns`; ends when it is dropped.
pub(crate) struct Sink(Child);

/// Where requests are put in the folder of their server.
pub(crate) const REQUESTS: &str = "requests";

impl Sink {
    pub(crate) fn start(world: &World, host: &Host, name: &str) -> Self {
        let folder = world.path(name);
        fs::create_dir_all(&folder).expect("make the server's folder");
        let mut command = host.command(partner_or_system("socat"));
        command.args(["-u", "UDP-RECV:53001,bind=127.0.0.1"]);
        command.arg(format!("OPEN:{},creat,append", folder.join(REQUESTS).display()));
        let sink = Self(command.spawn().expect("socat is installed"));
        eventually("socat listens", || {
            host.run(partner_or_system("ss"), &["-lun"]).contains("127.0.0.1:53001").then_some(())
        });
        sink
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a server asked of `kea-dhcp-ddns`; see [`requests_in`].
pub(crate) fn requests(server: &Server) -> Vec<String> {
    requests_in(&server.folder().join(REQUESTS))
}

/// Where two servers did not ask for the same, in the same order for each name and for each address: the order of those that
/// have nothing in common means nothing.
pub(crate) fn differing(kea: &[String], ours: &[String]) -> String {
    let things = |requests: &[String]| -> BTreeSet<String> {
        requests.iter().flat_map(|request| request.split(' ').skip(1).take(2).map(str::to_owned)).collect()
    };
    let mut wrong = String::new();
    for thing in things(kea).union(&things(ours)) {
        let of = |requests: &[String]| -> Vec<String> {
            requests.iter().filter(|request| request.split(' ').any(|word| word == thing)).cloned().collect()
        };
        let (kea, ours) = (of(kea), of(ours));
        if kea != ours {
            wrong += &format!("{thing}:\nKea's:\n  {}\nours:\n  {}\n", kea.join("\n  "), ours.join("\n  "));
        }
    }
    wrong
}

/// The requests in a file, in a line each: change, name, address, forward, reverse, DHCID, time, and whether conflicts are
/// looked for.
pub(crate) fn requests_in(file: &Path) -> Vec<String> {
    let bytes = fs::read(file).unwrap_or_default();
    let (mut rest, mut requests) = (&bytes[..], Vec::new());
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let Some((json, after)) = after.split_at_checked(u16::from_be_bytes(*length).into()) else { break };
        rest = after;
        let request: Value = serde_json::from_slice(json).expect("a request");
        // What Kea 2.2 says of conflicts, and later versions do.
        let checks = match &request["conflict-resolution-mode"] {
            Value::Null => request["use-conflict-resolution"] == true,
            mode => mode == "check-with-dhcid",
        };
        let text = |keyword: &str| request[keyword].as_str().unwrap_or_default().to_owned();
        requests.push(format!(
            "{} {} {} {} {} {} {} {checks}",
            request["change-type"],
            // Kea takes away in small letters what it added as it is configured; to the DNS that is the same.
            text("fqdn").to_lowercase(),
            text("ip-address"),
            request["forward-change"],
            request["reverse-change"],
            text("dhcid"),
            request["lease-length"],
        ));
    }
    requests
}

/// Plays the scripts against both servers under this configuration and compares.
pub(crate) fn compare(world: &World, dhcp4: &Value, scripts: &[Script]) {
    let ends = with_both(world, dhcp4, |server, link| {
        let mut side = Side::of(link);
        for (name, play) in scripts {
            side.script = name;
            play(&mut side);
        }
        (side.transcript, state(server, side.uncounted))
    });
    let Some([(kea, kea_state), (ours, our_state)]) = ends else { return };
    let played: BTreeSet<&str> = scripts.iter().map(|(name, _)| *name).collect();
    assert_eq!(played.len(), scripts.len(), "scripts have names of their own");
    assert_eq!(kea.len(), ours.len(), "a script asks both servers the same number of queries");
    let mut differences = Vec::new();
    for (kea, ours) in kea.iter().zip(&ours) {
        assert_eq!(
            (kea.script, &kea.step),
            (ours.script, &ours.step),
            "a script does the same on both sides"
        );
        differences.extend(differences_of(kea, ours));
    }
    // What servers that answered differently know and have counted is not the same either.
    let of_form =
        |difference: &Difference| EXPLAINED.iter().any(|row| row.everywhere && row.explains(difference));
    if differences.iter().all(of_form) {
        let (script, _) = scripts.last().expect("a script");
        // Later versions count more.
        let counted =
            |name: &str| !name.starts_with("statistic ") || kea_state.iter().any(|(other, _)| other == name);
        let our_state = our_state.into_iter().filter(|(name, _)| counted(name)).collect();
        differences.extend(differences_between(script, "at the end", kea_state.clone(), our_state));
    }
    judge(EXPLAINED, &differences, |row| played.contains(row.script));
}

fn differences_of(kea: &Heard, ours: &Heard) -> Vec<Difference> {
    let difference = |field: &str, kea_says: String, we_say: String| Difference {
        script: kea.script.to_owned(),
        step: kea.step.clone(),
        field: field.to_owned(),
        kea: kea_says,
        ours: we_say,
    };
    if summary(&kea.answers) != summary(&ours.answers) {
        return vec![difference("answer", summary(&kea.answers), summary(&ours.answers))];
    }
    let mut found = Vec::new();
    for (theirs, ours) in kea.answers.iter().zip(&ours.answers) {
        found.extend(differences_between(kea.script, &kea.step, reply::fields(theirs), reply::fields(ours)));
    }
    // What follows from another difference is not told again.
    let options_differ = found.iter().any(|difference| difference.field.starts_with("option "));
    found.retain(|difference| {
        !(options_differ && ["order of options", "length"].contains(&difference.field.as_str()))
    });
    found
}

/// What a server knows at the end: its leases, as they stand in its file, and its statistics.
fn state(server: &Server, uncounted: bool) -> Vec<Field> {
    let mut state = BTreeMap::new();
    for row in server.lease_rows() {
        let columns: Vec<&str> = row.split(',').collect();
        let [address, hwaddr, id, lifetime, _expire, subnet, fwd, rev, hostname, lease_state, ..] =
            columns[..]
        else {
            panic!("a row of a lease file: {row}");
        };
        let lease = [hwaddr, id, lifetime, subnet, fwd, rev, hostname, lease_state].join(",");
        // A lifetime of zero takes a lease out of the file.
        if lifetime == "0" {
            state.remove(&format!("lease {address}"));
        } else {
            state.insert(format!("lease {address}"), lease);
        }
    }
    // A reply may be heard before it is counted.
    for (name, samples) in statistics(server)["arguments"].as_object().into_iter().flatten() {
        if uncounted && !name.ends_with("addresses") && !name.ends_with("leases") {
            continue;
        }
        state.insert(format!("statistic {name}"), samples[0][0].to_string());
    }
    state.into_iter().collect()
}

/// What kinds of replies there were.
fn summary(answers: &[Answer]) -> String {
    match answers {
        [] => "silence".to_owned(),
        some => {
            some.iter().map(|answer| format!("{:?}", answer.message_type())).collect::<Vec<_>>().join(", ")
        }
    }
}
