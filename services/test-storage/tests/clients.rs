//! Clients that go away, and such as speak nonsense.

mod common;

use std::time::Duration;

use common::{Client, Seen, seeded, with};
use flashback_test_storage::{Delay, Entry, Faults, Operation, TestStorage};
use object_store::{GetOptions, GetRange, ObjectStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends something over a connection of its own.
async fn send(storage: &TestStorage, text: &[u8]) -> TcpStream {
    let address = storage.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text).await.unwrap();
    stream
}

/// The one entry, once it is there.
async fn entry(storage: &TestStorage) -> Entry {
    while storage.log().is_empty() {
        tokio::task::yield_now().await;
    }
    let [entry] = &storage.log()[..] else { panic!("{:?}", storage.log()) };
    entry.clone()
}

const GET: &[u8] = b"GET /flashback/there HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test]
async fn leaving_before_the_answer_is_logged() {
    let delay = Delay::Fixed(Duration::from_secs(86_400));
    let storage = with(Faults { delay, ..Faults::default() }, b"object").await;
    drop(send(&storage, GET).await);
    let entry = entry(&storage).await;
    assert_eq!((entry.operation, entry.key.as_str()), (Operation::Get, "there"));
    assert_eq!((entry.status, entry.bytes, entry.complete), (None, 0, false));
}

#[tokio::test]
async fn leaving_amid_the_answer_is_logged() {
    let storage = with(Faults { download: Some(1), ..Faults::default() }, b"object").await;
    let mut stream = send(&storage, GET).await;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n<") {
        answer.push(stream.read_u8().await.unwrap());
    }
    drop(stream);
    let entry = entry(&storage).await;
    assert_eq!((entry.status, entry.bytes, entry.complete), (Some(403), 1, false));
}

#[tokio::test]
async fn leaving_amid_an_upload_is_logged() {
    let storage = seeded(1).await;
    let mut stream = send(
        &storage,
        b"PUT /flashback/half HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",
    )
    .await;
    stream.shutdown().await.unwrap();
    let entry = entry(&storage).await;
    assert_eq!((entry.operation, entry.key.as_str()), (Operation::Put, "half"));
    assert_eq!((entry.status, entry.bytes, entry.complete), (None, 4, false));
    assert_eq!(storage.objects(), Vec::<String>::new());
}

#[tokio::test]
async fn nonsense_is_survived() {
    let storage = with(
        Faults { corruption_ppm: 1_000_000, download: Some(u64::MAX), ..Faults::default() },
        b"it",
    )
    .await;
    for text in [
        "\0\0\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET //// HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /flashback/..%2f..%2fx HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /flashback/%ff%zz?&&=&list-type HTTP/1.1\r\nHost: x\r\nRange: bytes=\r\n\r\n",
        "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /flashback?delete HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n<>",
        "PUT /flashback/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let mut stream = send(&storage, text.as_bytes()).await;
        stream.shutdown().await.unwrap();
        // It is answered, or hung up on.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    storage.set_faults(Faults::default());
    let client = Client::of(&storage);
    let path = object_store::path::Path::from("there");
    for range in
        [GetRange::Suffix(u64::MAX), GetRange::Offset(u64::MAX), GetRange::Bounded(5..u64::MAX)]
    {
        let options = GetOptions { range: Some(range.clone()), ..GetOptions::default() };
        // Whatever the answer: it is one, and is logged.
        let before = storage.log().len();
        let _ = client.store().get_opts(&path, options).await;
        let log = storage.log();
        assert_eq!(log.len(), before + 1);
        assert!(log[before].status.is_some(), "{range:?}");
    }
    assert_eq!(client.get("there").await, Seen::Good(b"it".to_vec()));
}
