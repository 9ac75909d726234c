//! Tests of every path, with tungstenite's client or with bytes.

mod client;
mod end;
mod frame;
mod handshake;
mod http;
mod load;
mod message;
mod program;
mod proxy;
