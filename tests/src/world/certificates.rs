//! Certificates for servers that prove to each other who they are.

use std::process::Command;

use serde_json::{Value, json};

use super::World;

/// Makes two authorities, and a certificate that each has signed.
const SCRIPT: &str = "set -e
for name in right wrong; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=$name \
        -keyout $name-ca.key -out $name-ca.pem
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server -keyout $name.key -out $name.csr
    printf 'subjectAltName=DNS:server' >$name.ext
    openssl x509 -req -in $name.csr -CA $name-ca.pem -CAkey $name-ca.key -CAcreateserial -days 9 \
        -extfile $name.ext -out $name.pem
done";

/// The authority that servers trust, and one that they do not know.
#[derive(Clone, Copy, Debug)]
pub enum Authority {
    /// They trust it.
    Right,
    /// They do not know it.
    Wrong,
}

impl World {
    /// Makes both authorities, and a certificate of each.
    ///
    /// # Panics
    /// If openssl does not.
    pub fn make_certificates(&self) {
        let made = Command::new("sh").args(["-c", SCRIPT]).current_dir(self.folder()).output();
        assert!(made.expect("sh runs").status.success(), "openssl is installed");
    }

    /// `trust-anchor`, `cert-file` and `key-file` of a server that trusts an authority and has a certificate of it.
    pub fn certificate(&self, of: Authority) -> Value {
        let name = match of {
            Authority::Right => "right",
            Authority::Wrong => "wrong",
        };
        let file = |end: &str| self.path(&format!("{name}{end}")).display().to_string();
        json!({"trust-anchor": file("-ca.pem"), "cert-file": file(".pem"), "key-file": file(".key")})
    }
}
