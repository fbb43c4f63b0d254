//! An independent implementation reads what we write, and we read what it writes.

use std::net::Ipv4Addr;

use dhcproto::v4::{self as theirs, DhcpOption, UnknownOption};
use dhcproto::{Decodable, Encodable};
use kotare_wire::HardwareType;
use kotare_wire::v4::{BROADCAST, Index, Message, MessageType, Op, OptionCode, OptionValue, Writer};
use proptest::prelude::*;

/// The fields and options of a message that both implementations can say.
#[derive(Clone, Debug)]
struct Said {
    reply: bool,
    chaddr: Vec<u8>,
    hops: u8,
    xid: u32,
    secs: u16,
    broadcast: bool,
    addresses: [u32; 4],
    sname: Vec<u8>,
    file: Vec<u8>,
    message_type: u8,
    routers: Vec<u32>,
    lease_time: u32,
    client_id: Vec<u8>,
    requested: Vec<u8>,
    private: Vec<(u8, Vec<u8>)>,
}

fn said() -> impl Strategy<Value = Said> {
    let name = |limit| prop::collection::vec(1..=255u8, 1..limit);
    // The other implementation leaves out options without a value.
    let private = prop::collection::btree_map(224..=254u8, prop::collection::vec(any::<u8>(), 1..700), 0..5);
    let fixed =
        (any::<bool>(), prop::collection::vec(any::<u8>(), 0..=16), any::<u8>(), any::<u32>(), any::<u16>());
    let fields = (any::<bool>(), any::<[u32; 4]>(), name(64), name(128));
    let options = (
        1..=8u8,
        prop::collection::vec(any::<u32>(), 1..150),
        any::<u32>(),
        prop::collection::vec(any::<u8>(), 2..255),
        prop::collection::vec(1..=254u8, 1..255),
        private,
    );
    (fixed, fields, options).prop_map(|(fixed, fields, options)| {
        let (reply, chaddr, hops, xid, secs) = fixed;
        let (broadcast, addresses, sname, file) = fields;
        let (message_type, routers, lease_time, client_id, requested, private) = options;
        let private = private.into_iter().collect();
        Said {
            reply,
            chaddr,
            hops,
            xid,
            secs,
            broadcast,
            addresses,
            sname,
            file,
            message_type,
            routers,
            lease_time,
            client_id,
            requested,
            private,
        }
    })
}

impl Said {
    /// The options as codes and values.
    fn options(&self) -> Vec<(u8, Vec<u8>)> {
        let mut options = vec![
            (OptionCode::ROUTERS.0, self.routers.iter().flat_map(|router| router.to_be_bytes()).collect()),
            (OptionCode::LEASE_TIME.0, self.lease_time.to_be_bytes().to_vec()),
            (OptionCode::MESSAGE_TYPE.0, vec![self.message_type]),
            (OptionCode::PARAMETER_REQUEST_LIST.0, self.requested.clone()),
            (OptionCode::CLIENT_IDENTIFIER.0, self.client_id.clone()),
        ];
        options.extend(self.private.iter().cloned());
        options
    }

    fn in_their_words(&self) -> theirs::Message {
        let [ciaddr, yiaddr, siaddr, giaddr] = self.addresses.map(Ipv4Addr::from_bits);
        let mut message =
            theirs::Message::new_with_id(self.xid, ciaddr, yiaddr, siaddr, giaddr, &self.chaddr);
        let opcode = if self.reply { theirs::Opcode::BootReply } else { theirs::Opcode::BootRequest };
        let flags =
            if self.broadcast { theirs::Flags::default().set_broadcast() } else { theirs::Flags::default() };
        message.set_opcode(opcode).set_hops(self.hops).set_secs(self.secs).set_flags(flags);
        message.set_sname(&self.sname).set_fname(&self.file);
        let options = message.opts_mut();
        options.insert(DhcpOption::MessageType(self.message_type.into()));
        options.insert(DhcpOption::Router(self.routers.iter().copied().map(Ipv4Addr::from_bits).collect()));
        options.insert(DhcpOption::AddressLeaseTime(self.lease_time));
        options.insert(DhcpOption::ClientIdentifier(self.client_id.clone()));
        let requested = self.requested.iter().map(|&code| theirs::OptionCode::from(code)).collect();
        options.insert(DhcpOption::ParameterRequestList(requested));
        for (code, value) in &self.private {
            let option = UnknownOption::new(theirs::OptionCode::from(*code), value.clone());
            options.insert(DhcpOption::Unknown(option));
        }
        message
    }

    fn in_our_bytes(&self) -> Vec<u8> {
        let [ciaddr, yiaddr, siaddr, giaddr] = self.addresses.map(Ipv4Addr::from_bits);
        let mut buffer = vec![0xaa; 8192];
        let mut writer = Writer::new(&mut buffer).expect("8192 bytes are enough");
        writer.op(if self.reply { Op::REPLY } else { Op::REQUEST }).hops(self.hops).xid(self.xid);
        writer.secs(self.secs).flags(if self.broadcast { BROADCAST } else { 0 });
        writer.chaddr(HardwareType::ETHERNET, &self.chaddr);
        writer.ciaddr(ciaddr).yiaddr(yiaddr).siaddr(siaddr).giaddr(giaddr);
        writer.sname(&self.sname).expect("at most 63 bytes");
        writer.file(&self.file).expect("at most 127 bytes");
        for (code, value) in self.options() {
            writer.option(OptionCode(code), &value).expect("8192 bytes are enough");
        }
        let len = writer.finish();
        buffer.truncate(len);
        buffer
    }
}

proptest! {
    /// What the other implementation encodes is read as what was said.
    #[test]
    fn what_it_writes_we_read(said in said()) {
        let bytes = said.in_their_words().to_vec().expect("it can be encoded");
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).expect("a message");
        prop_assert_eq!(message.op(), if said.reply { Op::REPLY } else { Op::REQUEST });
        prop_assert_eq!((message.htype(), message.chaddr()), (HardwareType::ETHERNET, &said.chaddr[..]));
        prop_assert_eq!((message.hops(), message.xid(), message.secs()), (said.hops, said.xid, said.secs));
        prop_assert_eq!(message.broadcast(), said.broadcast);
        let addresses = [message.ciaddr(), message.yiaddr(), message.siaddr(), message.giaddr()];
        prop_assert_eq!(addresses.map(Ipv4Addr::to_bits), said.addresses);
        prop_assert!(message.sname().starts_with(&said.sname) && message.file().starts_with(&said.file));
        prop_assert_eq!(message.message_type(), Some(MessageType(said.message_type)));
        for (code, value) in said.options() {
            prop_assert_eq!(message.option(OptionCode(code)), Some(OptionValue::new(&value)));
        }
    }

    /// What we write, the other implementation decodes to what was said.
    #[test]
    fn what_we_write_it_reads(said in said()) {
        let mut decoded = theirs::Message::from_bytes(&said.in_our_bytes()).expect("it can be decoded");
        // It keeps the zero that ends a name.
        let name = |field: Option<&[u8]>| field.map(|name| name.strip_suffix(&[0]).unwrap_or(name).to_vec());
        prop_assert_eq!((name(decoded.sname()), name(decoded.fname())), (Some(said.sname.clone()), Some(said.file.clone())));
        decoded.set_sname(&said.sname).set_fname(&said.file);
        prop_assert_eq!(decoded, said.in_their_words());
    }

    /// What we write, we read, to the last field.
    #[test]
    fn what_we_write_we_read(said in said()) {
        let bytes = said.in_our_bytes();
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).expect("a message");
        prop_assert!(!message.cut_short());
        prop_assert_eq!(message.chaddr(), &said.chaddr[..]);
        prop_assert_eq!((message.hops(), message.xid(), message.secs()), (said.hops, said.xid, said.secs));
        let addresses = [message.ciaddr(), message.yiaddr(), message.siaddr(), message.giaddr()];
        prop_assert_eq!(addresses.map(Ipv4Addr::to_bits), said.addresses);
        let (name, rest) = message.sname().split_at(said.sname.len());
        prop_assert!(name == said.sname && rest.iter().all(|&byte| byte == 0));
        for (code, value) in said.options() {
            prop_assert_eq!(message.option(OptionCode(code)), Some(OptionValue::new(&value)));
        }
        let codes: std::collections::BTreeSet<u8> = message.options().map(|(code, _)| code.0).collect();
        prop_assert_eq!(codes.len(), said.options().len());
    }
}
