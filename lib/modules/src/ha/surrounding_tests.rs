//! A server of a relationship in a server of DHCPv6.

use std::sync::Arc;
use std::time::Duration;

use kotare_ha::{Machine, Mode, Moment, Peer, Relationship, Role};
use kotare_model::Lease6;
use serde_json::json;

use super::driver::Around as _;
use super::surrounding::Surrounding;
use super::update::Update;
use crate::test_server6::{NOW, TestServer6};

fn relationship() -> Relationship {
    let peers = vec![
        Peer::new("a", "http://192.0.2.1:8005/", Role::Primary),
        Peer::new("b", "http://192.0.2.2:8005/", Role::Standby),
    ];
    Relationship { peers, ..Relationship::new("a", Mode::HotStandby) }
}

/// What goes on when a relationship has ended silences nobody any more.
#[test]
fn what_has_ended_silences_nobody() {
    let server = TestServer6::new(json!({}), &[]);
    let around = Surrounding::<Lease6>::new(server.link(), &relationship(), 3, true);
    let machine =
        Machine::<Update>::new(Arc::new(relationship()), Moment { uptime: Duration::ZERO, clock: NOW });
    assert!(!machine.is_serving(), "it waits for its partner");
    around.publish(&machine);
    assert_eq!(server.disabled(), [1003]);
    around.leave();
    around.publish(&machine);
    assert!(server.disabled().is_empty());
}
