//! The program's events as they happen: none missed, none twice, whatever happens to the connection.
//!
//! Events are always read from the program's history, from where the reader stands, in the order of the chain. A
//! websocket only tells when a look is worth while; without one, [`Subscription`] looks every few seconds. So a lost
//! notice or connection costs time, never an event.
//!
//! ```no_run
//! use flashback_sdk::subscription::Start;
//! use flashback_sdk::{Error, Flashback, Result};
//!
//! # fn store(cursor: String) {}
//! # async fn follow(client: Flashback, stored: Option<String>) -> Result<()> {
//! // Where this process, or one before it, has come to; a new one begins with what happens next.
//! let from = match stored.and_then(|cursor| cursor.parse().ok()) {
//!     Some(cursor) => Start::Resume(cursor),
//!     None => Start::Now,
//! };
//! let mut events = client.events(from).await?;
//! loop {
//!     match events.next().await {
//!         Ok(observed) => println!("{} in slot {}", observed.event.name(), observed.slot),
//!         // What the transaction changed is still in the accounts.
//!         Err(Error::LogsTruncated { signature }) => eprintln!("read the accounts of {signature}"),
//!         // The server does not answer: asking again goes on where it stopped.
//!         Err(Error::Network(reason)) => eprintln!("still trying: {reason}"),
//!         Err(error) => return Err(error),
//!     }
//!     store(events.cursor().to_string());
//! }
//! # }
//! ```

mod alarm;
mod cursor;
mod history;
mod pace;

pub use cursor::{Cursor, CursorMalformed};

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use futures_util::future::join_all;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_sdk::signature::Signature;

use crate::client::Flashback;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::event::FlashbackEvent;
use alarm::Alarm;
pub(crate) use alarm::websocket_url;
use history::{Entry, Scan};
use pace::Pace;

/// The most transactions that are read at the same time.
const AHEAD_MAX: usize = 8;

/// Where a subscription begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// With what is confirmed after the call to [`Flashback::events`].
    Now,
    /// With the program's first transaction that the server's history holds.
    Genesis,
    /// Behind a confirmed transaction of the program, with the next in the order of the chain.
    After(Signature),
    /// Exactly where another subscription stood ([`Subscription::cursor`]), even between two events of a transaction.
    Resume(Cursor),
}

/// An event of a confirmed transaction that did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Of the transaction.
    pub signature: Signature,
    /// The slot that the transaction landed in.
    pub slot: u64,
    /// The event's position among the transaction's events, from 0.
    pub index: usize,
    /// What happened.
    pub event: FlashbackEvent,
}

/// The program's events, in order. Made by [`Flashback::events`]; ends when dropped.
///
/// # Order
/// That of the chain. A transaction that the server lists late, when newer ones have been delivered already, is
/// delivered late: see [`Cursor`] for how late that may be.
pub struct Subscription {
    rpc: Arc<RpcClient>,
    alarm: Alarm,
    cursor: Cursor,
    /// The reading of the history that is under way.
    scan: Scan,
    /// Transactions to be read, oldest first.
    backlog: VecDeque<Entry>,
    /// How many of them to read at the same time: one after a failure, since the server may be overloaded.
    ahead: usize,
    /// What was read and not delivered.
    read: VecDeque<Part>,
    pace: Pace,
}

/// A part of a transaction that was read.
enum Part {
    Event(Entry, usize, Box<Result<Observed>>),
    End(Entry),
}

impl Flashback {
    /// Subscribes to the program's events.
    ///
    /// Reads the history at [`Flashback::rpc`], and listens at [`Flashback::websocket_url`] for when to read it. The
    /// server must keep transaction history.
    ///
    /// # Errors
    /// For [`Start::Now`] and [`Start::After`], which ask the server where that is: as [`Subscription::next`].
    /// Otherwise none.
    pub async fn events(&self, from: Start) -> Result<Subscription> {
        Subscription::begin(self.shared_rpc(), Alarm::set(self.websocket_url()), from).await
    }

    /// The newest confirmed transaction of the program, and its slot; `None` if there is none. Among the transactions of
    /// its slot it is the last so far.
    ///
    /// # Errors
    /// [`Error::Network`], [`Error::Rpc`].
    pub async fn newest_transaction(&self) -> Result<Option<(u64, Signature)>> {
        let newest = history::newest(self.rpc()).await?;
        Ok(newest.map(|entry| (entry.slot, entry.signature)))
    }
}

impl Subscription {
    async fn begin(rpc: Arc<RpcClient>, alarm: Alarm, from: Start) -> Result<Self> {
        let mut subscription = Self {
            rpc,
            alarm,
            cursor: Cursor::default(),
            scan: Scan::default(),
            backlog: VecDeque::new(),
            ahead: 1,
            read: VecDeque::new(),
            pace: Pace::default(),
        };
        match from {
            Start::Genesis => {}
            Start::Resume(cursor) => subscription.cursor = cursor,
            from => {
                while let Err(error) = subscription.stand(&from).await {
                    subscription.pace.failed(error)?;
                    subscription.pace.wait(&subscription.alarm).await;
                }
                subscription.pace.found();
            }
        }
        Ok(subscription)
    }

    /// The next event, waiting for it if need be.
    ///
    /// May be dropped while it waits, as `tokio::select!` does: nothing is lost.
    ///
    /// # Errors
    /// After any of them, calling it again goes on, and nothing is lost or repeated.
    /// - [`Error::Network`], [`Error::Rpc`] once the server has not answered usefully for a minute, in spite of tries
    ///   with growing pauses of up to 5 seconds; at once if it refuses what it will always refuse.
    /// - [`Error::HistoryGone`] once the history has lacked the place where the subscription stands for 10 seconds:
    ///   the server has deleted it, or never had it. Events may be missing in between, so none are delivered.
    /// - [`Error::LogsTruncated`] in place of the events that a transaction's log does not show.
    /// - [`Error::EventUndecoded`] in place of an event of a newer program.
    pub async fn next(&mut self) -> Result<Observed> {
        loop {
            if let Some(event) = self.deliver() {
                return event;
            }
            self.advance().await?;
        }
    }

    /// The next event, up to those of a transaction of a slot: `None` once that one was delivered whole, and with it all
    /// before it in the order of the chain. See [`Flashback::newest_transaction`]. Of a transaction without events this
    /// shows only with the next event, which is delivered then.
    ///
    /// # Errors
    /// As [`Subscription::next`].
    pub async fn next_until(&mut self, last: (u64, Signature)) -> Result<Option<Observed>> {
        let (slot, signature) = last;
        while !self.cursor.is_past(slot, &signature) {
            if let Some(event) = self.deliver() {
                return event.map(Some);
            }
            if !self.cursor.is_past(slot, &signature) {
                self.advance().await?;
            }
        }
        Ok(None)
    }

    /// Reads on, once it is worth while.
    async fn advance(&mut self) -> Result<()> {
        self.pace.wait(&self.alarm).await;
        match self.look().await {
            Ok(true) => self.pace.found(),
            Ok(false) => self.pace.idle(),
            Err(error) => self.pace.failed(error)?,
        }
        Ok(())
    }

    /// Where it stands: behind the last event that [`Subscription::next`] has returned.
    ///
    /// Stored once that event is dealt with, it lets another process [go on from there](Start::Resume).
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// Finds where a subscription that begins now, or behind a transaction, stands.
    async fn stand(&mut self, from: &Start) -> Result<()> {
        if self.cursor == Cursor::default() {
            let behind = match from {
                Start::After(signature) => Some(history::find(&self.rpc, signature).await?),
                _ => history::newest(&self.rpc).await?,
            };
            // No transaction yet: the program's first one will be the next.
            let Some(behind) = behind else { return Ok(()) };
            self.cursor = Cursor::behind(&behind);
        }
        let scan = self.scan().await?;
        // In its slot, too, what stands before it is over.
        let (newer, older) = scan.around(&self.cursor);
        older.iter().for_each(|entry| self.cursor.delivered(entry));
        self.backlog = newer.iter().rev().copied().collect();
        Ok(())
    }

    /// Reads what is next: some transactions, or whether there are any. False if there are none.
    async fn look(&mut self) -> Result<bool> {
        if self.backlog.is_empty() {
            let scan = self.scan().await?;
            let new = scan.entries().iter().rev().filter(|entry| self.cursor.awaits(entry));
            self.backlog = new.copied().collect();
        } else {
            self.read_transactions().await?;
        }
        Ok(!self.backlog.is_empty() || !self.read.is_empty())
    }

    /// Reads the history back to where the cursor stands; goes on where it was interrupted.
    async fn scan(&mut self) -> Result<Scan> {
        while !self.scan.read_page(&self.rpc, &self.cursor).await? {
            self.pace.answered();
        }
        let scan = mem::take(&mut self.scan);
        scan.check(&self.cursor)?;
        Ok(scan)
    }

    async fn read_transactions(&mut self) -> Result<()> {
        let ahead = self.backlog.iter().take(self.ahead);
        let read = join_all(ahead.map(|entry| history::events(&self.rpc, entry))).await;
        let doubled = self.ahead.saturating_mul(2).min(AHEAD_MAX);
        self.ahead = if read.iter().any(Result::is_err) { 1 } else { doubled };
        for events in read {
            let events = events?;
            self.pace.answered();
            let Some(entry) = self.backlog.pop_front() else { break };
            let delivered = self.cursor.events_of(&entry);
            for (index, event) in events.into_iter().enumerate().skip(delivered) {
                self.read.push_back(Part::Event(entry, index, Box::new(event)));
            }
            self.read.push_back(Part::End(entry));
        }
        Ok(())
    }

    /// Takes the next event of what was read, if there is one, and moves the cursor behind it.
    fn deliver(&mut self) -> Option<Result<Observed>> {
        let mut delivered = None;
        loop {
            match self.read.front() {
                Some(Part::Event(..)) if delivered.is_some() => return delivered,
                None => return delivered,
                Some(_) => {}
            }
            match self.read.pop_front() {
                Some(Part::Event(entry, index, event)) => {
                    self.cursor.delivered_until(&entry, index);
                    delivered = Some(*event);
                }
                Some(Part::End(entry)) => self.cursor.delivered(&entry),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
