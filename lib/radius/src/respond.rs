//! What a server says, for those who try out a client.

use crate::digest::{hmac_md5, md5};
use crate::packet::length;
use crate::{Attribute, Code, HEADER, known};

/// An answer of a server with this secret to a packet; with a Message-Authenticator, if it is to be `signed`. Of what is no
/// packet it is nothing.
pub fn respond(
    request: &[u8],
    code: Code,
    attributes: &[Attribute],
    secret: &[u8],
    signed: bool,
) -> Option<Vec<u8>> {
    length(request)?;
    let asked: &[u8] = &request[4..HEADER];
    let mut bytes = [&[code.0, request[1], 0, 0], asked].concat();
    if signed {
        bytes.extend([known::MESSAGE_AUTHENTICATOR, 18]);
        bytes.extend([0; 16]);
    }
    attributes.iter().for_each(|attribute| attribute.write(&mut bytes));
    let length = u16::try_from(bytes.len()).ok()?;
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    if signed {
        let signature = hmac_md5(secret, &[&bytes]);
        bytes[HEADER + 2..HEADER + 18].copy_from_slice(&signature);
    }
    let authenticator = md5(&[&bytes, secret]);
    bytes[4..HEADER].copy_from_slice(&authenticator);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dictionary, Sealed};

    /// A client believes it.
    #[test]
    fn a_client_believes_it() {
        let (dictionary, secret) = (Dictionary::standard(), b"secret");
        let pool = [Attribute::text(known::FRAMED_POOL, "red")];
        for (asked, code) in [
            (Code::ACCESS_REQUEST, Code::ACCESS_ACCEPT),
            (Code::ACCOUNTING_REQUEST, Code::ACCOUNTING_RESPONSE),
        ] {
            let sealed = Sealed::new(asked, 7, [9; 16], &[], secret, true).expect("short");
            let answer = respond(sealed.bytes(), code, &pool, secret, true).expect("an answer");
            let read = sealed.read(&answer, secret, true, &dictionary).expect("it is signed");
            assert_eq!(read.attributes[1], pool[0]);
        }
        assert_eq!(respond(&[1; 19], Code::ACCESS_ACCEPT, &pool, secret, true), None);
    }
}
