//! What arguments of log messages say, in Kea's notation. Each is put into words only when its message is logged.
//!
//! What clients send is escaped, and as long as their message allows, or a limit.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddrV4;

use kotare_model::Lease4;
use kotare_options::{DHCP4_SPACE, Definitions};
use kotare_wire::v4::{Index, Message, OptionCode, OptionValue};

use crate::text::Lines;
pub(super) use crate::text::{Or, Seconds};

/// A message, field by field and option by option, as in Kea's log.
pub(super) struct MessageText<'a> {
    pub(super) bytes: &'a [u8],
    /// The server's end.
    pub(super) local: SocketAddrV4,
    /// The other end.
    pub(super) remote: SocketAddrV4,
    /// What is known of options.
    pub(super) definitions: &'a Definitions,
}

impl fmt::Display for MessageText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, local, remote, definitions } = *self;
        let mut index = Index::new();
        let Ok(message) = Message::parse(bytes, &mut index) else { return f.write_str("no message") };
        write!(f, "local_address={local}, remote_address={remote},\nmsg_type=")?;
        match message.message_type() {
            Some(kind) => write!(f, "{kind} ({})", kind.0)?,
            None => f.write_str("(missing)")?,
        }
        let (xid, secs, flags) = (message.xid(), message.secs(), message.flags());
        write!(f, ", trans_id=0x{xid:x}, secs={secs}, flags=0x{flags:x}")?;
        for (name, address) in [
            ("ciaddr", message.ciaddr()),
            ("yiaddr", message.yiaddr()),
            ("siaddr", message.siaddr()),
            ("giaddr", message.giaddr()),
        ] {
            if !address.is_unspecified() {
                write!(f, ", {name}={address}")?;
            }
        }
        let overload = message.overload();
        for (name, field, holds_options) in
            [("sname", message.sname(), overload.sname), ("file", message.file(), overload.file)]
        {
            let text = field.split(|&byte| byte == 0).next().unwrap_or_default();
            if !text.is_empty() && !holds_options {
                write!(f, ", {name}=[{}]", text.escape_ascii())?;
            }
        }
        let mut codes = (1..u8::MAX).map(OptionCode).filter(|&code| message.has(code)).peekable();
        f.write_str(if codes.peek().is_some() { ",\noptions:" } else { ",\nmessage contains no options" })?;
        let mut lines = Lines::default();
        for (code, value) in codes.filter_map(|code| Some((code, message.option(code)?))) {
            let bytes = whole(value);
            for piece in pieces(code, &bytes) {
                if !lines.write(f, &definitions.to_text_in_message(code.0, piece))? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// One option.
pub(super) struct OptionText<'a>(
    pub(super) OptionCode,
    pub(super) OptionValue<'a>,
    pub(super) &'a Definitions,
);

impl fmt::Display for OptionText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(code, value, definitions) = *self;
        f.write_str(&definitions.to_text(DHCP4_SPACE, code.0.into(), &whole(value)))
    }
}

/// What a client sent as text, which may be anything.
pub(super) struct Escaped<'a>(pub(super) OptionValue<'a>);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chunks().try_for_each(|chunk| chunk.escape_ascii().fmt(f))
    }
}

/// A value in one piece.
fn whole(value: OptionValue<'_>) -> Cow<'_, [u8]> {
    value.as_slice().map_or_else(|| value.bytes().collect(), Cow::Borrowed)
}

/// The values that a value is made of: of options 124 and 125 there is one a vendor (RFC 3925).
fn pieces(code: OptionCode, value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let by_vendor = matches!(code, OptionCode::VIVCO | OptionCode::VIVSO);
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let all = rest.take()?;
        // Number, length, data. What does not fit is shown as it is.
        let len = all.get(4).filter(|_| by_vendor).map_or(all.len(), |&len| 5 + usize::from(len));
        let (piece, more) = all.split_at_checked(len).unwrap_or((all, &[]));
        rest = Some(more).filter(|more| !more.is_empty());
        Some(piece)
    })
}

/// A lease, line by line.
pub(super) struct LeaseText<'a>(pub(super) &'a Lease4);

impl fmt::Display for LeaseText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Lease4 { address, valid_lifetime, cltt, hwaddr, client_id, subnet_id, pool_id, state, .. } =
            self.0;
        let hwaddr = Or(Some(hwaddr).filter(|hwaddr| !hwaddr.is_empty()), "(none)");
        writeln!(f, "Address:       {address}")?;
        writeln!(f, "Valid life:    {}", Seconds(*valid_lifetime))?;
        writeln!(f, "Cltt:          {cltt}")?;
        writeln!(f, "Hardware addr: {hwaddr}")?;
        writeln!(f, "Client id:     {}", Or(client_id.as_ref(), "(none)"))?;
        writeln!(f, "Subnet ID:     {subnet_id}")?;
        writeln!(f, "Pool ID:       {pool_id}")?;
        write!(f, "State:         {}", state.name())?;
        self.0.user_context.iter().try_for_each(|context| write!(f, "\nUser context:  {context}"))
    }
}
