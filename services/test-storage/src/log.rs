//! What the server did, request by request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::faults::Outage;
use crate::request::{Operation, Request};

/// One HTTP request and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The request's number in the server's life, from 0, in the order in which requests arrived.
    pub serial: u64,
    /// What it asked for.
    pub operation: Operation,
    /// The bucket; empty if none was named.
    pub bucket: String,
    /// The object's key, decoded; empty if none was named.
    pub key: String,
    /// The header `Range` as it was sent.
    pub range: Option<String>,
    /// The HTTP status of the answer; none if there was no answer.
    pub status: Option<u16>,
    /// Bytes of the body: for a PUT those received, else those of the answer that were handed to the connection.
    pub bytes: u64,
    /// Whether the whole answer was handed to the connection. If not, the connection was dropped, or the client went away.
    pub complete: bool,
    /// What of all this was a fault.
    pub injected: Injected,
    /// When the request's head had been read.
    pub began: Instant,
    /// When the last of the answer was handed to the connection, or the connection was given up.
    pub ended: Instant,
}

impl Entry {
    /// How long the request took here. At least [`Injected::least`], unless the client went away before.
    pub fn took(&self) -> Duration {
        self.ended.saturating_duration_since(self.began)
    }
}

/// What was done to a request on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Injected {
    /// The wait before the first byte of the answer, as it was drawn.
    pub delay: Duration,
    /// The least time that the caps on bandwidth made the bodies take, both ways together.
    pub pace: Duration,
    /// What was done to the answer; none if it is the one that was due.
    pub fault: Option<Fault>,
}

impl Injected {
    /// Whether nothing at all was done.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The least time that the request took for all that was injected, if the client stayed: a lower bound of what it can
    /// have measured from sending the request to the answer's last byte.
    pub fn least(&self) -> Duration {
        let stall = match self.fault {
            Some(Fault::Stall(time)) => time,
            _ => Duration::ZERO,
        };
        self.delay.saturating_add(self.pace).saturating_add(stall)
    }
}

/// What was done to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An outage.
    Outage(Outage),
    /// Turned away by the throttle.
    Throttled,
    /// Refused as if the keys had no right to it.
    Refused,
    /// Answered as if the bucket did not exist.
    MissingBucket,
    /// Answered as if the bucket were full.
    Quota,
    /// A drawn failure: an error was answered.
    Status {
        /// The HTTP status.
        status: u16,
        /// The S3 error code.
        code: &'static str,
    },
    /// A drawn failure: the connection was reset without an answer.
    Reset,
    /// A drawn failure: nothing for this long, then the connection was reset.
    Stall(Duration),
    /// The object was kept back: answered as if it did not exist.
    NotServed,
    /// One byte of the body was changed.
    Corrupted {
        /// Its place in the body that was sent, from 0.
        at: u64,
    },
}

#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Vec<Entry>>);

impl Log {
    pub(crate) fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request on its way: whatever becomes of it, dropping this appends its entry.
pub(crate) struct Ticket {
    log: Arc<Log>,
    pub(crate) entry: Entry,
}

impl Ticket {
    pub(crate) fn new(log: Arc<Log>, request: &Request) -> Self {
        let now = Instant::now();
        let entry = Entry {
            serial: request.serial,
            operation: request.operation,
            bucket: request.bucket.clone(),
            key: request.key.clone(),
            range: request.range.clone(),
            status: None,
            bytes: 0,
            complete: false,
            injected: Injected::default(),
            began: now,
            ended: now,
        };
        Self { log, entry }
    }

    /// Bytes of the request's body have come in.
    pub(crate) fn received(&mut self, bytes: usize) {
        if self.entry.operation == Operation::Put {
            self.add(bytes);
        }
    }

    /// Bytes of the answer's body have been handed over.
    pub(crate) fn sent(&mut self, bytes: usize) {
        if self.entry.operation != Operation::Put {
            self.add(bytes);
        }
    }

    fn add(&mut self, bytes: usize) {
        self.entry.bytes =
            self.entry.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// Notes the wait that a cap on bandwidth caused.
    pub(crate) fn paced(&mut self, by: Duration) {
        let pace = &mut self.entry.injected.pace;
        *pace = pace.saturating_add(by);
    }

    /// The whole answer has been handed over.
    pub(crate) fn complete(mut self) {
        self.entry.complete = true;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.entry.ended = Instant::now();
        self.log.entries().push(self.entry.clone());
    }
}
