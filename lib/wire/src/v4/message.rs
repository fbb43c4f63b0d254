//! The view of a message.

use std::fmt;
use std::net::Ipv4Addr;

use super::index::{Index, Place};
use super::value::OptionValue;
use super::walk::{Options, Overload, Walk};
use super::{BROADCAST, CHADDR_LEN, FILE_LEN, Malformed, MessageType, Op, OptionCode, SNAME_LEN, at};
use crate::HardwareType;

/// A view of the bytes of a DHCPv4 message (RFC 2131 §2) whose lengths are proved.
///
/// What it takes is what Kea takes. The END option may be missing. An option that says it is longer than what is
/// left ends the options of its field: those before it count ([`Message::cut_short`] tells). All options of one
/// code are one value (RFC 3396), and `file` and `sname` are read as options where an overload option says so.
///
/// It is two references: copy it. A message that is kept for a while is kept as its bytes and their [`Index`], and
/// [`Message::new`] looks at them again.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    bytes: &'a [u8],
    index: &'a Index,
}

impl<'a> Message<'a> {
    /// Reads the bytes of one datagram into `index`.
    ///
    /// # Errors
    /// [`Malformed`] says why they are not a message.
    pub fn parse(bytes: &'a [u8], index: &'a mut Index) -> Result<Self, Malformed> {
        index.read(bytes)?;
        Ok(Self { bytes, index })
    }

    /// Looks again at the bytes that were read into `index`. `None` when these cannot be they: the index is of a
    /// message of another length, or of none. (Other bytes of the same length show nonsense, and no more.)
    pub fn new(bytes: &'a [u8], index: &'a Index) -> Option<Self> {
        index.fits(bytes).then_some(Self { bytes, index })
    }

    /// The value of the options of this code, if there is one. Takes constant time.
    pub fn option(&self, code: OptionCode) -> Option<OptionValue<'a>> {
        match self.index.place(code.0) {
            Place::Nowhere => None,
            Place::At(at) => {
                let (&len, rest) = self.bytes.get(at + 1..)?.split_first()?;
                rest.get(..usize::from(len)).map(OptionValue::new)
            }
            Place::Repeated => {
                let mut rest = Walk::of_message(self.bytes, self.index.overload());
                let first = std::iter::from_fn(|| rest.next()).find(|option| option.code == code.0)?;
                Some(OptionValue::split(first.value, code.0, rest))
            }
        }
    }

    /// Whether there is an option of this code.
    pub fn has(&self, code: OptionCode) -> bool {
        self.index.has(code.0)
    }

    /// The options in the order in which they stand, each instance on its own.
    pub fn options(&self) -> Options<'a> {
        Options(Walk::of_message(self.bytes, self.index.overload()))
    }

    /// What the message is (option 53); `None` when it does not say, as in BOOTP.
    pub fn message_type(&self) -> Option<MessageType> {
        self.option(OptionCode::MESSAGE_TYPE)?.bytes().next().map(MessageType)
    }

    /// All bytes.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Which of `file` and `sname` hold options.
    pub fn overload(&self) -> Overload {
        self.index.overload()
    }

    /// Whether an option was passed over, with the rest of its field, because it says it is longer than what is
    /// left.
    pub fn cut_short(&self) -> bool {
        self.index.cut_short()
    }

    /// Who speaks to whom.
    pub fn op(&self) -> Op {
        Op(self.bytes[at::OP])
    }

    /// The type of the hardware address.
    pub fn htype(&self) -> HardwareType {
        HardwareType(u16::from(self.bytes[at::HTYPE]))
    }

    /// The length of the hardware address, at most 16.
    pub fn hlen(&self) -> u8 {
        self.bytes[at::HLEN]
    }

    /// How many relays it passed.
    pub fn hops(&self) -> u8 {
        self.bytes[at::HOPS]
    }

    /// The transaction.
    pub fn xid(&self) -> u32 {
        u32::from_be_bytes(self.array(at::XID))
    }

    /// For how many seconds the client has been trying.
    pub fn secs(&self) -> u16 {
        u16::from_be_bytes(self.array(at::SECS))
    }

    /// The flags; see [`Message::broadcast`].
    pub fn flags(&self) -> u16 {
        u16::from_be_bytes(self.array(at::FLAGS))
    }

    /// Whether the client wants replies broadcast.
    pub fn broadcast(&self) -> bool {
        self.flags() & BROADCAST != 0
    }

    /// The address the client has and answers for.
    pub fn ciaddr(&self) -> Ipv4Addr {
        Ipv4Addr::from_octets(self.array(at::CIADDR))
    }

    /// The address given to the client.
    pub fn yiaddr(&self) -> Ipv4Addr {
        Ipv4Addr::from_octets(self.array(at::YIADDR))
    }

    /// The server to boot from.
    pub fn siaddr(&self) -> Ipv4Addr {
        Ipv4Addr::from_octets(self.array(at::SIADDR))
    }

    /// The first relay; unspecified when the client is on the link.
    pub fn giaddr(&self) -> Ipv4Addr {
        Ipv4Addr::from_octets(self.array(at::GIADDR))
    }

    /// The hardware address: the `hlen` bytes that count.
    pub fn chaddr(&self) -> &'a [u8] {
        let len = usize::from(self.hlen()).min(CHADDR_LEN);
        &self.bytes[at::CHADDR..at::CHADDR + len]
    }

    /// The field `sname`, all 64 bytes, whatever they hold; see [`Message::overload`].
    pub fn sname(&self) -> &'a [u8] {
        &self.bytes[at::SNAME..at::SNAME + SNAME_LEN]
    }

    /// The field `file`, all 128 bytes, whatever they hold; see [`Message::overload`].
    pub fn file(&self) -> &'a [u8] {
        &self.bytes[at::FILE..at::FILE + FILE_LEN]
    }

    /// Bytes of the header: every message has one.
    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut array = [0; N];
        array.copy_from_slice(&self.bytes[at..at + N]);
        array
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("type", &self.message_type())
            .field("xid", &format_args!("0x{:08x}", self.xid()))
            .field("chaddr", &OptionValue::new(self.chaddr()))
            .field("options", &format_args!("{:?}", OptionsOf(self)))
            .finish()
    }
}

/// The options of a message as a map.
struct OptionsOf<'a, 'b>(&'b Message<'a>);

impl fmt::Debug for OptionsOf<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.options().map(|(code, value)| (code, OptionValue::new(value)))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{HEADER_LEN, MAGIC_COOKIE};
    use super::*;

    /// A message with these options, and options in `file` and `sname`.
    fn message(options: &[u8], file: &[u8], sname: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_LEN];
        bytes[at::FILE..at::FILE + file.len()].copy_from_slice(file);
        bytes[at::SNAME..at::SNAME + sname.len()].copy_from_slice(sname);
        bytes.extend_from_slice(&MAGIC_COOKIE);
        bytes.extend_from_slice(options);
        bytes
    }

    fn codes(message: &Message<'_>) -> Vec<u8> {
        message.options().map(|(code, _)| code.0).collect()
    }

    /// Bytes that are no message are refused for the reason that holds.
    #[test]
    fn what_is_no_message_is_refused_with_the_reason() {
        let sound = message(&[53, 1, 1, 255], &[], &[]);
        assert!(Message::parse(&sound, &mut Index::new()).is_ok());
        for len in 0..HEADER_LEN {
            assert_eq!(
                Message::parse(&sound[..len], &mut Index::new()).unwrap_err(),
                Malformed::Short { len }
            );
        }
        assert_eq!(Message::parse(&sound[..236], &mut Index::new()).unwrap_err(), Malformed::NoOptions);
        let found = [0x63, 0x82, 0, 0];
        assert_eq!(
            Message::parse(&sound[..238], &mut Index::new()).unwrap_err(),
            Malformed::Cookie { found }
        );
        let mut other = sound.clone();
        other[239] = 0x64;
        assert!(matches!(
            Message::parse(&other, &mut Index::new()),
            Err(Malformed::Cookie { found: [0x63, 0x82, 0x53, 0x64] })
        ));
        for hlen in 0..=255 {
            let mut bytes = sound.clone();
            bytes[at::HLEN] = hlen;
            match Message::parse(&bytes, &mut Index::new()) {
                Ok(message) => assert_eq!((message.chaddr().len(), hlen <= 16), (hlen.into(), true)),
                Err(malformed) => {
                    assert_eq!((malformed, hlen > 16), (Malformed::HardwareLength { hlen }, true));
                }
            }
        }
        let mut long = sound.clone();
        long.resize(65536, 0);
        assert_eq!(Message::parse(&long, &mut Index::new()).unwrap_err(), Malformed::Long { len: 65536 });
        assert!(Message::parse(&long[..65535], &mut Index::new()).is_ok());
    }

    /// No options, no END, padding in between, an option cut short: what stands before counts, as in Kea.
    #[test]
    fn options_are_read_as_far_as_they_are_sound() {
        let cases: [(&[u8], &[u8], bool); 9] = [
            (&[], &[], false),
            (&[255], &[], false),
            (&[53, 1, 1], &[53], false),
            (&[0, 53, 1, 1, 0, 0, 61, 2, 1, 2, 255, 12, 1, 65], &[53, 61], false),
            (&[53, 1, 1, 61], &[53], true),
            (&[53, 1, 1, 61, 1], &[53], true),
            (&[53, 1, 1, 61, 255, 1, 2, 3], &[53], true),
            (&[53, 1, 1, 224, 0, 255], &[53, 224], false),
            (&[12, 0, 53, 1, 1, 12, 1, 65, 255], &[53, 12], false),
        ];
        for (options, expected, cut_short) in cases {
            let bytes = message(options, &[], &[]);
            let mut index = Index::new();
            let message = Message::parse(&bytes, &mut index).expect("the header is sound");
            assert_eq!((codes(&message), message.cut_short()), (expected.to_vec(), cut_short), "{options:?}");
        }
    }

    /// Every field ends its own options, and `file` is read before `sname`; other fields are left alone.
    #[test]
    fn overloaded_fields_hold_options() {
        let file = [224, 1, 2, 255, 99];
        let sname = [224, 1, 3, 52, 1, 3, 225, 200];
        for (overload, expected) in [
            (vec![0], vec![52, 224]),
            (vec![1], vec![52, 224, 224]),
            (vec![2], vec![52, 224, 224, 52]),
            (vec![3], vec![52, 224, 224, 224, 52]),
            (vec![4], vec![52, 224]),
            (vec![1, 1], vec![52, 224]),
            (vec![], vec![52, 224]),
        ] {
            let mut options = vec![52, overload.len() as u8];
            options.extend_from_slice(&overload);
            options.extend_from_slice(&[224, 1, 1, 255]);
            let bytes = message(&options, &file, &sname);
            let mut index = Index::new();
            let message = Message::parse(&bytes, &mut index).expect("the header is sound");
            assert_eq!(codes(&message), expected, "overload {overload:?}");
            assert_eq!(message.cut_short(), message.overload().sname);
        }
        let bytes = message(&[52, 1, 3, 224, 1, 1, 255], &file, &sname);
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).expect("a message");
        let value = message.option(OptionCode(224)).expect("thrice");
        assert_eq!(value, *[1, 2, 3].as_slice());
    }

    /// Bits that say nothing of overload leave the names alone, and an overload option counts in the options field.
    #[test]
    fn an_overload_in_an_overloaded_field_says_nothing() {
        let bytes = message(&[52, 1, 1, 255], &[52, 1, 3, 255], &[224, 0, 255]);
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).expect("the header is sound");
        assert_eq!(message.overload(), Overload { file: true, sname: false });
        assert!(!message.has(OptionCode(224)));
    }

    /// Bytes and their index are looked at again where they were put, and never one without the other.
    #[test]
    fn a_message_is_looked_at_again() {
        let bytes = message(&[53, 1, 1, 61, 2, 7, 7, 255], &[], &[]);
        let mut index = Index::new();
        assert!(Message::new(&bytes, &index).is_none() && Message::new(&[], &index).is_none());
        index.read(&bytes).expect("a message");
        let (bytes, mut index) = (Box::new(bytes), Box::new(index));
        let message = Message::new(&bytes, &index).expect("those that were read");
        assert_eq!(message.option(OptionCode(61)), Some(OptionValue::new(&[7, 7])));
        assert!(Message::new(&bytes[1..], &index).is_none());
        assert!(index.read(&bytes[1..]).is_err());
        assert!(Message::new(&bytes, &index).is_none(), "what is no message leaves no index");
    }

    /// An index beside bytes that are not its own shows nonsense, but never reads beyond them.
    #[test]
    fn an_index_of_other_bytes_does_no_harm() {
        let own = message(&[53, 1, 1, 61, 200, 255], &[], &[]);
        let mut index = Index::new();
        index.read(&message(&[0, 0, 0, 0, 53, 0], &[], &[])).expect("a message");
        let mut other = own;
        for byte in 0..=255 {
            other.fill(byte);
            let message = Message::new(&other, &index).expect("it is as long");
            assert!(message.option(OptionCode(53)).is_none_or(|value| value.len() <= other.len()));
            assert!(message.chaddr().len() <= 16 && message.message_type().is_none());
        }
    }

    /// The type is the first byte that option 53 has, if it has one.
    #[test]
    fn the_message_type_may_be_missing() {
        let cases: [(&[u8], Option<MessageType>); 5] = [
            (&[255], None),
            (&[53, 0, 255], None),
            (&[53, 1, 3, 255], Some(MessageType::REQUEST)),
            (&[53, 2, 3, 9, 255], Some(MessageType::REQUEST)),
            (&[53, 0, 53, 1, 200, 255], Some(MessageType(200))),
        ];
        for (options, expected) in cases {
            let bytes = message(options, &[], &[]);
            assert_eq!(
                Message::parse(&bytes, &mut Index::new()).expect("a message").message_type(),
                expected,
                "{options:?}"
            );
        }
        assert_eq!(MessageType::DISCOVER.to_string(), "DHCPDISCOVER");
        assert_eq!(MessageType::LEASEQUERYSTATUS.to_string(), "DHCPLEASEQUERYSTATUS");
        assert_eq!(MessageType(200).to_string(), "UNKNOWN");
    }
}
