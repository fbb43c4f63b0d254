//! From a decision to the bytes of a reply.

use kotare_config::v6::Codes6;
use kotare_wire::NoRoom;
use kotare_wire::v6::{Message, OptionCode, Writer};

use super::contents::{Contents, Made};
use super::layers::Layers;
use super::messages::{
    DHCP6_ADD_DEPRECATED_UNICAST, DHCP6_ADD_GLOBAL_STATUS_CODE, DHCP6_ADD_STATUS_CODE_FOR_IA,
};
use super::trace::Step;
use super::{Query6, ReplyKind, Server, relay_reply};

/// Writes a reply of this type to `message`, wrapped for the relay agents that passed it on; says how long it is, and which
/// options had to be left out because there was no room for all.
///
/// # Errors
/// When not even what it must have fits.
pub(super) fn write(
    kind: ReplyKind,
    made: &Made<'_>,
    options: &Layers<'_>,
    server: &Server,
    query: &Query6,
    message: Message<'_>,
    buffer: &mut [u8],
) -> Result<(usize, Codes6), NoRoom> {
    tell_status(made, query);
    let mut contents = Contents::new(made, options, server, message);
    let mut left_out = Codes6::default();
    loop {
        let mut writer = Writer::new(buffer);
        match write_once(kind, &contents, message, &mut writer) {
            Ok(()) => {
                query.trace.note(|| Step::Options(contents.scopes()));
                // RFC 9915 has it no more, and what clients send because of it is dropped.
                if contents.is_configured(OptionCode::UNICAST) {
                    DHCP6_ADD_DEPRECATED_UNICAST(query);
                }
                return Ok((writer.len(), left_out));
            }
            Err(no_room) => match contents.leave_out() {
                Some(code) => left_out.insert(code),
                None => return Err(no_room),
            },
        }
    }
}

/// Tells what the client is told of how it went.
fn tell_status(made: &Made<'_>, query: &Query6) {
    for answer in made.answers {
        if let Some(status) = &answer.status {
            DHCP6_ADD_STATUS_CODE_FOR_IA(query, answer.iaid, status);
        }
    }
    if let Some(status) = &made.status {
        DHCP6_ADD_GLOBAL_STATUS_CODE(query, status);
    }
}

fn write_once(
    kind: ReplyKind,
    contents: &Contents<'_, '_>,
    message: Message<'_>,
    writer: &mut Writer<'_>,
) -> Result<(), NoRoom> {
    let wrapped = relay_reply::wrap(message, writer)?;
    writer.header(kind.message_type(), message.transaction_id())?;
    contents.write(writer)?;
    wrapped.close(writer);
    Ok(())
}
