//! Tests of the server with clients over loopback.

mod client;
mod comeback;
mod connection;
mod ending;
mod frame;
mod http;
mod picture;
mod program;
mod room;
mod rule;
mod server;
