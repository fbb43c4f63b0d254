//! The frames of `lib/wire/corpus`, for the tests of other crates.

use std::fs;
use std::path::Path;

use kotare_wire::frame::Frame;

/// The messages in all frames, in order of their files.
pub(crate) fn messages() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/corpus");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the corpus is there")
        .map(|entry| entry.expect("the corpus can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "hex"))
        .collect();
    files.sort();
    let frame = |path| bytes_of(&fs::read_to_string(path).expect("a file of the corpus can be read"));
    let payload = |frame: Vec<u8>| Frame::parse(&frame, true).expect("a frame").payload.to_vec();
    files.iter().map(frame).map(payload).collect()
}

/// Hexadecimal digits; lines that begin with `#` are comments.
fn bytes_of(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let digits: Vec<u8> =
        lines.flat_map(str::chars).filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
}
