//! What reservations name their clients by, as it is written.

pub use kotare_model::{HostId, HostIdType};

use crate::json::Value;
use crate::schema::bytes;

/// The bytes of an identifier as it is written: text in single quotes, or hexadecimal digits in any of the forms that Kea
/// reads. `None` if it is none.
pub fn identifier_bytes(text: &str) -> Option<Vec<u8>> {
    bytes(text)
}

/// What names the client of a `reservations` entry: the first of `kinds` that it has.
pub fn written_identifier(kinds: &[HostIdType], reservation: &Value) -> Option<(HostIdType, Vec<u8>)> {
    let read = |kind: &HostIdType| Some((*kind, bytes(reservation.get(kind.keyword())?.as_str()?)?));
    kinds.iter().find_map(read)
}
