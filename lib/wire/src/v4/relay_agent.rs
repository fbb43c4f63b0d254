//! What relays say of a client.

use std::net::Ipv4Addr;

use super::value::OptionValue;
use super::walk::Walk;
use super::{SubOptionCode, SubOptions};

/// A view of the value of Relay Agent Information, option 82 (RFC 3046 §2.0).
///
/// ```text
///    Code   Len     Agent Information Field
///   +------+------+------+------+------+------+--...-+------+
///   |  82  |   N  |  i1  |  i2  |  i3  |  i4  |      |  iN  |
///   +------+------+------+------+------+------+--...-+------+
///    SubOpt  Len     Sub-option Value
///   +------+------+------+------+------+------+--...-+------+
///   |  1   |   N  |  s1  |  s2  |  s3  |  s4  |      |  sN  |
///   +------+------+------+------+------+------+--...-+------+
/// ```
///
/// Any bytes make a view. A sub-option that says it is longer than what is left ends them; those before it count.
/// Whatever it holds, a server gives the value back as it came: [`super::Writer::relay_agent`]. There is no padding
/// and no end here (RFC 3046 §2.0): 0 and 255 are codes like any other.
#[derive(Clone, Copy)]
pub struct RelayAgent<'a> {
    bytes: &'a [u8],
}

impl<'a> RelayAgent<'a> {
    /// A view of the value, which [`OptionValue::contiguous`] yields in one piece.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// All bytes.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The sub-options in the order in which they stand, each instance on its own.
    pub fn sub_options(&self) -> impl Iterator<Item = (SubOptionCode, &'a [u8])> {
        SubOptions::new(self.bytes).map(|(code, value)| (SubOptionCode(code), value))
    }

    /// The value of the sub-options of this code; several are one value, as Kea reads them.
    pub fn sub_option(&self, code: SubOptionCode) -> Option<OptionValue<'a>> {
        let mut rest = Walk::of_value(self.bytes, false);
        let mut of_code = std::iter::from_fn(|| rest.next()).filter(|option| option.code == code.0);
        let first = of_code.next()?.value;
        // The walk goes on from here, so look ahead with a copy.
        let more = rest;
        let mut ahead = rest;
        let several = std::iter::from_fn(|| ahead.next()).any(|option| option.code == code.0);
        Some(if several { OptionValue::split(first, code.0, more) } else { OptionValue::new(first) })
    }

    /// Whether a sub-option was passed over, with the rest, because it says it is longer than what is left.
    pub fn cut_short(&self) -> bool {
        let mut all = SubOptions::new(self.bytes);
        all.by_ref().for_each(drop);
        !all.rest().is_empty()
    }

    /// The subnet of the client, where it is not the relay's own (RFC 3527); `None` also when it is not 4 bytes.
    pub fn link_selection(&self) -> Option<Ipv4Addr> {
        self.sub_option(SubOptionCode::LINK_SELECTION)?.ipv4()
    }

    /// The server identifier that the client shall see (RFC 5107); `None` also when it is not 4 bytes.
    pub fn server_id_override(&self) -> Option<Ipv4Addr> {
        self.sub_option(SubOptionCode::SERVER_ID_OVERRIDE)?.ipv4()
    }

    /// The circuit the client is on (RFC 3046 §3.1).
    pub fn circuit_id(&self) -> Option<OptionValue<'a>> {
        self.sub_option(SubOptionCode::CIRCUIT_ID)
    }

    /// The remote end of the circuit (RFC 3046 §3.2).
    pub fn remote_id(&self) -> Option<OptionValue<'a>> {
        self.sub_option(SubOptionCode::REMOTE_ID)
    }

    /// The subscriber (RFC 3993).
    pub fn subscriber_id(&self) -> Option<OptionValue<'a>> {
        self.sub_option(SubOptionCode::SUBSCRIBER_ID)
    }

    /// Which relay it is (RFC 6925).
    pub fn relay_id(&self) -> Option<OptionValue<'a>> {
        self.sub_option(SubOptionCode::RELAY_ID)
    }

    /// Whether the relay wants replies at the port it sent from (RFC 8357).
    pub fn wants_source_port(&self) -> bool {
        self.sub_option(SubOptionCode::RELAY_PORT).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands before a sub-option that is too long counts; the bytes stay whole to be given back.
    #[test]
    fn sub_options_are_read_as_far_as_they_are_sound() {
        let cases: [(&[u8], &[u8], bool); 6] = [
            (&[], &[], false),
            (&[1], &[], true),
            (&[1, 0], &[1], false),
            (&[1, 2, 7, 7, 2, 9, 1], &[1], true),
            (&[0, 1, 5, 255, 0, 1, 1, 1], &[0, 255, 1], false),
            (&[255; 3], &[], true),
        ];
        for (bytes, expected, cut_short) in cases {
            let view = RelayAgent::new(bytes);
            let codes: Vec<u8> = view.sub_options().map(|(code, _)| code.0).collect();
            assert_eq!((codes.as_slice(), view.cut_short(), view.as_bytes()), (expected, cut_short, bytes));
        }
    }

    /// Addresses are four bytes or nothing, and several sub-options of one code are one value.
    #[test]
    fn values_have_the_shape_their_rfc_gives_them() {
        let view = RelayAgent::new(&[5, 4, 192, 0, 2, 0, 11, 3, 1, 2, 3, 1, 1, 65, 2, 1, 9, 1, 1, 66]);
        assert_eq!(view.link_selection(), Some(Ipv4Addr::new(192, 0, 2, 0)));
        assert_eq!(view.server_id_override(), None);
        let circuit = view.circuit_id().expect("twice");
        assert_eq!((circuit.as_slice(), circuit.len()), (None, 2));
        assert_eq!(circuit, *b"AB".as_slice());
        assert_eq!(view.remote_id().and_then(|value| value.as_slice()), Some([9].as_slice()));
        assert_eq!((view.relay_id(), view.wants_source_port()), (None, false));
    }
}
