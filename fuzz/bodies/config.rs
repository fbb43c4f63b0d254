//! Any text: judged as a configuration; what is accepted is shown, and what is shown means the same.

use kotare_config::json::{self, Diagnostics};
use kotare_config::schema::{config_get, config_hash, redacted, without_effect};
use kotare_config::v4::{Config4, FILE};
use serde_json::Value as Json;

/// Panics when `input` is refused without a reason, or shown as what is not the same configuration.
pub(crate) fn check(input: &[u8]) {
    let Ok((shown, meaning)) = judge(input) else { return };
    let text = shown.to_string();
    match judge(text.as_bytes()) {
        Ok((again, meant)) => {
            assert_eq!(config_hash(&shown), config_hash(&again), "{text}\nis shown as\n{again}");
            // As in Kea, bytes written for an option that only carries others are not shown.
            if !text.contains(r#""csv-format":false,"data":"","#) {
                assert_eq!(meaning, meant, "{text}");
            }
        }
        Err(refused) => panic!("what is shown is refused: {refused}\n{text}"),
    }
}

/// What `config-get` shows of a configuration and what the server makes of it, or all that is wrong with it.
fn judge(text: &[u8]) -> Result<(Json, String), String> {
    let mut diagnostics = Diagnostics::new();
    let Some(root) = json::parse("config-set", text, &mut diagnostics) else {
        return Err(reasons(&diagnostics));
    };
    let (root, config) = kotare_config::judge::<Config4>(root, &FILE, &mut diagnostics);
    let Some(config) = config.filter(|_| !diagnostics.has_errors()) else {
        return Err(reasons(&diagnostics));
    };
    for one in diagnostics.warnings() {
        assert!(!one.to_string().is_empty());
    }
    without_effect(&root, &FILE);
    let shown = config_get(&root, &FILE, &config.definitions);
    redacted(&shown);
    Ok((shown, meaning(&config)))
}

/// What clients notice.
fn meaning(config: &Config4) -> String {
    let Config4 { subnets, networks, options, params, compatibility, .. } = config;
    let Config4 { echo_client_id, stash_agent_options, decline_probation, process, .. } = config;
    let flags =
        (echo_client_id, stash_agent_options, decline_probation, compatibility, process.expired_leases);
    format!("{:#?}", (subnets, networks, options, params, flags))
}

fn reasons(diagnostics: &Diagnostics) -> String {
    let errors: Vec<_> = diagnostics.errors().map(ToString::to_string).collect();
    assert!(!errors.is_empty() && errors.len() <= Diagnostics::KEPT);
    assert!(errors.len() <= diagnostics.error_count());
    errors.join("\n")
}
