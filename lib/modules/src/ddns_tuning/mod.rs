//! `libdhcp_ddns_tuning.so`: names of clients that an expression makes of their messages, and clients whose names are not
//! told to the DNS (manual, "DDNS Tuning").
//!
//! An expression is for all subnets, or for one in its `user-context`; an empty one there makes none. What it says of a
//! message is the name, unless it says nothing. Of clients in the class `SKIP_DDNS` nothing is updated.

mod messages;
mod scopes;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests6;

use std::fmt::Display;
use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_engine::hooks::NameDraft;
use kotare_engine::hooks::v4::{Asked4, Ddns4Update};
use kotare_engine::hooks::v6::{Asked6, Ddns6Update};
use kotare_engine::{v4, v6};
use kotare_expr::{ClassId, Packet, Scratch};
use kotare_model::{Lease4, Lease6, SubnetId};

use self::messages::*;
use self::scopes::Scopes;
use crate::spoken::Spoken;
use crate::{Entry, Library, Module4, Module6};

/// The module.
pub const LIBRARY: Library = Library {
    name: "ddns_tuning",
    parameters: &scopes::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| DDNS_TUNING_LOAD_ERROR(reason),
    loaded: || DDNS_TUNING_LOAD_OK(),
    unloaded: || DDNS_TUNING_UNLOAD(),
    v4: Some(Module4 {
        judge: |entry, diagnostics| _ = Tuning::of(entry, diagnostics),
        build: |entry, _, modules, diagnostics| {
            modules.hooks.ddns4_update.push(Arc::new(Tuning::of(entry, diagnostics)));
        },
        ..Module4::NOTHING
    }),
    v6: Some(Module6 {
        judge: |entry, diagnostics| _ = Tuning::of(entry, diagnostics),
        build: |entry, _, modules, diagnostics| {
            modules.hooks.ddns6_update.push(Arc::new(Tuning::of(entry, diagnostics)));
        },
        ..Module6::NOTHING
    }),
};

/// The class of clients whose names are not told to the DNS.
const SKIP: &str = "SKIP_DDNS";

/// The module of one configuration.
struct Tuning {
    scopes: Scopes,
    /// The class whose clients are skipped, where there is anything that puts clients into it.
    skip: Option<ClassId>,
}

impl Tuning {
    fn of<L: Subnetted>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) -> Self {
        Self { scopes: Scopes::read(entry, diagnostics), skip: L::class(entry.config, SKIP) }
    }

    /// Makes the name of a client that sent this; whether it was made.
    ///
    /// # Errors
    /// Why there is none.
    fn rename(
        &self,
        subnet: Option<SubnetId>,
        packet: &impl Packet,
        name: &mut NameDraft<'_>,
    ) -> Result<bool, String> {
        let Some(expression) = subnet.and_then(|subnet| self.scopes.of(subnet)) else { return Ok(false) };
        let mut scratch = Scratch::new();
        let value = expression.evaluate(packet, &mut scratch).map_err(|error| error.to_string())?;
        if value.is_empty() || value == name.text().as_bytes() {
            return Ok(false);
        }
        let no_name = |reason| format!("'{}' is no name: {reason}", value.escape_ascii());
        name.rename(value).map_err(no_name).map(|()| true)
    }
}

/// A family whose subnets may have expressions of their own. There are two of them.
trait Subnetted: Spoken {
    /// The subnets of a configuration: id, prefix and what operators wrote into their context.
    fn contexts(
        config: &Self::Config,
    ) -> impl Iterator<Item = (SubnetId, &dyn Display, Option<&kotare_config::json::Value>)>;
}

impl Ddns4Update for Tuning {
    fn ddns4_update(&self, asked: Asked4<'_>, subnet: Option<SubnetId>, name: &mut NameDraft<'_>) {
        let Asked4 { message, query, .. } = asked;
        let packet = v4::Packet::of_query(v4::PacketOptions::Plain(message), query);
        let before = name.text().clone();
        match self.rename(subnet, &packet, name) {
            Ok(false) => {}
            Ok(true) => DDNS_TUNING4_CALCULATED_HOSTNAME(before, name.text(), query),
            Err(reason) => return DDNS_TUNING4_PROCESS_ERROR(query, reason),
        }
        if self.skip.is_some_and(|skip| query.classes.contains(skip)) {
            DDNS_TUNING4_SKIPPING_DDNS(query);
            (name.forward, name.reverse) = (false, false);
        }
    }
}

impl Ddns6Update for Tuning {
    fn ddns6_update(&self, asked: Asked6<'_>, subnet: Option<SubnetId>, name: &mut NameDraft<'_>) {
        let Asked6 { message, query, .. } = asked;
        let packet = v6::Packet::of_query(message, query);
        let before = name.text().clone();
        match self.rename(subnet, &packet, name) {
            Ok(false) => {}
            Ok(true) => DDNS_TUNING6_CALCULATED_HOSTNAME(before, name.text(), query),
            Err(reason) => return DDNS_TUNING6_PROCESS_ERROR(query, reason),
        }
        if self.skip.is_some_and(|skip| query.classes.contains(skip)) {
            DDNS_TUNING6_SKIPPING_DDNS(query);
            (name.forward, name.reverse) = (false, false);
        }
    }
}

impl Subnetted for Lease4 {
    fn contexts(
        config: &Self::Config,
    ) -> impl Iterator<Item = (SubnetId, &dyn Display, Option<&kotare_config::json::Value>)> {
        let all = config.subnets.iter();
        all.map(|subnet| (subnet.id, &subnet.prefix as &dyn Display, subnet.user_context.as_ref()))
    }
}

impl Subnetted for Lease6 {
    fn contexts(
        config: &Self::Config,
    ) -> impl Iterator<Item = (SubnetId, &dyn Display, Option<&kotare_config::json::Value>)> {
        let all = config.subnets.iter();
        all.map(|subnet| (subnet.id, &subnet.prefix as &dyn Display, subnet.user_context.as_ref()))
    }
}
