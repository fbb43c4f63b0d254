//! What explanations of both families share (`subnet4-explain`, `subnet6-explain`): how a would-be client is described, and
//! how what the steps say is put into words. Whoever decides is the engine.
//!
//! - `arguments`, `options`, `dump`: the message that is asked about;
//! - `explained`: what the programs say of their protocol;
//! - `told`: what all answers need of the configuration around a step;
//! - `path`: the steps as sentences, in order;
//! - `subnet`, `classes`, `reply`: what the steps say of each;
//! - `answer`: all of it.

mod answer;
mod arguments;
mod classes;
pub mod dump;
mod explained;
mod options;
mod path;
mod reply;
mod subnet;
mod told;
mod words;

pub use answer::{Parts, answer, arguments};
pub use arguments::Arguments;
pub use dump::digits;
pub use explained::{CodeOf, CriterionOf, Explained, StepOf};
pub use options::{codes, option_in_words, options, shown_option};
pub use reply::{edited, hostname, source};
pub use told::Told;
pub use words::{because, class_names, in_words, is_no_member, named_by, said, seconds};
