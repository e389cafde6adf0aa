//! A websocket that tells when the program has run.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use url::Url;

use crate::address;

/// How long a connection, or a message on its way out, may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the server is asked whether it is still there, and how long it may not answer: a connection can die
/// without a word.
const PING: Duration = Duration::from_secs(10);
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// The shortest and the longest pause before another connection; each is twice the one before.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// The number of the only request.
const REQUEST: u64 = 1;

/// Rings when the program has run, and whenever that may have gone unheard. It may ring for nothing.
pub(super) struct Alarm {
    bell: Arc<Notify>,
    listener: Option<JoinHandle<()>>,
}

impl Alarm {
    /// Listens at a websocket URL, and connects again and again; `None`: never rings.
    pub fn set(url: Option<String>) -> Self {
        let bell = Arc::new(Notify::new());
        let listener = url.map(|url| tokio::spawn(listen(url, bell.clone())));
        Self { bell, listener }
    }

    /// Comes back when it has rung since the last time.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

/// The websocket URL that belongs to an RPC URL, by the convention of Solana's tools: the next port, if one is named.
pub(crate) fn websocket_url(rpc_url: &str) -> Option<String> {
    let mut url = Url::parse(rpc_url).ok()?;
    let scheme = match url.scheme() {
        "http" => "ws",
        "https" => "wss",
        _ => return None,
    };
    let port = url.port().map(|port| port.checked_add(1));
    url.set_scheme(scheme).ok()?;
    if let Some(port) = port {
        url.set_port(Some(port?)).ok()?;
    }
    Some(url.into())
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn listen(url: String, bell: Arc<Notify>) {
    let mut pause = PAUSE_MIN;
    loop {
        if let Ok(Ok((mut socket, _))) = timeout(PATIENCE, connect_async(&url)).await
            && let Some(()) = subscribe(&mut socket).await
        {
            pause = PAUSE_MIN;
            // What happened before was not heard.
            bell.notify_one();
            ring(&mut socket, &bell).await;
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Subscribes to whatever mentions the program; `None` if the server does not do that.
async fn subscribe(socket: &mut Socket) -> Option<()> {
    let filter = json!({ "mentions": [address::PROGRAM.to_string()] });
    let request = json!({
        "jsonrpc": "2.0",
        "id": REQUEST,
        "method": "logsSubscribe",
        "params": [filter, { "commitment": "confirmed" }],
    });
    send(socket, Message::text(request.to_string())).await?;
    let answer = async {
        loop {
            let Message::Text(text) = socket.next().await?.ok()? else { continue };
            let answer: Value = serde_json::from_str(&text).ok()?;
            if answer["id"] == REQUEST {
                return answer["result"].is_u64().then_some(());
            }
        }
    };
    timeout(PATIENCE, answer).await.ok()?
}

/// Rings for every notice, until the connection ends or is found dead.
async fn ring(socket: &mut Socket, bell: &Notify) {
    let mut ping = interval(PING);
    let mut heard_at = Instant::now();
    loop {
        tokio::select! {
            message = socket.next() => {
                match message {
                    Some(Ok(Message::Text(_))) => bell.notify_one(),
                    None | Some(Err(_) | Ok(Message::Close(_))) => return,
                    Some(Ok(_)) => {}
                }
                heard_at = Instant::now();
            }
            _ = ping.tick() => {
                let is_dead = heard_at.elapsed() > SILENCE_MAX;
                if is_dead || send(socket, Message::Ping(Default::default())).await.is_none() {
                    return;
                }
            }
        }
    }
}

async fn send(socket: &mut Socket, message: Message) -> Option<()> {
    timeout(PATIENCE, socket.send(message)).await.ok()?.ok()
}

#[cfg(test)]
mod tests;
