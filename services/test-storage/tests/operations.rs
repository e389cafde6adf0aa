//! Without a fault: an S3 storage, and a log of what was asked of it.

mod common;

use common::{Client, ON_OBJECTS, Seen, assert_agree, bytes, good, seeded};
use flashback_test_storage::{Operation, StorageConfig, TestStorage};

#[tokio::test]
async fn every_operation_works_and_is_logged() {
    let storage = seeded(1).await;
    let client = Client::of(&storage);
    let body = bytes(100_000);
    storage.put_object("canary", b"tweet").unwrap();
    let key = "a folder/ä+b";
    let told = [(200, 100_000), (200, 100_000), (206, 2), (200, 0), (204, 0)];
    for (serial, (operation, (status, size))) in ON_OBJECTS.into_iter().zip(told).enumerate() {
        assert_eq!(
            client.run(operation, key, &body).await,
            Seen::Good(good(operation, &body)),
            "{operation:?}"
        );
        let log = storage.log();
        let entry = log.last().unwrap();
        assert_eq!((log.len(), entry.serial), (serial + 1, serial as u64));
        let range = (operation == Operation::RangeGet).then(|| "bytes=1-2".to_owned());
        let asked =
            (entry.operation, entry.bucket.as_str(), entry.key.as_str(), entry.range.clone());
        assert_eq!(asked, (operation, "flashback", key, range));
        assert_eq!(
            (entry.status, entry.bytes, entry.complete),
            (Some(status), size, true),
            "{operation:?}"
        );
        assert!(entry.injected.is_none());
        assert!(entry.began <= entry.ended);
    }
    assert_eq!(client.run(Operation::List, "", b"").await, Seen::Good(b"canary".to_vec()));
    assert_eq!(storage.log().last().unwrap().operation, Operation::List);
    assert_eq!(storage.objects(), ["canary"]);
    assert_eq!(client.get("canary").await, Seen::Good(b"tweet".to_vec()));
    storage.clear_log();
    assert_eq!(storage.log(), []);
    assert_eq!(client.get("none").await, Seen::refused(404, "NoSuchKey"));
    assert_eq!(storage.log()[0].serial, 7);
}

#[tokio::test]
async fn wrong_keys_are_refused() {
    let storage = seeded(1).await;
    storage.put_object("there", b"it").unwrap();
    let (id, secret) = (storage.access_key_id(), storage.secret_access_key());
    for (id, secret, code) in
        [(id, "wrong", "SignatureDoesNotMatch"), ("unknown", secret, "InvalidAccessKeyId")]
    {
        let client = Client::new(&storage, "flashback", id, secret);
        for operation in ON_OBJECTS {
            let code = (operation != Operation::Head).then(|| code.to_owned());
            assert_eq!(
                client.run(operation, "there", b"x").await,
                Seen::Refused(403, code),
                "{operation:?}"
            );
        }
    }
    let unsigned = reqwest::get(format!("{}/flashback/there", storage.url())).await.unwrap();
    assert_eq!(unsigned.status(), 403);
    let log = storage.log();
    assert_eq!(log.len(), 11);
    assert!(
        log.iter()
            .all(|entry| entry.status == Some(403) && entry.complete && entry.injected.is_none())
    );
    assert_eq!(storage.objects(), ["there"]);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_told_and_not_made() {
    let config = StorageConfig {
        buckets: vec!["first".into(), "second".into()],
        ..StorageConfig::default()
    };
    let storage = TestStorage::start(config).await.unwrap();
    let (id, secret) = (storage.access_key_id(), storage.secret_access_key());
    let client = |bucket| Client::new(&storage, bucket, id, secret);
    for operation in ON_OBJECTS.into_iter().chain([Operation::List]).chain(ON_OBJECTS) {
        let code = (operation != Operation::Head).then(|| "NoSuchBucket".to_owned());
        assert_eq!(
            client("third").run(operation, "key", b"x").await,
            Seen::Refused(404, code),
            "{operation:?}"
        );
    }
    assert_eq!(client("second").put("key", b"x").await, Seen::Good(Vec::new()));
    assert_eq!(client("second").get("key").await, Seen::Good(b"x".to_vec()));
    assert_eq!(storage.objects(), Vec::<String>::new(), "of the first bucket");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_have_an_entry_each() {
    const CLIENTS: usize = 16;
    const EACH: usize = 5;
    let storage = std::sync::Arc::new(seeded(1).await);
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let storage = storage.clone();
        clients.spawn(async move {
            let (client, key, body) =
                (Client::of(&storage), format!("of/{number}"), bytes(number * 1000 + 3));
            let mut seen = Vec::new();
            for operation in ON_OBJECTS {
                seen.push(client.run(operation, &key, &body).await);
            }
            (key, body, seen)
        });
    }
    let clients = clients.join_all().await;
    let log = storage.log();
    let mut serials: Vec<_> = log.iter().map(|entry| entry.serial).collect();
    serials.sort_unstable();
    assert_eq!(serials, (0..(CLIENTS * EACH) as u64).collect::<Vec<_>>());
    for (key, body, seen) in clients {
        let own: Vec<_> = log.iter().filter(|entry| entry.key == key).collect();
        assert_eq!(own.iter().map(|entry| entry.operation).collect::<Vec<_>>(), ON_OBJECTS);
        own.iter().zip(&seen).for_each(|(entry, seen)| assert_agree(entry, &body, seen));
    }
}
