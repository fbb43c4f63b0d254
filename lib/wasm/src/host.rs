//! What an instance finds around it.

use wasmtime::{Error, ResourceLimiter, Result};

use crate::bindings::ModuleImports;
use crate::bindings::kotare::dhcp::types;
use crate::failure::{TooMuch, in_short};
use crate::module::Log;

/// A call may write so many lines to the log; what is beyond is left out.
pub const LINES: u32 = 16;
/// So many elements all tables of an instance may have.
const TABLE_ELEMENTS: usize = 100_000;
/// So many instances a component may be made of, and memories and tables these may have.
const PARTS: usize = 64;

/// What is around an instance.
pub(crate) struct Host {
    log: Log,
    /// How many lines it may write yet.
    pub(crate) lines: u32,
    /// How many bytes of memory it may have.
    memory: usize,
    /// How many it has.
    held: usize,
    elements: usize,
}

impl Host {
    /// What is around one that may have so much memory.
    pub(crate) fn new(memory: usize, log: Log) -> Self {
        Self { log, lines: LINES, memory, held: 0, elements: 0 }
    }
}

/// There is nothing to call in an interface of types.
impl types::Host for Host {}

impl ModuleImports for Host {
    fn log(&mut self, text: String) {
        if let Some(left) = self.lines.checked_sub(1) {
            self.lines = left;
            (self.log)(&in_short(text));
        }
    }
}

/// What is asked for beyond the limit is a trap: a module that goes on without it does so in ways that nobody tried.
fn grown(
    held: &mut usize,
    (current, desired): (usize, usize),
    limit: usize,
    what: &'static str,
) -> Result<bool> {
    let all = held.saturating_add(desired.saturating_sub(current));
    if all > limit {
        return Err(Error::new(TooMuch { what, limit }));
    }
    *held = all;
    Ok(true)
}

impl ResourceLimiter for Host {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        grown(&mut self.held, (current, desired), self.memory, "bytes of memory")
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        grown(&mut self.elements, (current, desired), TABLE_ELEMENTS, "elements of tables")
    }

    fn instances(&self) -> usize {
        PARTS
    }

    fn tables(&self) -> usize {
        PARTS
    }

    fn memories(&self) -> usize {
        PARTS
    }
}
