//! The options that name a vendor (RFC 3925): 124 and 125.

use std::sync::Arc;

use kotare_config::v4::{Option4, Options4, VendorOption4};
use kotare_testkit::{Answer, Client, Config, Subnet, Via, World, option};
use kotare_wire::v4::OptionCode;

/// The values of an option, each instance on its own.
fn instances(answer: &Answer, code: OptionCode) -> Vec<Vec<u8>> {
    let options = answer.view().options().filter(|(there, _)| *there == code);
    options.map(|(_, value)| value.to_vec()).collect()
}

/// An offer to a client that asks for these and says this.
fn offer(config: Config, wants: &[u8], says: &[(OptionCode, &[u8])]) -> Answer {
    let mut client = Client::new(1);
    client.wants = wants.to_vec();
    let message = says.iter().fold(client.discover(), |message, (code, value)| message.option(*code, value));
    World::new(config.build()).send(&message, Via::BROADCAST).unwrap()
}

/// A sub-option of a vendor's space.
fn sub(enterprise: u32, code: u8, data: &[u8], always_send: bool) -> VendorOption4 {
    VendorOption4 { enterprise, code, data: data.into(), always_send, ..VendorOption4::default() }
}

fn with_sub_options(config: Config, subs: Vec<VendorOption4>) -> Config {
    config.with(move |config| config.options = config.options.clone().with_vendor_options(subs))
}

/// The value of an option for one vendor: its number, how many bytes follow, and they.
fn of_vendor(enterprise: u32, inner: &[u8]) -> Vec<u8> {
    [&enterprise.to_be_bytes()[..], &[inner.len() as u8], inner].concat()
}

/// The option itself is sent to those who ask for it, or to all; that a client names the vendor does not ask for it.
#[test]
fn vendor_options_are_asked_for() {
    let value = of_vendor(4491, &[1, 1, 9]);
    let config = || Config::usual().option(option(125, &value));
    assert_eq!(offer(config(), &[125], &[]).option(OptionCode::VIVSO).unwrap(), value);
    assert_eq!(offer(config(), &[], &[]).option(OptionCode::VIVSO), None);
    let named = of_vendor(4491, &[7]);
    assert_eq!(offer(config(), &[], &[(OptionCode::VIVCO, &named)]).option(OptionCode::VIVSO), None);
    let always = Option4 { always_send: true, ..option(125, &value) };
    assert_eq!(offer(Config::usual().option(always), &[], &[]).option(OptionCode::VIVSO).unwrap(), value);
}

/// Each vendor has an option of its own: those of the most specific level first, the last written of a level first, and
/// one a vendor. Of option 124, as of any other, the first written comes before these.
#[test]
fn each_vendor_has_its_option() {
    let config = || {
        let value = |vendor, level| of_vendor(vendor, &[level]);
        let subnet = Subnet::new(1, "192.0.2.0/24")
            .pool("192.0.2.100", "192.0.2.199")
            .option(option(124, &value(11, 1)))
            .option(option(124, &value(12, 1)))
            .option(option(124, &value(13, 1)))
            .option(option(125, &value(21, 1)))
            .option(option(125, &value(22, 1)));
        let config = Config::new().subnet(subnet).option(option(124, &value(12, 2)));
        config
            .option(option(124, &value(14, 2)))
            .option(option(125, &value(22, 2)))
            .option(option(125, &value(23, 2)))
    };
    let values = |vendors: &[(u32, u8)]| -> Vec<Vec<u8>> {
        vendors.iter().map(|(vendor, level)| of_vendor(*vendor, &[*level])).collect()
    };
    let offer = offer(config(), &[125, 124], &[]);
    assert_eq!(instances(&offer, OptionCode::VIVCO), values(&[(11, 1), (13, 1), (12, 1), (14, 2)]));
    assert_eq!(instances(&offer, OptionCode::VIVSO), values(&[(22, 1), (21, 1), (23, 2)]));
}

/// A client that is of two vendors says so in two options, or in one that it had to split (RFC 3396 §5): each gets its
/// sub-options, after what is configured and by number.
#[test]
fn a_client_of_several_vendors_gets_the_options_of_each() {
    let subs = vec![sub(9, 1, &[1], true), sub(4491, 2, &[2], false), sub(4491, 3, &[3], true)];
    let config =
        || with_sub_options(Config::usual().option(option(125, &of_vendor(10_000, &[]))), subs.clone());
    let both = [of_vendor(9, &[1, 1, 1]), of_vendor(4491, &[2, 1, 2, 3, 1, 3])];
    let (cable, other) = (of_vendor(4491, &[1, 1, 2]), of_vendor(9, &[]));
    let two: [(_, &[u8]); 2] = [(OptionCode::VIVSO, &cable), (OptionCode::VIVSO, &other)];
    assert_eq!(instances(&offer(config(), &[], &two), OptionCode::VIVSO), both);
    let configured = of_vendor(10_000, &[]);
    let all = [&[configured][..], &both].concat();
    assert_eq!(instances(&offer(config(), &[125], &two), OptionCode::VIVSO), all);
    // 4491 comes after 300 bytes of somebody else.
    let long = [of_vendor(1, &[7; 250]), of_vendor(2, &[7; 40]), cable, other].concat();
    assert_eq!(instances(&offer(config(), &[], &[(OptionCode::VIVSO, &long)]), OptionCode::VIVSO), both);
    let classes = [of_vendor(1, &[7; 250]), of_vendor(2, &[7; 40]), of_vendor(9, b"x")].concat();
    let named = offer(config(), &[], &[(OptionCode::VIVCO, &classes)]);
    assert_eq!(instances(&named, OptionCode::VIVSO), both[..1]);
}

/// Sub-options of a vendor's space go to its clients: those always sent, and those a DOCSIS device lists in its own
/// sub-option 1. They join what option 125 carries already.
#[test]
fn vendor_sub_options_go_to_those_who_name_the_vendor() {
    let subs = vec![sub(4491, 2, &[9, 9], false), sub(4491, 5, &[7], true), sub(9, 1, &[1], false)];
    let vivso = |config: Config, code, value: &[u8]| {
        let query = Client::new(1).discover().option(code, value);
        World::new(config.build()).send(&query, Via::BROADCAST).unwrap().option(OptionCode::VIVSO)
    };
    // Named by class (124): what is always sent.
    let class = [0, 0, 0x11, 0x8b, 1, 7];
    assert_eq!(
        vivso(with_sub_options(Config::usual(), subs.clone()), OptionCode::VIVCO, &class).unwrap(),
        [0, 0, 0x11, 0x8b, 3, 5, 1, 7]
    );
    // Named by its own option 125 with a list.
    let list = [0, 0, 0x11, 0x8b, 3, 1, 1, 2];
    let both = [0, 0, 0x11, 0x8b, 7, 2, 2, 9, 9, 5, 1, 7];
    assert_eq!(
        vivso(with_sub_options(Config::usual(), subs.clone()), OptionCode::VIVSO, &list).unwrap(),
        both
    );
    // Another vendor's device cannot list, and strangers get nothing.
    assert_eq!(
        vivso(with_sub_options(Config::usual(), subs.clone()), OptionCode::VIVSO, &[0, 0, 0, 9, 3, 1, 1, 1]),
        None
    );
    assert_eq!(
        vivso(with_sub_options(Config::usual(), subs.clone()), OptionCode::VIVCO, &[0, 0, 0, 8, 1, 7]),
        None
    );
    // Another level's flags hold for a sub-option, too.
    let withheld = Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", "192.0.2.199");
    let config = Config::new().subnet(withheld).with(|config| {
        let global = vec![sub(4491, 2, &[9, 9], true), sub(4491, 5, &[7], true)];
        config.options = config.options.clone().with_vendor_options(global);
        let never = VendorOption4 { never_send: true, ..sub(4491, 5, &[8], false) };
        let own = Options4::default().with_vendor_options(vec![sub(4491, 2, &[1, 1], false), never]);
        Arc::make_mut(&mut Arc::make_mut(&mut config.subnets)[0]).options = own;
    });
    assert_eq!(vivso(config, OptionCode::VIVCO, &class).unwrap(), [0, 0, 0x11, 0x8b, 4, 2, 2, 1, 1]);
    // Beside a configured option 125 of the same vendor.
    let configured = Option4 { always_send: true, ..option(125, &of_vendor(4491, &[5, 1, 1])) };
    let config = with_sub_options(Config::usual().option(configured), subs);
    let joined = [0, 0, 0x11, 0x8b, 7, 5, 1, 1, 2, 2, 9, 9];
    assert_eq!(vivso(config, OptionCode::VIVSO, &list).unwrap(), joined);
}
