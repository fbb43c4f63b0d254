//! The authorities that vouch for servers unless somebody says otherwise: none.
//!
//! sqlx adds the authorities of the public web to those that `trust-anchor` names, from the crate of this name. Whoever has
//! a certificate of any of them, for whatever name, could then pass for a database where `ssl-mode` is `verify-ca`. This
//! crate takes its place, so that nobody is believed but whom the operator names.

use rustls_pki_types::TrustAnchor;

/// Nobody.
pub const TLS_SERVER_ROOTS: &[TrustAnchor<'static>] = &[];

#[cfg(test)]
mod tests {
    /// What the workspace builds with is this crate: the one of the registry has more than a hundred.
    #[test]
    fn nobody_is_believed_unasked() {
        assert!(super::TLS_SERVER_ROOTS.is_empty());
    }
}
