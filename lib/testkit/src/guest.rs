//! Modules of WebAssembly that do what no module should, without a compiler.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// What a module does when it is asked: for each function the instructions that leave the address of its answer. There are
/// two local variables of their own, `$n` and `$at`. Between 1024 and 4096 its memory is for them, and zeros but for what is said
/// to be there; what they write stays for the next call.
#[derive(Clone, Copy, Debug)]
pub struct Guest<'a> {
    /// Where it wants to be asked: the numbers of the points, in the text format.
    pub points: &'a str,
    /// What its memory has from 2048 on, in the text format.
    pub data: &'a str,
    /// Makes itself ready. The answer is written before.
    pub init: &'a str,
    /// A message was received.
    pub received: &'a str,
    /// A subnet was selected.
    pub subnet: &'a str,
    /// A lease is going to be given.
    pub lease: &'a str,
    /// A reply is going to be sent.
    pub reply: &'a str,
    /// Functions that these call.
    pub more: &'a str,
}

/// The instructions of a function that changes nothing: it answers with zeros, where nobody writes.
const NOTHING: &str = "i32.const 896";

impl Default for Guest<'_> {
    fn default() -> Self {
        Self {
            points: "\\00\\01\\02\\03",
            data: "",
            init: "i32.const 512",
            received: NOTHING,
            subnet: NOTHING,
            lease: NOTHING,
            reply: NOTHING,
            more: "",
        }
    }
}

impl Guest<'_> {
    /// The bytes of the component, of the world `module` of an interface. They are the same for the same guest.
    ///
    /// # Panics
    /// If it is none: it is for tests.
    pub fn component(&self, interface: &str) -> Vec<u8> {
        let Self { points, data, init, received, subnet, lease, reply, more } = self;
        // A byte is three characters.
        let count = points.len() / 3;
        let sixteen = "i32 ".repeat(16);
        component(
            interface,
            &format!(
                r#"(module
  (import "$root" "log" (func $log (param i32 i32)))
  (memory (export "memory") 2)
  (data (i32.const 512) "\00\00\00\00\00\03\00\00\{count:02x}")
  (data (i32.const 768) "{points}")
  (data (i32.const 2048) "{data}")
  (global $next (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get 2))))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  (func $forget (global.set $next (i32.const 4096)))
  {more}
  (func (export "init") (param i32 i32 i32) (result i32) (local $n i32) (local $at i32) (call $forget) {init})
  (func (export "received") (param {sixteen}) (result i32) (local $n i32) (local $at i32) (call $forget) {received})
  (func (export "subnet") (param i32) (result i32) (local $n i32) (local $at i32) (call $forget) {subnet})
  (func (export "lease") (param i32) (result i32) (local $n i32) (local $at i32) (call $forget) {lease})
  (func (export "reply") (param i32) (result i32) (local $n i32) (local $at i32) (call $forget) {reply}))"#
            ),
        )
    }
}

/// The component of code in the text format, of the world `module` of an interface.
///
/// # Panics
/// If it is none: it is for tests.
pub fn component(interface: &str, code: &str) -> Vec<u8> {
    let mut module = wat::parse_str(code).unwrap_or_else(|error| panic!("{error}\n{code}"));
    let mut resolve = Resolve::default();
    let package = resolve.push_str("interface.wit", interface).expect("an interface");
    let world = resolve.select_world(&[package], Some("module")).expect("it has the world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("it fits");
    let encoder = ComponentEncoder::default().validate(true).module(&module);
    encoder.and_then(|mut encoder| encoder.encode()).expect("it is of the world")
}
