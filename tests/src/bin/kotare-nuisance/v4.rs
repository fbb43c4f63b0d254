//! What a broken or hostile host sends to a server of DHCPv4.

use std::net::Ipv4Addr;

use kotare_model::Chance;
use kotare_wire::v4::{MessageType, Op, OptionCode, Writer};
use kotare_wire::{HardwareType, NoRoom};

/// The messages, one after the other.
pub(crate) struct Nuisance {
    relay: Ipv4Addr,
    address: Ipv4Addr,
    chance: Chance,
    number: u32,
}

impl Nuisance {
    /// Those of a relay agent, about this address and the 255 above it.
    pub(crate) fn new(relay: Ipv4Addr, address: Ipv4Addr) -> Self {
        Self { relay, address, chance: Chance::new(1), number: 0 }
    }

    /// Writes the next message; its length.
    pub(crate) fn message(&mut self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        self.number += 1;
        let round = self.number / 9;
        match self.number % 9 {
            0 => Ok(self.noise(buffer)),
            1 => {
                let len = self.written(buffer, MessageType::DISCOVER, 0, |_| Ok(()))?;
                Ok(self.chance.below(len + 1))
            }
            2 => self.written(buffer, MessageType::DISCOVER, 1, |writer| {
                writer.option(OptionCode::CLIENT_IDENTIFIER, &round.to_be_bytes()).map(drop)
            }),
            3 => self.of_address(buffer, MessageType::REQUEST, round, |writer, address| {
                writer.option(OptionCode::CLIENT_IDENTIFIER, &round.to_be_bytes())?;
                writer.option(OptionCode::REQUESTED_ADDRESS, &address.octets()).map(drop)
            }),
            4 => {
                let address = self.address;
                self.written(buffer, MessageType::REQUEST, 2, |writer| {
                    writer.option(OptionCode::REQUESTED_ADDRESS, &address.octets())?;
                    writer.option(OptionCode::HOST_NAME, &[b'a'; 63]).map(drop)
                })
            }
            5 => {
                let address = self.address;
                self.written(buffer, MessageType::RELEASE, 2, |writer| {
                    writer.ciaddr(address);
                    Ok(())
                })
            }
            6 => self.of_address(buffer, MessageType::DECLINE, round, |writer, address| {
                writer.option(OptionCode::REQUESTED_ADDRESS, &address.octets()).map(drop)
            }),
            7 => self.written(buffer, MessageType::DISCOVER, 3, |_| Ok(())),
            _ => {
                let code = OptionCode(self.chance.below(255) as u8);
                let bytes = [0xff; 255];
                let len = self.chance.below(bytes.len() + 1);
                self.written(buffer, MessageType::DISCOVER, 4, |writer| {
                    writer.option(code, &bytes[..len])?;
                    writer.option(code, &bytes).map(drop)
                })
            }
        }
    }

    fn noise(&mut self, buffer: &mut [u8]) -> usize {
        let len = self.chance.below(buffer.len());
        buffer[..len].fill_with(|| self.chance.below(256) as u8);
        len
    }

    /// A message about one of the addresses that are quarrelled about.
    fn of_address(
        &self,
        buffer: &mut [u8],
        kind: MessageType,
        client: u32,
        options: impl FnOnce(&mut Writer<'_>, Ipv4Addr) -> Result<(), NoRoom>,
    ) -> Result<usize, NoRoom> {
        let address = Ipv4Addr::from_bits(self.address.to_bits() + client % 256);
        self.written(buffer, kind, client, |writer| options(writer, address))
    }

    fn written(
        &self,
        buffer: &mut [u8],
        kind: MessageType,
        client: u32,
        options: impl FnOnce(&mut Writer<'_>) -> Result<(), NoRoom>,
    ) -> Result<usize, NoRoom> {
        let [a, b, c, d] = client.to_be_bytes();
        let mut writer = Writer::new(buffer)?;
        writer.op(Op::REQUEST).chaddr(HardwareType::ETHERNET, &[6, 6, a, b, c, d]);
        writer.hops(1).xid(self.number).giaddr(self.relay);
        writer.message_type(kind)?;
        options(&mut writer)?;
        Ok(writer.finish())
    }
}
