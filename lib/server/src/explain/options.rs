//! The options of a would-be client, written as those of a configuration are.

use kotare_control::shortened;
use kotare_model::Hex;
use kotare_options::{Definitions, Encoded, OptionText, Universe};
use serde_json::{Value as Json, json};

use super::digits;

/// How many options may be given.
const MAX_OPTIONS: usize = 1000;
/// The longest value of one, in bytes, and of its text.
const MAX_VALUE: usize = 16 * 1024;

/// Reads a list of options: `code` or `name`, `space`, and `data`, `csv-format`, or `hex`.
///
/// # Errors
/// If one is no option; which one, and why.
pub fn options(
    list: Option<&Json>,
    definitions: &Definitions,
    universe: Universe,
) -> Result<Vec<Encoded>, String> {
    let Some(list) = list else { return Ok(Vec::new()) };
    let list = list.as_array().filter(|list| list.len() <= MAX_OPTIONS);
    let list = list.ok_or_else(|| format!("'options' entry must be a list of at most {MAX_OPTIONS} maps"))?;
    let options = list.iter().enumerate();
    options
        .map(|(at, option)| {
            encode(option, definitions, universe).map_err(|why| format!("bad 'options' entry [{at}]: {why}"))
        })
        .collect()
}

/// Codes of options, given as such or by name, as a client asks for them.
///
/// # Errors
/// If one is none, or there are none or more than 255.
pub fn codes(
    list: Option<&Json>,
    definitions: &Definitions,
    universe: Universe,
) -> Result<Option<Vec<u16>>, String> {
    let Some(list) = list else { return Ok(None) };
    let list = list.as_array().filter(|list| (1..=255).contains(&list.len()));
    let list = list.ok_or("'requested-options' entry must be a list of 1 to 255 codes or names")?;
    let code = |option: &Json| {
        let code = match option {
            Json::String(name) => definitions.by_name(universe.space(), name).map(|it| it.code.into()),
            option => option.as_u64(),
        };
        let code = code.and_then(|code| u16::try_from(code).ok());
        code.ok_or_else(|| {
            format!("bad 'requested-options' entry: {} is no option", shortened(&option.to_string()))
        })
    };
    list.iter().map(code).collect::<Result<_, _>>().map(Some)
}

/// An option of the list, in bytes.
fn encode(option: &Json, definitions: &Definitions, universe: Universe) -> Result<Encoded, String> {
    let map = option.as_object().ok_or("it must be a map")?;
    const KEYS: [&str; 6] = ["code", "name", "space", "data", "csv-format", "hex"];
    if let Some(other) = map.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!("unknown entry '{}'", shortened(other)));
    }
    let text = |key: &str| -> Result<Option<&str>, String> {
        let text = |value: &'_ Json| match value.as_str() {
            Some(text) if text.len() <= MAX_VALUE => Ok(()),
            Some(text) => {
                Err(format!("'{key}' has {} characters, at most {MAX_VALUE} are possible", text.len()))
            }
            None => Err(format!("'{key}' must be a string")),
        };
        map.get(key).map(text).transpose()?;
        Ok(map.get(key).and_then(Json::as_str))
    };
    let hex = text("hex")?;
    if hex.is_some() && (map.contains_key("data") || map.contains_key("csv-format")) {
        return Err("'hex' stands for 'data' and 'csv-format'".to_owned());
    }
    let number = |value: &Json| value.as_i64().ok_or("'code' must be an integer");
    let flag = |value: &Json| value.as_bool().ok_or("'csv-format' must be a boolean");
    let data = text("data")?;
    let csv_format = map.get("csv-format").map(flag).transpose()?;
    let written = OptionText {
        space: text("space")?.unwrap_or_default(),
        code: map.get("code").map(number).transpose()?,
        name: text("name")?,
        data: hex.or(data).or(Some("")),
        csv_format: if hex.is_some() { Some(false) } else { csv_format },
        never_send: false,
    };
    match definitions.encode(&written) {
        // A client may send what breaks the definition.
        Err(error) => match (hex, written.code) {
            (Some(hex), Some(code)) => {
                raw(written.space, code, hex, universe).ok_or_else(|| error.to_string())
            }
            _ => Err(error.to_string()),
        },
        Ok(encoded) => Ok(encoded),
    }
}

/// An option of these bytes, whatever is known of it.
fn raw(space: &str, code: i64, hex: &str, universe: Universe) -> Option<Encoded> {
    let space = if space.is_empty() { universe.space() } else { space };
    let data = digits(hex).ok()?;
    let code = u16::try_from(code).ok().filter(|code| *code > 0)?;
    Some(Encoded {
        universe,
        space: space.to_owned(),
        code,
        fields_len: data.len(),
        data,
        encapsulates: String::new(),
        left_over: 0,
    })
}

/// An option of a message, with its name and its value; `data` is that in words.
pub fn shown_option(
    code: u16,
    value: &[u8],
    data: String,
    definitions: &Definitions,
    universe: Universe,
) -> Json {
    let definition = definitions.by_code(universe.space(), code);
    json!({
        "code": code,
        "name": definition.map(|definition| definition.name.to_string()),
        "data": data,
        "hex": format!("{:x}", Hex(value)),
    })
}

/// The value of an option in words, without its code, its length and its types, which stand elsewhere.
pub fn option_in_words(code: u16, value: &[u8], definitions: &Definitions, universe: Universe) -> String {
    let text = definitions.to_text(universe.space(), code, value);
    let value = text.split_once(':').map_or(&*text, |(_, value)| value.trim());
    let definition = definitions.by_code(universe.space(), code);
    let types = definition.map(|it| std::slice::from_ref(&it.data_type).iter().chain(&*it.fields));
    let types = types.into_iter().flatten();
    types.fold(value.to_owned(), |value, of| value.replace(&format!(" ({})", of.name()), ""))
}
