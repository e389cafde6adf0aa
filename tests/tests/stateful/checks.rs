//! What must hold after every step.

mod authority;
mod counts;
mod ledger;
pub mod parity;
mod registry;
pub mod rent;
pub mod terms;
pub mod tokens;

use super::books::Books;
use super::economy::{Act, Economy};

/// Checks everything after an act that succeeded; `before` is how it was.
pub fn after(economy: &mut Economy, before: &Books, act: &Act) {
    authority::check(before, act, economy.chain.now());
    tokens::check(economy, before, act);
    rent::check(economy, before, act);
    terms::check(economy, before, act);
    counts::check(economy, before, act);
    registry::check(&economy.books);
    ledger::check(&economy.books);
    parity::check(economy, before, act);
}
