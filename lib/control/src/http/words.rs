//! What is told of listeners, which daemons call differently.

use std::net::SocketAddr;

use crate::messages::*;

/// What the log says of the listeners of a daemon, and what its configuration calls their parts. A protocol is `HTTP` or
/// `HTTPS`.
#[derive(Debug)]
pub struct Words {
    /// A listener is open, and so many commands run at once that come there.
    pub started: fn(&str, usize, SocketAddr),
    /// A listener goes on with other settings.
    pub updated: fn(&str, SocketAddr),
    /// A listener of this protocol cannot become one of the other.
    pub reuse_failed: fn(&str, SocketAddr),
    /// A listener is about to be closed.
    pub stopping: fn(&str, SocketAddr),
    /// It is.
    pub stopped: fn(SocketAddr),
    /// The keyword of the address.
    pub address: &'static str,
    /// The keyword of the port.
    pub port: &'static str,
}

impl Words {
    /// Those of `control-sockets`.
    pub const CONTROL_SOCKETS: Self = Self {
        started: |protocol, _, at| HTTP_COMMAND_MGR_SERVICE_STARTED(protocol, at.ip(), at.port()),
        updated: |protocol, at| match protocol {
            "HTTPS" => HTTP_COMMAND_MGR_HTTPS_SERVICE_UPDATED(at.ip(), at.port()),
            _ => HTTP_COMMAND_MGR_HTTP_SERVICE_UPDATED(at.ip(), at.port()),
        },
        reuse_failed: |protocol, at| match protocol {
            "HTTPS" => HTTP_COMMAND_MGR_HTTPS_SERVICE_REUSE_FAILED(at.ip(), at.port()),
            _ => HTTP_COMMAND_MGR_HTTP_SERVICE_REUSE_FAILED(at.ip(), at.port()),
        },
        stopping: |protocol, at| {
            let place = format!("bound to address {} port {}", at.ip(), at.port());
            HTTP_COMMAND_MGR_SERVICE_STOPPING(protocol, place);
        },
        stopped: |_| (),
        address: "socket-address",
        port: "socket-port",
    };

    /// Those of listeners for the partners of a server (high availability).
    pub const PARTNERS: Self = Self {
        started: |protocol, at_once, at| {
            COMMAND_HTTP_LISTENER_STARTED(at_once, at.ip(), at.port(), protocol == "HTTPS");
        },
        updated: |_, _| (),
        reuse_failed: |_, _| (),
        stopping: |_, at| COMMAND_HTTP_LISTENER_STOPPING(at.ip(), at.port()),
        stopped: |at| COMMAND_HTTP_LISTENER_STOPPED(at.ip(), at.port()),
        address: "url",
        port: "url",
    };
}
