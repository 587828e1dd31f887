//! The SPARQL door and the pages: a real server on a loopback port, real workers, and a client that reads bytes.

mod client;
mod hostile;
mod pages;
mod protocol;
mod sample;
mod server;
