//! The secret of a key, judged: it is read from its file, and what is not safe is told.

use std::path::Path;

use kotare_config::json::{Diagnostics, Topic};
use kotare_config::process::Secret;

use crate::judged_http::{Judge, first_line};

/// The secret itself. With `enforced`, one that stands in the configuration is an error, otherwise a warning. What is wrong
/// goes to `diagnostics`; `None` if there is none.
pub fn key_secret(secret: &Secret, enforced: bool, diagnostics: &mut Diagnostics) -> Option<String> {
    let mut judge = Judge { realm: "", enforced, diagnostics };
    match secret {
        Secret::Clear(text, source) => {
            judge.clear(Topic::ClearSecret, "secret", source);
            Some(text.to_string())
        }
        Secret::File(path) => match first_line(Path::new(&*path.path)) {
            Ok(line) if line.trim().is_empty() => {
                judge.diagnostics.error(&path.source, format!("Expected '{}' to not be empty", path.path));
                None
            }
            Ok(line) => {
                judge.private(Path::new(&*path.path), &path.source);
                Some(line)
            }
            Err(reason) => {
                judge.diagnostics.error(&path.source, reason);
                None
            }
        },
    }
}
