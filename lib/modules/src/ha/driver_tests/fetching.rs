//! Leases are fetched by one at a time, and a partner is not left silent.

use super::*;

/// The commands by which leases are fetched.
const FETCHING: [&str; 4] = ["dhcp-disable", "dhcp-enable", "ha-sync-complete-notify", "lease4-get-page"];

/// A server that begins anew while it fetches leases does so once more, and not beside the first time; what that would have
/// ended at the partner goes on.
#[tokio::test(start_paused = true)]
async fn one_that_begins_anew_fetches_once() {
    let pair = Pair::new(&["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"]);
    pair.wires[1].is_to_kea.store(true, Relaxed);
    pair.until_heard(1, "lease4-get-page").await;
    pair.nodes[1].tell(|machine, now| machine.reset(now));
    sleep(Duration::from_secs(60)).await;
    assert_eq!((pair.states(), pair.leases(1).len()), (NORMAL, 5));
    let page = ["dhcp-disable", "lease4-get-page"];
    // What was asked for already is taken back.
    let given_up = ["dhcp-disable", "dhcp-enable"];
    let wanted = [&page[..], &given_up, &page, &page, &page, &["ha-sync-complete-notify"]].concat();
    assert_eq!(pair.heard(1, &FETCHING), wanted);
}

/// Leases are fetched by one at a time: who has a server fetch them does not end what it needs itself.
#[tokio::test(start_paused = true)]
async fn leases_are_fetched_by_one_at_a_time() {
    let pair = Pair::new(&["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    pair.wires[1].is_to_kea.store(true, Relaxed);
    pair.until_heard(1, "lease4-get-page").await;
    let hub = Hub::new(vec![Arc::clone(&pair.nodes[1])]);
    let answer = hub.answer("ha-sync", Some(&json!({"server-name": "a"}))).await;
    assert_eq!(answer.code, 0, "{answer:?}");
    let all =
        ["dhcp-disable", "lease4-get-page", "dhcp-disable", "lease4-get-page", "ha-sync-complete-notify"];
    assert_eq!(pair.heard(1, &FETCHING), [all, all].concat());
}

/// When a relationship ends, all ends that was begun for it.
#[tokio::test(start_paused = true)]
async fn nothing_goes_on_at_the_end() {
    let pair = Pair::new(&["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    pair.until_heard(1, "lease4-get-page").await;
    pair.tasks[1].abort();
    let before = pair.wires[1].heard.lock().len();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(pair.wires[1].heard.lock().len(), before);
    assert!(!*pair.nodes[1].around.serves.lock());
}

/// A relationship that ends while the partner is silent for it lets it speak; at any other time it says nothing.
#[tokio::test(start_paused = true)]
async fn the_partner_speaks_again_at_the_end() {
    for command in ["dhcp-disable", "lease4-get-page"] {
        let pair = Pair::new(&["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
        pair.wires[1].is_to_kea.store(true, Relaxed);
        pair.until_heard(1, command).await;
        pair.tasks[1].abort();
        pair.nodes[1].part().await;
        assert_eq!(pair.heard(1, &FETCHING).last().map(String::as_str), Some("dhcp-enable"), "{command}");
    }
    let pair = Pair::new(&["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    pair.wires[1].is_to_kea.store(true, Relaxed);
    sleep(Duration::from_secs(60)).await;
    let before = pair.heard(1, &FETCHING);
    pair.tasks[1].abort();
    pair.nodes[1].part().await;
    assert_eq!((pair.heard(1, &FETCHING), pair.states()), (before, NORMAL));
}

/// What an operator has ordered without a limit does not leave the partner silent either: it is given up, and if it hangs, the
/// partner is told beside it.
#[tokio::test(start_paused = true)]
async fn what_was_ordered_ends_with_the_relationship() {
    for hangs in [false, true] {
        let pair = Pair::new(&["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
        sleep(Duration::from_secs(60)).await;
        pair.wires[1].hangs.store(hangs, Relaxed);
        pair.wires[1].heard.lock().clear();
        let hub = Hub::new(vec![Arc::clone(&pair.nodes[1])]);
        let ordered =
            tokio::spawn(async move { hub.answer("ha-sync", Some(&json!({"server-name": "a"}))).await.code });
        pair.until_heard(1, "lease4-get-page").await;
        pair.tasks[1].abort();
        let begun = Instant::now();
        pair.nodes[1].part().await;
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        let heard = pair.heard(1, &FETCHING);
        let pages = heard.iter().filter(|name| *name == "lease4-get-page").count();
        assert_eq!((heard.last().map(String::as_str), pages), (Some("dhcp-enable"), 1), "{heard:?}");
        assert!(!heard.iter().any(|name| name == "ha-sync-complete-notify"), "{heard:?}");
        match hangs {
            false => assert_eq!(ordered.await.unwrap(), 1),
            true => assert!(!ordered.is_finished()),
        }
    }
}

/// Who cannot be told that it may speak is not waited for.
#[tokio::test(start_paused = true)]
async fn the_end_does_not_wait_for_a_partner() {
    let pair = Pair::new(&["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    pair.wires[1].is_to_kea.store(true, Relaxed);
    pair.until_heard(1, "lease4-get-page").await;
    pair.tasks[1].abort();
    pair.wires[1].hangs_up.store(true, Relaxed);
    let begun = Instant::now();
    pair.nodes[1].part().await;
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

/// Who fetches the leases of one server is not waited for by who fetches those of another.
#[tokio::test(start_paused = true)]
async fn leases_of_each_server_are_fetched_by_themselves() {
    let pair = Pair::new(&["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    let wire = || {
        let wire = Arc::<Wire>::default();
        wire.partner.set(Arc::downgrade(&pair.nodes[0])).unwrap();
        let answers: Commands = Box::new(|_, _| Box::pin(async { Answer::done("") }));
        assert!(wire.commands.set(answers).is_ok());
        wire
    };
    let ways = BTreeMap::from([("a".to_owned(), wire()), ("c".to_owned(), wire())]);
    let mut relationship = (*pair.nodes[1].relationship).clone();
    relationship.peers.push(Peer::new("c", "http://192.0.2.3:8005/", Role::Backup));
    let asker = Asker { service: "dhcp4", name: "b".into(), relationship: 0 };
    let node = Driver::new(relationship, asker, ways, Server::new(BTreeMap::new()));
    let hub = Hub::new(vec![Arc::clone(&node)]);
    let _turn = node.fetching["a"].turn.lock().await;
    let fetched = async |from: &str| {
        let arguments = json!({"server-name": from});
        timeout(Duration::from_secs(60), hub.answer("ha-sync", Some(&arguments))).await
    };
    let answer = fetched("c").await.expect("it does not wait");
    assert_eq!((answer.code, node.around.leases.lock().len()), (0, 3), "{answer:?}");
    assert!(fetched("a").await.is_err(), "it waits for its turn");
}

/// That there is no limit for a page is a long one, not none at all.
#[tokio::test(start_paused = true)]
async fn pages_may_have_no_limit() {
    let pair = Pair::with("dhcp4", &["192.0.2.1"], |it| it.sync_timeout = Duration::ZERO);
    sleep(Duration::from_secs(60)).await;
    assert_eq!((pair.states(), pair.leases(1).len()), (NORMAL, 1));
}
