//! Whom to explain: the arguments, as the message that such a client would send.

use std::net::{Ipv4Addr, SocketAddrV4};

use kotare_config::v4::Config4;
use kotare_control::shortened;
use kotare_expr::ClassId;
use kotare_model::Arrival4;
use kotare_server::Listening;
use kotare_server::explain::Arguments;
use kotare_server::explain::dump::v4 as dump;
use kotare_wire::v4::{CLIENT_PORT, MessageType, Op, OptionCode, OptionValue, SERVER_PORT, Writer};
use kotare_wire::{HardwareType, v4};
use serde_json::{Map, Value as Json};

use super::options::{Options, sub_option};

/// What is asked for where nothing is said: what clients commonly ask for.
const WISHES: [u8; 9] = [1, 3, 6, 15, 28, 42, 119, 121, 26];
/// The longest message that is made of arguments.
const MAX_MESSAGE: usize = 64 * 1024;
/// The transaction of a message that nobody sent.
const TRANSACTION: u32 = 0;

/// A message as it would come.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) datagram: Vec<u8>,
    pub(super) arrival: Arrival4,
    /// The classes that it is assumed to be of.
    pub(super) classes: Vec<ClassId>,
    /// What was made up because nothing is said of it.
    pub(super) remarks: Vec<String>,
}

impl Asked {
    /// Reads the arguments of the command.
    pub(super) fn of(
        arguments: &Map<String, Json>,
        config: &Config4,
        listening: &Listening<Ipv4Addr>,
    ) -> Result<Self, String> {
        let read = Reader(Arguments(arguments));
        read.check_keys(&[OF_MESSAGE, OF_WAY])?;
        let classes = read.classes(|name| config.classes.id(name))?;
        // What is wrong is told before what is missing.
        read.text("interface")?;
        read.address("local")?;
        read.address("remote")?;
        let mut remarks = Vec::new();
        let (datagram, seen) = match read.text("packet")? {
            Some(text) => {
                if let Some(other) = arguments.keys().find(|key| OF_MESSAGE.contains(&key.as_str())) {
                    return Err(format!("'{other}' does not go with 'packet', which says it"));
                }
                let packet = dump::packet(text)?;
                (packet.datagram, packet.addresses)
            }
            None => (read.message(config, &mut remarks)?, None),
        };
        let arrival = read.arrival(&datagram, seen, listening)?;
        Ok(Self { datagram, arrival, classes, remarks })
    }
}

/// The arguments that say what is in the message.
const OF_MESSAGE: &[&str] = &[
    "message-type",
    "hw-address",
    "htype",
    "client-id",
    "address",
    "relay",
    "link",
    "subnet",
    "requested-address",
    "server-identifier",
    "requested-options",
    "circuit-id",
    "remote-id",
    "options",
];
/// Those that say where it comes from, and what is assumed.
const OF_WAY: &[&str] = &["packet", "interface", "local", "remote", "classes"];

/// What is given, with addresses of this family.
struct Reader<'a>(Arguments<'a>);

impl<'a> std::ops::Deref for Reader<'a> {
    type Target = Arguments<'a>;

    fn deref(&self) -> &Arguments<'a> {
        &self.0
    }
}

impl Reader<'_> {
    fn address(&self, key: &str) -> Result<Option<Ipv4Addr>, String> {
        self.0.address(key, "an IPv4 address, such as 192.0.2.1")
    }

    fn message_type(&self) -> Result<MessageType, String> {
        Ok(match self.text("message-type")? {
            None => MessageType::DISCOVER,
            Some(text) => match text.to_ascii_lowercase().trim_start_matches("dhcp") {
                "discover" => MessageType::DISCOVER,
                "request" => MessageType::REQUEST,
                "decline" => MessageType::DECLINE,
                "release" => MessageType::RELEASE,
                "inform" => MessageType::INFORM,
                _ => {
                    return Err(format!(
                        "bad 'message-type' entry: '{}' is none of discover, request, decline, release and inform",
                        shortened(text)
                    ));
                }
            },
        })
    }

    /// The message that such a client sends.
    fn message(&self, config: &Config4, remarks: &mut Vec<String>) -> Result<Vec<u8>, String> {
        let kind = self.message_type()?;
        let mut options = Options::read(self.get("options"), config)?;
        let htype = match self.get("htype") {
            None => HardwareType::ETHERNET,
            Some(htype) => {
                let htype = htype.as_u64().and_then(|htype| u8::try_from(htype).ok());
                HardwareType(htype.ok_or("'htype' entry must be an integer from 0 to 255")?.into())
            }
        };
        let hwaddr = self.bytes("hw-address", 16)?.unwrap_or_default();
        let id = self.bytes("client-id", 255)?;
        let is_nobody = hwaddr.is_empty() && id.is_none() && !options.has(OptionCode::CLIENT_IDENTIFIER);
        let v4 = |address: Option<Ipv4Addr>| address.map(|it| it.octets().to_vec());
        options.set(OptionCode::CLIENT_IDENTIFIER, id)?;
        options.set(OptionCode::REQUESTED_ADDRESS, v4(self.address("requested-address")?))?;
        options.set(OptionCode::SERVER_IDENTIFIER, v4(self.address("server-identifier")?))?;
        options.set(OptionCode::SUBNET_SELECTION, v4(self.address("subnet")?))?;
        options
            .set(OptionCode::PARAMETER_REQUEST_LIST, options.codes(self.get("requested-options"), config)?)?;
        let asks = matches!(kind, MessageType::DISCOVER | MessageType::REQUEST | MessageType::INFORM);
        if asks && !options.has(OptionCode::PARAMETER_REQUEST_LIST) {
            remarks.push(format!(
                "nothing is said of the options that it asks for (requested-options), so it asks for {WISHES:?}"
            ));
            options.set(OptionCode::PARAMETER_REQUEST_LIST, Some(WISHES.to_vec()))?;
        }
        let mut agent = options.take(OptionCode::RELAY_AGENT_INFORMATION).unwrap_or_default();
        for (code, value) in [
            (1, self.bytes("circuit-id", 255)?),
            (2, self.bytes("remote-id", 255)?),
            (5, v4(self.address("link")?)),
        ] {
            value.into_iter().for_each(|value| sub_option(&mut agent, code, &value));
        }
        let relay = self.address("relay")?;
        if is_nobody {
            return Err("no client: one of 'hw-address', 'client-id' and 'packet' is needed".to_owned());
        }
        let mut buffer = vec![0; MAX_MESSAGE];
        let too_long = |error| format!("the options do not fit into a message: {error}");
        let mut writer = Writer::new(&mut buffer).map_err(too_long)?;
        writer.op(Op::REQUEST).chaddr(htype, &hwaddr).xid(TRANSACTION);
        writer.ciaddr(self.address("address")?.unwrap_or(Ipv4Addr::UNSPECIFIED));
        writer.hops(relay.is_some().into()).giaddr(relay.unwrap_or(Ipv4Addr::UNSPECIFIED));
        if !agent.is_empty() {
            writer.relay_agent(OptionValue::new(&agent)).map_err(too_long)?;
        }
        if !options.has(OptionCode::MESSAGE_TYPE) {
            writer.message_type(kind).map_err(too_long)?;
        }
        for (code, value) in options.iter() {
            writer.option(code, value).map_err(too_long)?;
        }
        let len = writer.finish();
        buffer.truncate(len);
        Ok(buffer)
    }

    /// How it comes: as a client, or its relay, sends such a message, where nothing else is said.
    fn arrival(
        &self,
        datagram: &[u8],
        seen: Option<dump::Addresses>,
        listening: &Listening<Ipv4Addr>,
    ) -> Result<Arrival4, String> {
        let mut index = v4::Index::new();
        // What is no message comes from a client.
        let message = v4::Message::parse(datagram, &mut index).ok();
        let set = |address: Ipv4Addr| Some(address).filter(|address| !address.is_unspecified());
        let relay = message.and_then(|message| set(message.giaddr()));
        let client = message.and_then(|message| set(message.ciaddr()));
        let (ifindex, address) = self.link(relay.is_some(), listening, Ipv4Addr::UNSPECIFIED)?;
        let local = self.address("local")?.or(seen.map(|seen| *seen.destination.ip()));
        let destination = local.unwrap_or(match relay.or(client) {
            Some(_) => address,
            None => Ipv4Addr::BROADCAST,
        });
        let source = match (self.address("remote")?, seen) {
            (Some(remote), _) => SocketAddrV4::new(remote, CLIENT_PORT),
            (None, Some(seen)) => seen.source,
            (None, None) => match relay {
                Some(relay) => SocketAddrV4::new(relay, SERVER_PORT),
                None => SocketAddrV4::new(client.unwrap_or(Ipv4Addr::UNSPECIFIED), CLIENT_PORT),
            },
        };
        // A message to an address of this server comes to the socket that has it.
        let own = Some(destination).filter(|it| listening.addresses().contains(it));
        Ok(Arrival4 {
            ifindex,
            local: own.unwrap_or(address),
            destination,
            source,
            source_mac: seen.and_then(|seen| seen.mac),
            destination_mac: None,
        })
    }
}
