//! What the log says of the address that commands come to, and what the configuration calls it.

use kotare_control::http::Words;

use crate::messages::*;

pub(crate) const WORDS: Words = Words {
    started: |protocol, _, at| match protocol {
        "HTTPS" => CTRL_AGENT_HTTPS_SERVICE_STARTED(at.ip(), at.port()),
        _ => CTRL_AGENT_HTTP_SERVICE_STARTED(at.ip(), at.port()),
    },
    updated: |protocol, at| match protocol {
        "HTTPS" => CTRL_AGENT_HTTPS_SERVICE_UPDATED(at.ip(), at.port()),
        _ => CTRL_AGENT_HTTP_SERVICE_UPDATED(at.ip(), at.port()),
    },
    reuse_failed: |protocol, at| match protocol {
        "HTTPS" => CTRL_AGENT_HTTPS_SERVICE_REUSE_FAILED(at.ip(), at.port()),
        _ => CTRL_AGENT_HTTP_SERVICE_REUSE_FAILED(at.ip(), at.port()),
    },
    // Kea's agent does not say so.
    stopping: |_, _| {},
    stopped: |_| {},
    address: "http-host",
    port: "http-port",
};
