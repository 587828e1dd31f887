//! The SPARQL door and the pages: a real server on a loopback port, real workers, and a client that reads bytes.
#![expect(clippy::print_stderr, reason = "what was measured is told to whoever runs the tests")]

pub(crate) mod client;
mod conformance;
mod data;
mod demonstration;
mod fair;
mod hostile;
mod linked;
mod oai;
mod outside;
mod pages;
mod protocol;
mod real;
mod reconcile;
mod sample;
mod server;
mod shortcuts;
mod wire;
mod writing;
