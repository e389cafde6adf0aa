//! The alarm, at real sockets.

use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;

use super::*;

type Served = WebSocketStream<TcpStream>;

/// A server's side of the next connection, once its subscription has been answered.
async fn subscribed(listener: &TcpListener) -> Served {
    let mut served = accept_async(listener.accept().await.unwrap().0).await.unwrap();
    let request = served.next().await.unwrap().unwrap();
    let request: Value = serde_json::from_str(request.to_text().unwrap()).unwrap();
    assert_eq!(request["method"], "logsSubscribe");
    assert_eq!(request["params"][0]["mentions"], json!([address::PROGRAM.to_string()]));
    assert_eq!(request["params"][1]["commitment"], "confirmed");
    let answer = json!({ "jsonrpc": "2.0", "result": 7, "id": request["id"] });
    served.send(Message::text(answer.to_string())).await.unwrap();
    served
}

async fn listening() -> (TcpListener, Alarm) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    (listener, Alarm::set(Some(url)))
}

/// It has rung; a test that waits in vain gives up.
async fn rings(alarm: &Alarm) {
    timeout(SILENCE_MAX, alarm.rung()).await.unwrap();
}

#[tokio::test]
async fn it_rings_once_it_listens_and_for_every_notice() {
    let (listener, alarm) = listening().await;
    let mut served = subscribed(&listener).await;
    rings(&alarm).await;
    for _ in 0..3 {
        served.send(Message::text("{}")).await.unwrap();
        rings(&alarm).await;
    }
}

#[tokio::test]
async fn it_connects_again_and_rings_for_what_it_did_not_hear() {
    let (listener, alarm) = listening().await;
    for _ in 0..3 {
        drop(subscribed(&listener).await);
        rings(&alarm).await;
    }
    // A connection that never becomes a websocket, and one that is refused the subscription.
    drop(listener.accept().await.unwrap());
    let mut served = accept_async(listener.accept().await.unwrap().0).await.unwrap();
    served.next().await.unwrap().unwrap();
    let refused = json!({ "jsonrpc": "2.0", "error": { "code": -32_601 }, "id": REQUEST });
    served.send(Message::text(refused.to_string())).await.unwrap();
    let _served = subscribed(&listener).await;
    rings(&alarm).await;
}

#[tokio::test]
async fn a_connection_that_died_without_a_word_is_replaced() {
    let (listener, alarm) = listening().await;
    let _mute = subscribed(&listener).await;
    rings(&alarm).await;
    // From here on time passes by itself; nobody reads the first connection, so no ping is answered.
    tokio::time::pause();
    timeout(SILENCE_MAX * 3, listener.accept()).await.unwrap().unwrap();
}

#[tokio::test]
async fn it_leaves_when_dropped() {
    let (listener, alarm) = listening().await;
    let mut served = subscribed(&listener).await;
    drop(alarm);
    let leaving = async { while let Some(Ok(_)) = served.next().await {} };
    timeout(SILENCE_MAX, leaving).await.unwrap();
}

#[test]
fn websocket_urls_follow_the_convention() {
    let of = |url| websocket_url(url).unwrap_or_default();
    assert_eq!(of("http://127.0.0.1:8899"), "ws://127.0.0.1:8900/");
    assert_eq!(of("http://localhost"), "ws://localhost/");
    assert_eq!(of("https://rpc.example/key?a=b"), "wss://rpc.example/key?a=b");
    assert_eq!(of("https://rpc.example:8443"), "wss://rpc.example:8444/");
    for none in ["http://localhost:65535", "ftp://rpc.example", "scripted"] {
        assert_eq!(websocket_url(none), None);
    }
}
