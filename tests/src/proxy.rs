//! A TCP proxy that a test cuts, as networks and servers do.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How a proxy treats connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// They reach the server.
    Open,
    /// They are closed: those that there are, and every new one.
    Cut,
    /// The same, with HTTP's answer 429 to each.
    TooManyRequests,
}

/// Stands between clients and a server; ends when dropped.
pub struct Proxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    /// Connections that have reached the server, and those that have not.
    reached: watch::Receiver<usize>,
    refused: watch::Receiver<usize>,
    serving: JoinHandle<()>,
}

impl Proxy {
    /// Stands before the server of a URL.
    ///
    /// # Errors
    /// If the URL names no address, or no port is free.
    pub async fn before(url: &str) -> io::Result<Self> {
        let server = url.split("//").nth(1).unwrap_or(url).trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (line, lines) = watch::channel(Line::Open);
        let (reaching, reached) = watch::channel(0);
        let (refusing, refused) = watch::channel(0);
        let serving = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, lines) = (server.clone(), lines.clone());
                let (reaching, refusing) = (reaching.clone(), refusing.clone());
                tokio::spawn(async move {
                    let line = *lines.borrow();
                    match line {
                        Line::Open => {
                            let _ = relay(client, &server, lines, reaching).await;
                        }
                        Line::Cut => refusing.send_modify(|count| *count += 1),
                        Line::TooManyRequests => {
                            refusing.send_modify(|count| *count += 1);
                            let _ = refuse(client).await;
                        }
                    }
                });
            }
        });
        Ok(Self { address, line, reached, refused, serving })
    }

    /// Its URL, of a scheme such as `http` or `ws`.
    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    /// Treats connections otherwise from now on. Ends those that there are, unless the line stays open.
    pub fn set(&self, line: Line) {
        self.line.send_replace(line);
    }

    /// How many connections have reached the server so far.
    pub fn reached(&self) -> usize {
        *self.reached.borrow()
    }

    /// How many have not.
    pub fn refused(&self) -> usize {
        *self.refused.borrow()
    }

    /// Comes back when more connections have reached the server than that.
    pub async fn reached_more_than(&self, count: usize) {
        let _ = self.reached.clone().wait_for(|reached| *reached > count).await;
    }

    /// Comes back when more connections have failed to reach the server than that.
    pub async fn refused_more_than(&self, count: usize) {
        let _ = self.refused.clone().wait_for(|refused| *refused > count).await;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Relays until either side closes, or the line is no longer open.
async fn relay(
    mut client: TcpStream,
    server: &str,
    mut lines: watch::Receiver<Line>,
    reaching: watch::Sender<usize>,
) -> io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    reaching.send_modify(|count| *count += 1);
    tokio::select! {
        ended = copy_bidirectional(&mut client, &mut server) => ended.map(|_| ()),
        _ = lines.wait_for(|line| *line != Line::Open) => Ok(()),
    }
}

async fn refuse(mut client: TcpStream) -> io::Result<()> {
    let mut request = [0; 16 * 1024];
    if client.read(&mut request).await? == 0 {
        return Ok(());
    }
    let answer = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    client.write_all(answer.as_bytes()).await
}
