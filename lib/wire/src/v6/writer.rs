//! Writing a message.

use std::net::Ipv6Addr;

use super::{HEADER_LEN, MessageType, OPTION_HEADER_LEN, OptionCode, RELAY_HEADER_LEN};
use crate::NoRoom;

/// Writes one message into a buffer of the caller's, front to back: the headers of relay agents, the one nearest to the
/// server first, each with its options and the next message [opened](Writer::open) within, then the message itself.
///
/// Nothing is written past the end, and what does not fit is not written in part: an option that was opened can be
/// [given up](Writer::give_up) with all that is in it.
#[derive(Debug)]
pub struct Writer<'a> {
    buffer: &'a mut [u8],
    len: usize,
}

/// An option that has begun and not ended: its length is not known yet.
#[derive(Debug)]
#[must_use = "its length is written when it is closed"]
pub struct Open {
    /// Where the option begins.
    at: usize,
}

impl<'a> Writer<'a> {
    /// Nothing yet. The message will be no longer than `buffer`.
    pub fn new(buffer: &'a mut [u8]) -> Self {
        // No option can say that it is longer than this, and no datagram is.
        let limit = buffer.len().min(u16::MAX.into());
        Self { buffer: &mut buffer[..limit], len: 0 }
    }

    /// The header of a message that is not a relay agent's. Of `transaction_id` the lowest 24 bits count.
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit; nothing is written then.
    pub fn header(&mut self, message_type: MessageType, transaction_id: u32) -> Result<(), NoRoom> {
        let [_, a, b, c] = transaction_id.to_be_bytes();
        self.take(HEADER_LEN)?.copy_from_slice(&[message_type.0, a, b, c]);
        Ok(())
    }

    /// The header of a message of or to a relay agent.
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit; nothing is written then.
    pub fn relay_header(
        &mut self,
        message_type: MessageType,
        hop_count: u8,
        link_address: Ipv6Addr,
        peer_address: Ipv6Addr,
    ) -> Result<(), NoRoom> {
        let header = self.take(RELAY_HEADER_LEN)?;
        (header[0], header[1]) = (message_type.0, hop_count);
        header[2..18].copy_from_slice(&link_address.octets());
        header[18..].copy_from_slice(&peer_address.octets());
        Ok(())
    }

    /// Appends an option.
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit; nothing is written then.
    pub fn option(&mut self, code: OptionCode, value: &[u8]) -> Result<(), NoRoom> {
        let option = self.take(OPTION_HEADER_LEN + value.len())?;
        let (header, rest) = option.split_at_mut(OPTION_HEADER_LEN);
        // It fits the buffer, which is no longer than a length can say.
        header.copy_from_slice(&option_header(code, value.len() as u16));
        rest.copy_from_slice(value);
        Ok(())
    }

    /// Begins an option: what is written until it is [closed](Writer::close) is in it.
    ///
    /// # Errors
    /// [`NoRoom`] when not even its header fits; nothing is written then.
    pub fn open(&mut self, code: OptionCode) -> Result<Open, NoRoom> {
        let at = self.len;
        self.take(OPTION_HEADER_LEN)?.copy_from_slice(&option_header(code, 0));
        Ok(Open { at })
    }

    /// Ends an option. Those that were opened within it must have ended before.
    pub fn close(&mut self, open: Open) {
        let value = self.len.saturating_sub(open.at + OPTION_HEADER_LEN);
        // As in `option`.
        self.buffer[open.at + 2..open.at + OPTION_HEADER_LEN].copy_from_slice(&(value as u16).to_be_bytes());
    }

    /// Takes an option back that has begun, with all that is in it.
    pub fn give_up(&mut self, open: Open) {
        self.len = open.at;
    }

    /// Appends bytes as they are: the fields before the options of an option that is open.
    ///
    /// # Errors
    /// [`NoRoom`] when they do not fit; nothing is written then.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), NoRoom> {
        self.take(bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    /// How many bytes are left.
    pub fn room(&self) -> usize {
        self.buffer.len() - self.len
    }

    /// How long the message is so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What was written so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    fn take(&mut self, needed: usize) -> Result<&mut [u8], NoRoom> {
        let left = self.room();
        if needed > left {
            return Err(NoRoom { needed, left });
        }
        let from = self.len;
        self.len += needed;
        Ok(&mut self.buffer[from..self.len])
    }
}

fn option_header(code: OptionCode, len: u16) -> [u8; OPTION_HEADER_LEN] {
    let ([c0, c1], [l0, l1]) = (code.0.to_be_bytes(), len.to_be_bytes());
    [c0, c1, l0, l1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v6::{Index, Message};

    /// A message through two relay agents is read as it was written.
    #[test]
    fn what_is_written_can_be_read() {
        let (near, far): (Ipv6Addr, Ipv6Addr) = ("2001:db8::1".parse().unwrap(), "fe80::1".parse().unwrap());
        let mut buffer = [0xaa; 300];
        let mut writer = Writer::new(&mut buffer);
        writer.relay_header(MessageType::RELAY_FORW, 1, near, far).unwrap();
        writer.option(OptionCode::INTERFACE_ID, b"eth0").unwrap();
        let outer = writer.open(OptionCode::RELAY_MSG).unwrap();
        writer.relay_header(MessageType::RELAY_FORW, 0, far, near).unwrap();
        let inner = writer.open(OptionCode::RELAY_MSG).unwrap();
        writer.header(MessageType::SOLICIT, 0xff12_3456).unwrap();
        writer.option(OptionCode::CLIENTID, &[1, 2, 3]).unwrap();
        let unwanted = writer.open(OptionCode::IA_NA).unwrap();
        writer.bytes(&[0; 12]).unwrap();
        writer.give_up(unwanted);
        writer.option(OptionCode(1000), &[]).unwrap();
        writer.close(inner);
        writer.close(outer);
        let len = writer.len();
        assert_eq!(writer.as_bytes().len(), len);

        let mut index = Index::new();
        let message = Message::parse(&buffer[..len], &mut index).unwrap();
        assert_eq!((message.message_type(), message.transaction_id()), (MessageType::SOLICIT, 0x12_3456));
        assert_eq!(message.option(OptionCode::CLIENTID), Some(&[1, 2, 3][..]));
        assert_eq!(
            (message.option(OptionCode(1000)), message.option(OptionCode(1001))),
            (Some(&[][..]), None)
        );
        assert!(!message.has(OptionCode::IA_NA) && !message.cut_short());
        let relays: Vec<_> = message.relays().collect();
        assert_eq!(relays.iter().map(Relay::hop_count).collect::<Vec<_>>(), [1, 0]);
        assert_eq!((relays[0].link_address(), relays[0].peer_address()), (near, far));
        assert_eq!(relays[0].option(OptionCode::INTERFACE_ID), Some(&b"eth0"[..]));
        assert_eq!(relays[1].option(OptionCode::INTERFACE_ID), None);
        assert_eq!((message.relay(1), message.relay(2)), (Some(relays[1]), None));
    }

    /// What does not fit leaves what is there.
    #[test]
    fn what_does_not_fit_is_refused_whole() {
        let mut buffer = [0; 12];
        let mut writer = Writer::new(&mut buffer);
        writer.header(MessageType::REPLY, 1).unwrap();
        assert_eq!(writer.option(OptionCode::CLIENTID, &[0; 5]), Err(NoRoom { needed: 9, left: 8 }));
        assert_eq!((writer.len(), writer.room()), (4, 8));
        let open = writer.open(OptionCode::IA_NA).unwrap();
        assert!(writer.bytes(&[0; 5]).is_err());
        writer.bytes(&[7; 4]).unwrap();
        writer.close(open);
        assert!(writer.header(MessageType::REPLY, 1).is_err());
        assert_eq!(buffer, [7, 0, 0, 1, 0, 3, 0, 4, 7, 7, 7, 7]);
    }

    use crate::v6::Relay;
}
