//! What subnets, reservations and client classes cost an exchange.

use kotare_tests::world::V4;
use serde_json::{Value, json};

use super::figures::Readings;
use super::load::{Pool, Steps, loaded};
use super::protocol::Protocol;
use super::stage::Act;
use super::start::Start;
use crate::run::Done;

/// How many clients take turns where reservations are measured; every second has one.
const RESERVING: u32 = 20_000;

/// Whole exchanges in one of many subnets, each of them with ten reservations.
pub(super) fn subnets(act: &Act<'_>, subnets: u32) -> Done<Readings> {
    let mut dhcp4 = V4::with_subnets(act, &Start { subnets, reservations: 10 * subnets, ..Start::default() });
    let rows = dhcp4["subnet4"].as_array_mut().ok_or("subnets are a list")?;
    // The relay's is neither the first nor the last to be looked at.
    let mut own = rows.remove(0);
    rows.remove(0);
    own["relay"] = json!({"ip-addresses": [V4::RELAY, V4::OTHER_RELAY]});
    own["reservations"] = (0..RESERVING).step_by(2).map(reservation).collect();
    rows.insert(rows.len() / 2, own);
    let steps =
        Steps { in_flight: 256, threads: 1, pool: Pool::Returning { clients: RESERVING }, ..Steps::DEFAULT };
    loaded::<V4>(act, &steps, dhcp4)
}

/// That of a client of the load, of an address outside the pool.
fn reservation(client: u32) -> Value {
    let [_, b, c, d] = client.to_be_bytes();
    json!({
        "hw-address": format!("02:00:00:{b:02x}:{c:02x}:{d:02x}"),
        "ip-address": format!("10.128.{c}.{d}"),
        "hostname": format!("host-{client}"),
    })
}

/// Whole exchanges with so many classes, each with a test as operators write them, by clients and a relay agent that say
/// what they usually say.
pub(super) fn classes(act: &Act<'_>, classes: usize) -> Done<Readings> {
    let steps = Steps { in_flight: 256, threads: 1, pool: Pool::Large { described: true }, ..Steps::DEFAULT };
    let mut dhcp4 = V4::with_pool(act, &steps);
    let class = |number: usize| {
        json!({
            "name": format!("class-{number}"),
            "test": test(number),
            "option-data": [{"name": "ntp-servers", "data": "10.0.0.4"}],
        })
    };
    if classes > 0 {
        dhcp4["client-classes"] = (0..classes).map(class).collect();
    }
    loaded::<V4>(act, &steps, dhcp4)
}

/// The test of a class. Most look at something that the clients show and find something else.
fn test(number: usize) -> String {
    match number % 10 {
        0 => format!("substring(option[60].hex, 0, 9) == 'PXEClient' and option[93].hex == 0x{number:04x}"),
        1 => format!("option[60].text == 'vendor {number}'"),
        2 => format!("substring(pkt4.mac, 0, 3) == 0x02aa{number:02x}"),
        3 => format!("option[77].text == 'floor-{number}' or option[77].text == 'lab-{number}'"),
        4 => format!("relay4[1].hex == 'e0/{number}' and pkt4.giaddr == {}", V4::RELAY),
        5 => format!("option[12].exists and substring(option[12].hex, 0, 5) == 'pc-{number:02}'"),
        6 => format!("member('KNOWN') and not member('class-{}')", number - 1),
        7 => "pkt4.msgtype == 8 and option[55].exists".to_owned(),
        8 => format!("ifelse(option[61].exists, option[61].hex, pkt4.mac) == 0x0102000000{number:04x}"),
        _ => format!("concat(relay4[1].hex, option[60].hex) == 'e0/{number}MSFT 5.0'"),
    }
}
