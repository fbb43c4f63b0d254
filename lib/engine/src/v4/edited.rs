//! A message with what modules change of its options.

use kotare_wire::NoRoom;
use kotare_wire::v4::{Codes, Index, Message, OPTIONS_AT, OptionCode, OptionValue, Writer, encoded_len};
use smallvec::SmallVec;

/// `file` has so many bytes (RFC 2131 §2).
const FILE_LEN: usize = 128;

/// A message that was written anew.
#[derive(Debug)]
pub(super) struct Rewritten {
    bytes: Vec<u8>,
    index: Index,
}

/// A message as modules see it and leave it: their edits are the first layer of its options, over what it came with
/// or was made with.
///
/// It is for replies before they are sent and for queries before they are looked at. Nothing is written unless
/// something was changed, and then once, after the last module.
#[derive(Debug)]
pub struct Edited4<'a> {
    message: Message<'a>,
    /// The options that differ from the message's.
    edited: Codes,
    /// Their values; of one that is removed, none.
    values: SmallVec<[Edit; 2]>,
    /// `file`, if it is another one.
    file: Option<Box<[u8]>>,
    /// How long the message would be if it were written now.
    len: usize,
    limit: usize,
    /// The message is padded to so many bytes.
    least: usize,
}

#[derive(Debug)]
struct Edit {
    code: u8,
    value: SmallVec<[u8; 64]>,
}

impl<'a> Edited4<'a> {
    /// The message without edits, which may grow to `limit` bytes.
    pub fn new(message: Message<'a>, limit: usize) -> Self {
        let mut edited = Self {
            message,
            edited: Codes::default(),
            values: SmallVec::new(),
            file: None,
            len: 0,
            limit,
            least: 0,
        };
        edited.len = OPTIONS_AT + 1 + edited.codes().map(|code| edited.room_of(code)).sum::<usize>();
        edited
    }

    /// The message as it was, without edits: for what is not an option.
    pub fn message(&self) -> Message<'a> {
        self.message
    }

    /// The value of an option. Several options of one code are one value (RFC 3396).
    pub fn option(&self, code: OptionCode) -> Option<OptionValue<'_>> {
        if !self.edited.contains(code.0) {
            return self.message.option(code);
        }
        self.values.iter().find(|edit| edit.code == code.0).map(|edit| OptionValue::new(&edit.value))
    }

    /// Whether it has an option.
    pub fn has(&self, code: OptionCode) -> bool {
        self.option(code).is_some()
    }

    /// Gives an option this value, in place of the one it had.
    ///
    /// # Errors
    /// [`NoRoom`] when the message would be too long; nothing is changed then.
    ///
    /// # Panics
    /// If `code` is PAD or END: these are no options.
    pub fn set(&mut self, code: OptionCode, value: &[u8]) -> Result<(), NoRoom> {
        assert!(code != OptionCode::PAD && code != OptionCode::END, "{code} is not an option");
        let without = self.len - self.room_of(code);
        let (needed, left) = (encoded_len(value.len()), self.limit.saturating_sub(without));
        if needed > left {
            return Err(NoRoom { needed, left });
        }
        self.remove(code);
        self.edited.insert(code.0);
        self.values.push(Edit { code: code.0, value: SmallVec::from_slice(value) });
        self.len = without + needed;
        Ok(())
    }

    /// Takes an option out; whether there was one.
    pub fn remove(&mut self, code: OptionCode) -> bool {
        let there = self.has(code);
        if there {
            self.len -= self.room_of(code);
            self.edited.insert(code.0);
            self.values.retain(|edit| edit.code != code.0);
        }
        there
    }

    /// Puts the name of a file into the header, if it has room for that and no options stand there.
    pub fn set_file(&mut self, name: &[u8]) {
        if name.len() < FILE_LEN && !self.message.overload().file {
            self.file = Some(name.into());
        }
    }

    /// Pads the message to `least` bytes, as far as it may grow, if it is written anew.
    pub fn pad(&mut self, least: usize) {
        self.least = least.min(self.limit);
    }

    /// How many bytes the message has with its edits.
    #[expect(clippy::len_without_is_empty, reason = "a message has a header")]
    pub fn len(&self) -> usize {
        self.len.max(self.least)
    }

    /// Whether an option was set or taken out, though it may be what it was.
    pub fn changes(&self, code: OptionCode) -> bool {
        self.edited.contains(code.0)
    }

    /// Whether anything was changed.
    pub fn is_changed(&self) -> bool {
        !self.edited.is_empty() || self.file.is_some()
    }

    /// Writes the message anew, with its edits; says how long it is. Options stand in the order of replies: the message
    /// type, the others by code, relay agent information.
    ///
    /// # Errors
    /// [`NoRoom`] when `buffer` is smaller than the limit and too small for the message.
    pub fn write(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let (message, overload) = (self.message, self.message.overload());
        let mut writer = Writer::new(buffer)?;
        writer.op(message.op()).chaddr(message.htype(), message.chaddr()).hops(message.hops());
        writer.xid(message.xid()).secs(message.secs()).flags(message.flags());
        writer.ciaddr(message.ciaddr()).yiaddr(message.yiaddr());
        writer.siaddr(message.siaddr()).giaddr(message.giaddr());
        // What stands there as options is written with the others.
        writer.sname(if overload.sname { &[] } else { message.sname() })?;
        let file = self.file.as_deref().unwrap_or(message.file());
        writer.file(if overload.file { &[] } else { file })?;
        if let Some(agent) = self.option(OptionCode::RELAY_AGENT_INFORMATION) {
            writer.relay_agent(agent)?;
        }
        if let Some(kind) = self.option(OptionCode::MESSAGE_TYPE) {
            writer.option_value(OptionCode::MESSAGE_TYPE, kind)?;
        }
        let placed = [OptionCode::MESSAGE_TYPE, OptionCode::RELAY_AGENT_INFORMATION];
        for code in self.codes().filter(|code| !placed.contains(code)) {
            if let Some(value) = self.option(code) {
                writer.option_value(code, value)?;
            }
        }
        Ok(writer.finish_padded(self.least))
    }

    /// The message anew, with its edits, if there are any.
    pub(super) fn rewritten(&self) -> Option<Box<Rewritten>> {
        if !self.is_changed() {
            return None;
        }
        let mut rewritten = Box::new(Rewritten { bytes: vec![0; self.len()], index: Index::new() });
        let Rewritten { bytes, index } = &mut *rewritten;
        let len = self.write(bytes).ok()?;
        bytes.truncate(len);
        index.read(bytes).ok()?;
        Some(rewritten)
    }

    /// The options that are written, ascending: those there are, but not where they stood ([`Message::overload`]).
    fn codes(&self) -> impl Iterator<Item = OptionCode> {
        let stood = |code: OptionCode| code == OptionCode::OVERLOAD && !self.edited.contains(code.0);
        (1..=254).map(OptionCode).filter(move |&code| self.has(code) && !stood(code))
    }

    /// How many bytes an option takes now.
    fn room_of(&self, code: OptionCode) -> usize {
        self.option(code).map_or(0, |value| encoded_len(value.len()))
    }
}

impl Rewritten {
    /// A view of it.
    pub(super) fn message(&self) -> Option<Message<'_>> {
        Message::new(&self.bytes, &self.index)
    }
}

#[cfg(test)]
mod tests {
    use kotare_wire::v4::{BOOTP_MIN_LEN, MessageType, SNAME_LEN};

    use super::*;

    /// An offer with a router, a domain name in two pieces and relay agent information.
    fn offer() -> Vec<u8> {
        let mut bytes = vec![0; 300];
        let mut writer = Writer::new(&mut bytes).unwrap();
        writer.xid(7).secs(3).yiaddr([192, 0, 2, 7].into()).file(b"pxe").unwrap();
        writer.relay_agent(OptionValue::new(&[1, 1, 9])).unwrap();
        writer.message_type(MessageType::OFFER).unwrap();
        writer.option(OptionCode::DOMAIN_NAME, b"example.").unwrap();
        writer.option(OptionCode::DOMAIN_NAME, b"org").unwrap();
        writer.option(OptionCode::ROUTERS, &[192, 0, 2, 1]).unwrap();
        let len = writer.finish();
        bytes.truncate(len);
        bytes
    }

    fn written(edited: &Edited4<'_>) -> Vec<u8> {
        let mut buffer = [0; 600];
        let len = edited.write(&mut buffer).unwrap();
        assert_eq!(len, edited.len);
        buffer[..len].to_vec()
    }

    fn options(bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut index = Index::new();
        let message = Message::parse(bytes, &mut index).unwrap();
        message.options().map(|(code, value)| (code.0, value.to_vec())).collect()
    }

    /// Edits hide what the message had; the rest of it stays, in the order of replies.
    #[test]
    fn edits_are_the_first_layer() {
        let bytes = offer();
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).unwrap();
        let mut edited = Edited4::new(message, 600);
        assert!(!edited.is_changed());
        assert_eq!(edited.option(OptionCode::DOMAIN_NAME).unwrap(), *b"example.org".as_slice());
        edited.set(OptionCode(224), b"new").unwrap();
        edited.set(OptionCode::ROUTERS, b"once").unwrap();
        edited.set(OptionCode::ROUTERS, &[1, 2, 3, 4]).unwrap();
        assert!(edited.remove(OptionCode::DOMAIN_NAME) && !edited.remove(OptionCode::DOMAIN_NAME));
        assert!(edited.is_changed() && !edited.has(OptionCode::DOMAIN_NAME));
        assert_eq!(edited.option(OptionCode::ROUTERS).unwrap(), *[1, 2, 3, 4].as_slice());
        let bytes = written(&edited);
        let expected =
            [(53, vec![2]), (3, vec![1, 2, 3, 4]), (224, b"new".to_vec()), (82, vec![1, 1, 9])].to_vec();
        assert_eq!(options(&bytes), expected);
        let mut index = Index::new();
        let again = Message::parse(&bytes, &mut index).unwrap();
        assert_eq!((again.xid(), again.secs(), again.yiaddr()), (7, 3, [192, 0, 2, 7].into()));
        assert!(again.file().starts_with(b"pxe\0"));
    }

    /// A value is refused when the message would be longer than it may, and nothing is changed then; room that another
    /// option gave back is there again.
    #[test]
    fn a_message_stays_within_its_limit() {
        let bytes = offer();
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).unwrap();
        // The two pieces become one.
        let len = Edited4::new(message, 0).len;
        assert_eq!(len, bytes.len() - 2);
        let mut edited = Edited4::new(message, len + 10);
        assert_eq!(edited.set(OptionCode(224), &[0; 9]), Err(NoRoom { needed: 11, left: 10 }));
        assert!(!edited.is_changed());
        edited.remove(OptionCode::ROUTERS);
        edited.set(OptionCode(224), &[0; 14]).unwrap();
        assert_eq!(written(&edited).len(), len + 10);
        assert_eq!(edited.set(OptionCode(225), &[]), Err(NoRoom { needed: 2, left: 0 }));
        edited.set(OptionCode(224), &[0; 300]).unwrap_err();
        assert_eq!(edited.option(OptionCode(224)).unwrap().len(), 14);
    }

    /// Options that stood in `file` and `sname` are options like the others afterwards (RFC 2132 §9.3).
    #[test]
    fn overloaded_fields_are_emptied() {
        let mut bytes = vec![0; BOOTP_MIN_LEN];
        let mut writer = Writer::new(&mut bytes).unwrap();
        let mut sname = [0; SNAME_LEN];
        sname[..4].copy_from_slice(&[12, 1, b'a', 255]);
        writer.sname(&sname).unwrap();
        writer.option(OptionCode::OVERLOAD, &[2]).unwrap();
        writer.message_type(MessageType::DISCOVER).unwrap();
        let len = writer.finish();
        let mut index = Index::new();
        let mut edited = Edited4::new(Message::parse(&bytes[..len], &mut index).unwrap(), 600);
        edited.set(OptionCode(60), b"x").unwrap();
        let bytes = written(&edited);
        assert_eq!(options(&bytes), [(53, vec![1]), (12, vec![b'a']), (60, vec![b'x'])]);
        let mut index = Index::new();
        assert_eq!(Message::parse(&bytes, &mut index).unwrap().sname(), [0; SNAME_LEN]);
    }
}
