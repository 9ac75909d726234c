//! Every path of the server, driven by tungstenite's client or by bytes.

mod client;
mod end;
mod frame;
mod handshake;
mod http;
mod load;
mod message;
mod program;
mod proxy;
