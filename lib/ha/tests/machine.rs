//! What a server says: answers to commands, its status, and what it does by itself.

use std::sync::Arc;
use std::time::Duration;

use kotare_ha::{
    Action, Answer, ClientKey, Expired, Heartbeat, Machine, Mode, Moment, Notified, Overheard, Partner,
    Pause, Peer, Refusal, Relationship, Role, Route, State, Ticket,
};
use kotare_model::{Duid, Timestamp};
use serde_json::json;

fn at(seconds: u64) -> Moment {
    Moment { uptime: Duration::from_secs(seconds), clock: Timestamp(1_573_116_577 + seconds as i64) }
}

/// The servers of the manual: `own` is the number of this one.
fn relationship(own: usize, mode: Mode) -> Relationship {
    let mut relationship = Relationship::new(&format!("server{own}"), mode);
    let second = match mode {
        Mode::LoadBalancing => Role::Secondary,
        Mode::HotStandby => Role::Standby,
        Mode::PassiveBackup => Role::Backup,
    };
    relationship.peers = [Role::Primary, second, Role::Backup]
        .into_iter()
        .enumerate()
        .map(|(at, role)| Peer::new(&format!("server{}", at + 1), "http://192.168.56.33:8005/", role))
        .collect();
    assert_eq!(relationship.judge(), Vec::<String>::new());
    relationship
}

fn machine(relationship: Relationship) -> Machine<u8> {
    Machine::new(Arc::new(relationship), at(0))
}

/// Sends the heartbeat that is due, and has the partner answer that it is in this state.
fn beat(machine: &mut Machine<u8>, answer: Option<State>, seconds: u64) {
    machine.tick(at(seconds));
    let ticket = ticket(machine.actions()).expect("a heartbeat is due");
    let answer = answer.map(|state| Heartbeat {
        partner: Partner::In(state),
        clock: at(seconds).clock,
        scopes: Some(["server2".to_owned()].into()),
        unsent: Some(0),
        heals: false,
    });
    machine.heartbeat(ticket, answer, at(seconds));
}

fn ticket(actions: Vec<Action>) -> Option<Ticket> {
    actions.into_iter().find_map(|action| match action {
        Action::SendHeartbeat(ticket) => Some(ticket),
        _ => None,
    })
}

/// Answers the heartbeat that was sent.
fn answer_next(machine: &mut Machine<u8>, answer: Option<Heartbeat>, now: Moment) {
    let ticket = ticket(machine.actions()).expect("a heartbeat was sent");
    machine.heartbeat(ticket, answer, now);
}

fn sync(actions: Vec<Action>) -> Option<Ticket> {
    actions.into_iter().find_map(|action| match action {
        Action::Synchronize { ticket, .. } => Some(ticket),
        _ => None,
    })
}

/// A primary in its normal state, which it reached within ten seconds.
fn normal(mode: Mode) -> Machine<u8> {
    let mut machine = machine(relationship(1, mode));
    beat(&mut machine, Some(State::Ready), 0);
    assert_eq!(machine.state(), State::Syncing);
    let ticket = sync(machine.actions()).expect("it fetches leases");
    machine.synchronized(ticket, Ok(()), at(1));
    assert_eq!(machine.state(), State::Ready);
    beat(&mut machine, Some(State::Ready), 1);
    machine
}

fn text(answer: &Answer) -> &str {
    &answer.text
}

/// `ha-heartbeat` says what the partner has to know.
#[test]
fn a_server_describes_itself() {
    let mut machine = normal(Mode::LoadBalancing);
    assert_eq!(machine.state(), State::LoadBalancing);
    let answer = machine.describe(at(0));
    assert_eq!((answer.code, text(&answer)), (0, "HA peer status returned."));
    assert_eq!(
        answer.arguments.unwrap(),
        json!({"state": "load-balancing", "date-time": "Thu, 07 Nov 2019 08:49:37 GMT", "scopes": ["server1"],
            "unsent-update-count": 0})
    );
    assert_eq!(machine.route(Role::Secondary), Route::Await);
    assert_eq!(machine.route(Role::Backup), Route::Send);
}

/// `status-get` of a pair that is in touch, and of one that is not.
#[test]
fn status_tells_of_both() {
    let mut machine = normal(Mode::HotStandby);
    let report = machine.report(at(5));
    assert_eq!(report["ha-mode"], "hot-standby");
    assert_eq!(
        report["ha-servers"]["local"],
        json!({"role": "primary", "scopes": ["server1"], "server-name": "server1", "state": "hot-standby",
            "system-time": "2019-11-07 08:49:38"})
    );
    let remote = &report["ha-servers"]["remote"];
    assert_eq!(
        *remote,
        json!({"age": 4, "analyzed-packets": 0, "clock-skew": 0, "communication-interrupted": false,
            "connecting-clients": 0, "in-touch": true, "last-scopes": ["server2"], "last-state": "ready",
            "role": "standby", "server-name": "server2", "system-time": "2019-11-07 08:49:38",
            "unacked-clients": 0, "unacked-clients-left": 0})
    );
    beat(&mut machine, None, 11);
    let remote = &machine.report(at(70))["ha-servers"]["remote"];
    assert_eq!(remote["last-state"], "unavailable");
    assert_eq!(remote["communication-interrupted"], true);
    assert_eq!(remote["unacked-clients-left"], 11);
    assert_eq!(remote["clock-skew"], json!(null));
    assert_eq!(remote["system-time"], json!(null));
}

/// A standby takes over when enough clients were not answered, and not before.
#[test]
fn clients_that_wait_prove_a_failure() {
    let mut machine = machine(relationship(2, Mode::HotStandby));
    beat(&mut machine, Some(State::HotStandby), 0);
    let ticket = sync(machine.actions()).unwrap();
    machine.synchronized(ticket, Ok(()), at(1));
    beat(&mut machine, Some(State::HotStandby), 1);
    assert_eq!(machine.state(), State::HotStandby);
    for seconds in (11..=71).step_by(10) {
        beat(&mut machine, None, seconds);
    }
    assert_eq!(machine.state(), State::HotStandby);
    assert!(machine.listens(at(71)) && !machine.listens(at(60)));
    let client = |number: u8| Some(ClientKey::v6(&Duid::new(&[0, 3, number]).unwrap()));
    for number in 0..11 {
        assert_eq!(machine.state(), State::HotStandby, "{number} clients wait");
        machine.overhear(client(number), &"x", Duration::from_secs(11), &Overheard::V6, at(72));
    }
    assert_eq!(machine.state(), State::PartnerDown);
    assert_eq!(machine.scopes().served().iter().collect::<Vec<_>>(), ["server1"]);
    assert_eq!(machine.route(Role::Primary), Route::Skip);
    assert_eq!(machine.contact().unsent(), 1);
}

/// Only its answer to a heartbeat shows that a partner is well, as with Kea: one that takes leases and answers no heartbeat
/// is silent all the same.
#[test]
fn heartbeats_alone_tell_how_the_partner_is() {
    let mut machine = normal(Mode::HotStandby);
    for seconds in (11..=61).step_by(10) {
        beat(&mut machine, None, seconds);
        machine.accepted(|| None);
        assert_eq!(machine.state(), State::HotStandby, "after {seconds} s");
    }
    assert_eq!(machine.report(at(61))["ha-servers"]["remote"]["age"], 60);
    machine.tick(at(62));
    assert_eq!(machine.state(), State::PartnerDown);
}

/// Without `auto-failover` a server does not answer the partner's clients by itself; for maintenance it does.
#[test]
fn taking_over_may_be_forbidden() {
    let mut relationship = relationship(2, Mode::LoadBalancing);
    (relationship.max_unacked_clients, relationship.peers[1].fails_over) = (0, false);
    let mut machine = machine(relationship);
    beat(&mut machine, None, 0);
    assert_eq!(machine.deadline(), Some(Duration::from_secs(10)));
    machine.tick(at(61));
    assert_eq!(machine.state(), State::PartnerDown);
    assert_eq!(machine.scopes().served().len(), 1);
    let answer = machine.serve_scopes(&["server1".into(), "server2".into()]);
    assert_eq!(text(&answer), "New HA scopes configured.");
    assert_eq!(machine.scopes().served().len(), 2);
    assert_eq!(machine.serve_scopes(&["x".into()]).code, 1);
}

/// Backups and lonely servers go straight to where they stay, and ask nobody.
#[test]
fn some_servers_have_no_partner() {
    for (own, mode, state) in [
        (3, Mode::LoadBalancing, State::Backup),
        (1, Mode::PassiveBackup, State::PassiveBackup),
        (2, Mode::PassiveBackup, State::Backup),
    ] {
        let mut machine = machine(relationship(own, mode));
        assert_eq!((machine.state(), machine.deadline()), (state, None));
        assert_eq!(machine.is_serving(), state == State::PassiveBackup);
        assert!(machine.report(at(1))["ha-servers"].get("remote").is_none());
        assert!(ticket(machine.actions()).is_none());
    }
    let mut relationship = relationship(1, Mode::PassiveBackup);
    relationship.waits_for_backups = true;
    assert_eq!(machine(relationship).route(Role::Backup), Route::Await);
}

/// `pause` keeps a server in a state, once or always, until `ha-continue`.
#[test]
fn a_server_pauses() {
    let mut relationship = relationship(1, Mode::HotStandby);
    relationship.pauses = vec![(State::Waiting, Pause::Once), (State::Ready, Pause::Always)];
    let mut machine = machine(relationship);
    beat(&mut machine, Some(State::Waiting), 0);
    assert_eq!((machine.state(), machine.is_paused()), (State::Waiting, true));
    assert_eq!(text(&machine.go_on(at(1))), "HA state machine continues.");
    assert_eq!(machine.state(), State::Syncing);
    assert_eq!(text(&machine.go_on(at(1))), "HA state machine is not paused.");
    let ticket = sync(machine.actions()).unwrap();
    machine.synchronized(ticket, Ok(()), at(2));
    beat(&mut machine, Some(State::Ready), 2);
    assert_eq!((machine.state(), machine.is_paused()), (State::Ready, true));
    machine.go_on(at(3));
    assert_eq!(machine.state(), State::HotStandby);
    assert_eq!(text(&machine.reset(at(4))), "HA state machine reset.");
    assert_eq!((machine.is_paused(), machine.state()), (false, State::Syncing), "once was enough");
}

/// Maintenance is refused where it cannot be, and taken back where it was begun.
#[test]
fn maintenance_is_answered() {
    let mut machine = normal(Mode::HotStandby);
    assert_eq!(machine.notified(true, "", at(2)).code, 1);
    assert!(machine.cancel_maintenance().is_err());
    assert_eq!(machine.start_maintenance(at(2)), Ok(Partner::In(State::HotStandby)));
    let refused = Err::<(), _>(Refusal { code: 1001, reason: "no (error code 1001)".into() });
    let answer = machine.maintenance_answered(Notified::by(&refused), at(2));
    assert!(
        answer.code == 1 && answer.text.ends_with("ha-maintenance-notify command: no (error code 1001).")
    );
    assert_eq!(machine.state(), State::HotStandby);
    let answer = machine.maintenance_answered(Notified::Agreed, at(3));
    assert!(answer.text.ends_with("The partner can be now safely shut down."));
    assert_eq!(machine.state(), State::PartnerInMaintenance);
    assert_eq!(machine.notified(false, "", at(4)).code, 1001);
    let again = machine.start_maintenance(at(4)).unwrap_err();
    assert_eq!(
        text(&again),
        "Unable to transition the server from the partner-in-maintenance to partner-in-maintenance state."
    );
    assert_eq!(machine.cancel_maintenance(), Ok(Partner::In(State::HotStandby)));
    let answer = machine.cancel_answered(Ok(Some(Partner::In(State::HotStandby))), at(5));
    assert_eq!(text(&answer), "Server maintenance successfully canceled.");
    assert_eq!(machine.state(), State::HotStandby);
    // The other one's side.
    assert_eq!(text(&machine.notified(false, "", at(6))), "Server is in-maintenance state.");
    assert!(!machine.is_serving());
    let answer = machine.notified(true, "hot-standby", at(7));
    assert_eq!(
        (answer.arguments, machine.state()),
        (Some(json!({"state": "hot-standby"})), State::HotStandby)
    );
    let unreachable = Err::<(), _>(Refusal { code: 1, reason: "refused".into() });
    let answer = machine.maintenance_answered(Notified::by(&unreachable), at(8));
    assert_eq!((answer.code, machine.state()), (0, State::PartnerDown));
}

/// What was said before a maintenance ended is old, whoever said it: neither server goes back to it because of an answer
/// that was on its way. After a while a partner that is still at it means it.
#[test]
fn an_ended_maintenance_does_not_come_back() {
    let said = |partner, seconds| Heartbeat {
        partner: Partner::In(partner),
        clock: at(seconds).clock,
        scopes: None,
        unsent: Some(0),
        heals: false,
    };
    // The one that had taken over.
    let mut machine = normal(Mode::HotStandby);
    machine.maintenance_answered(Notified::Agreed, at(2));
    machine.tick(at(12));
    let on_its_way = ticket(machine.actions()).expect("a heartbeat is due");
    machine.cancel_answered(Ok(Some(Partner::In(State::HotStandby))), at(12));
    machine.heartbeat(on_its_way, Some(said(State::InMaintenance, 12)), at(12));
    assert_eq!(machine.state(), State::HotStandby);
    beat(&mut machine, Some(State::HotStandby), 22);
    assert_eq!(machine.state(), State::HotStandby);
    // The one that had been taken over from.
    let mut often = relationship(2, Mode::HotStandby);
    often.heartbeat_delay = Duration::from_secs(1);
    let mut machine = Machine::new(Arc::new(often), at(0));
    beat(&mut machine, Some(State::HotStandby), 0);
    let fetched = sync(machine.actions()).expect("it fetches leases");
    machine.synchronized(fetched, Ok(()), at(1));
    beat(&mut machine, Some(State::HotStandby), 1);
    machine.notified(false, "", at(2));
    machine.tick(at(2));
    let on_its_way = ticket(machine.actions()).expect("a heartbeat is due");
    machine.notified(true, "hot-standby", at(3));
    machine.heartbeat(on_its_way, Some(said(State::PartnerInMaintenance, 3)), at(3));
    assert_eq!(machine.state(), State::HotStandby);
    beat(&mut machine, Some(State::PartnerInMaintenance), 4);
    assert_eq!(machine.state(), State::HotStandby, "it has not our answer yet");
    beat(&mut machine, Some(State::PartnerInMaintenance), 13);
    assert_eq!(machine.state(), State::InMaintenance, "it was never told");
}

/// A lease of the partner's clients is not reclaimed, and its name not removed from the DNS, by a server that may not have
/// heard that the partner extended it.
#[test]
fn leases_that_the_partner_may_hold_are_left_alone() {
    let hash = |of: u8| Some(of);
    // The hash says whose a client is: half of them are the primary's.
    let mut machine = machine(relationship(1, Mode::LoadBalancing));
    let reclaims = |machine: &Machine<u8>| {
        let mine = |of: &u8| machine.scopes().of_client(hash(*of)).is_some_and(|of| of.server == "server1");
        let (mine, theirs): (Vec<u8>, Vec<u8>) = (0..=255).partition(mine);
        assert!(!mine.is_empty() && !theirs.is_empty());
        [mine, theirs].map(|of| of.iter().all(|of| machine.expired(hash(*of)) == Expired::Reclaim))
    };
    assert_eq!(reclaims(&machine), [false; 2], "what the partner has is not known yet");
    beat(&mut machine, Some(State::Ready), 0);
    let ticket = sync(machine.actions()).expect("it fetches leases");
    machine.synchronized(ticket, Ok(()), at(1));
    assert_eq!((machine.state(), reclaims(&machine)), (State::Ready, [false; 2]));
    beat(&mut machine, Some(State::LoadBalancing), 1);
    assert_eq!((machine.state(), reclaims(&machine)), (State::LoadBalancing, [true; 2]));
    beat(&mut machine, None, 11);
    assert_eq!((machine.state(), reclaims(&machine)), (State::CommunicationRecovery, [true, false]));
    // A standby whose primary is silent, but may still answer its clients.
    let mut machine = Machine::new(Arc::new(relationship(2, Mode::HotStandby)), at(0));
    beat(&mut machine, Some(State::HotStandby), 0);
    let ticket = sync(machine.actions()).expect("it fetches leases");
    machine.synchronized(ticket, Ok(()), at(1));
    beat(&mut machine, Some(State::HotStandby), 1);
    assert!(machine.state() == State::HotStandby && machine.expired(hash(1)) == Expired::Reclaim);
    beat(&mut machine, None, 11);
    assert!(machine.state() == State::HotStandby && machine.expired(hash(1)) == Expired::Leave);
    machine.maintenance_answered(Notified::Offline, at(12));
    assert!(
        machine.state() == State::PartnerDown && machine.expired(hash(1)) == Expired::Reclaim,
        "all are its own now"
    );
    // A backup that may have missed what nobody waited for: names are for the others to remove.
    let mut machine = Machine::<u8>::new(Arc::new(relationship(3, Mode::HotStandby)), at(0));
    assert_eq!((machine.state(), machine.expired(hash(1))), (State::Backup, Expired::Forget));
    machine.serve_scopes(&["server1".into()]);
    assert_eq!(machine.expired(hash(1)), Expired::Reclaim, "it answers them");
}

/// A clock that was ahead leaves leases of a time to come. The service goes on when they are past, and not before a minute.
#[test]
fn the_service_goes_on_when_clocks_have_settled() {
    let mut often = relationship(1, Mode::HotStandby);
    often.heartbeat_delay = Duration::from_secs(1);
    let mut machine = machine(often);
    let mut ahead = |seconds: u64, ahead: i64, heals: bool| {
        machine.tick(at(seconds));
        let heartbeat = Heartbeat {
            partner: Partner::In(State::Terminated),
            clock: Timestamp(at(seconds).clock.0 + ahead),
            scopes: None,
            unsent: Some(0),
            heals,
        };
        answer_next(&mut machine, Some(heartbeat), at(seconds));
        machine.state()
    };
    assert_eq!(ahead(1, 200, true), State::Terminated);
    assert_eq!(ahead(100, 0, true), State::Terminated, "there are leases of the next 200 seconds");
    assert_eq!(ahead(239, 0, true), State::Terminated);
    assert_eq!(ahead(240, 0, false), State::Terminated, "the partner is not ready");
    assert_ne!(ahead(241, 0, true), State::Terminated);
}

/// While the partner is about to come back, nothing is given that it would not know of.
#[test]
fn a_server_waits_for_the_partner_to_be_back() {
    let mut machine = normal(Mode::HotStandby);
    beat(&mut machine, None, 11);
    machine.tick(at(62));
    assert_eq!(machine.state(), State::PartnerDown);
    // A heartbeat that was lost.
    answer_next(&mut machine, None, at(80));
    assert_eq!(
        text(&machine.sync_complete(at(81))),
        "Server successfully notified about the synchronization completion."
    );
    assert!(!machine.is_serving());
    assert_eq!(machine.route(Role::Standby), Route::Await, "an exchange that was begun before is told of");
    let sent = ticket(machine.actions()).expect("it asks at once");
    let answer = |state| Heartbeat {
        partner: Partner::In(state),
        clock: at(81).clock,
        scopes: None,
        unsent: Some(0),
        heals: false,
    };
    machine.heartbeat(sent, Some(answer(State::Syncing)), at(81));
    assert!(!machine.is_serving(), "it says that it is ready in a moment");
    machine.tick(at(82));
    answer_next(&mut machine, Some(answer(State::Ready)), at(82));
    assert_eq!((machine.state(), machine.is_serving()), (State::HotStandby, true));
}

/// Who cannot be reached after it said so is not waited for.
#[test]
fn a_server_does_not_wait_in_vain() {
    let mut machine = normal(Mode::HotStandby);
    beat(&mut machine, None, 11);
    machine.tick(at(62));
    let sent = ticket(machine.actions());
    machine.heartbeat(sent.unwrap(), None, at(63));
    machine.sync_complete(at(64));
    assert!(!machine.is_serving());
    answer_next(&mut machine, None, at(65));
    assert_eq!((machine.state(), machine.is_serving()), (State::PartnerDown, true));
    assert_eq!(machine.route(Role::Standby), Route::Skip);
    // Nor who never answers at all.
    machine.sync_complete(at(66));
    assert_eq!(machine.deadline(), Some(Duration::from_secs(76)));
    machine.tick(at(76));
    assert!(machine.is_serving());
}

/// What is given after the partner has fetched all and before it is known to be ready it does not hear of: it begins anew. Once
/// it has fetched these leases, too, both go on; and one that fetches none is not asked for that again and again.
#[test]
fn a_partner_that_lacks_leases_begins_anew() {
    let mut machine = normal(Mode::HotStandby);
    beat(&mut machine, None, 11);
    machine.tick(at(62));
    answer_next(&mut machine, None, at(63));
    machine.sync_complete(at(64));
    answer_next(&mut machine, None, at(65));
    assert_eq!((machine.state(), machine.is_serving()), (State::PartnerDown, true));
    assert_eq!(machine.route(Role::Standby), Route::Skip);
    let reset = |machine: &mut Machine<u8>| {
        machine.actions().into_iter().find_map(|action| match action {
            Action::SendReset(ticket) => Some(ticket),
            _ => None,
        })
    };
    beat(&mut machine, Some(State::Ready), 75);
    assert_eq!(machine.state(), State::PartnerDown);
    let sent = reset(&mut machine).expect("it lacks a lease");
    // It does not hear of that.
    machine.reset_sent(sent, false, at(76));
    beat(&mut machine, Some(State::Ready), 86);
    let sent = reset(&mut machine).expect("it still lacks it");
    machine.reset_sent(sent, true, at(87));
    // What it said before is old.
    machine.go_on(at(87));
    machine.lost(at(87));
    beat(&mut machine, Some(State::Syncing), 97);
    assert_eq!(machine.state(), State::PartnerDown);
    let mut without = machine.clone();
    machine.sync_complete(at(98));
    answer_next(&mut machine, Some(ready(98)), at(98));
    assert_eq!((machine.state(), machine.route(Role::Standby)), (State::HotStandby, Route::Await));
    // Without `sync-leases` there.
    beat(&mut without, Some(State::Ready), 107);
    assert_eq!((without.state(), reset(&mut without)), (State::HotStandby, None));
}

/// What a partner says that is ready.
fn ready(seconds: u64) -> Heartbeat {
    Heartbeat {
        partner: Partner::In(State::Ready),
        clock: at(seconds).clock,
        scopes: None,
        unsent: Some(0),
        heals: false,
    }
}

/// An update that comes too late to be queued is not kept for the next time.
#[test]
fn updates_are_queued_in_time() {
    let mut machine = normal(Mode::LoadBalancing);
    assert!(!machine.queue([7]) && machine.backlog().is_empty());
    beat(&mut machine, None, 11);
    assert_eq!(machine.state(), State::CommunicationRecovery);
    assert_eq!(machine.route(Role::Secondary), Route::Queue);
    assert!(machine.queue([7, 8]) && machine.backlog().len() == 2);
}

/// What nobody waits for any more changes nothing.
#[test]
fn late_answers_are_ignored() {
    let mut machine = machine(relationship(1, Mode::HotStandby));
    beat(&mut machine, Some(State::Waiting), 0);
    let ticket = sync(machine.actions()).unwrap();
    assert_eq!(text(&machine.notified(false, "", at(1))), "Server is in-maintenance state.");
    assert!(!machine.waits_for(ticket));
    machine.synchronized(ticket, Ok(()), at(2));
    assert_eq!(machine.state(), State::InMaintenance);
    machine.heartbeat(ticket, None, at(2));
    assert_eq!(machine.contact().partner(), Partner::In(State::Waiting));
}

/// A synchronisation that broke off goes on where it was, if the partner gave nothing meanwhile.
#[test]
fn a_synchronisation_goes_on() {
    let mut machine = machine(relationship(1, Mode::HotStandby));
    beat(&mut machine, Some(State::Waiting), 0);
    let ticket = sync(machine.actions()).unwrap();
    let reached = "192.0.2.77".parse().unwrap();
    machine.synchronized(ticket, Err(Some(reached)), at(1));
    assert_eq!(machine.state(), State::Syncing);
    beat(&mut machine, Some(State::Waiting), 11);
    let again = machine.actions();
    assert!(
        matches!(again[..], [Action::Synchronize { reached: Some(address), .. }] if address == reached),
        "{again:?}"
    );
}

/// The arguments of `ha-scopes` are checked in Kea's words.
#[test]
fn scopes_are_read() {
    let read = |arguments: serde_json::Value| Machine::<u8>::read_scopes(Some(&arguments));
    assert_eq!(read(json!({"scopes": ["a"]})), Ok(vec!["a".to_owned()]));
    assert_eq!(
        Machine::<u8>::read_scopes(None).unwrap_err(),
        "arguments not found in the 'ha-scopes' command"
    );
    assert_eq!(read(json!([])).unwrap_err(), "arguments in the 'ha-scopes' command are not a map");
    assert_eq!(read(json!({})).unwrap_err(), "'scopes' is mandatory for the 'ha-scopes' command");
    assert_eq!(
        read(json!({"scopes": "a"})).unwrap_err(),
        "'scopes' must be a list in the 'ha-scopes' command"
    );
    assert_eq!(
        read(json!({"scopes": [1]})).unwrap_err(),
        "scope name must be a string in the 'scopes' argument"
    );
}
