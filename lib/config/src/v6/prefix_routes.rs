//! `delegated-prefix-routes`: how the network learns the way to prefixes that clients have. Kea has nothing like it.

use std::time::Duration;

use crate::process::WrittenPath;

/// `delegated-prefix-routes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrefixRoutes {
    /// `kernel`: into a routing table of this machine.
    Kernel(KernelRoutes),
    /// `script`: to a program, which does with them what is needed.
    Script(RouteScript),
}

/// What routes in the kernel are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KernelRoutes {
    /// `table`: the number of the routing table; 254 is the main one.
    pub table: u32,
    /// `protocol`: the number by which they are known to be the server's. Nobody else has routes with it in that table.
    pub protocol: u8,
    /// `metric`: of routes to the same prefix the one with the lowest counts.
    pub metric: u32,
}

/// A program that is told of routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteScript {
    /// `script`.
    pub path: WrittenPath,
    /// `script-timeout`: how long it may take for one change.
    pub timeout: Duration,
}
