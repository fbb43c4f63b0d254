//! Two servers on one link.

use std::sync::Arc;
use std::time::Duration;

use kotare_server::Open;
use kotare_store_memfile::Memfile;
use kotare_tests::world::eventually;

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply, Says};
use crate::server::{ServerOf, clock};

/// RFC 2131 §3.1, RFC 9915 §18.2: both offer, the client takes one, and the other knows that it was not chosen. Later the lease ends for
/// the server that gave it, and the other has nothing to do with it.
fn a_client_chooses_one_of_two_servers<P: Protocol>() {
    let (link, time) = (LinkOf::<P>::default(), clock());
    let open: Open<Memfile<P::Lease>> = Arc::new(Memfile::open);
    let [one, other] = [0, 1]
        .map(|at| ServerOf::<P, _>::start(&link, P::SERVERS[at], time.clone(), P::small(at), open.clone()));
    let mut client = P::client(1);
    let look = P::look(&client);
    link.broadcast(&look);
    let offers = [link.reply_to(&look), link.reply_to(&look)];
    assert_ne!(offers[0].server(), offers[1].server());
    let chosen = offers.iter().find(|offer| offer.server() == other.address).expect("both offer");
    let given = chosen.given().expect("it has an address");
    assert_eq!((chosen.says(), P::ten(given)), (Says::Offer, 2));
    P::go_on(&mut client);
    let choose = P::choose(&client, chosen);
    link.broadcast(&choose);
    let ack = link.reply_to(&choose);
    assert_eq!((ack.says(), ack.server(), ack.given()), (Says::Yours, other.address, Some(given)));
    eventually("the first server sees that another is meant", || {
        (one.counted(P::FOR_ANOTHER) == 1).then_some(())
    });
    assert_eq!((one.leased(), other.leased()), (0, 1));
    // The clock is moved on far enough for the lease to end and for the next reclamation.
    other.hands.advance(Duration::from_secs(700));
    eventually("the lease ends", || (other.statistic("reclaimed-leases") == 1).then_some(()));
    assert_eq!((one.statistic("reclaimed-leases"), other.leased()), (0, 0));
    assert!(link.replies().is_empty());
}

both! {
    a_client_chooses_one_of_two_servers,
}
