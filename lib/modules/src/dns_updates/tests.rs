//! How requests are sent.

use std::net::UdpSocket;
use std::time::Duration;

use kotare_ddns::{ConflictResolution, Dhcid};

use super::*;

fn asked(name: &str) -> ChangeRequest {
    ChangeRequest {
        change: Change::Add,
        forward: true,
        reverse: true,
        fqdn: name.parse().expect("a name"),
        address: [192, 0, 2, 1].into(),
        dhcid: Dhcid::of_bytes(&[1, 2, 3]).expect("who it is"),
        lease_length: 1200,
        conflict_resolution: ConflictResolution::default(),
    }
}

/// Requests arrive in their order, as datagrams; what there is no room for is refused.
#[tokio::test]
async fn the_outbox() {
    let ddns = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    ddns.set_read_timeout(Some(Duration::from_secs(10))).expect("a time");
    let server = ddns.local_addr().expect("an address");
    let settings = DnsUpdates { server, sender: "127.0.0.1:0".parse().expect("an address"), queue: 2 };
    let outbox = Arc::new(Outbox::new(settings));
    let all = ["a.example.", "b.example."].map(asked);
    for request in &all {
        outbox.push(request.clone()).expect("there is room");
    }
    let refused = outbox.push(asked("c.example.")).expect_err("it is full");
    assert_eq!(refused, "send queue has reached maximum capacity: 2");
    let task = tokio::spawn(outbox.clone().serve(|error, _| panic!("{error}")));
    let came = tokio::task::spawn_blocking(move || {
        [(); 2].map(|()| {
            let mut datagram = [0; 4096];
            let (len, _) = ddns.recv_from(&mut datagram).expect("a datagram");
            ChangeRequest::from_datagram(&datagram[..len]).expect("a request")
        })
    });
    assert_eq!(came.await.expect("they come"), all);
    task.abort();
}
