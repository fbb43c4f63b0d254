//! Configurations.

use kotare_config::v6::{Config6, FILE};
use kotare_config::{Input, read};
use serde_json::{Value, json};

/// What a server makes of a configuration as operators write it: the map `Dhcp6`.
///
/// # Panics
/// If it is refused.
pub fn configured(dhcp6: &Value) -> Config6 {
    let whole = json!({ "Dhcp6": dhcp6 });
    read(Input::Command("test", &whole), &FILE).unwrap_or_else(|refused| panic!("{refused}")).config
}
