//! Bad input of every kind, against a real `kea-dhcp6`.
//!
//! Whatever comes as a message or on a control socket: the server says what is wrong, loses nothing, stays as small as it
//! was, and serves the next client. What is the same for servers of both families (configuration and lease files, disks,
//! HTTPS) is tried in `bad_input`.

mod commands;
mod datagrams;
mod floods;
mod scene;
