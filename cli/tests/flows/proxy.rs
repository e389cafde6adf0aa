//! A server in front of a chain's, behind which a program can be killed at a request of one's choice.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// What happens at a request.
enum Then {
    /// It is held, and so is every later one.
    Hold,
    /// It is passed on, and its answer held; and so is every later request.
    HoldAnswer,
    /// A request that was held before is passed on before it.
    Deliver(Vec<u8>),
}

/// A request that is waited for.
struct Awaited {
    method: &'static str,
    /// How many of that method come before it.
    before: usize,
    then: Then,
    seen: Sender<Vec<u8>>,
}

#[derive(Default)]
struct Gate {
    awaited: Option<Awaited>,
    /// The connections that are open when a request is held are not heard again.
    holds: bool,
}

/// The proxy; its threads end with the tests.
pub struct Proxy {
    url: String,
    gate: Arc<Mutex<Gate>>,
}

/// A request that was held.
pub struct Held(Receiver<Vec<u8>>);

impl Held {
    /// Waits until it comes.
    pub fn wait(self) -> Vec<u8> {
        self.0.recv_timeout(Duration::from_secs(60)).expect("the request that was waited for")
    }
}

impl Proxy {
    /// In front of `http://HOST:PORT`.
    pub fn new(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = server.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let gate = Arc::<Mutex<Gate>>::default();
        let shared = gate.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, gate) = (server.clone(), shared.clone());
                std::thread::spawn(move || converse(client, &server, &gate));
            }
        });
        Self { url, gate }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Holds the request of that method which comes after `before` others of it.
    pub fn hold(&self, method: &'static str, before: usize) -> Held {
        self.expect(method, before, Then::Hold)
    }

    /// Passes it on, and holds its answer.
    pub fn hold_answer(&self, method: &'static str, before: usize) -> Held {
        self.expect(method, before, Then::HoldAnswer)
    }

    /// Passes a held request on right before the next one of that method.
    pub fn deliver(&self, method: &'static str, held: Vec<u8>) -> Held {
        self.expect(method, 0, Then::Deliver(held))
    }

    /// Lets everything through.
    pub fn open(&self) {
        *self.gate.lock().unwrap_or_else(PoisonError::into_inner) = Gate::default();
    }

    fn expect(&self, method: &'static str, before: usize, then: Then) -> Held {
        let (seen, held) = channel();
        let awaited = Some(Awaited { method, before, then, seen });
        let gate = Gate { awaited, holds: false };
        *self.gate.lock().unwrap_or_else(PoisonError::into_inner) = gate;
        Held(held)
    }
}

/// Answers one request of a connection; the next one takes another connection.
fn converse(mut client: TcpStream, server: &str, gate: &Mutex<Gate>) -> Option<()> {
    let body = read_request(&mut client)?;
    let request: Value = serde_json::from_slice(&body).ok()?;
    let (mut deliver, mut hold, mut seen) = (None, None, None);
    {
        let mut gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
        if gate.holds {
            hold = Some(Then::Hold);
        } else if let Some(awaited) = &mut gate.awaited
            && request["method"] == awaited.method
        {
            match awaited.before.checked_sub(1) {
                Some(fewer) => awaited.before = fewer,
                None => {
                    let Awaited { then, seen: told, .. } = gate.awaited.take()?;
                    gate.holds = !matches!(then, Then::Deliver(_));
                    seen = Some(told);
                    match then {
                        Then::Deliver(held) => deliver = Some(held),
                        then => hold = Some(then),
                    }
                }
            }
        }
    }
    if let Some(held) = deliver {
        pass_on(server, &held)?;
    }
    let answer = match hold {
        Some(Then::Hold) => None,
        _ => Some(pass_on(server, &body)?),
    };
    if let Some(seen) = seen {
        let _ = seen.send(body);
    }
    match (hold, answer) {
        (None, Some(answer)) => client.write_all(&answer).ok(),
        // Until whoever asked is gone.
        _ => client.read(&mut [0; 1]).ok().map(|_| ()),
    }
}

fn read_request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = vec![];
    let mut some = [0; 4_096];
    loop {
        let count = client.read(&mut some).ok().filter(|count| *count > 0)?;
        bytes.extend(&some[..count]);
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        let Some(head) = text.find("\r\n\r\n") else { continue };
        let length = text[..head].split("content-length: ").nth(1)?;
        let length: usize = length.split("\r\n").next()?.parse().ok()?;
        if bytes.len() >= head + 4 + length {
            return Some(bytes.split_off(head + 4));
        }
    }
}

/// Has the chain's server answer, with the whole of HTTP's answer.
fn pass_on(server: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut chain = TcpStream::connect(server).ok()?;
    let length = body.len();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {server}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n"
    );
    chain.write_all(head.as_bytes()).ok()?;
    chain.write_all(body).ok()?;
    let mut answer = vec![];
    chain.read_to_end(&mut answer).ok()?;
    // Whoever asks is not to use the connection again.
    let status = answer.iter().position(|byte| *byte == b'\n')?;
    answer.splice(status + 1..=status, *b"connection: close\r\n");
    Some(answer)
}
