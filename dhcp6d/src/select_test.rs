//! `subnet6-select-test`: which subnet a client would be on.

use kotare_config::v6::Config6;
use kotare_control::{Request, Response};
use kotare_engine::v6::select::{Selector, select};
use kotare_expr::ClassSet;
use kotare_server::commands::place::{self, Told};

/// `subnet6-select-test`.
pub(crate) fn subnet6(config: &Config6, request: &Request) -> Result<Response, String> {
    let mut by = Selector::UNKNOWN;
    let mut interface_id = None;
    let mut among = ClassSet::default();
    let told = Told::of(request)?;
    for key in told.keys() {
        match key {
            "interface" => by.interface = told.text(key)?,
            "interface-id" => interface_id = Some(told.identifier(key)?),
            "remote" => by.source = told.v6(key)?,
            "link" => by.link = told.v6(key)?,
            "classes" => among = told.classes(key, |name| config.classes.id(name))?,
            other => return Err(format!("unknown entry '{other}'")),
        }
    }
    by.interface_id = interface_id.as_deref();
    by.classes = &among;
    let Ok(found) = select(config, &by) else { return Ok(place::not_selected()) };
    let subnet = &config[found];
    Ok(place::selected(subnet.network.map(|at| &*config[at].name), subnet.prefix, subnet.id))
}

#[cfg(test)]
mod tests {
    use kotare_config::v6::FILE;
    use kotare_config::{Input, read};
    use serde_json::{Value, json};

    use super::*;

    /// A client's place is told by its interface, its address, what its relay agent calls the link or the link's address,
    /// among subnets for its classes; what is wrong is told in Kea's words.
    #[test]
    fn what_is_told_selects() {
        let written = json!({"Dhcp6": {
            "client-classes": [{"name": "phones"}],
            "subnet6": [
                {"id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0", "client-classes": ["phones"]},
                {"id": 2, "subnet": "2001:db8:2::/64", "interface-id": "vlan7"},
            ],
            "shared-networks": [{"name": "floor", "subnet6": [{"id": 7, "subnet": "2001:db8:7::/64"}]}],
        }});
        let config: Config6 = read(Input::Command("test", &written), &FILE).expect("it is good").config;
        let told = |arguments: Value| {
            let request = Request { arguments: Some(arguments), ..Request::new("subnet6-select-test") };
            let answer = subnet6(&config, &request).unwrap_or_else(Response::error).into_json();
            (answer["result"].as_i64().unwrap_or(-1), answer["text"].as_str().unwrap_or_default().to_owned())
        };
        let two = "selected subnet '2001:db8:2::/64' id 2";
        let seven = "selected shared network 'floor' starting with subnet '2001:db8:7::/64' id 7";
        for (place, result, text) in [
            (
                json!({"interface": "eth0", "classes": ["phones"]}),
                0,
                "selected subnet '2001:db8:1::/64' id 1",
            ),
            (json!({"interface": "eth0"}), 3, "no subnet selected"),
            (json!({"interface-id": "'vlan7'"}), 0, two),
            (json!({"interface-id": "76:6c:61:6e:37"}), 0, two),
            (json!({"remote": "2001:db8:2::9"}), 0, two),
            (json!({"link": "2001:db8:7::1"}), 0, seven),
            (json!({}), 3, "no subnet selected"),
            (json!({"interface-id": "''"}), 1, "'interface-id' must be not empty"),
            (json!({"interface-id": 1}), 1, "'interface-id' entry must be a string"),
            (json!({"link": "192.0.2.1"}), 1, "bad 'link' entry: not IPv6"),
            (json!({"classes": "x"}), 1, "'classes' entry must be a list"),
            (json!({"x": 1}), 1, "unknown entry 'x'"),
            (json!([]), 1, "arguments must be a map"),
        ] {
            assert_eq!(told(place.clone()), (result, text.to_owned()), "{place}");
        }
    }
}
