//! The listener and its connections.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::exchange;
use crate::faults::Outage;
use crate::server::Shared;

/// Accepts connections until it is told to stop, then drops those that there are.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shared.stop.notified() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if shared.faults().outage == Some(Outage::Refused) => {
                    shared.refused_connections.fetch_add(1, Ordering::SeqCst);
                    reset(stream);
                }
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, shared.clone()));
                }
                // Out of descriptors, most likely: others have to close theirs first.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
        }
    }
    connections.shutdown().await;
}

/// Answers what comes over one connection.
async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    // Else the first byte of a paced body waits for more.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: http::Request<Incoming>| {
        let shared = shared.clone();
        Box::pin(async move { exchange::answer(&shared, request).await })
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let outcome = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let mut stream = connection.into_parts().io.into_inner();
    match outcome {
        // The only error of ours is that the connection is to be reset.
        Err(error) if error.is_user() => reset(stream),
        _ => {
            let _ = stream.shutdown().await;
        }
    }
}

/// Closes a connection with RST instead of FIN.
fn reset(stream: TcpStream) {
    let _ = stream.set_zero_linger();
    drop(stream);
}
