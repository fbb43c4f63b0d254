//! Modules of WebAssembly of the examples, built with what Debian has for that.
//!
//! Debian's compiler has the standard library for WebAssembly, which the one that builds the servers need not have. It is too old
//! for the macro of `wit-bindgen`, so bindings are made by the generator behind the macro, and `stand_in.rs` takes the place of the
//! crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wit_bindgen_core::{Files, WorldGenerator};
use wit_bindgen_rust::Opts;
use wit_component::ComponentEncoder;
use wit_parser::Resolve;

use crate::world::{partner, partner_file, with_libraries};

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds an example in a folder; the component, or `None` where the compiler is not unpacked. Panics if it cannot be built.
pub fn example(name: &str, folder: &Path) -> Option<PathBuf> {
    let compiler = partner("rustc")?;
    let sysroot = partner_file("usr/lib/rustlib")?.parent()?.parent()?.to_owned();
    let linker = partner_file("usr/lib/llvm-14/bin/lld")?;
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in the tree");
    let bindings = folder.join("bindings.rs");
    fs::write(&bindings, generated(&top.join("lib/wasm/wit/kotare-dhcp.wit"))).expect("a file");
    let rustc = |source: &Path, kind: &str, file: &Path| {
        let mut command = Command::new(&compiler);
        command.args(["--edition", "2021", "--crate-type", kind, "--target", TARGET, "-C", "opt-level=s"]);
        command
            .args(["-C", "panic=abort", "-C", "linker-flavor=wasm-ld", "-C"])
            .arg(format!("linker={}", linker.display()));
        command.args(["--cap-lints", "allow", "--sysroot"]).arg(&sysroot).arg("-o").arg(file).arg(source);
        command.env("KOTARE_BINDINGS", &bindings);
        with_libraries(&mut command);
        command
    };
    let stand_in = folder.join("libwit_bindgen.rlib");
    let source = top.join("tests/src/guests/stand_in.rs");
    run(rustc(&source, "rlib", &stand_in).args(["--crate-name", "wit_bindgen"]));
    let (source, core) =
        (top.join("examples/modules").join(name).join("src/lib.rs"), folder.join(format!("{name}.core")));
    let known = format!("wit_bindgen={}", stand_in.display());
    run(rustc(&source, "cdylib", &core).args(["--crate-name", name, "-C", "lto", "--extern", &known]));
    let core = fs::read(core).expect("what was built");
    let encoder = ComponentEncoder::default().validate(true).module(&core);
    let component = encoder.and_then(|mut encoder| encoder.encode());
    let component = component.unwrap_or_else(|error| panic!("{name}: {error:#}"));
    let file = folder.join(format!("libdhcp_{name}.wasm"));
    fs::write(&file, component).expect("a file");
    Some(file)
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} ended with {}:\n{said}", output.status);
}

/// The bindings of an interface, in the words of an older compiler.
fn generated(interface: &Path) -> String {
    let (mut resolve, mut files) = (Resolve::default(), Files::default());
    let package = resolve.push_file(interface).expect("an interface");
    let world = resolve.select_world(&[package], Some("module")).expect("it has the world");
    let options = Opts { runtime_path: Some("wit_bindgen::rt".into()), ..Opts::default() };
    options.build().generate(&mut resolve, world, &mut files).expect("bindings");
    let (_, text) = files.iter().next().expect("a file of bindings");
    let text = String::from_utf8(text.to_vec()).expect("text");
    older(&text)
}

/// Attributes that a newer compiler wants to have marked, and blocks; addresses that it takes otherwise.
fn older(text: &str) -> String {
    let marked = concat!("#[un", "safe(");
    let mut text = text.replace(concat!("un", "safe extern \"C\" {"), "extern \"C\" {");
    text = text.replace("&raw mut _RET_AREA.0", "core::ptr::addr_of_mut!(_RET_AREA.0)");
    text = text.replace(".cast_mut()", " as *mut u8");
    while let Some(at) = text.find(marked) {
        let end = at + text[at..].find(")]").expect("it ends");
        text.replace_range(end..end + 1, "");
        text.replace_range(at..at + marked.len(), "#[");
    }
    text
}
