//! Loggers.

use super::CONTEXT;
use crate::schema::finish;
use crate::schema::table::{Now, Older, Shown, Table, Type, param};

/// A `loggers` entry.
pub static LOGGER: Table = Table {
    name: "loggers",
    groups: &[
        &[
            param("name", Type::Text).required(),
            param("severity", Type::OneOf(&["NONE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]))
                .or_text("INFO"),
            param("debuglevel", Type::Int(0, 99)).or_int(0),
            param("output-options", Type::Maps(&OUTPUT_OPTION)).shown(Shown::Different),
        ],
        CONTEXT,
    ],
    identity: &["name"],
    older: &[Older { keyword: "output_options", now: Now::Renamed("output-options") }],
    ..Table::EMPTY
};

/// An `output-options` entry.
pub static OUTPUT_OPTION: Table = Table {
    name: "output-options",
    groups: &[&[
        param("output", Type::Text).required(),
        param("flush", Type::Bool).or_bool(true),
        param("maxsize", Type::Int(0, i64::MAX)).or_int(10_240_000),
        param("maxver", Type::Int(0, i32::MAX as i64)).or_int(1),
        param("pattern", Type::Text).or_text(""),
        param("format", Type::OneOf(&["text", "json"])).or_text("text").shown(Shown::Written),
    ]],
    identity: &["output"],
    finish: Some(finish::log_output),
    ..Table::EMPTY
};
