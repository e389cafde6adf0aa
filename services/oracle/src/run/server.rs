//! Records, health and metrics over HTTP.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde::Serialize;
use solana_sdk::pubkey::Pubkey;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::error;

use super::RunError;
use crate::clock::Clock;
use crate::publication::{Publisher, router};
use crate::store::Store;

/// How long the oracle may go without a look around before it counts as stuck.
const STUCK: Duration = Duration::from_secs(180);

/// Signs of life.
#[derive(Debug, Default)]
pub struct Vitals(Mutex<Option<(Instant, usize)>>);

impl Vitals {
    /// It has looked around, and probes so many SLAs.
    pub fn alive(&self, probed: usize) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), probed));
    }

    /// How long ago, and how many SLAs it probed then; `None` before the first time.
    fn last(&self) -> Option<(Duration, usize)> {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.map(|(at, probed)| (at.elapsed(), probed))
    }
}

/// What `/health` says.
#[derive(Debug, Serialize)]
struct Health {
    /// Whether it is at work.
    healthy: bool,
    /// The oracle's authority.
    oracle: String,
    /// The chain's time as it is known here, in unix seconds.
    chain_time: i64,
    /// SLAs that are probed.
    probed: usize,
    /// Since it last looked around, in seconds; none before the first time.
    looked_secs_ago: Option<u64>,
}

#[derive(Clone)]
struct Served {
    oracle: Pubkey,
    clock: Arc<dyn Clock>,
    vitals: Arc<Vitals>,
    prometheus: PrometheusHandle,
}

/// The recorder of metrics, of which a process has one.
///
/// # Errors
/// [`RunError::Metrics`] if there is one already.
pub fn recorder() -> Result<PrometheusHandle, RunError> {
    PrometheusBuilder::new().install_recorder().map_err(|why| RunError::Metrics(why.to_string()))
}

/// Serves until `stop` says so: `/v1/records`, `/health` and `/metrics`.
pub async fn serve(
    listener: TcpListener,
    store: Store,
    oracle: Pubkey,
    clock: Arc<dyn Clock>,
    vitals: Arc<Vitals>,
    prometheus: PrometheusHandle,
    mut stop: watch::Receiver<bool>,
) {
    let publisher = Publisher::new(store, Arc::clone(&clock));
    let served = Served { oracle, clock, vitals, prometheus };
    let app = Router::new()
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .with_state(served)
        .merge(router(publisher));
    let stopped = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    if let Err(why) = axum::serve(listener, app).with_graceful_shutdown(stopped).await {
        error!(%why, "nothing is served any more");
    }
}

async fn health(State(served): State<Served>) -> Response {
    let last = served.vitals.last();
    let healthy = last.is_some_and(|(ago, _)| ago <= STUCK);
    let health = Health {
        healthy,
        oracle: served.oracle.to_string(),
        chain_time: served.clock.now().0,
        probed: last.map_or(0, |(_, probed)| probed),
        looked_secs_ago: last.map(|(ago, _)| ago.as_secs()),
    };
    let status = if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(health)).into_response()
}

async fn metrics(State(served): State<Served>) -> String {
    served.prometheus.run_upkeep();
    served.prometheus.render()
}
