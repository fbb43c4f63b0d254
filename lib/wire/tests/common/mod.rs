//! The corpus: frames as they were on the wire, and some made by hand to be harder than those.

use std::fs;
use std::path::Path;

/// One file of `corpus/`.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// The name without `.hex`: a number, the client, how it is connected and the message type.
    pub(crate) name: String,
    /// The frame.
    pub(crate) frame: Vec<u8>,
}

/// All samples, in order.
pub(crate) fn corpus() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut samples: Vec<_> = fs::read_dir(&folder)
        .expect("the corpus is there")
        .map(|entry| entry.expect("the corpus can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "hex"))
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a file of the corpus can be read");
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a plain name").to_owned();
            Sample { frame: bytes_of(&text), name }
        })
        .collect();
    samples.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(samples.len() > 40, "only {} files in {}", samples.len(), folder.display());
    samples
}

/// Hexadecimal digits; lines that begin with `#` are comments.
fn bytes_of(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::chars)
        .map(|digit| digit.to_digit(16).expect("a hexadecimal digit") as u8)
        .collect();
    assert!(digits.len().is_multiple_of(2), "an odd number of digits");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
