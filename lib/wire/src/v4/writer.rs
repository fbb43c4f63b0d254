//! Writing a message.

use std::net::Ipv4Addr;

use super::value::OptionValue;
use super::{CHADDR_LEN, FILE_LEN, MAGIC_COOKIE, MessageType, OPTIONS_AT, Op, OptionCode, SNAME_LEN, at};
use crate::{HardwareType, NoRoom};

/// The most bytes one option holds; longer values are split (RFC 3396 §6).
const OPTION_MAX: usize = 255;
/// What IP and UDP headers take of it.
const IP_AND_UDP: usize = 28;

/// How many bytes a value of `value_len` bytes takes as options, codes and lengths included.
pub const fn encoded_len(value_len: usize) -> usize {
    let options = if value_len == 0 { 1 } else { value_len.div_ceil(OPTION_MAX) };
    value_len + 2 * options
}

/// How long a message may be that goes in one IP packet of at most `packet` bytes.
pub const fn payload_limit(packet: u32) -> usize {
    (packet as usize).saturating_sub(IP_AND_UDP)
}

/// Writes one message into a buffer of the caller's.
///
/// Fields not set are zero. Options stand in the order of the calls, without overload: Kea does not overload
/// `sname` and `file` either, clients that misread it exist, and what does not fit can be told from [`NoRoom`].
/// Room for the END option is kept from the start, room for Relay Agent Information from when it is named, and
/// [`Writer::finish`] puts both last (RFC 3046 §2.1).
#[derive(Debug)]
pub struct Writer<'a> {
    buffer: &'a mut [u8],
    len: usize,
    limit: usize,
    /// What END and Relay Agent Information will take.
    kept: usize,
    relay_agent: Option<OptionValue<'a>>,
}

impl<'a> Writer<'a> {
    /// A message without options at the front of `buffer`.
    ///
    /// # Errors
    /// [`NoRoom`] when `buffer` does not even hold that.
    pub fn new(buffer: &'a mut [u8]) -> Result<Self, NoRoom> {
        let needed = OPTIONS_AT + 1;
        let left = buffer.len();
        if left < needed {
            return Err(NoRoom { needed, left });
        }
        buffer[..OPTIONS_AT].fill(0);
        buffer[OPTIONS_AT - MAGIC_COOKIE.len()..OPTIONS_AT].copy_from_slice(&MAGIC_COOKIE);
        Ok(Self { buffer, len: OPTIONS_AT, limit: left, kept: 1, relay_agent: None })
    }

    /// Makes the message no longer than `limit` bytes, if the buffer is longer.
    /// What is written already stays.
    pub fn limit(&mut self, limit: usize) -> &mut Self {
        self.limit = self.limit.min(limit);
        self
    }

    /// How many bytes are left for options, codes and lengths included.
    pub fn room(&self) -> usize {
        self.limit.saturating_sub(self.len + self.kept)
    }

    /// How long the message is so far, without what [`Writer::finish`] adds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no options yet.
    pub fn is_empty(&self) -> bool {
        self.len == OPTIONS_AT
    }

    /// Appends a value, as several options when it is longer than 255 bytes (RFC 3396).
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit, with the bytes it takes ([`encoded_len`]); nothing is written then.
    pub fn option(&mut self, code: OptionCode, value: &[u8]) -> Result<(), NoRoom> {
        if value.len() > OPTION_MAX {
            return self.pieces(code, OptionValue::new(value));
        }
        let needed = value.len() + 2;
        let left = self.room();
        if needed > left {
            return Err(NoRoom { needed, left });
        }
        let option = &mut self.buffer[self.len..self.len + needed];
        (option[0], option[1]) = (code.0, value.len() as u8);
        option[2..].copy_from_slice(value);
        self.len += needed;
        Ok(())
    }

    /// Appends a value that may be in several pieces; see [`Writer::option`].
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit; nothing is written then.
    pub fn option_value(&mut self, code: OptionCode, value: OptionValue<'_>) -> Result<(), NoRoom> {
        match value.as_slice() {
            Some(bytes) => self.option(code, bytes),
            None => self.pieces(code, value),
        }
    }

    fn pieces(&mut self, code: OptionCode, value: OptionValue<'_>) -> Result<(), NoRoom> {
        let needed = encoded_len(value.len());
        let left = self.room();
        if needed > left {
            return Err(NoRoom { needed, left });
        }
        self.put(code, value);
        Ok(())
    }

    /// Appends the message type.
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit; nothing is written then.
    pub fn message_type(&mut self, message_type: MessageType) -> Result<(), NoRoom> {
        self.option(OptionCode::MESSAGE_TYPE, &[message_type.0])
    }

    /// Keeps room for Relay Agent Information, which becomes the last option.
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit; nothing is kept then.
    pub fn relay_agent(&mut self, value: OptionValue<'a>) -> Result<(), NoRoom> {
        let needed = encoded_len(value.len());
        let left = self.limit.saturating_sub(self.len + 1);
        if needed > left {
            return Err(NoRoom { needed, left });
        }
        (self.kept, self.relay_agent) = (needed + 1, Some(value));
        Ok(())
    }

    /// Ends the message, and says how long it is. Like Kea's, it is not padded.
    pub fn finish(mut self) -> usize {
        if let Some(value) = self.relay_agent.take() {
            self.put(OptionCode::RELAY_AGENT_INFORMATION, value);
        }
        self.buffer[self.len] = OptionCode::END.0;
        self.len + 1
    }

    /// Ends the message and pads it to `least` bytes, as far as buffer and limit go; says how long it is.
    /// BOOTP clients want [`super::BOOTP_MIN_LEN`].
    pub fn finish_padded(mut self, least: usize) -> usize {
        let limit = self.limit;
        let padded = Writer { buffer: &mut *self.buffer, relay_agent: self.relay_agent.take(), ..self };
        let len = padded.finish();
        let end = least.min(limit).max(len);
        self.buffer[len..end].fill(OptionCode::PAD.0);
        end
    }

    /// Sets `op`.
    pub fn op(&mut self, op: Op) -> &mut Self {
        self.set(at::OP, [op.0])
    }

    /// Sets `htype`, `hlen` and `chaddr`. Of a type that does not fit `htype` the low byte is written, and of an
    /// address that does not fit `chaddr` the first 16 bytes, as Kea does.
    pub fn chaddr(&mut self, htype: HardwareType, address: &[u8]) -> &mut Self {
        let address = &address[..address.len().min(CHADDR_LEN)];
        let mut field = [0; CHADDR_LEN];
        field[..address.len()].copy_from_slice(address);
        self.set(at::HTYPE, [htype.0 as u8]).set(at::HLEN, [address.len() as u8]).set(at::CHADDR, field)
    }

    /// Sets `hops`.
    pub fn hops(&mut self, hops: u8) -> &mut Self {
        self.set(at::HOPS, [hops])
    }

    /// Sets `xid`.
    pub fn xid(&mut self, xid: u32) -> &mut Self {
        self.set(at::XID, xid.to_be_bytes())
    }

    /// Sets `secs`.
    pub fn secs(&mut self, secs: u16) -> &mut Self {
        self.set(at::SECS, secs.to_be_bytes())
    }

    /// Sets `flags`; [`super::BROADCAST`] is the one there is.
    pub fn flags(&mut self, flags: u16) -> &mut Self {
        self.set(at::FLAGS, flags.to_be_bytes())
    }

    /// Sets `ciaddr`.
    pub fn ciaddr(&mut self, address: Ipv4Addr) -> &mut Self {
        self.set(at::CIADDR, address.octets())
    }

    /// Sets `yiaddr`.
    pub fn yiaddr(&mut self, address: Ipv4Addr) -> &mut Self {
        self.set(at::YIADDR, address.octets())
    }

    /// Sets `siaddr`.
    pub fn siaddr(&mut self, address: Ipv4Addr) -> &mut Self {
        self.set(at::SIADDR, address.octets())
    }

    /// Sets `giaddr`.
    pub fn giaddr(&mut self, address: Ipv4Addr) -> &mut Self {
        self.set(at::GIADDR, address.octets())
    }

    /// Sets `sname`, filled up with zeros.
    ///
    /// # Errors
    /// [`NoRoom`] when it is longer than 64 bytes; the field stays as it was then.
    pub fn sname(&mut self, name: &[u8]) -> Result<(), NoRoom> {
        self.field::<SNAME_LEN>(at::SNAME, name)
    }

    /// Sets `file`, filled up with zeros.
    ///
    /// # Errors
    /// [`NoRoom`] when it is longer than 128 bytes; the field stays as it was then.
    pub fn file(&mut self, name: &[u8]) -> Result<(), NoRoom> {
        self.field::<FILE_LEN>(at::FILE, name)
    }

    fn field<const N: usize>(&mut self, at: usize, bytes: &[u8]) -> Result<(), NoRoom> {
        if bytes.len() > N {
            return Err(NoRoom { needed: bytes.len(), left: N });
        }
        let mut field = [0; N];
        field[..bytes.len()].copy_from_slice(bytes);
        self.set(at, field);
        Ok(())
    }

    fn set<const N: usize>(&mut self, at: usize, bytes: [u8; N]) -> &mut Self {
        self.buffer[at..at + N].copy_from_slice(&bytes);
        self
    }

    /// Appends a value for which the caller made sure of the room.
    fn put(&mut self, code: OptionCode, value: OptionValue<'_>) {
        let mut left = value.len();
        let mut in_option = 0;
        self.begin(code, left.min(OPTION_MAX));
        for mut chunk in value.chunks() {
            while !chunk.is_empty() {
                if in_option == OPTION_MAX {
                    self.begin(code, left.min(OPTION_MAX));
                    in_option = 0;
                }
                let (now, later) = chunk.split_at(chunk.len().min(OPTION_MAX - in_option));
                self.buffer[self.len..self.len + now.len()].copy_from_slice(now);
                self.len += now.len();
                in_option += now.len();
                left -= now.len();
                chunk = later;
            }
        }
    }

    fn begin(&mut self, code: OptionCode, len: usize) {
        self.buffer[self.len..self.len + 2].copy_from_slice(&[code.0, len as u8]);
        self.len += 2;
    }
}

#[cfg(test)]
mod tests;
