//! Without a fault: an S3 storage, and a log of what was asked of it.

mod common;

use common::{Client, Seen, bytes, storage};
use flashback_test_storage::Operation;

#[tokio::test]
async fn every_operation_works_and_is_logged() {
    let storage = storage().await;
    let client = Client::of(&storage);
    let body = bytes(100_000);
    storage.put_object("canary", b"tweet").unwrap();
    let key = "a folder/ä+b";
    let steps = [
        (Operation::Put, Vec::new(), 200, 100_000),
        (Operation::Get, body.clone(), 200, 100_000),
        (Operation::RangeGet, body[1..3].to_vec(), 206, 2),
        (Operation::Head, b"100000".to_vec(), 200, 0),
        (Operation::Delete, Vec::new(), 204, 0),
    ];
    for (serial, (operation, seen, status, size)) in (0..).zip(steps) {
        assert_eq!(client.run(operation, key, &body).await, Seen::Good(seen), "{operation:?}");
        let log = storage.log();
        let entry = log.last().unwrap();
        assert_eq!(log.len() as u64, serial + 1);
        let range = (operation == Operation::RangeGet).then(|| "bytes=1-2".to_owned());
        let said = (
            entry.serial,
            entry.operation,
            entry.bucket.as_str(),
            entry.key.as_str(),
            entry.range.clone(),
        );
        assert_eq!(said, (serial, operation, "flashback", key, range));
        assert_eq!(
            (entry.status, entry.bytes, entry.complete),
            (Some(status), size, true),
            "{operation:?}"
        );
        assert!(entry.injected.is_none());
        assert!(entry.began <= entry.ended);
    }
    assert_eq!(client.run(Operation::List, "", b"").await, Seen::Good(b"canary".to_vec()));
    assert_eq!(storage.objects(), ["canary"]);
    assert_eq!(client.get("canary").await, Seen::Good(b"tweet".to_vec()));
    storage.clear_log();
    assert_eq!(storage.log(), []);
}
