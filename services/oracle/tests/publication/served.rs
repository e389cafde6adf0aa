//! Documents over HTTP, from a store to an auditor.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::Redirect;
use axum::routing::get;
use flashback_core::units::{Seconds, Timestamp};
use flashback_oracle::audit::{Verdict, judge};
use flashback_oracle::clock::SetClock;
use flashback_oracle::key::WindowKey;
use flashback_oracle::publication::client::{FetchError, Limits, fetch};
use flashback_oracle::publication::{Document, Index, Publisher, content_digest, path_of, router};
use flashback_oracle::store::Store;
use flashback_oracle::window::Closed;
use tempfile::TempDir;

use crate::support::numbers::Numbers;
use crate::support::{life, opening, runtime};

struct Served {
    _folder: TempDir,
    store: Store,
    clock: SetClock,
    url: String,
}

async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    url
}

impl Served {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("oracle.db");
        let store = Store::open(path.to_str().unwrap()).await.unwrap();
        let clock = SetClock::new(Timestamp(0));
        let url = serve(router(Publisher::new(store.clone(), Arc::new(clock.clone())))).await;
        Self { _folder: folder, store, clock, url }
    }

    async fn close(&self, key: &WindowKey) -> Closed {
        self.store.open_window(key, &opening(key, 60)).await.unwrap();
        let window = self.store.recording(key).await.unwrap();
        for (round, record) in Numbers(key.window.into()).records(window.series()) {
            window.append(round, &record).await.unwrap();
        }
        let closed = Closed::read(&self.store, key).await.unwrap();
        self.store.close_window(key, &closed).await.unwrap();
        closed
    }

    async fn index(&self, query: &str) -> Index {
        let url = format!("{}/v1/records{query}", self.url);
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }
}

fn limits() -> Limits {
    Limits { timeout: Duration::from_secs(20), ..Limits::default() }
}

#[test]
fn a_window_is_published_once_its_report_phase_is_over() {
    runtime().block_on(async {
        let served = Served::new().await;
        let key = life(1).window(2);
        let closed = served.close(&key).await;
        let closes = opening(&key, 60).report_closes;
        served.clock.set(Timestamp(closes.0 - 1));
        // Nobody copies what is not reported yet.
        let early = fetch(&served.url, &key, &limits()).await;
        assert_eq!(early, Err(FetchError::Refused(404)));
        assert_eq!(served.index("").await.slas, []);
        served.clock.set(closes);
        let published = fetch(&format!("{}/", served.url), &key, &limits()).await;
        let series = opening(&key, 60).series(&key).unwrap();
        assert_eq!(judge(&published, &closed.commitment(), &series, &[]), Verdict::Agrees);
        let document = Document::parse(&published.unwrap()).unwrap();
        assert_eq!(document.leaves, closed.leaves);
        assert_eq!(document.commitment, closed.commitment());
        let unknown = fetch(&served.url, &life(1).window(3), &limits()).await;
        assert_eq!(unknown, Err(FetchError::Refused(404)));

        let entry = &served.index("").await.slas[0];
        assert_eq!((entry.sla, entry.sla_start), (key.life.sla, key.life.start.0));
        assert_eq!(entry.windows, [2]);
        let next = format!("?after={}/{}/2", key.life.sla, key.life.start.0);
        assert_eq!(served.index(&next).await.slas, []);
        for wrong in ["/v1/records?after=x", "/v1/records/x/1/2"] {
            let status = reqwest::get(format!("{}{wrong}", served.url)).await.unwrap().status();
            assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
        }
    });
}

#[test]
fn what_was_rolled_up_is_not_published_in_part() {
    runtime().block_on(async {
        let served = Served::new().await;
        let key = life(1).window(0);
        let closed = served.close(&key).await;
        served.clock.set(opening(&key, 60).report_closes);
        served.store.missed(&key, "nobody took it").await.unwrap();
        // Its tree was built: it is shown whether or not its report is thought to have landed.
        let document = fetch(&served.url, &key, &limits()).await.unwrap();
        assert_eq!(Document::parse(&document).unwrap().commitment, closed.commitment());
        let fresh =
            serve(router(Publisher::new(served.store.clone(), Arc::new(served.clock.clone()))));
        let fresh = fresh.await;
        served.store.roll_up(Timestamp(i64::MAX / 2), Seconds(1)).await.unwrap();
        let gone = fetch(&fresh, &key, &limits()).await;
        assert_eq!(gone, Err(FetchError::Refused(404)));
    });
}

#[test]
fn answers_tell_their_digest_and_how_long_they_last() {
    runtime().block_on(async {
        let served = Served::new().await;
        let key = life(1).window(0);
        served.close(&key).await;
        served.clock.set(opening(&key, 60).report_closes);
        let url = format!("{}{}", served.url, path_of(&key));
        let client = reqwest::Client::new();
        let answer = client.get(&url).send().await.unwrap();
        let header = |name| answer.headers()[name].to_str().unwrap().to_owned();
        let etag = header("etag");
        let digest = header("content-digest");
        assert_eq!(header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(header("content-type"), "application/json");
        let body = answer.bytes().await.unwrap();
        assert_eq!(digest, content_digest(&body));
        for (known, status) in [
            (etag.clone(), StatusCode::NOT_MODIFIED),
            (format!("\"x\", W/{etag}"), StatusCode::NOT_MODIFIED),
            ("*".to_owned(), StatusCode::NOT_MODIFIED),
            ("\"x\"".to_owned(), StatusCode::OK),
        ] {
            let again =
                client.get(&url).header(header::IF_NONE_MATCH, &known).send().await.unwrap();
            assert_eq!(again.status(), status, "{known}");
            assert_eq!(again.headers()["etag"].to_str().unwrap(), etag);
            let empty = again.bytes().await.unwrap().is_empty();
            assert_eq!(empty, status == StatusCode::NOT_MODIFIED);
        }
    });
}

#[test]
fn a_client_takes_no_more_than_it_asked_for() {
    runtime().block_on(async {
        let key = life(1).window(0);
        let answering = |routes: Router| async move { serve(routes).await };
        let path = path_of(&key);

        let elsewhere = answering(Router::new().route(&path, get(async || "found"))).await;
        let target = format!("{elsewhere}{path}");
        let redirect = get(move || async move { Redirect::temporary(&target) });
        let redirecting = answering(Router::new().route(&path, redirect)).await;
        assert_eq!(fetch(&elsewhere, &key, &limits()).await, Ok(b"found".to_vec()));
        assert_eq!(fetch(&redirecting, &key, &limits()).await, Err(FetchError::Refused(307)));

        let endless = get(async || {
            let chunks =
                futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 4_096]));
            axum::body::Body::from_stream(chunks)
        });
        let endless = answering(Router::new().route(&path, endless)).await;
        let small = Limits { bytes: 100_000, ..limits() };
        assert_eq!(fetch(&endless, &key, &small).await, Err(FetchError::TooLarge(100_000)));

        let silent = get(async || std::future::pending::<&str>().await);
        let silent = answering(Router::new().route(&path, silent)).await;
        let short = Limits { timeout: Duration::from_millis(200), ..limits() };
        let error = fetch(&silent, &key, &short).await.unwrap_err();
        assert!(matches!(error, FetchError::Unanswered(_)) && error.may_pass(), "{error}");

        let wrong = get(async || ([("content-digest", content_digest(b"other"))], "found"));
        let wrong = answering(Router::new().route(&path, wrong)).await;
        assert_eq!(fetch(&wrong, &key, &limits()).await, Err(FetchError::DigestWrong));

        for url in ["", "nowhere", "file:///etc/passwd", "ftp://host"] {
            let error = fetch(url, &key, &limits()).await.unwrap_err();
            assert_eq!(error, FetchError::UrlInvalid(url.to_owned()));
        }
    });
}
