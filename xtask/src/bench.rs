//! .

use crate::run::Done;

/// .
#[derive(clap::Args)]
pub(crate) struct Options {}

/// .
pub(crate) fn bench(_options: &Options) -> Done {
    Err("in the making".into())
}
