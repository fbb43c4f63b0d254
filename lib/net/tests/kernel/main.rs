//! What the kernel really does, in network namespaces of the tests' own.

mod echo4;
mod handing;
mod interfaces;
mod raw4;
mod routes;
mod support;
mod udp4;
mod udp6;
