//! What servers of both protocols make of the names of clients ("Name Generation for DDNS Update Requests" in Kea's
//! manual): who updates DNS, and which name a client has.
//!
//! - here: what is taken of a client's complete name, and who updates;
//! - `text`: names as text and as labels.

mod text;

use kotare_config::common::Names;
use kotare_model::HostName;

pub(crate) use text::{NAME_MAX, TOO_LONG, append_labels, generated, labels, qualify, write_labels};

/// Why a client has no name, though it sent an option for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoName {
    /// There are no characters in it.
    Empty,
    /// It is no name: this is why.
    Malformed(&'static str),
    /// Nothing, or an empty label, is left of it without what does not belong into names.
    Scrubbed,
    /// What is left of it is no name.
    ScrubbedMalformed(&'static str),
}

/// Which entries of DNS the server updates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Updates {
    /// That of the name.
    pub(crate) forward: bool,
    /// That of the address.
    pub(crate) reverse: bool,
}

impl Updates {
    /// For a client that leaves it to the server (flag S) or wants nobody to (flag N): RFC 4702 §4, RFC 4704 §6.
    pub(crate) fn of(delegates: bool, wants_none: bool, names: &Names) -> Self {
        let forward = names.updates
            && match (delegates, wants_none) {
                (true, _) => true,
                (false, true) => names.override_no_update,
                (false, false) => names.override_client_update,
            };
        // A client that updates its own name leaves that of its address to the server.
        Self { forward, reverse: forward || names.updates && !wants_none }
    }
}

/// Makes `text` the name reserved for a client, with a dot at the end or none.
pub fn take_reserved(reserved: &str, names: &Names, dot: bool, text: &mut HostName) {
    *text = reserved.into();
    qualify(text, &names.qualifying_suffix, dot);
    text.make_lowercase();
}

/// Makes `text` of a client's complete name, which is partial if it does not end with a dot.
///
/// # Errors
/// When nothing, or an empty label, is left of it.
pub(crate) fn take_full(name: &mut HostName, names: &Names, text: &mut HostName) -> Result<(), NoName> {
    let is_partial = !name.as_bytes().ends_with(b".");
    name.make_lowercase();
    text::append_clean(name.as_bytes(), names.sanitizer.as_ref(), text);
    let has_empty_label =
        |name: &[u8]| name.first() == Some(&b'.') || name.windows(2).any(|two| two == b"..");
    if text.is_empty() || has_empty_label(text.as_bytes()) {
        return Err(NoName::Scrubbed);
    }
    if is_partial {
        if text.as_bytes().ends_with(b".") {
            text.truncate(text.len() - 1);
        }
        qualify(text, &names.qualifying_suffix, true);
    }
    text.make_lowercase();
    Ok(())
}
