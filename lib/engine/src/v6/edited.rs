//! A message that modules edit.

use kotare_wire::NoRoom;
use kotare_wire::v6::{Index, Message, OPTION_HEADER_LEN, OptionCode, Writer};
use smallvec::SmallVec;

/// A view of a message with edits of its options over it: those of the client's own message, not of relay agents around it.
///
/// It is for replies before they are sent and for queries before they are looked at. Nothing is written unless something was
/// changed, and then once, after the last module. Options that stay keep their order; one that is set stands where the first
/// of its code did, or else before those of greater codes: replies are in order of code. Of a code there may be several, one
/// for each association or vendor.
#[derive(Debug)]
pub struct Edited6<'a> {
    message: Message<'a>,
    /// The options that differ from the message's, in order of code.
    edits: SmallVec<[Edit; 2]>,
    /// How long the whole message would be if it were written now.
    len: usize,
    limit: usize,
}

#[derive(Debug)]
struct Edit {
    code: OptionCode,
    /// How many of this code the message's options are fewer, from the first on.
    hidden: usize,
    /// What stands in their place, if anything does.
    value: Option<SmallVec<[u8; 64]>>,
}

/// All options of a code, however many there are.
const ALL: usize = usize::MAX;

impl<'a> Edited6<'a> {
    /// The message without edits, which may grow to `limit` bytes.
    pub fn new(message: Message<'a>, limit: usize) -> Self {
        Self { message, edits: SmallVec::new(), len: message.as_bytes().len(), limit }
    }

    /// The message as it was, without edits: for what is not an option.
    pub fn message(&self) -> Message<'a> {
        self.message
    }

    /// The value of the first option of this code.
    pub fn option(&self, code: OptionCode) -> Option<&[u8]> {
        self.all(code).next()
    }

    /// The values of all options of this code, in the order in which they stand.
    pub fn all(&self, code: OptionCode) -> impl Iterator<Item = &[u8]> {
        let (value, hidden) = self.replaced(code);
        value.into_iter().chain(self.message.all(code).skip(hidden))
    }

    /// Whether it has an option.
    pub fn has(&self, code: OptionCode) -> bool {
        self.option(code).is_some()
    }

    /// The options in the order in which they are written.
    pub fn options(&self) -> SmallVec<[(OptionCode, &[u8]); 16]> {
        let added = self.edits.iter().filter(|edit| !self.message.has(edit.code));
        let mut added = added.filter_map(|edit| Some((edit.code, edit.value.as_deref()?))).peekable();
        let mut passed = SmallVec::<[OptionCode; 8]>::new();
        let mut options = SmallVec::new();
        for (code, value) in self.message.options() {
            while let Some(new) = added.next_if(|(new, _)| *new < code) {
                options.push(new);
            }
            let Some(edit) = self.edit(code) else {
                options.push((code, value));
                continue;
            };
            let before = passed.iter().filter(|other| **other == code).count();
            if let Some(value) = edit.value.as_deref().filter(|_| before == 0) {
                options.push((code, value));
            }
            if before >= edit.hidden {
                options.push((code, value));
            }
            passed.push(code);
        }
        options.extend(added);
        options
    }

    /// Puts one option of this value in place of all of its code.
    ///
    /// # Errors
    /// [`NoRoom`] when the message would be too long; nothing is changed then.
    pub fn set(&mut self, code: OptionCode, value: &[u8]) -> Result<(), NoRoom> {
        self.put(code, ALL, self.all(code).map(room).sum(), value)
    }

    /// Puts an option of this value in place of the first of its code; others stay.
    ///
    /// # Errors
    /// [`NoRoom`] when the message would be too long; nothing is changed then.
    pub fn set_first(&mut self, code: OptionCode, value: &[u8]) -> Result<(), NoRoom> {
        self.put(code, self.hidden_with_first(code), self.option(code).map_or(0, room), value)
    }

    /// Takes all options of a code out; whether there were any.
    pub fn remove(&mut self, code: OptionCode) -> bool {
        let freed: usize = self.all(code).map(room).sum();
        self.len -= freed;
        if freed > 0 {
            self.edit_of(code, ALL, None);
        }
        freed > 0
    }

    /// Takes the first option of a code out; whether there was one.
    pub fn remove_first(&mut self, code: OptionCode) -> bool {
        let Some(freed) = self.option(code).map(room) else { return false };
        self.len -= freed;
        self.edit_of(code, self.hidden_with_first(code), None);
        true
    }

    /// Whether an option was set or taken out, though it may be what it was.
    pub fn changes(&self, code: OptionCode) -> bool {
        self.edit(code).is_some()
    }

    /// The codes of options that were set or taken out.
    pub(super) fn codes(&self) -> impl Iterator<Item = OptionCode> {
        self.edits.iter().map(|edit| edit.code)
    }

    /// Whether anything was changed.
    pub fn is_changed(&self) -> bool {
        !self.edits.is_empty()
    }

    /// How many bytes the message has with its edits, what relay agents put around it included.
    #[expect(clippy::len_without_is_empty, reason = "a message has a header")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Writes the message anew, with its edits; says how long it is.
    ///
    /// # Errors
    /// [`NoRoom`] when `buffer` is too small for the message.
    pub fn write(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let (message, mut writer) = (self.message, Writer::new(buffer));
        let mut open = SmallVec::<[_; 8]>::new();
        for relay in message.relays() {
            let (link, peer) = (relay.link_address(), relay.peer_address());
            writer.relay_header(relay.message_type(), relay.hop_count(), link, peer)?;
            for (code, value) in relay.options().filter(|(code, _)| *code != OptionCode::RELAY_MSG) {
                writer.option(code, value)?;
            }
            open.push(writer.open(OptionCode::RELAY_MSG)?);
        }
        writer.header(message.message_type(), message.transaction_id())?;
        for (code, value) in self.options() {
            writer.option(code, value)?;
        }
        for relay in open.into_iter().rev() {
            writer.close(relay);
        }
        Ok(writer.len())
    }

    /// The message anew, with its edits, if there are any.
    pub fn rewritten(&self) -> Option<Box<Rewritten6>> {
        if !self.is_changed() {
            return None;
        }
        let mut rewritten = Box::new(Rewritten6 { bytes: vec![0; self.len()], index: Index::new() });
        let Rewritten6 { bytes, index } = &mut *rewritten;
        let len = self.write(bytes).ok()?;
        bytes.truncate(len);
        Message::parse(bytes, index).ok()?;
        Some(rewritten)
    }

    /// What stands before the message's options of a code, if anything does, and how many of these there are fewer.
    pub(super) fn replaced(&self, code: OptionCode) -> (Option<&[u8]>, usize) {
        self.edit(code).map_or((None, 0), |edit| (edit.value.as_deref(), edit.hidden))
    }

    fn edit(&self, code: OptionCode) -> Option<&Edit> {
        self.edits.iter().find(|edit| edit.code == code)
    }

    /// Puts an option in place of so many of the message's, which take `freed` bytes now.
    fn put(&mut self, code: OptionCode, hidden: usize, freed: usize, value: &[u8]) -> Result<(), NoRoom> {
        let without = self.len - freed;
        let (needed, left) = (room(value), self.limit.saturating_sub(without));
        if needed > left {
            return Err(NoRoom { needed, left });
        }
        self.len = without + needed;
        self.edit_of(code, hidden, Some(value.into()));
        Ok(())
    }

    fn edit_of(&mut self, code: OptionCode, hidden: usize, value: Option<SmallVec<[u8; 64]>>) {
        let edit = Edit { code, hidden, value };
        match self.edits.binary_search_by_key(&code, |edit| edit.code) {
            Ok(at) => self.edits[at] = edit,
            Err(at) => self.edits.insert(at, edit),
        }
    }

    /// How many of the message's options of a code there are fewer without the first of those there are now.
    fn hidden_with_first(&self, code: OptionCode) -> usize {
        match self.edit(code) {
            Some(Edit { hidden, value: Some(_), .. }) => *hidden,
            Some(Edit { hidden, value: None, .. }) => hidden.saturating_add(1),
            None => 1,
        }
    }
}

/// How many bytes an option of this value takes.
fn room(value: &[u8]) -> usize {
    OPTION_HEADER_LEN + value.len()
}

/// A message that was edited.
#[derive(Debug)]
pub struct Rewritten6 {
    bytes: Vec<u8>,
    index: Index,
}

impl Rewritten6 {
    /// A view of it.
    pub fn message(&self) -> Option<Message<'_>> {
        Message::new(&self.bytes, &self.index)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use kotare_wire::v6::MessageType;

    use super::*;

    const A: OptionCode = OptionCode(23);
    const B: OptionCode = OptionCode(24);

    /// A reply with options A, B, A within what two relay agents get.
    fn relayed() -> Vec<u8> {
        let mut bytes = vec![0; 300];
        let mut writer = Writer::new(&mut bytes);
        let mut open = Vec::new();
        for hop in [1, 0] {
            let address = Ipv6Addr::LOCALHOST;
            writer.relay_header(MessageType::RELAY_REPL, hop, address, address).unwrap();
            writer.option(OptionCode::INTERFACE_ID, &[hop]).unwrap();
            open.push(writer.open(OptionCode::RELAY_MSG).unwrap());
        }
        writer.header(MessageType::REPLY, 0x12_34_56).unwrap();
        for (code, value) in [(A, &[1, 2][..]), (B, &[3]), (A, &[4])] {
            writer.option(code, value).unwrap();
        }
        open.into_iter().rev().for_each(|open| writer.close(open));
        let len = writer.len();
        bytes.truncate(len);
        bytes
    }

    /// The options after edits, and that the message is written as long as it says.
    fn after(edit: impl FnOnce(&mut Edited6<'_>)) -> Vec<(u16, Vec<u8>)> {
        let (bytes, mut index) = (relayed(), Index::new());
        let message = Message::parse(&bytes, &mut index).unwrap();
        let mut edited = Edited6::new(message, 300);
        edit(&mut edited);
        let mut buffer = [0; 300];
        assert_eq!(edited.write(&mut buffer).unwrap(), edited.len());
        let Some(rewritten) = edited.rewritten() else {
            assert_eq!(&buffer[..edited.len()], bytes);
            return Vec::new();
        };
        let message = rewritten.message().unwrap();
        assert_eq!((message.relays().len(), message.transaction_id()), (2, 0x12_34_56));
        let hops: Vec<_> = message.relays().map(|relay| relay.option(OptionCode::INTERFACE_ID)).collect();
        assert_eq!(hops, [Some(&[1][..]), Some(&[0])]);
        message.options().map(|(code, value)| (code.0, value.to_vec())).collect()
    }

    /// One option takes the place of all of its code; a new one stands before those of greater codes; what relay agents get stays.
    #[test]
    fn edits_are_written_once() {
        assert!(after(|_| ()).is_empty());
        assert_eq!(after(|it| it.set(A, &[9]).unwrap()), [(23, vec![9]), (24, vec![3])]);
        assert_eq!(after(|it| assert!(it.remove(A) && !it.remove(A))), [(24, vec![3])]);
        let both = after(|it| {
            it.set(OptionCode(99), &[7; 30]).unwrap();
            it.set(OptionCode(5), &[5]).unwrap();
            assert!(it.remove(B) && it.has(OptionCode(99)) && it.changes(B) && !it.has(B));
        });
        assert_eq!(both, [(5, vec![5]), (23, vec![1, 2]), (23, vec![4]), (99, vec![7; 30])]);
    }

    /// The first of several can be replaced or taken out by itself, again and again; what was put there counts as the first.
    #[test]
    fn others_of_a_code_stay() {
        let first = |it: &mut Edited6<'_>| it.set_first(A, &[9]).unwrap();
        assert_eq!(after(first), [(23, vec![9]), (24, vec![3]), (23, vec![4])]);
        let twice = after(|it| {
            it.set_first(A, &[9; 20]).unwrap();
            it.set_first(A, &[8]).unwrap();
            assert_eq!(it.all(A).collect::<Vec<_>>(), [&[8][..], &[4]]);
            it.set_first(B, &[]).unwrap();
            it.set_first(OptionCode(99), &[1]).unwrap();
        });
        assert_eq!(twice, [(23, vec![8]), (24, vec![]), (23, vec![4]), (99, vec![1])]);
        assert_eq!(after(|it| assert!(it.remove_first(A))), [(24, vec![3]), (23, vec![4])]);
        let gone = after(|it| {
            it.set_first(A, &[9]).unwrap();
            assert!(it.remove_first(A) && it.remove_first(A) && !it.remove_first(A));
            assert!(it.remove_first(B) && !it.remove_first(OptionCode(99)));
            it.set_first(B, &[5]).unwrap();
        });
        assert_eq!(gone, [(24, vec![5])]);
        let instead = after(|it| {
            it.remove_first(A);
            it.set_first(A, &[7]).unwrap();
        });
        assert_eq!(instead, [(23, vec![7]), (24, vec![3])]);
        assert_eq!(after(|it| it.set(A, &[7]).unwrap()), [(23, vec![7]), (24, vec![3])]);
    }

    /// What does not fit changes nothing.
    #[test]
    fn a_message_grows_to_its_limit() {
        let (bytes, mut index) = (relayed(), Index::new());
        let message = Message::parse(&bytes, &mut index).unwrap();
        let mut edited = Edited6::new(message, bytes.len());
        assert_eq!(edited.set(B, &[1, 2]), Err(NoRoom { needed: 6, left: 5 }));
        assert!(!edited.is_changed());
        edited.remove(A);
        edited.set(B, &[1, 2]).unwrap();
        assert_eq!(edited.option(B), Some(&[1, 2][..]));
    }
}
