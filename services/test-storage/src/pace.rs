//! Bodies at a capped rate.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use crate::log::Ticket;

/// Frames per second that a capped body is cut into.
const FRAMES: u64 = 100;

/// A clock that holds back what flows faster than its rate.
pub(crate) struct Pace {
    /// Bytes per second; none for no cap.
    rate: Option<u64>,
    began: Option<Instant>,
    /// The longest time since the beginning that was waited for.
    waited: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub(crate) fn new(rate: Option<u64>) -> Self {
        Self {
            rate: rate.map(|rate| rate.max(1)),
            began: None,
            waited: Duration::ZERO,
            sleep: None,
        }
    }

    /// The time that `bytes` take at this rate, in nanoseconds, rounded up.
    fn due(&self, bytes: u64) -> Duration {
        let Some(rate) = self.rate else { return Duration::ZERO };
        let nanos = (u128::from(bytes) * 1_000_000_000).div_ceil(u128::from(rate));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// Ready once `bytes` may have flowed since the first call; how much longer the wait for it was than for those before.
    pub(crate) fn poll_flowed(&mut self, bytes: u64, cx: &mut Context<'_>) -> Poll<Duration> {
        let began = *self.began.get_or_insert_with(Instant::now);
        let due = self.due(bytes);
        if due <= self.waited {
            return Poll::Ready(Duration::ZERO);
        }
        let sleep = self.sleep.get_or_insert_with(|| {
            let left = due.saturating_sub(began.elapsed());
            Box::pin(tokio::time::sleep(left))
        });
        ready!(sleep.as_mut().poll(cx));
        self.sleep = None;
        let more = due.saturating_sub(self.waited);
        self.waited = due;
        Poll::Ready(more)
    }

    /// Starts the clock, if it does not run.
    pub(crate) fn start(&mut self) {
        self.began.get_or_insert_with(Instant::now);
    }

    /// Bytes of the next frame of a body of which `sent` are gone and `left` are not; at least 1 unless `left` is 0.
    fn frame(&self, sent: usize, left: usize) -> usize {
        match self.rate {
            None => left,
            // So that the first byte does not wait for those that share a frame with it.
            Some(_) if sent == 0 => left.min(1),
            Some(rate) => left.min(usize::try_from(rate / FRAMES).unwrap_or(usize::MAX).max(1)),
        }
    }
}

/// The body of an answer. The request's entry is in the log before its last byte is given.
pub(crate) struct Answer {
    left: Bytes,
    sent: usize,
    pace: Pace,
    /// None once the entry is written.
    ticket: Option<Ticket>,
}

impl Answer {
    /// The body `bytes` at a capped rate. An empty one is complete already.
    pub(crate) fn new(bytes: Bytes, rate: Option<u64>, ticket: Ticket) -> Self {
        let mut answer = Self { left: bytes, sent: 0, pace: Pace::new(rate), ticket: Some(ticket) };
        answer.pace.start();
        answer.close_if_sent();
        answer
    }

    fn close_if_sent(&mut self) {
        if self.left.is_empty()
            && let Some(ticket) = self.ticket.take()
        {
            ticket.complete();
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        if this.left.is_empty() {
            return Poll::Ready(None);
        }
        let size = this.pace.frame(this.sent, this.left.len());
        let sent = this.sent.saturating_add(size);
        // The first byte of several goes at once.
        let waited = if this.sent == 0 && size < this.left.len() {
            Duration::ZERO
        } else {
            ready!(this.pace.poll_flowed(u64::try_from(sent).unwrap_or(u64::MAX), cx))
        };
        let frame = this.left.split_to(size);
        this.sent = sent;
        if let Some(ticket) = &mut this.ticket {
            ticket.paced(waited);
            ticket.sent(size);
        }
        this.close_if_sent();
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.left.len()).unwrap_or(u64::MAX))
    }
}
