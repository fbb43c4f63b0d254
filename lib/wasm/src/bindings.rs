//! What the interface is in Rust.
#![allow(missing_docs, reason = "what the interface does not explain is what Rust makes of it")]

wasmtime::component::bindgen!({ path: "wit", world: "module" });
