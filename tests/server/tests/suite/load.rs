use futures_util::{SinkExt, StreamExt};
use tokio::task::JoinSet;
use tungstenite::Message;

use crate::{
    client::Host,
    message::{close, next},
};

#[tokio::test]
async fn two_thousand_connections_at_once() {
    // This process has both ends.
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let host = Host::start();
    let mut opening = JoinSet::new();
    for _ in 0..2000 {
        let url = format!("ws://{}/echo", host.address);
        let address = host.address;
        opening.spawn(async move {
            let stream = tokio::net::TcpStream::connect(address).await?;
            tokio_tungstenite::client_async(url, stream).await
        });
    }
    let opened = opening.join_all().await;
    let mut sockets: Vec<_> = opened.into_iter().map(|result| result.expect("a handshake").0).collect();
    for (index, socket) in sockets.iter_mut().enumerate() {
        let message = Message::text(index.to_string());
        socket.send(message).await.expect("an open socket");
    }
    for (index, socket) in sockets.iter_mut().enumerate() {
        assert_eq!(next(socket).await, Message::text(index.to_string()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_mebibytes_in_both_directions() {
    let host = Host::start();
    let mut socket = host.connect("/echo?key=k").await;
    let message = Message::binary(vec![5; 64 << 20]);
    socket.send(message.clone()).await.expect("an open socket");
    // Not assert_eq, whose message would contain both texts.
    assert!(next(&mut socket).await == message);
    close(socket).await;
    assert_eq!(host.seen().await["bytes"], 64 << 20);

    let mut socket = host.connect("/size?bytes=67108864").await;
    let message = socket.next().await;
    let length = message.and_then(Result::ok).map(|message| message.len());
    assert_eq!(length, Some(64 << 20));
}
