//! A requester that asks which leases there are, as fast as it is answered.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use kotare_wire::v6::{MessageType, OptionCode, Options, Writer};

use crate::world::Host;

/// Who asks and who answers, and what about.
#[derive(Clone, Copy, Debug)]
pub struct Queries {
    /// Where the requester is.
    pub from: IpAddr,
    /// Where the server is.
    pub to: IpAddr,
    /// The first address that is asked about.
    pub first: IpAddr,
    /// How many addresses from there on are asked about in turns.
    pub addresses: u32,
    /// How many queries are always on their way.
    pub in_flight: u32,
}

/// How an answer was.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// How many queries were answered.
    pub queries: u64,
    /// In so many seconds.
    pub seconds: f64,
}

/// What is not answered for so long is asked again.
const PATIENCE: Duration = Duration::from_millis(500);
/// The magic cookie of DHCPv4, and that a message is a DHCPLEASEQUERY.
const LEASEQUERY: [u8; 8] = [99, 130, 83, 99, 53, 1, 10, 255];
/// How long a message of DHCPv4 is before that.
const HEADER: usize = 236;

impl Queries {
    /// Asks from a host for so many seconds.
    ///
    /// # Errors
    /// When the network does not do its part, or what comes is no answer about a lease that there is.
    ///
    /// # Panics
    /// If the port of a requester is in use.
    #[expect(clippy::disallowed_methods, reason = "measuring is about time")]
    pub fn ask(self, host: &Host, seconds: f64) -> Result<Answered, String> {
        let port = if self.to.is_ipv4() { 67 } else { 547 };
        let (from, to) = (SocketAddr::new(self.from, port), SocketAddr::new(self.to, port));
        let socket =
            host.inside(move || UdpSocket::bind(from)).map_err(|error| format!("{from}: {error}"))?;
        socket.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
        let (start, mut asked, mut queries) = (Instant::now(), 0, 0);
        let mut buffer = [0; 1500];
        let mut send = || {
            asked += 1;
            socket.send_to(&self.query(asked), to).map(drop).map_err(|error| error.to_string())
        };
        (0..self.in_flight).try_for_each(|_| send())?;
        while start.elapsed().as_secs_f64() < seconds {
            match socket.recv(&mut buffer) {
                Ok(length) if self.is_about_a_lease(&buffer[..length]) => queries += 1,
                Ok(length) => return Err(format!("what is answered: {:02x?}", &buffer[..length])),
                // All of them were lost.
                Err(_) => (1..self.in_flight).try_for_each(|_| send())?,
            }
            send()?;
        }
        Ok(Answered { queries, seconds: start.elapsed().as_secs_f64() })
    }

    /// The query of a number.
    fn query(&self, number: u32) -> Vec<u8> {
        let offset = number % self.addresses;
        match (self.first, self.from) {
            (IpAddr::V4(first), IpAddr::V4(from)) => by_address4(number, from, first.to_bits() + offset),
            (IpAddr::V6(first), _) => by_address6(number, first.to_bits() + u128::from(offset)),
            (IpAddr::V4(_), IpAddr::V6(_)) => Vec::new(),
        }
    }

    /// Whether an answer tells of a client.
    fn is_about_a_lease(&self, answer: &[u8]) -> bool {
        match self.to {
            // A DHCPLEASEACTIVE, which has a client.
            IpAddr::V4(_) => {
                answer.get(HEADER..).is_some_and(|rest| rest.windows(3).any(|it| it == [53, 1, 13]))
            }
            IpAddr::V6(_) => {
                let options = answer.get(4..).unwrap_or_default();
                Options::new(options).find_code(OptionCode::CLIENT_DATA).is_some()
            }
        }
    }
}

fn by_address4(transaction: u32, from: Ipv4Addr, address: u32) -> Vec<u8> {
    let mut message = vec![0; HEADER];
    message[0] = 1;
    message[4..8].copy_from_slice(&transaction.to_be_bytes());
    message[12..16].copy_from_slice(&address.to_be_bytes());
    message[24..28].copy_from_slice(&from.octets());
    message.extend_from_slice(&LEASEQUERY);
    message
}

fn by_address6(transaction: u32, address: u128) -> Vec<u8> {
    let mut buffer = [0; 200];
    let mut writer = Writer::new(&mut buffer);
    let mut write = || {
        writer.header(MessageType::LEASEQUERY, transaction & 0xff_ffff)?;
        writer.option(OptionCode::CLIENTID, &[0, 3, 0, 1, 9])?;
        let question = writer.open(OptionCode::LQ_QUERY)?;
        // By address, on any link.
        writer.bytes(&[1])?;
        writer.bytes(&[0; 16])?;
        writer.option(OptionCode::IAADDR, &[&Ipv6Addr::from_bits(address).octets()[..], &[0; 8]].concat())?;
        writer.close(question);
        Ok::<_, kotare_wire::NoRoom>(writer.len())
    };
    let length = write().unwrap_or_default();
    buffer[..length].to_vec()
}
