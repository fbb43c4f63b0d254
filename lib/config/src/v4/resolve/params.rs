//! Parameters of a subnet, inherited from its shared network and from the global scope.

use std::sync::Arc;

use kotare_model::Lifetime;

use crate::Level;
use crate::common::resolve::params::{
    adaptive_threshold, allocator, cache_threshold, reservations, tee_times, valid_lifetime,
};
use crate::v4::{Names4, Params4};

pub(super) fn resolve(level: Level<'_>, names: Arc<Names4>) -> Params4 {
    Params4 {
        valid_lifetime: valid_lifetime(level),
        tee_times: tee_times(level),
        match_client_id: level.bool("match-client-id"),
        authoritative: level.bool("authoritative"),
        next_server: level.address("next-server"),
        server_hostname: level.text("server-hostname").into(),
        boot_file_name: level.text("boot-file-name").into(),
        allocator: allocator(level, "allocator"),
        adaptive_threshold: adaptive_threshold(level),
        names,
        offer_lifetime: level.lifetime("offer-lifetime").filter(|span| *span != Lifetime(0)),
        reservations: reservations(level),
        store_extended_info: level.bool("store-extended-info"),
        cache_threshold: cache_threshold(level),
        cache_max_age: level.lifetime("cache-max-age"),
    }
}
