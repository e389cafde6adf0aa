//! Stores that can be opened, and those that cannot.

use flashback_oracle::store::{Dialect, Store, StoreError};
use sqlx::{Connection, Executor};

use crate::bed::{Bed, over_both};
use crate::support::{life, opening, runtime};

over_both! { a_newer_schema_is_refused, a_store_is_opened_again_and_at_once }

async fn a_newer_schema_is_refused(bed: &Bed) {
    bed.store().await.close().await;
    let mut connection = sqlx::AnyConnection::connect(&bed.url()).await.unwrap();
    connection.execute("INSERT INTO flashback_schema (version) VALUES (99)").await.unwrap();
    connection.close().await.unwrap();
    let error = Store::open(&bed.url()).await.unwrap_err();
    assert!(matches!(error, StoreError::SchemaNewer { found: 99, known: 1 }), "{error}");
    assert!(error.to_string().ends_with("update it"), "{error}");
}

async fn a_store_is_opened_again_and_at_once(bed: &Bed) {
    let url = bed.url();
    let opened = futures::future::join_all((0..4).map(|_| Store::open(&url))).await;
    let stores: Vec<Store> = opened.into_iter().map(Result::unwrap).collect();
    let expected = match bed {
        Bed::File(_) => Dialect::Sqlite,
        Bed::Server(_) => Dialect::Postgres,
    };
    let key = life(1).window(0);
    for store in &stores {
        assert_eq!(store.dialect(), expected);
        store.open_window(&key, &opening(&key, 60)).await.unwrap();
    }
    let error = stores[0].open_window(&key, &opening(&key, 61)).await.unwrap_err();
    assert!(matches!(error, StoreError::WindowDiffers(differs) if differs == key));
}

#[test]
fn what_cannot_be_opened_says_so() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("text");
        std::fs::write(&text, "This is no database, and long enough to be seen not to be one.")
            .unwrap();
        for url in [
            folder.path().join("missing/oracle.db").display().to_string(),
            format!("sqlite:{}", text.display()),
            "postgres://me:secret@127.0.0.1:1/none".to_owned(),
        ] {
            let message = Store::open(&url).await.unwrap_err().to_string();
            assert!(message.contains("store"), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
        assert_eq!(
            std::fs::read_to_string(&text).unwrap(),
            "This is no database, and long enough to be seen not to be one."
        );
        // A bare path is a file.
        let path = folder.path().join("a b%20.db");
        Store::open(path.to_str().unwrap()).await.unwrap().close().await;
        assert!(path.is_file());
    });
}
