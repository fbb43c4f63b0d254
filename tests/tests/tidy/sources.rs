//! The files of the source tree.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A text file and its place below the top of the tree.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// Its lines, numbered from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (Place<'_>, &str)> {
        let place = |index| Place { path: &self.path, line: index + 1 };
        self.text.split('\n').enumerate().map(move |(index, line)| (place(index), line))
    }
}

/// A line of a file, shown as `file:line`.
pub(crate) struct Place<'a> {
    path: &'a str,
    line: usize,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// The top of the source tree.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the tree").to_path_buf()
}

/// All files that end in one of these, sorted; what is built, hidden or captured is left out.
pub(crate) fn ending_in(endings: &[&str]) -> Vec<Source> {
    let top = top();
    let mut found = Vec::new();
    let mut folders = vec![top.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the tree can be listed") {
            let path = entry.expect("and its entries").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with('.') || name == "target" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let below = path.strip_prefix(&top).unwrap_or(&path).display().to_string();
                let text = fs::read(&path).expect("a file of the tree can be read");
                let text = String::from_utf8(text).unwrap_or_else(|_| panic!("{below} is not UTF-8"));
                found.push(Source { path: below, text });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(!found.is_empty(), "no file ends in {endings:?} below {}", top.display());
    found
}

/// All Rust sources.
pub(crate) fn rust() -> Vec<Source> {
    ending_in(&[".rs"])
}
