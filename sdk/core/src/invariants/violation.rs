//! What can be wrong between accounts, by name and amount.

use core::fmt;

use crate::error::CoreError;
use crate::invariants::Key;

/// A kind of account that others name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An SLA.
    Sla,
    /// A contested window.
    Round,
    /// A dispute or a challenge.
    Contest,
    /// A provider.
    Provider,
    /// An oracle.
    Oracle,
    /// A data unit.
    Unit,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sla => "SLA",
            Self::Round => "round",
            Self::Contest => "contest",
            Self::Provider => "provider",
            Self::Oracle => "oracle",
            Self::Unit => "data unit",
        })
    }
}

/// An invariant that does not hold. Amounts are atoms; `stated` is what an account says, `derived` what the other
/// accounts say of the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// The same account was given twice, so that sums would count it twice.
    #[error("{kind} {} is given twice", base58(.key))]
    Duplicate {
        /// Its kind.
        kind: Kind,
        /// Its key.
        key: Key,
    },
    /// An account names another one that does not exist.
    #[error("{by_kind} {} names {kind} {}, which is missing", base58(.by), base58(.key))]
    Missing {
        /// The kind of the missing account.
        kind: Kind,
        /// Its key.
        key: Key,
        /// The kind of the account that names it.
        by_kind: Kind,
        /// The key of the account that names it.
        by: Key,
    },
    /// An SLA's parts contradict each other.
    #[error("SLA {} contradicts itself: {error}", base58(.sla))]
    Contradiction {
        /// The SLA.
        sla: Key,
        /// What its own check says.
        error: CoreError,
    },
    /// More of a stake is covered than is bonded.
    #[error("{kind} {}: {covered} atoms are covered, but only {bonded} bonded", base58(.owner))]
    CoverNotBonded {
        /// Provider or oracle.
        kind: Kind,
        /// Whose stake.
        owner: Key,
        /// Its covered atoms.
        covered: u64,
        /// Its bonded atoms.
        bonded: u64,
    },
    /// A provider's or oracle's covered stake is not what SLAs and rounds reserve of it.
    #[error("{kind} {}: {stated} atoms are covered, but {derived} are reserved", base58(.owner))]
    Cover {
        /// Provider or oracle.
        kind: Kind,
        /// Whose stake.
        owner: Key,
        /// Its covered atoms.
        stated: u128,
        /// Atoms that SLAs and rounds reserve.
        derived: u128,
    },
    /// A unit's taken capacity is not what its SLAs hold.
    #[error("data unit {}: {stated} GiB are taken, but its SLAs hold {derived}", base58(.unit))]
    Taken {
        /// The unit.
        unit: Key,
        /// GiB that it says are taken.
        stated: u128,
        /// GiB of its SLAs that are not given back.
        derived: u128,
    },
    /// More of a unit is taken than there is.
    #[error("data unit {}: {taken} GiB are taken of {capacity}", base58(.unit))]
    Overfull {
        /// The unit.
        unit: Key,
        /// GiB taken.
        taken: u64,
        /// GiB that there are.
        capacity: u64,
    },
    /// A vault holds less than its owner's account says is owed.
    #[error("the vault of {kind} {} holds {held} atoms and owes {owed}", base58(.owner))]
    Short {
        /// SLA, provider or oracle.
        kind: Kind,
        /// Whose vault.
        owner: Key,
        /// Atoms in it.
        held: u64,
        /// Atoms that it owes.
        owed: u128,
    },
    /// A vault holds more than its owner's account says is owed, though nobody donated.
    #[error("the vault of {kind} {} holds {held} atoms and owes only {owed}", base58(.owner))]
    Surplus {
        /// SLA, provider or oracle.
        kind: Kind,
        /// Whose vault.
        owner: Key,
        /// Atoms in it.
        held: u64,
        /// Atoms that it owes.
        owed: u128,
    },
    /// What an SLA holds for contests is not what its rounds and contests say.
    #[error("SLA {}: {stated} atoms are held, but rounds and contests hold {derived}", base58(.sla))]
    Held {
        /// The SLA.
        sla: Key,
        /// Atoms that it holds.
        stated: u128,
        /// Atoms of its rounds and of the bonds of its contests.
        derived: u128,
    },
    /// An SLA counts other rounds than it has.
    #[error("SLA {}: counts {stated} contested rounds, and has {derived}", base58(.sla))]
    Rounds {
        /// The SLA.
        sla: Key,
        /// Rounds that it counts.
        stated: u128,
        /// Rounds that name it.
        derived: u128,
    },
    /// An SLA has other unsettled rounds than its windows leave.
    #[error("SLA {}: {stated} windows wait in rounds, and {derived} rounds are unsettled", base58(.sla))]
    UnsettledRounds {
        /// The SLA.
        sla: Key,
        /// Windows behind its cursor that are not settled.
        stated: u128,
        /// Rounds of it that are not settled.
        derived: u128,
    },
    /// A round counts other open contests than it has.
    #[error("round {}: counts {stated} open contests, and has {derived}", base58(.round))]
    Contests {
        /// The round.
        round: Key,
        /// Contests that it counts.
        stated: u128,
        /// Contests that name it.
        derived: u128,
    },
    /// A settled round still holds due or fees of its window.
    #[error("round {} is settled and holds {held} atoms", base58(.round))]
    SettledHolds {
        /// The round.
        round: Key,
        /// Atoms that it holds.
        held: u64,
    },
    /// What is left of an SLA's deposit does not pay its windows to come and their fees.
    #[error("SLA {}: {unallocated} atoms are left for windows to come, which may cost {needed}", base58(.sla))]
    Unfunded {
        /// The SLA.
        sla: Key,
        /// Atoms left.
        unallocated: u64,
        /// Atoms that dues and fees may come to.
        needed: u128,
    },
}

impl Violation {
    /// By how much: what is stated less what is derived, or held less what is owed. Negative if something is
    /// missing; zero for violations without an amount.
    pub fn by(&self) -> i128 {
        let (stated, derived) = match *self {
            Self::Duplicate { .. } | Self::Missing { .. } | Self::Contradiction { .. } => (0, 0),
            Self::CoverNotBonded { covered, bonded, .. } => (bonded.into(), covered.into()),
            Self::Overfull { taken, capacity, .. } => (capacity.into(), taken.into()),
            Self::Short { held, owed, .. } | Self::Surplus { held, owed, .. } => {
                (u128::from(held), owed)
            }
            Self::SettledHolds { held, .. } => (held.into(), 0),
            Self::Unfunded { unallocated, needed, .. } => (u128::from(unallocated), needed),
            Self::Cover { stated, derived, .. }
            | Self::Taken { stated, derived, .. }
            | Self::Held { stated, derived, .. }
            | Self::Rounds { stated, derived, .. }
            | Self::UnsettledRounds { stated, derived, .. }
            | Self::Contests { stated, derived, .. } => (stated, derived),
        };
        let signed = |amount: u128| i128::try_from(amount).unwrap_or(i128::MAX);
        signed(stated).saturating_sub(signed(derived))
    }
}

/// A key as explorers show it.
fn base58(key: &Key) -> String {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    // Digits of the number that the bytes are, lowest first.
    let mut digits: Vec<u32> = Vec::new();
    for byte in key {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            let value = digit.saturating_mul(256).saturating_add(carry);
            *digit = value.checked_rem(58).unwrap_or(0);
            carry = value.checked_div(58).unwrap_or(0);
        }
        while carry > 0 {
            digits.push(carry.checked_rem(58).unwrap_or(0));
            carry = carry.checked_div(58).unwrap_or(0);
        }
    }
    let zeros = key.iter().take_while(|byte| **byte == 0).map(|_| '1');
    let letter = |digit: &u32| {
        let index = usize::try_from(*digit).unwrap_or(0);
        ALPHABET.get(index).map_or('1', |letter| char::from(*letter))
    };
    zeros.chain(digits.iter().rev().map(letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_as_explorers_show_them() {
        assert_eq!(base58(&[0; 32]), "11111111111111111111111111111111");
        // The SPL Token program.
        let token = [
            6, 221, 246, 225, 215, 101, 161, 147, 217, 203, 225, 70, 206, 235, 121, 172, 28, 180,
            133, 237, 95, 91, 55, 145, 58, 140, 245, 133, 126, 255, 0, 169,
        ];
        assert_eq!(base58(&token), "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
    }

    #[test]
    fn a_violation_says_who_and_by_how_much() {
        let short = Violation::Short { kind: Kind::Sla, owner: [0; 32], held: 5, owed: 7 };
        assert_eq!(short.by(), -2);
        assert_eq!(
            short.to_string(),
            "the vault of SLA 11111111111111111111111111111111 holds 5 atoms and owes 7"
        );
        let most = Violation::Held { sla: [0; 32], stated: u128::MAX, derived: 0 };
        assert_eq!(most.by(), i128::MAX);
    }
}
