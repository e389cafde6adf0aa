//! Who held what before, what moved, and who holds what after.

use std::collections::BTreeMap;

use serde::Serialize;

/// One party's figures, in atoms: `before + deposited + paid + refunded + slashed + fees = after`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Wallet and stake before.
    pub before: i128,
    /// Into escrow.
    pub deposited: i128,
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
    /// What the row's movements come to.
    pub fn expected_after(&self) -> i128 {
        self.before + self.deposited + self.paid + self.refunded + self.slashed + self.fees
    }
}

/// The figures of every party, and how the windows ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// By party.
    pub parties: BTreeMap<String, Row>,
    /// Windows met, breached, unmeasured, blocked.
    pub windows: [u16; 4],
}

/// Where burnt tokens are shown.
pub const BURNT: &str = "burnt";
/// The protocol's treasury.
pub const TREASURY: &str = "treasury";
/// The consumer.
pub const CONSUMER: &str = "consumer";

impl Ledger {
    /// A party's row, made when first asked for.
    pub fn row(&mut self, party: &str) -> &mut Row {
        self.parties.entry(party.to_owned()).or_default()
    }

    /// The sum of every column.
    pub fn total(&self) -> Row {
        self.parties.values().fold(Row::default(), |sum, row| Row {
            before: sum.before + row.before,
            deposited: sum.deposited + row.deposited,
            paid: sum.paid + row.paid,
            refunded: sum.refunded + row.refunded,
            slashed: sum.slashed + row.slashed,
            fees: sum.fees + row.fees,
            after: sum.after + row.after,
        })
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
        found
    }
}
