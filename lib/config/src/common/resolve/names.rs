//! How clients' names are made, level by level.

use std::sync::Arc;

use kotare_ddns::ConflictResolution;

use crate::Level;
use crate::common::{Names, ReplaceName, Sanitizer, UpdateTerms};
use crate::json::Diagnostics;
use crate::schema::tables::DHCP_DDNS;

/// What concerns names. Levels that set none of these share what they inherit.
const KEYWORDS: &[&str] = &[
    "ddns-send-updates",
    "ddns-override-no-update",
    "ddns-override-client-update",
    "ddns-replace-client-name",
    "ddns-generated-prefix",
    "ddns-qualifying-suffix",
    "hostname-char-set",
    "hostname-char-replacement",
    "ddns-update-on-renew",
    "ddns-conflict-resolution-mode",
    "ddns-ttl",
    "ddns-ttl-percent",
    "ddns-ttl-min",
    "ddns-ttl-max",
];

/// What names are made with on one level.
#[derive(Clone)]
pub(crate) struct LevelNames {
    /// `enable-updates`, of the whole server.
    enabled: bool,
    pub(crate) here: Arc<Names>,
}

impl LevelNames {
    /// What holds globally.
    pub(crate) fn resolve(global: Level<'_>, diagnostics: &mut Diagnostics) -> Self {
        let enabled = global.section(&DHCP_DDNS).bool("enable-updates");
        Self { enabled, here: Arc::new(resolve(global, enabled, diagnostics)) }
    }

    /// What holds on `level` in this one: the same, unless it sets something itself.
    pub(crate) fn inner(&self, level: Level<'_>, diagnostics: &mut Diagnostics) -> Self {
        if !level.has_any(KEYWORDS) {
            return self.clone();
        }
        Self { here: Arc::new(resolve(level, self.enabled, diagnostics)), ..*self }
    }
}

fn resolve(level: Level<'_>, enabled: bool, diagnostics: &mut Diagnostics) -> Names {
    Names {
        updates: enabled && level.bool("ddns-send-updates"),
        override_no_update: level.bool("ddns-override-no-update"),
        override_client_update: level.bool("ddns-override-client-update"),
        replace: match level.text("ddns-replace-client-name") {
            "always" => ReplaceName::Always,
            "when-present" => ReplaceName::WhenPresent,
            "when-not-present" => ReplaceName::WhenNotPresent,
            _ => ReplaceName::Never,
        },
        generated_prefix: level.text("ddns-generated-prefix").into(),
        qualifying_suffix: level.text("ddns-qualifying-suffix").into(),
        sanitizer: sanitizer(level, diagnostics),
        terms: terms(level),
    }
}

fn terms(level: Level<'_>) -> UpdateTerms {
    let mode = level.text("ddns-conflict-resolution-mode");
    let named = ConflictResolution::ALL.into_iter().find(|(_, name)| *name == mode);
    UpdateTerms {
        on_renew: level.bool("ddns-update-on-renew"),
        conflict_resolution: named.map(|(way, _)| way).unwrap_or_default(),
        ttl: level.int("ddns-ttl"),
        ttl_percent: level.real("ddns-ttl-percent"),
        ttl_min: level.int("ddns-ttl-min"),
        ttl_max: level.int("ddns-ttl-max"),
    }
}

/// `hostname-char-set` and `hostname-char-replacement`; an empty set leaves names alone.
fn sanitizer(level: Level<'_>, diagnostics: &mut Diagnostics) -> Option<Sanitizer> {
    let set = level.text("hostname-char-set");
    if set.is_empty() {
        return None;
    }
    let error = match Sanitizer::new(set, level.text("hostname-char-replacement")) {
        Ok(sanitizer) => return Some(sanitizer),
        Err(error) => error,
    };
    // What is inherited has been judged where it is written.
    if let Some(value) = level.own("hostname-char-set").or_else(|| level.own("hostname-char-replacement")) {
        diagnostics.error(value.source(), error);
    }
    None
}
