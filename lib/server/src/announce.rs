//! What the log says of a configuration that is about to be served from, in Kea's order.

use kotare_config::json::{Diagnostic, Diagnostics, Topic};
use kotare_config::schema::WithoutEffect;
use kotare_process::{tell_without_effect, warn_of};

use crate::family::Family;
use crate::messages::*;

/// What deserves attention.
#[derive(Clone, Debug)]
pub(crate) struct Remarks {
    pub(crate) diagnostics: Diagnostics,
    pub(crate) without_effect: Vec<WithoutEffect>,
}

impl Remarks {
    /// Tells it, but for what has been told in `former`.
    pub(crate) fn tell<F: Family>(&self, former: Option<&Self>) {
        let is_new = |one: &&Diagnostic| {
            let mut told = former.into_iter().flat_map(|former| former.diagnostics.warnings());
            !told.any(|told| told.source == one.source && told.message == one.message)
        };
        self.diagnostics.warnings().filter(is_new).for_each(warning::<F>);
        let told = former.map_or(&[][..], |former| &former.without_effect);
        let is_new = |one: &&WithoutEffect| told.iter().all(|told| told.keyword != one.keyword);
        tell_without_effect(self.without_effect.iter().filter(is_new));
    }
}

fn warning<F: Family>(one: &Diagnostic) {
    match &one.topic {
        Topic::Content | Topic::Form => F::WORDS.config_syntax_warning(one),
        Topic::Older(keyword) => {
            match *keyword {
                "client-class" => DHCPSRV_CLIENT_CLASS_DEPRECATED(),
                "hosts-database" => F::WORDS.config_hosts_database_deprecated(),
                "only-if-required" => DHCPSRV_ONLY_IF_REQUIRED_DEPRECATED(),
                "require-client-classes" => DHCPSRV_REQUIRE_CLIENT_CLASSES_DEPRECATED(),
                _ => {}
            }
            // These do not say where it stands.
            F::WORDS.config_syntax_warning(one);
        }
        Topic::RenewAfterRebind { place, renew, rebind } => {
            DHCPSRV_CFGMGR_RENEW_GTR_REBIND(place, renew, rebind);
        }
        Topic::ClassName { name, better } => DHCPSRV_CLASS_BAD_NAME(name, better),
        Topic::LateLifetimes(name) => DHCPSRV_CLASS_WITH_ADDITIONAL_AND_LIFETIMES(name),
        Topic::ReservationsFirst => F::WORDS.reservations_lookup_first_enabled(),
        Topic::QueueWithThreads => DHCPSRV_MT_DISABLED_QUEUE_CONTROL(),
        Topic::ServerId => DHCPSRV_CFGMGR_CONFIGURE_SERVERID(),
        Topic::UnicastLinkLocal { address, interface } => {
            DHCPSRV_CFGMGR_UNICAST_LINK_LOCAL(address, interface);
        }
        Topic::LeaseFilePath => DHCPSRV_MEMFILE_PATH_SECURITY_WARNING(&one.message),
        Topic::LogFilePath
        | Topic::SocketPath
        | Topic::UnsecuredSocket(_)
        | Topic::ClearUser
        | Topic::ClearPassword
        | Topic::ClearSecret
        | Topic::SocketPermissions => {
            warn_of(one);
        }
    }
}

/// What there is to keep leases, hosts, records and configurations in, and that the configuration is understood.
pub(crate) fn complete<F: Family>(config: &F::Config) {
    DHCPSRV_LEASE_MGR_BACKENDS_REGISTERED("memfile mysql postgresql sqlite");
    HOSTS_BACKENDS_REGISTERED("");
    DHCPSRV_FORENSIC_BACKENDS_REGISTERED("");
    CONFIG_BACKENDS_REGISTERED("mysql postgresql sqlite");
    F::announce_complete(config);
}
