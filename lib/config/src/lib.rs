//!

pub mod check;
pub mod json;
pub mod schema;
pub mod v4;
