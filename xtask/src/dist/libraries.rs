//! What a program needs of the system that it runs on.

use std::path::Path;
use std::process::Command;

use crate::run::{Done, output};

/// Debian's packages of the shared libraries of these programs, as a package depends on them. Told by `objdump`, which
/// is where a linker is.
pub(super) fn packages(programs: &[&Path]) -> Done<Vec<String>> {
    let (mut libc, mut needs_gcc) = ((2, 17), false);
    for program in programs {
        let text = output(Command::new("objdump").arg("--private-headers").arg(program))?;
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match (words.next(), words.next_back()) {
                (Some("NEEDED"), Some("libgcc_s.so.1")) => needs_gcc = true,
                (Some("NEEDED"), Some(name)) if !is_libc(name) => {
                    let shown = program.display();
                    return Err(format!("{shown} needs {name}: say which package of Debian that is").into());
                }
                (Some(_), Some(symbols)) => {
                    let version = symbols.strip_prefix("GLIBC_").and_then(|version| version.split_once('.'));
                    if let Some((Ok(major), Ok(minor))) =
                        version.map(|(major, minor)| (major.parse(), minor.parse()))
                    {
                        libc = libc.max((major, minor));
                    }
                }
                _ => {}
            }
        }
    }
    let libc = format!("libc6 (>= {}.{})", libc.0, libc.1);
    Ok(std::iter::once(libc).chain(needs_gcc.then(|| "libgcc-s1".to_owned())).collect())
}

/// Whether a library is one of glibc.
fn is_libc(name: &str) -> bool {
    ["libc.so.", "libm.so.", "ld-linux"].iter().any(|start| name.starts_with(start))
}
