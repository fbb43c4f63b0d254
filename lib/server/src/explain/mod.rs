//! What explanations of both families share (`subnet4-explain`, `subnet6-explain`): how a would-be client is described, and
//! how what the steps say is put into words. Whoever decides is the engine.

mod arguments;
pub mod dump;
mod options;
mod words;

pub use arguments::Arguments;
pub use dump::digits;
pub use options::{codes, options};
pub use words::{because, class_names, in_words, is_no_member, named_by, said, seconds};
