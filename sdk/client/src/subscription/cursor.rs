//! Where a reader of the program's history stands.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use solana_sdk::signature::Signature;

use super::history::Entry;

/// How many slots behind the newest delivered transaction are looked at again: 30 seconds or more.
const OVERLAP_SLOTS: u64 = 150;
/// The most transactions that are remembered.
const REMEMBERED_MAX: usize = 4_096;

/// Where a subscription stands in the program's history.
///
/// A server may list a transaction only after newer ones, when several servers share an address or one of them is
/// still writing its index. So a cursor remembers what was delivered of the last 150 slots (of the last 4,096
/// transactions, if there were more), and whatever else appears in those is delivered then. What is listed later than
/// that is missed.
///
/// As text, it is of one line; its length is bounded by what it remembers, usually a few hundred bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// All of earlier slots is over.
    floor: u64,
    /// What was delivered in later slots; never empty again once something was.
    remembered: BTreeMap<(u64, Signature), Delivered>,
}

/// How much of a transaction was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delivered {
    Whole,
    /// So many of its events.
    Events(usize),
}

impl Cursor {
    /// Behind a transaction: all of earlier slots is over.
    pub(super) fn behind(entry: &Entry) -> Self {
        let key = (entry.slot, entry.signature);
        Self { floor: entry.slot, remembered: [(key, Delivered::Whole)].into() }
    }

    /// The newest transaction of which all or some events were delivered, and its slot; `None` if there is none.
    pub fn newest(&self) -> Option<(u64, Signature)> {
        self.remembered.last_key_value().map(|(key, _)| *key)
    }

    /// The oldest transaction that is remembered. A history without it has a gap.
    pub(super) fn anchor(&self) -> Option<(u64, Signature)> {
        self.remembered.first_key_value().map(|(key, _)| *key)
    }

    /// The first slot that has to be looked at.
    pub(super) fn floor(&self) -> u64 {
        self.anchor().map_or(self.floor, |(slot, _)| slot.min(self.floor))
    }

    /// Whether something of the transaction is yet to be delivered.
    pub(super) fn awaits(&self, entry: &Entry) -> bool {
        !self.is_past(entry.slot, &entry.signature)
    }

    /// Whether nothing of the transaction, which landed in that slot, is yet to be delivered.
    pub fn is_past(&self, slot: u64, signature: &Signature) -> bool {
        slot < self.floor || self.remembered.get(&(slot, *signature)) == Some(&Delivered::Whole)
    }

    /// How many of the transaction's events were delivered, if not all.
    pub(super) fn events_of(&self, entry: &Entry) -> usize {
        match self.remembered.get(&(entry.slot, entry.signature)) {
            Some(Delivered::Events(events)) => *events,
            _ => 0,
        }
    }

    /// A transaction was delivered whole.
    pub(super) fn delivered(&mut self, entry: &Entry) {
        self.remember(entry, Delivered::Whole);
    }

    /// A transaction was delivered up to the event of that index.
    pub(super) fn delivered_until(&mut self, entry: &Entry, index: usize) {
        self.remember(entry, Delivered::Events(index.saturating_add(1)));
    }

    fn remember(&mut self, entry: &Entry, delivered: Delivered) {
        self.remembered.insert((entry.slot, entry.signature), delivered);
        let Some((newest, _)) = self.newest() else { return };
        self.floor = self.floor.max(newest.saturating_sub(OVERLAP_SLOTS));
        while let Some((slot, signature)) = self.anchor() {
            let too_many = self.remembered.len() > REMEMBERED_MAX;
            if self.remembered.len() == 1 || !(too_many || slot < self.floor) {
                break;
            }
            if too_many {
                self.floor = self.floor.max(slot.saturating_add(1));
            }
            self.remembered.remove(&(slot, signature));
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.floor)?;
        for ((slot, signature), delivered) in &self.remembered {
            write!(f, " {slot}:{signature}")?;
            if let Delivered::Events(events) = delivered {
                write!(f, ":{events}")?;
            }
        }
        Ok(())
    }
}

/// A text is no cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no cursor of a subscription, as `Cursor` writes one: {0:?} is malformed")]
pub struct CursorMalformed(String);

impl FromStr for Cursor {
    type Err = CursorMalformed;

    fn from_str(text: &str) -> Result<Self, CursorMalformed> {
        let (floor, remembered) = text.split_once(' ').unwrap_or((text, ""));
        let malformed = |part: &str| CursorMalformed(part.to_owned());
        let floor = floor.parse().map_err(|_| malformed(floor))?;
        let entries = remembered.split_whitespace();
        let remembered = entries.map(|part| remembered_from(part).ok_or_else(|| malformed(part)));
        Ok(Self { floor, remembered: remembered.collect::<Result<_, _>>()? })
    }
}

fn remembered_from(text: &str) -> Option<((u64, Signature), Delivered)> {
    let mut parts = text.split(':');
    let key = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let delivered = match parts.next() {
        Some(events) => Delivered::Events(events.parse().ok()?),
        None => Delivered::Whole,
    };
    parts.next().is_none().then_some((key, delivered))
}
