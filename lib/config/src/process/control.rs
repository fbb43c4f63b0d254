//! `control-sockets`.

use super::WrittenPath;
use crate::Level;
use crate::schema::tables::CONTROL_SOCKET;

/// A UNIX control socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnixSocket {
    /// `socket-name` as written; the daemon supplies the folder for a bare name and checks it.
    pub name: WrittenPath,
}

/// Every entry of type `unix`.
pub(super) fn resolve(global: Level<'_>) -> Vec<UnixSocket> {
    let unix = global.list(&CONTROL_SOCKET).filter(|socket| socket.text("socket-type") == "unix");
    unix.filter_map(|socket| Some(UnixSocket { name: WrittenPath::of(socket.own("socket-name")?)? }))
        .collect()
}
