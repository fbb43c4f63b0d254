//! The names in the certificate of a client, which was found good before.

use tokio_rustls::rustls::ServerConnection;
use x509_parser::parse_x509_certificate;
use x509_parser::x509::X509Name;

use crate::access::Encrypted;

/// What is known of the client of a connection.
pub(super) fn client(connection: &ServerConnection) -> Encrypted {
    let chain = connection.peer_certificates().unwrap_or_default();
    // The client's own comes first.
    chain.first().map(|certificate| names(certificate)).unwrap_or_default()
}

fn names(certificate: &[u8]) -> Encrypted {
    match parse_x509_certificate(certificate) {
        Ok((_, certificate)) => Encrypted {
            subject: common_name(certificate.subject()),
            issuer: common_name(certificate.issuer()),
        },
        Err(_) => Encrypted::default(),
    }
}

/// The first common name, if it is text.
fn common_name(name: &X509Name<'_>) -> Option<String> {
    name.iter_common_name().next()?.as_str().ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair};

    use super::*;

    fn params(common_name: Option<&str>) -> CertificateParams {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Example");
        if let Some(name) = common_name {
            params.distinguished_name.push(DnType::CommonName, name);
        }
        params
    }

    /// Who the client is, and who says so, is read of its certificate; one without a name has none.
    #[test]
    fn names_are_read() {
        let key = KeyPair::generate().unwrap();
        let mut authority = params(Some("authority"));
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = Issuer::from_params(&authority, &key);
        let text = |text: &str| Some(text.to_owned());
        for (name, subject) in [(Some("kea-client"), text("kea-client")), (None, None)] {
            let certificate = params(name).signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
            assert_eq!(names(certificate.der()), Encrypted { subject, issuer: text("authority") });
        }
        assert_eq!(names(b"no certificate"), Encrypted::default());
    }
}
