//! 

pub mod json;
pub mod v4;
