//! Queries through TCP, at one connection and a server of DHCPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use kotare_model::{Lease6, SubnetId};
use kotare_wire::v6::{OptionCode, Options};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::bulk::{Scene, serve};
use super::parameters::Bulk;
use super::tests6::{by_address, configured, leased, prefix, query};
use crate::test_server6::TestServer6;

const REQUESTER: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
const RELAY: &[u8] = &[0, 3, 0xab];
const REMOTE: &[u8] = &[0, 0, 0, 9, b'p'];

fn bulk() -> Bulk {
    Bulk {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        connections: 1,
        queries: 2,
        idle: Duration::from_secs(300),
        fetch: 3,
        relayed: true,
    }
}

/// A server with these leases; what `requester` does at a connection to it.
fn at<T>(
    leases: impl IntoIterator<Item = Lease6>,
    bulk: Bulk,
    requester: impl AsyncFnOnce(TcpStream) -> T,
) -> T {
    let server = TestServer6::configured(&configured(json!({"requesters": ["::1"]}))).expect("a server");
    leases.into_iter().for_each(|lease| server.store.plant(lease));
    let scene = Arc::new(Scene { server: server.link(), bulk, prefix_lengths: None });
    server.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a listener");
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.expect("a connection");
        let (accepted, _) = listener.accept().await.expect("the same");
        let served = tokio::spawn(serve::<Lease6>(accepted, REQUESTER, scene));
        let result = requester(stream).await;
        served.abort();
        result
    })
}

async fn send(stream: &mut TcpStream, message: &[u8]) {
    let len = u16::try_from(message.len()).unwrap().to_be_bytes();
    stream.write_all(&[&len[..], message].concat()).await.expect("it can be sent");
}

/// The next answer; `None` when the connection is closed.
async fn next(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let len = stream.read_u16().await.ok()?;
    let mut message = vec![0; len.into()];
    stream.read_exact(&mut message).await.ok()?;
    Some(message)
}

/// The types of the answers to a query until the last one, the addresses in them and the status of the first.
async fn answers(stream: &mut TcpStream, query: &[u8]) -> (Vec<u8>, Vec<String>, Option<(u16, String)>) {
    send(stream, query).await;
    let (mut kinds, mut addresses, mut status) = (Vec::new(), Vec::new(), None);
    loop {
        let message = next(stream).await.expect("an answer");
        assert_eq!(message[1..4], query[1..4]);
        kinds.push(message[0]);
        let options = Options::new(&message[4..]);
        if let Some(told) = options.clone().find_code(OptionCode::STATUS_CODE) {
            let text = String::from_utf8(told[2..].to_vec()).unwrap();
            status = Some((u16::from_be_bytes([told[0], told[1]]), text));
        }
        let Some(data) = options.find_code(OptionCode::CLIENT_DATA) else {
            return (kinds, addresses, status);
        };
        let address = Options::new(data).find_code(OptionCode::IAADDR).map(|value| &value[..16]);
        let prefix = || Options::new(data).find_code(OptionCode::IAPREFIX).map(|value| &value[9..25]);
        let octets: [u8; 16] = address.or_else(prefix).unwrap().try_into().unwrap();
        addresses.push(Ipv6Addr::from(octets).to_string());
    }
}

fn through_relay(lease: Lease6) -> Lease6 {
    let info = r#"{ "ISC": { "relay-info": [ { "hop": 0, "link": "2001:db8::1", "peer": "fe80::9",
        "relay-id": "0003AB", "remote-id": "0000000970" } ] } }"#;
    Lease6 { user_context: Some(info.into()), ..lease }
}

/// Leases of several pages, others among them: two subnets, a prefix, some that came through no relay agent.
fn leases() -> Vec<Lease6> {
    let mut leases: Vec<_> = (1..=7).map(|host| through_relay(leased(host, 10))).collect();
    leases.push(through_relay(prefix(10)));
    leases.push(Lease6 {
        address: "2001:db8:2::1".parse().unwrap(),
        subnet_id: SubnetId(2),
        ..through_relay(leased(8, 10))
    });
    leases.extend((20..30).map(|host| leased(host, 10)));
    leases.push(through_relay(leased(9, 3600)));
    leases
}

/// Every active lease once: the first with how it went, then the others, then the end.
#[test]
fn leases_of_a_relay_agent_are_told_one_by_one() {
    at(leases(), bulk(), async |mut stream| {
        let of_relay: Vec<_> = (1..=7).map(|host| format!("2001:db8::{host}")).collect();
        let others = ["2001:db8:2::1", "2001:db8:8000:100::"].map(str::to_owned);
        let all: Vec<_> = of_relay.iter().cloned().chain(others).collect();
        let by_relay = query(3, "::", &[(OptionCode::RELAY_ID, RELAY)]);
        let by_remote = query(5, "::", &[(OptionCode::REMOTE_ID, REMOTE)]);
        for query in [by_relay, by_remote] {
            let (kinds, addresses, status) = answers(&mut stream, &query).await;
            assert_eq!(kinds, [15, 17, 17, 17, 17, 17, 17, 17, 17, 16]);
            assert_eq!(addresses, all);
            assert_eq!(status, Some((0, "active lease(s) found".to_owned())));
        }
        // On one link.
        let by_relay = query(3, "2001:db8:2::", &[(OptionCode::RELAY_ID, RELAY)]);
        let (kinds, addresses, _) = answers(&mut stream, &by_relay).await;
        assert_eq!((kinds, addresses), (vec![15, 16], vec!["2001:db8:2::1".to_owned()]));
    });
}

/// A link, an address and a client are asked about in the same way.
#[test]
fn links_addresses_and_clients_are_told_of() {
    at(leases(), bulk(), async |mut stream| {
        let (kinds, addresses, _) = answers(&mut stream, &query(4, "2001:db8::", &[])).await;
        assert_eq!((kinds.len(), addresses.len(), &*addresses[7]), (19, 18, "2001:db8::14"));
        let (kinds, addresses, status) = answers(&mut stream, &by_address("2001:db8::16")).await;
        assert_eq!((kinds, &*addresses[0]), (vec![15, 16], "2001:db8::16"));
        assert_eq!(status, Some((0, "active lease found".to_owned())));
        let client = leased(1, 0).duid;
        let by_client = query(2, "::", &[(OptionCode::CLIENTID, client.as_bytes())]);
        let (kinds, addresses, _) = answers(&mut stream, &by_client).await;
        assert_eq!((kinds, addresses.len()), (vec![15, 17, 16], 2));
    });
}

/// Where nothing is told of, one answer says why.
#[test]
fn nothing_is_said_in_one_answer() {
    let unused: (OptionCode, &[u8]) = (OptionCode::RELAY_ID, &[0, 3, 1]);
    let relay: (OptionCode, &[u8]) = (OptionCode::RELAY_ID, RELAY);
    let short: (OptionCode, &[u8]) = (OptionCode::RELAY_ID, &[1]);
    let empty: (OptionCode, &[u8]) = (OptionCode::REMOTE_ID, &[]);
    let cases = [
        (query(3, "::", &[unused]), 0, "no active leases"),
        (query(3, "2001:db9::", &[relay]), 9, "not a configured link"),
        (query(3, "::", &[]), 8, "missing D6O_RELAY_ID"),
        (query(3, "::", &[short]), 8, "malformed D6O_RELAY_ID"),
        (query(5, "::", &[]), 8, "missing D6O_REMOTE_ID"),
        (query(5, "::", &[empty]), 8, "empty D6O_REMOTE_ID"),
        (query(4, "::", &[]), 8, "undefined link address"),
        (query(4, "2001:db9::", &[]), 9, "not a configured link"),
        (query(1, "::", &[]), 8, "missing D6O_IAADDR"),
        (query(2, "::", &[]), 8, "missing D6O_CLIENTID"),
        (query(9, "::", &[]), 7, "unknown query-type"),
        (by_address("2001:db9::1"), 9, "address not in a configured pool"),
    ];
    at(leases(), bulk(), async |mut stream| {
        for (query, code, text) in cases {
            let (kinds, addresses, status) = answers(&mut stream, &query).await;
            assert_eq!((kinds, addresses), (vec![15], Vec::<String>::new()));
            assert_eq!(status, Some((code, text.to_owned())));
        }
    });
    at(leases(), Bulk { relayed: false, ..bulk() }, async |mut stream| {
        for query in [query(3, "::", &[relay]), query(4, "2001:db8::", &[])] {
            let (kinds, _, status) = answers(&mut stream, &query).await;
            let told = Some((10, "extended info tables are disabled".to_owned()));
            assert_eq!((kinds, status), (vec![15], told));
        }
    });
}

/// What is no query ends the connection; what was asked before is answered.
#[test]
fn what_is_no_query_ends_the_connection() {
    let solicit = [1, 0, 0, 1, 0, 1, 0, 3, 0, 3, 1].to_vec();
    let nobody = [14, 0, 0, 1, 0, 44, 0, 17].iter().copied().chain([4; 17]).collect();
    for wrong in [Vec::new(), vec![14], vec![14, 0, 0, 1], solicit, nobody, vec![12; 40]] {
        at(leases(), bulk(), async |mut stream| {
            assert_eq!(answers(&mut stream, &by_address("2001:db8::1")).await.0, [15, 16]);
            send(&mut stream, &wrong).await;
            assert_eq!(next(&mut stream).await, None, "{wrong:?}");
        });
    }
}

/// Who says all and then nothing more hears all.
#[test]
fn answers_outlive_the_questions() {
    at(leases(), bulk(), async |mut stream| {
        send(&mut stream, &query(4, "2001:db8::", &[])).await;
        stream.shutdown().await.expect("nothing more is said");
        let mut kinds = Vec::new();
        while let Some(message) = next(&mut stream).await {
            kinds.push(message[0]);
        }
        assert_eq!((kinds.len(), kinds.last()), (19, Some(&16)));
    });
}

/// Bytes that drip in for ever are no query: they end with the time for one. So do messages that are cut short.
#[test]
fn who_never_says_all_is_cut_off() {
    let impatient = || Bulk { idle: Duration::from_millis(300), ..bulk() };
    at(leases(), impatient(), async |stream| {
        let (mut reader, mut writer) = stream.into_split();
        writer.write_all(&[0xff, 0xff]).await.expect("a length");
        let drip = async {
            while writer.write_all(&[0]).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let mut end = [0; 1];
        tokio::select! {
            // Closed, or reset because of what was not read.
            read = reader.read(&mut end) => assert!(!matches!(read, Ok(1..)), "{read:?}"),
            () = drip => {}
        }
    });
    at(leases(), bulk(), async |mut stream| {
        stream.write_all(&[0, 9, 14]).await.expect("a part");
        stream.shutdown().await.expect("nothing more is said");
        assert_eq!(next(&mut stream).await, None);
    });
}

/// More queries than are answered at once wait for their turn, and all are answered.
#[test]
fn many_queries_take_turns() {
    at(leases(), bulk(), async |mut stream| {
        let mut all = query(4, "2001:db8::", &[]);
        for number in 0..20 {
            all[3] = number;
            send(&mut stream, &all).await;
        }
        let mut ended = Vec::new();
        while ended.len() < 20 {
            let message = next(&mut stream).await.expect("an answer");
            if message[0] == 16 {
                ended.push(message[3]);
            }
        }
        ended.sort_unstable();
        assert_eq!(ended, (0..20).collect::<Vec<_>>());
    });
}
