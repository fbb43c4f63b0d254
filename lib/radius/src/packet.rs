//! Packets: a request that is numbered, signed and encoded, and what is believed as its answer.

use std::fmt;

use subtle::ConstantTimeEq;

use crate::digest::{Md5Digest, hmac_md5, md5};
use crate::{Attribute, AttributeError, Code, Dictionary, Kind, Value, known};

/// The longest packet.
pub const MAX_PACKET: usize = 4096;
/// What comes before attributes: code, identifier, length, authenticator.
pub const HEADER: usize = 20;
/// The longest password that can be hidden.
const LONGEST_PASSWORD: usize = 128;

/// A request as it is sent to one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    code: Code,
    id: u8,
    authenticator: Md5Digest,
    bytes: Vec<u8>,
}

/// What a server says to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What kind of answer it is.
    pub code: Code,
    /// The number of the request.
    pub id: u8,
    /// What else it says.
    pub attributes: Vec<Attribute>,
}

/// A request has too much to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("message becomes too large")
    }
}

impl std::error::Error for TooLong {}

/// Why something is not believed as the answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bad {
    /// It is of another request.
    Mismatch {
        /// The number it has.
        got: u8,
        /// The number of the request.
        expected: u8,
    },
    /// Such a packet does not answer the request.
    Unexpected(Code),
    /// It is the server's, and an attribute in it has no value that it could have.
    NoValue {
        /// The number of the attribute.
        code: u8,
        /// What it is called.
        name: String,
        /// What its value should be.
        kind: Kind,
        /// Why it is none.
        reason: AttributeError,
    },
    /// It is no packet, or not signed as it should be.
    Else(String),
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatch { got, expected } => write!(f, "its identifier is {got}, not {expected}"),
            Self::Unexpected(code) => write!(f, "{code} does not answer it"),
            Self::NoValue { code, name, reason, .. } => write!(f, "{name} ({code}): {reason}"),
            Self::Else(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Bad {}

impl Sealed {
    /// Encodes a request for a server with this secret. `nonce` is what nobody can guess. With `is_signed` it has a
    /// Message-Authenticator, before all else: some servers look no further.
    ///
    /// # Errors
    /// If it would be too long.
    pub fn new(
        code: Code,
        id: u8,
        nonce: [u8; 16],
        attributes: &[Attribute],
        secret: &[u8],
        is_signed: bool,
    ) -> Result<Self, TooLong> {
        let mut authenticator = if code.has_nonce() { nonce } else { [0; 16] };
        let mut bytes = vec![code.0, id, 0, 0];
        bytes.extend(authenticator);
        if is_signed {
            bytes.extend([known::MESSAGE_AUTHENTICATOR, 18]);
            bytes.extend([0; 16]);
        }
        for attribute in attributes.iter().filter(|it| it.code != known::MESSAGE_AUTHENTICATOR) {
            match attribute.bytes() {
                Some(password) if attribute.code == known::USER_PASSWORD && code == Code::ACCESS_REQUEST => {
                    let hidden = hidden(password, &authenticator, secret).into();
                    Attribute { code: attribute.code, value: Value::Bytes(hidden) }.write(&mut bytes);
                }
                _ => attribute.write(&mut bytes),
            }
        }
        let length = u16::try_from(bytes.len()).ok().filter(|length| usize::from(*length) <= MAX_PACKET);
        bytes[2..4].copy_from_slice(&length.ok_or(TooLong)?.to_be_bytes());
        if is_signed {
            let signature = hmac_md5(secret, &[&bytes]);
            bytes[HEADER + 2..HEADER + 18].copy_from_slice(&signature);
        }
        if !code.has_nonce() {
            authenticator = md5(&[&bytes, secret]);
            bytes[4..HEADER].copy_from_slice(&authenticator);
        }
        Ok(Self { code, id, authenticator, bytes })
    }

    /// What is sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What kind of request it is.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Its number.
    pub fn id(&self) -> u8 {
        self.id
    }

    /// Reads what a server with this secret says to it. With `must_be_signed` only what has a Message-Authenticator is
    /// believed; one that is there has to be right in any case.
    ///
    /// # Errors
    /// Why it is not believed.
    pub fn read(
        &self,
        datagram: &[u8],
        secret: &[u8],
        must_be_signed: bool,
        dictionary: &Dictionary,
    ) -> Result<Answer, Bad> {
        let bad = |why: String| Err(Bad::Else(why));
        let Some(length) = length(datagram) else {
            return bad(format!("message is too short {} < {HEADER}", datagram.len()));
        };
        let (code, id) = (Code(datagram[0]), datagram[1]);
        if !(HEADER..=MAX_PACKET).contains(&length) {
            return bad(format!("{code} of length {length}, which is not from {HEADER} to {MAX_PACKET}"));
        }
        // What is behind the end is padding (RFC 2865 §3).
        let Some(packet) = datagram.get(..length) else {
            return bad(format!("truncated {code} length {length}, got {}", datagram.len()));
        };
        if id != self.id {
            return Err(Bad::Mismatch { got: id, expected: self.id });
        }
        let (head, body) = packet.split_at(HEADER);
        let expected = md5(&[&head[..4], &self.authenticator, body, secret]);
        if !bool::from(expected.ct_eq(&head[4..])) {
            return bad(format!("authentication for {code} failed"));
        }
        let Body { attributes, signature } = Body::read(body, dictionary)?;
        match signature {
            Some(at) if !self.is_signature(code, packet, HEADER + at, secret) => {
                return bad("bad Message-Authenticator signature".to_owned());
            }
            None if must_be_signed => return bad("missing Message-Authenticator".to_owned()),
            _ => {}
        }
        if !code.answers(self.code) {
            return Err(Bad::Unexpected(code));
        }
        Ok(Answer { code, id, attributes: attributes? })
    }

    /// Whether the Message-Authenticator that begins there is right (RFC 3579 §3.2).
    fn is_signature(&self, code: Code, packet: &[u8], at: usize, secret: &[u8]) -> bool {
        let (before, rest) = packet.split_at(at);
        let (signature, after) = rest.split_at(16);
        let with = |authenticator: &[u8; 16]| {
            let parts: [&[u8]; 5] = [&before[..4], authenticator, &before[HEADER..], &[0; 16], after];
            bool::from(hmac_md5(secret, &parts).ct_eq(signature))
        };
        // Some servers sign what answers an Accounting-Request as they would the request.
        with(&self.authenticator) || code == Code::ACCOUNTING_RESPONSE && with(&[0; 16])
    }
}

/// How long the packet is that begins so; none if the beginning is not all there.
pub fn length(begun: &[u8]) -> Option<usize> {
    let head = begun.get(..HEADER)?;
    Some(usize::from(u16::from_be_bytes([head[2], head[3]])))
}

/// What is in a packet.
struct Body {
    /// Its attributes, if each has a value.
    attributes: Result<Vec<Attribute>, Bad>,
    /// Where the value of its Message-Authenticator is.
    signature: Option<usize>,
}

impl Body {
    fn read(mut body: &[u8], dictionary: &Dictionary) -> Result<Self, Bad> {
        let whole = body.len();
        let (mut attributes, mut signature) = (Ok(Vec::new()), None);
        while let [code, length, ..] = *body {
            let (name, space) = (|| dictionary.name(code), body.len());
            if length < 3 {
                return Err(Bad::Else(format!("too small attribute length {length} < 3")));
            }
            let Some((attribute, rest)) = body.split_at_checked(length.into()) else {
                return Err(Bad::Else(format!(
                    "trailing truncated {} ({code}): length {length}, space {space}",
                    name()
                )));
            };
            let value = &attribute[2..];
            if code == known::MESSAGE_AUTHENTICATOR {
                if value.len() != 16 {
                    return Err(Bad::Else("can't verify Message-Authenticator".to_owned()));
                }
                if signature.replace(whole - space + 2).is_some() {
                    return Err(Bad::Else("2 Message-Authenticator attributes".to_owned()));
                }
            }
            // Whether it is the server who says so is to be found out first.
            if let Ok(read) = &mut attributes {
                match Attribute::of_packet(code, value, dictionary) {
                    Ok(attribute) => read.push(attribute),
                    Err((kind, reason)) => {
                        attributes = Err(Bad::NoValue { code, name: name().to_string(), kind, reason })
                    }
                }
            }
            body = rest;
        }
        match body {
            [] => Ok(Self { attributes, signature }),
            _ => Err(Bad::Else("trailing octet".to_owned())),
        }
    }
}

/// A password that only who knows the secret can read (RFC 2865 §5.2). What is longer than can be hidden is cut.
fn hidden(password: &[u8], authenticator: &Md5Digest, secret: &[u8]) -> Vec<u8> {
    let password = &password[..password.len().min(LONGEST_PASSWORD)];
    let mut hidden: Vec<u8> = Vec::with_capacity(LONGEST_PASSWORD);
    let mut before = *authenticator;
    for block in password.chunks(16) {
        let mut mask = md5(&[secret, &before]);
        mask.iter_mut().zip(block).for_each(|(mask, byte)| *mask ^= byte);
        hidden.extend(mask);
        before = mask;
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The request of RFC 2865 §7.1 is encoded as there, and its answer believed.
    #[test]
    fn the_example_of_the_rfc() {
        let dictionary = Dictionary::standard();
        let secret = b"xyzzy5461";
        let nonce =
            [0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80, 0x57, 0xbd, 0x83, 0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a];
        let attributes = [
            Attribute::text(known::USER_NAME, "nemo"),
            Attribute::text(known::USER_PASSWORD, "arctangent"),
            Attribute { code: known::NAS_IP_ADDRESS, value: Value::Ipv4([192, 168, 1, 16].into()) },
            Attribute::integer(known::NAS_PORT, 3),
        ];
        let sealed = Sealed::new(Code::ACCESS_REQUEST, 0, nonce, &attributes, secret, false).expect("short");
        let expected = [
            0x01, 0x00, 0x00, 0x38, 0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80, 0x57, 0xbd, 0x83, 0xd5, 0xcb,
            0x98, 0xf4, 0x22, 0x7a, 0x01, 0x06, 0x6e, 0x65, 0x6d, 0x6f, 0x02, 0x12, 0x0d, 0xbe, 0x70, 0x8d,
            0x93, 0xd4, 0x13, 0xce, 0x31, 0x96, 0xe4, 0x3f, 0x78, 0x2a, 0x0a, 0xee, 0x04, 0x06, 0xc0, 0xa8,
            0x01, 0x10, 0x05, 0x06, 0x00, 0x00, 0x00, 0x03,
        ];
        assert_eq!(sealed.bytes(), expected);
        let answer = [
            0x02, 0x00, 0x00, 0x26, 0x86, 0xfe, 0x22, 0x0e, 0x76, 0x24, 0xba, 0x2a, 0x10, 0x05, 0xf6, 0xbf,
            0x9b, 0x55, 0xe0, 0xb2, 0x06, 0x06, 0x00, 0x00, 0x00, 0x01, 0x0f, 0x06, 0x00, 0x00, 0x00, 0x00,
            0x0e, 0x06, 0xc0, 0xa8, 0x01, 0x03,
        ];
        let read = sealed.read(&answer, secret, false, &dictionary).expect("an answer");
        assert_eq!((read.code, read.attributes.len()), (Code::ACCESS_ACCEPT, 3));
        assert_eq!(read.attributes[2].value, Value::Ipv4([192, 168, 1, 3].into()));
        let unsigned = sealed.read(&answer, secret, true, &dictionary);
        assert_eq!(unsigned, Err(Bad::Else("missing Message-Authenticator".to_owned())));
        let forged = sealed.read(&answer, b"other", false, &dictionary);
        assert_eq!(forged, Err(Bad::Else("authentication for Access-Accept failed".to_owned())));
    }

    /// A server's answer, signed or not; `vector` is what the signature is made with.
    pub(super) fn answer(
        sealed: &Sealed,
        code: Code,
        attributes: &[Attribute],
        secret: &[u8],
        vector: Option<[u8; 16]>,
    ) -> Vec<u8> {
        let mut bytes = vec![code.0, sealed.id, 0, 0];
        bytes.extend(vector.unwrap_or_default());
        if vector.is_some() {
            bytes.extend([known::MESSAGE_AUTHENTICATOR, 18]);
            bytes.extend([0; 16]);
        }
        attributes.iter().for_each(|attribute| attribute.write(&mut bytes));
        let length = bytes.len() as u16;
        bytes[2..4].copy_from_slice(&length.to_be_bytes());
        if vector.is_some() {
            let signature = hmac_md5(secret, &[&bytes]);
            bytes[22..38].copy_from_slice(&signature);
        }
        bytes[4..20].copy_from_slice(&sealed.authenticator);
        let authenticator = md5(&[&bytes, secret]);
        bytes[4..20].copy_from_slice(&authenticator);
        bytes
    }

    /// A Message-Authenticator has to be right wherever it is; who wants one believes nothing without.
    #[test]
    fn signatures_count() {
        let (dictionary, secret) = (Dictionary::standard(), b"secret");
        let request = |code| Sealed::new(code, 7, [9; 16], &[], secret, true).expect("short");
        let sealed = request(Code::ACCESS_REQUEST);
        assert_eq!(sealed.bytes().len(), 38);
        let pool = [Attribute::text(known::FRAMED_POOL, "red")];
        let signed = answer(&sealed, Code::ACCESS_ACCEPT, &pool, secret, Some([9; 16]));
        let read = sealed.read(&signed, secret, true, &dictionary).expect("it is signed");
        assert_eq!(read.attributes[1], pool[0]);
        let with_padding = [&signed[..], &[1, 2, 3]].concat();
        assert!(sealed.read(&with_padding, secret, true, &dictionary).is_ok());
        for vector in [[0; 16], [8; 16]] {
            let forged = answer(&sealed, Code::ACCESS_ACCEPT, &pool, secret, Some(vector));
            let read = sealed.read(&forged, secret, false, &dictionary);
            assert_eq!(read, Err(Bad::Else("bad Message-Authenticator signature".to_owned())));
        }
        let sealed = request(Code::ACCOUNTING_REQUEST);
        for vector in [[0; 16], sealed.authenticator] {
            let signed = answer(&sealed, Code::ACCOUNTING_RESPONSE, &[], secret, Some(vector));
            assert!(sealed.read(&signed, secret, true, &dictionary).is_ok(), "servers do either");
        }
        let other = answer(&sealed, Code::ACCESS_ACCEPT, &[], secret, Some(sealed.authenticator));
        let read = sealed.read(&other, secret, true, &dictionary);
        assert_eq!(read, Err(Bad::Unexpected(Code::ACCESS_ACCEPT)));
        let twice = [Attribute { code: 80, value: Value::Bytes([0; 16].into()) }];
        let twice = answer(&sealed, Code::ACCOUNTING_RESPONSE, &twice, secret, Some([0; 16]));
        let read = sealed.read(&twice, secret, true, &dictionary);
        assert_eq!(read, Err(Bad::Else("2 Message-Authenticator attributes".to_owned())));
        let mut another = answer(&sealed, Code::ACCOUNTING_RESPONSE, &[], secret, None);
        another[1] = 8;
        let read = sealed.read(&another, secret, false, &dictionary);
        assert_eq!(read, Err(Bad::Mismatch { got: 8, expected: 7 }));
    }

    /// What is no packet is told.
    #[test]
    fn what_is_no_packet_is_told() {
        let (dictionary, secret) = (Dictionary::standard(), b"secret");
        let sealed = Sealed::new(Code::ACCESS_REQUEST, 1, [0; 16], &[], secret, false).expect("short");
        let with = |body: &[u8]| {
            let mut bytes = vec![2, 1, 0, 20 + body.len() as u8];
            bytes.extend([0; 16]);
            bytes.extend(body);
            let authenticator = md5(&[&bytes, secret]);
            bytes[4..20].copy_from_slice(&authenticator);
            bytes
        };
        for (bytes, error) in [
            (vec![2; 19], "message is too short 19 < 20"),
            ([&[2, 1, 0, 19][..], &[0; 16]].concat(), "Access-Accept of length 19"),
            ([&[2, 1, 0, 21][..], &[0; 16]].concat(), "truncated Access-Accept length 21, got 20"),
            ([&[2, 1, 255, 255][..], &[0; 16]].concat(), "of length 65535"),
            (with(&[1]), "trailing octet"),
            (with(&[1, 2]), "too small attribute length 2 < 3"),
            (with(&[1, 9, 0]), "trailing truncated User-Name (1): length 9, space 3"),
            (with(&[8, 3, 0]), "Framed-IP-Address (8): bad value length 1 != 4"),
            (with(&[80, 3, 0]), "can't verify Message-Authenticator"),
        ] {
            let told = sealed.read(&bytes, secret, false, &dictionary).expect_err(error).to_string();
            assert!(told.contains(error), "{told}");
        }
        // One that is signed otherwise is nobody's, whatever it says.
        let mut unsigned = with(&[8, 3, 0]);
        unsigned[5] ^= 1;
        assert!(matches!(sealed.read(&unsigned, secret, false, &dictionary), Err(Bad::Else(_))));
        let wanted = sealed.read(&with(&[8, 3, 0]), secret, true, &dictionary);
        assert_eq!(wanted, Err(Bad::Else("missing Message-Authenticator".to_owned())));
        let unknown = sealed.read(&with(&[254, 4, 7, 8]), secret, false, &dictionary).expect("any bytes");
        assert_eq!(unknown.attributes[0].value, Value::Bytes([7, 8].into()));
        let much = vec![Attribute::text(1, &"x".repeat(253)); 17];
        assert_eq!(Sealed::new(Code::ACCESS_REQUEST, 1, [0; 16], &much, secret, false), Err(TooLong));
    }
}
