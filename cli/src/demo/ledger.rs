//! Who held what before, what moved, and who holds what after; and what became of the SLAs.

use std::collections::BTreeMap;

use flashback_core::sla::{SlaBody, WindowResult};
use serde::Serialize;

use super::scenario::{AUDITOR, CONSUMER, ORACLES, PROVIDERS};

/// Where burnt tokens are shown.
pub const BURNT: &str = "burnt";
/// The protocol's treasury.
pub const TREASURY: &str = "treasury";

/// One party's figures, in atoms: `before + deposited + bonds + paid + refunded + slashed + fees = after`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Wallet and stake before.
    pub before: i128,
    /// Into escrow, for reservations.
    pub deposited: i128,
    /// Bonds of disputes and challenges: lost or won. A bond that was returned leaves nothing.
    pub bonds: i128,
    /// Out of escrow, for service delivered.
    pub paid: i128,
    /// Out of escrow, for service not delivered and fees not spent.
    pub refunded: i128,
    /// Taken from stakes: negative for who lost it, positive for who got it.
    pub slashed: i128,
    /// Out of escrow, to the treasury and the oracles.
    pub fees: i128,
    /// Wallet and stake after.
    pub after: i128,
}

impl Row {
    /// The figures in the order of their columns.
    pub fn figures(&self) -> [i128; 8] {
        let Self { before, deposited, bonds, paid, refunded, slashed, fees, after } = *self;
        [before, deposited, bonds, paid, refunded, slashed, fees, after]
    }

    /// What the row's movements come to.
    pub fn expected_after(&self) -> i128 {
        let [before, deposited, bonds, paid, refunded, slashed, fees, _] = self.figures();
        before + deposited + bonds + paid + refunded + slashed + fees
    }

    fn plus(&self, other: &Row) -> Row {
        Row {
            before: self.before + other.before,
            deposited: self.deposited + other.deposited,
            bonds: self.bonds + other.bonds,
            paid: self.paid + other.paid,
            refunded: self.refunded + other.refunded,
            slashed: self.slashed + other.slashed,
            fees: self.fees + other.fees,
            after: self.after + other.after,
        }
    }
}

/// What became of one SLA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SlaRow {
    /// Its provider.
    pub provider: String,
    /// Its committee: the oracles by seat.
    pub oracles: Vec<String>,
    /// Windows met, breached, unmeasured, blocked.
    pub windows: [u16; 4],
    /// Windows reserved.
    pub reserved: u16,
    /// The price of all windows reserved, in atoms.
    pub price: u64,
    /// What its provider earned, in atoms.
    pub paid: u64,
    /// What its provider was slashed, in atoms.
    pub penalty: u64,
    /// The most that its provider could have been slashed, in atoms.
    pub cover: u64,
}

impl SlaRow {
    /// As the settled SLA says.
    pub fn of(provider: &str, oracles: &[String], body: &SlaBody) -> Self {
        let (terms, progress, money) = (&body.terms, &body.progress, &body.money);
        Self {
            provider: provider.to_owned(),
            oracles: oracles.to_vec(),
            windows: [progress.met, progress.breached, progress.unmeasured, progress.blocked],
            reserved: terms.windows,
            price: terms.price,
            paid: money.paid_total,
            penalty: money.penalty_total,
            cover: terms.cover,
        }
    }
}

/// A submission that was voided, and what that cost its oracle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Voided {
    /// The oracle.
    pub oracle: String,
    /// The provider of whom it reported.
    pub provider: String,
    /// The window.
    pub window: u16,
    /// Whether its own records proved it wrong; else it opened none.
    pub proven: bool,
    /// What its stake lost, in atoms.
    pub slashed: i128,
    /// Half of that, to who proved or challenged it, in atoms; the rest was burnt.
    pub rewarded: i128,
}

/// How a window stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Met, breached, unmeasured or blocked.
    pub result: &'static str,
    /// Its penalty, in atoms.
    pub penalty: u64,
}

impl Standing {
    /// Of a result and a penalty.
    pub fn new(result: Option<WindowResult>, penalty: u64) -> Self {
        let result = match result {
            Some(WindowResult::Met) => "met",
            Some(WindowResult::Breached) => "breached",
            Some(WindowResult::Unmeasured) => "unmeasured",
            Some(WindowResult::Blocked) => "blocked",
            None => "open",
        };
        Self { result, penalty }
    }
}

/// A dispute that the arbiter upheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ruled {
    /// The provider that disputed.
    pub provider: String,
    /// The window.
    pub window: u16,
    /// The oracle whose submission was left out.
    pub left_out: String,
    /// How the window stood as it was reported.
    pub reported: Standing,
    /// How it was settled.
    pub settled: Standing,
}

/// The figures of every party, and what became of the SLAs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// By party.
    pub parties: BTreeMap<String, Row>,
    /// Windows of all SLAs met, breached, unmeasured, blocked.
    pub windows: [u16; 4],
    /// The SLAs, by number.
    pub slas: Vec<SlaRow>,
    /// Submissions that were voided, in order.
    pub voided: Vec<Voided>,
    /// The disputes that changed something, in order.
    pub ruled: Vec<Ruled>,
    /// The units' scores in the end, in thousandths of a point, by provider.
    pub scores_milli: BTreeMap<String, u32>,
}

/// What parties gained (positive) or lost, by name.
pub type Moves = BTreeMap<String, i128>;

impl Ledger {
    /// Every party in the order of the table.
    pub fn order() -> Vec<&'static str> {
        let mut order = vec![CONSUMER];
        order.extend(PROVIDERS.iter().chain(&ORACLES));
        order.extend([AUDITOR, TREASURY, BURNT]);
        order
    }

    /// A party's row, made when first asked for.
    pub fn row(&mut self, party: &str) -> &mut Row {
        self.parties.entry(party.to_owned()).or_default()
    }

    /// Books what moved in one column.
    pub fn book(&mut self, moves: &Moves, column: fn(&mut Row) -> &mut i128) {
        for (party, amount) in moves {
            *column(self.row(party)) += amount;
        }
    }

    /// Adds what became of a settled SLA.
    pub fn close(&mut self, sla: SlaRow) {
        for (sum, count) in self.windows.iter_mut().zip(sla.windows) {
            *sum += count;
        }
        self.slas.push(sla);
    }

    /// The sum of every column.
    pub fn total(&self) -> Row {
        self.parties.values().fold(Row::default(), |sum, row| sum.plus(row))
    }

    /// Says what does not add up: a row, or the whole.
    pub fn contradictions(&self) -> Vec<String> {
        let mut found: Vec<String> = self
            .parties
            .iter()
            .filter(|(_, row)| row.expected_after() != row.after)
            .map(|(party, row)| {
                format!(
                    "{party} should hold {} atoms and holds {}",
                    row.expected_after(),
                    row.after
                )
            })
            .collect();
        let total = self.total();
        if total.before != total.after {
            found.push(format!("{} atoms became {}", total.before, total.after));
        }
        for (what, sum) in [("bonds", total.bonds), ("slashes", total.slashed)] {
            if sum != 0 {
                found.push(format!("{what} come to {sum} atoms, and nobody else's"));
            }
        }
        found
    }
}
