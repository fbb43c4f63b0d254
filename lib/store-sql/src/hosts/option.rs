//! Options of reservations as rows of `dhcp4_options` and `dhcp6_options`.

use kotare_model::{OptionData, ReservedOption};

use super::layout::Layout;
use super::record::text;
use crate::value::{Kind, Row, Value};

/// How many columns are read of an option.
pub(super) const COLUMNS: usize = 9;
/// Columns of options that every schema has.
pub(super) const ALWAYS: [&str; 8] =
    ["option_id", "code", "space", "value", "formatted_value", "persistent", "user_context", "host_id"];
/// `scope_id` of an option that belongs to a reservation.
const SCOPE: i64 = 3;

/// The expressions for them, of the table `o`, in the order of [`of_row`]'s columns.
pub(super) fn read(layout: &Layout) -> [String; COLUMNS] {
    let cancelled = if layout.cancelled { "o.cancelled" } else { "0" };
    let classes = if layout.option_classes { "o.client_classes" } else { "NULL" };
    [
        "o.option_id",
        "o.code",
        "o.space",
        "o.value",
        "o.formatted_value",
        "o.persistent",
        cancelled,
        classes,
        "o.user_context",
    ]
    .map(str::to_owned)
}

/// The option of a row whose columns begin at `first`, if there is one; the column that makes no sense.
pub(super) fn of_row(
    row: &Row,
    first: usize,
    own_space: &str,
) -> Result<Option<ReservedOption>, &'static str> {
    if row.is_null(first) {
        return Ok(None);
    }
    let column = |number| first + number;
    let space = Some(text(row, column(2), "space")?).filter(|space| *space != own_space);
    let data = match text(row, column(4), "formatted_value")? {
        "" if row.is_null(column(3)) => OptionData::Bytes(Box::default()),
        "" => OptionData::Bytes(row.bytes(column(3)).ok_or("value")?.into()),
        formatted => OptionData::Text(formatted.into()),
    };
    let classes = match text(row, column(7), "client_classes")? {
        "" => Vec::new(),
        list => serde_json::from_str(list).map_err(|_| "client_classes")?,
    };
    let context = text(row, column(8), "user_context")?;
    Ok(Some(ReservedOption {
        code: row.number(column(1)).ok_or("code")?,
        space: space.unwrap_or_default().into(),
        data,
        always_send: row.bool(column(5)).unwrap_or_default(),
        never_send: row.bool(column(6)).unwrap_or_default(),
        classes,
        user_context: Some(context).filter(|text| !text.is_empty()).map(Box::from),
    }))
}

/// The columns that are written of an option of the reservation with this number, and their values.
pub(super) fn columns(
    option: &ReservedOption,
    host: i64,
    own_space: &str,
    layout: &Layout,
) -> Vec<(&'static str, Value)> {
    let (value, formatted) = match &option.data {
        OptionData::Bytes(bytes) if bytes.is_empty() => (None, None),
        OptionData::Bytes(bytes) => (Some(&**bytes), None),
        OptionData::Text(text) => (None, Some(&**text)),
    };
    let space = if option.space.is_empty() { own_space } else { &option.space };
    let mut columns = vec![
        ("code", u32::from(option.code).into()),
        ("value", Value::bytes(value)),
        ("formatted_value", Value::text(formatted)),
        ("space", space.into()),
        ("persistent", option.always_send.into()),
        ("user_context", Value::text(option.user_context.as_deref())),
        ("host_id", host.into()),
        ("scope_id", SCOPE.into()),
    ];
    if layout.cancelled {
        columns.push(("cancelled", option.never_send.into()));
    }
    if layout.option_classes {
        let list = serde_json::to_string(&option.classes).map_or(Value::Null(Kind::Text), Value::Text);
        columns.push(("client_classes", list));
    }
    columns
}
