//! Committees of oracles: sizes and majorities, what a seat must cover, and the draw.

use crate::error::{CoreError, Result};
use crate::hash::{Digest, Sha256};
use crate::money;
use crate::stake::Stake;
use crate::units::{Atoms, Bps, Timestamp};

/// The most seats of a committee.
pub const SEATS_MAX: usize = 5;
/// Slots between fixing a draw and the first slot whose hash decides it.
pub const DRAW_DELAY_SLOTS: u64 = 8;
/// Hashes that the SlotHashes sysvar keeps: a draw not held within them lapses.
pub const SLOT_HASHES_KEPT: u64 = 512;
/// Slots after which no draw that was fixed before them can still be held: what left the registry so long ago can go.
pub const DRAWS_HELD_SLOTS: u64 = 1_000;
/// The most oracles in the registry.
pub const REGISTRY_MAX: usize = 256;
/// Eligible oracles that the registry must hold beyond the seats, so that a seat can be redrawn.
pub const SPARE_ORACLES: usize = 2;
/// Unmeasured windows in a row that end an SLA.
pub const UNMEASURED_END: u8 = 3;
/// Absence shares in a seat's cover: as many as a silent run can come to.
pub const ABSENCES_COVERED: u8 = UNMEASURED_END;

/// Seats of a committee: 3 or 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommitteeSize(u8);

impl CommitteeSize {
    /// A committee of 3 or 5.
    ///
    /// # Errors
    /// [`CoreError::CommitteeSizeInvalid`].
    pub fn new(seats: u8) -> Result<Self> {
        if matches!(seats, 3 | 5) { Ok(Self(seats)) } else { Err(CoreError::CommitteeSizeInvalid) }
    }

    /// Number of seats, N.
    #[inline]
    pub fn get(self) -> u8 {
        self.0
    }

    /// The majority, m: the least number of seats above half.
    #[inline]
    pub fn majority(self) -> u8 {
        if self.0 == 3 { 2 } else { 3 }
    }

    /// N − m + 1: the fewest absences that can leave a window unmeasured.
    #[inline]
    pub fn blocking(self) -> u8 {
        self.0.saturating_sub(self.majority()).saturating_add(1)
    }
}

/// What a seat's oracle reserves from its free stake while seated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatCover {
    /// The seat's largest share of an absence, rounded up. It reserves [`ABSENCES_COVERED`] of them.
    pub absence_share: Atoms,
    /// For a submission proven wrong: `max(largest due · (1 + multiple), minimum)`.
    pub fraud: Atoms,
}

impl SeatCover {
    /// The cover of one seat for an SLA of that price.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`].
    pub fn new(
        price: Atoms,
        windows: u16,
        seats: CommitteeSize,
        absence: Bps,
        penalty_multiple: u8,
        fraud_min: Atoms,
    ) -> Result<Self> {
        let largest = money::largest_due(price, windows)?;
        // A cumulative-floor share exceeds the exact one by less than an atom: hence the rounding up.
        let owed = absence.of_ceil(largest)?;
        let share = crate::math::mul_div_ceil(owed.0, 1, u64::from(seats.blocking()))?;
        let weight = u64::from(penalty_multiple).saturating_add(1);
        Ok(Self { absence_share: Atoms(share), fraud: largest.times(weight)?.max(fraud_min) })
    }

    /// The whole cover: every absence share and the fraud part.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`].
    pub fn total(self) -> Result<Atoms> {
        self.left_after(0)
    }

    /// What is left of the cover once that many absence shares were used.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`].
    pub fn left_after(self, shares_used: u8) -> Result<Atoms> {
        self.absences_left(shares_used)?.plus(self.fraud)
    }

    /// What is left of the absence shares once that many were used.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`].
    pub fn absences_left(self, shares_used: u8) -> Result<Atoms> {
        let shares = ABSENCES_COVERED.saturating_sub(shares_used);
        self.absence_share.times(u64::from(shares))
    }
}

/// What the draw knows of a registered oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The oracle's authority.
    pub oracle: &'a [u8; 32],
    /// The slot it joined the registry.
    pub joined_slot: u64,
    /// The slot from which on it is drawn no more, having left; `u64::MAX` if it has not.
    pub out_slot: u64,
    /// Its free stake.
    pub free_stake: Atoms,
    /// When its certificate expires.
    pub certified_until: Timestamp,
}

/// Who may be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Eligibility<'a> {
    /// The slot that fixed the draw: oracles must have joined in an earlier one, and not have left in it or before. Who
    /// leaves later changes no draw: it is drawn, and leaves its seat vacant.
    pub joined_before: u64,
    /// When the draw was fixed: certificates must have been valid then.
    pub now: Timestamp,
    /// Keys that may not judge: the parties, and oracles already seated.
    pub excluded: &'a [[u8; 32]],
}

impl Eligibility<'_> {
    /// Whether a candidate may be drawn, whatever its stake.
    #[inline]
    pub fn ranks(&self, candidate: &Candidate<'_>) -> bool {
        candidate.joined_slot < self.joined_before
            && self.joined_before < candidate.out_slot
            && self.now < candidate.certified_until
            && !self.excluded.contains(candidate.oracle)
    }
}

/// Checks that the registry holds enough oracles whose free stake covers a seat to start an SLA: seats and two more, and
/// most of those that would be drawn from. Were they few among many, whoever owns them could try again and again, at no cost,
/// until a draw gives them the committee: with any other it does not start.
///
/// # Errors
/// [`CoreError::OraclesTooFew`].
pub fn check_enough<'a>(
    candidates: impl Iterator<Item = Candidate<'a>>,
    eligibility: &Eligibility<'_>,
    cover: Atoms,
    seats: CommitteeSize,
) -> Result<()> {
    let (mut ranked, mut able) = (0usize, 0usize);
    for candidate in candidates.filter(|candidate| eligibility.ranks(candidate)) {
        ranked = ranked.saturating_add(1);
        able = able.saturating_add(usize::from(candidate.free_stake >= cover));
    }
    let needed = usize::from(seats.get()).saturating_add(SPARE_ORACLES);
    let most = able.saturating_mul(2) > ranked;
    if able < needed || !most { Err(CoreError::OraclesTooFew) } else { Ok(()) }
}

/// Checks that an oracle's entry, out since `out_slot`, can go from the registry in `slot`: no draw that was fixed before it
/// was out can still be held.
///
/// # Errors
/// [`CoreError::DrawPending`].
pub fn check_removal(out_slot: u64, slot: u64) -> Result<()> {
    let free_from = out_slot.saturating_add(DRAWS_HELD_SLOTS);
    if slot < free_from { Err(CoreError::DrawPending) } else { Ok(()) }
}

/// Checks that an oracle's accounts can be closed: no entry in the registry, no seats, and no stake, bonded or unbonding.
///
/// # Errors
/// [`CoreError::OracleInUse`]; as [`Stake::owed`].
pub fn check_exit(registered: bool, seats: u32, stake: &Stake) -> Result<()> {
    let idle = !registered && seats == 0 && stake.owed()? == Atoms::ZERO;
    if idle { Ok(()) } else { Err(CoreError::OracleInUse) }
}

/// An oracle's ticket in a draw: `H(slot hash, sla, draw number, oracle)`; the lowest are seated.
pub fn ticket<H: Sha256>(
    slot_hash: &Digest,
    sla: &[u8; 32],
    draw: u16,
    oracle: &[u8; 32],
) -> Digest {
    H::hash(&[slot_hash, sla, &draw.to_le_bytes(), oracle])
}

/// Draws `count` seats: those who rank, with the lowest tickets, lowest first; whatever their stake. Once the hash is
/// known, nobody moves a seat to another oracle by taking a candidate's free stake: a drawn oracle that cannot cover
/// its seat leaves it vacant.
///
/// # Errors
/// [`CoreError::OraclesTooFew`] if fewer rank; [`CoreError::CommitteeSizeInvalid`] above 5 seats.
pub fn draw<'a, H: Sha256>(
    candidates: impl Iterator<Item = Candidate<'a>>,
    eligibility: &Eligibility<'_>,
    slot_hash: &Digest,
    sla: &[u8; 32],
    number: u16,
    count: u8,
) -> Result<[Option<&'a [u8; 32]>; SEATS_MAX]> {
    let count = usize::from(count);
    if count > SEATS_MAX {
        return Err(CoreError::CommitteeSizeInvalid);
    }
    let mut drawn: [Option<(Digest, &'a [u8; 32])>; SEATS_MAX] = [None; SEATS_MAX];
    for candidate in candidates.filter(|candidate| eligibility.ranks(candidate)) {
        let mut contender =
            Some((ticket::<H>(slot_hash, sla, number, candidate.oracle), candidate.oracle));
        // Insertion into the short sorted list: an empty place loses to everyone.
        for place in drawn.iter_mut().take(count) {
            let wins = match (&contender, &*place) {
                (Some((mine, _)), Some((theirs, _))) => mine < theirs,
                (Some(_), None) => true,
                (None, _) => false,
            };
            if wins {
                core::mem::swap(place, &mut contender);
            }
        }
    }
    let seated = drawn.map(|place| place.map(|(_, oracle)| oracle));
    if seated.iter().take(count).any(Option::is_none) {
        return Err(CoreError::OraclesTooFew);
    }
    Ok(seated)
}

/// What became of a draw's slot hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawHash {
    /// No slot at or after the draw slot has ended yet.
    NotReady,
    /// The hash of the first slot at or after the draw slot.
    Ready(Digest),
    /// That slot's hash is no longer known.
    Lapsed,
}

/// Finds the hash of the first slot at or after `draw_slot` among the `count` newest slot hashes, of which
/// `entry` reads the one at an index, newest first.
///
/// Slots can be skipped, so the hash is known for certain only while the sysvar still reaches back to the
/// draw slot, or has never been full.
///
/// # Errors
/// Those of `entry`.
pub fn find_draw_hash<E>(
    draw_slot: u64,
    count: u64,
    mut entry: impl FnMut(u64) -> core::result::Result<(u64, Digest), E>,
) -> core::result::Result<DrawHash, E> {
    // Entries [0, low) lie at or after the draw slot, entries [high, count) before it.
    let (mut low, mut high) = (0, count);
    let mut first = None;
    while low < high {
        let middle = low.midpoint(high);
        let (slot, hash) = entry(middle)?;
        if slot >= draw_slot {
            first = Some((slot, hash));
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    Ok(match first {
        None => DrawHash::NotReady,
        Some((slot, hash)) if slot == draw_slot || low < count || count < SLOT_HASHES_KEPT => {
            DrawHash::Ready(hash)
        }
        Some(_) => DrawHash::Lapsed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::SoftwareSha256;

    fn keys(count: u8) -> Vec<[u8; 32]> {
        (1..=count).map(|byte| [byte; 32]).collect()
    }

    fn candidates(keys: &[[u8; 32]]) -> impl Iterator<Item = Candidate<'_>> {
        keys.iter().map(|oracle| Candidate {
            oracle,
            joined_slot: 5,
            out_slot: u64::MAX,
            free_stake: Atoms(100),
            certified_until: Timestamp(11),
        })
    }

    const OPEN: Eligibility<'static> =
        Eligibility { joined_before: 6, now: Timestamp(10), excluded: &[] };
    const COVER: Atoms = Atoms(100);

    #[test]
    fn an_entry_goes_when_no_draw_can_need_it() {
        assert_eq!(check_removal(7, 1_006), Err(CoreError::DrawPending));
        assert_eq!(check_removal(7, 1_007), Ok(()));
        assert_eq!(check_removal(u64::MAX, u64::MAX - 1), Err(CoreError::DrawPending));
    }

    #[test]
    fn an_oracle_closes_when_nothing_is_left() {
        let empty = Stake::default();
        assert_eq!(check_exit(false, 0, &empty), Ok(()));
        let bonded = Stake { bonded: 1, ..empty };
        let mut unbonding = empty;
        unbonding.unbonding[1].amount = 1;
        for (registered, seats, stake) in
            [(true, 0, empty), (false, 1, empty), (false, 0, bonded), (false, 0, unbonding)]
        {
            assert_eq!(check_exit(registered, seats, &stake), Err(CoreError::OracleInUse));
        }
    }

    #[test]
    fn sizes_and_majorities() {
        for (seats, majority, blocking) in [(3, 2, 2), (5, 3, 3)] {
            let size = CommitteeSize::new(seats).unwrap();
            assert_eq!((size.majority(), size.blocking()), (majority, blocking));
        }
        for seats in [0, 1, 2, 4, 6, 255] {
            assert_eq!(CommitteeSize::new(seats), Err(CoreError::CommitteeSizeInvalid));
        }
    }

    #[test]
    fn the_draw_is_the_lowest_tickets_in_order() {
        let keys = keys(40);
        for number in 0..20 {
            let drawn =
                draw::<SoftwareSha256>(candidates(&keys), &OPEN, &[9; 32], &[7; 32], number, 5)
                    .unwrap();
            let mut tickets: Vec<_> = keys
                .iter()
                .map(|key| (ticket::<SoftwareSha256>(&[9; 32], &[7; 32], number, key), key))
                .collect();
            tickets.sort();
            let lowest: Vec<_> = tickets.iter().take(5).map(|(_, key)| Some(*key)).collect();
            assert_eq!(drawn.to_vec(), lowest);
        }
    }

    #[test]
    fn every_input_of_the_ticket_matters() {
        let base = ticket::<SoftwareSha256>(&[1; 32], &[2; 32], 3, &[4; 32]);
        assert_ne!(base, ticket::<SoftwareSha256>(&[0; 32], &[2; 32], 3, &[4; 32]));
        assert_ne!(base, ticket::<SoftwareSha256>(&[1; 32], &[0; 32], 3, &[4; 32]));
        assert_ne!(base, ticket::<SoftwareSha256>(&[1; 32], &[2; 32], 0, &[4; 32]));
        assert_ne!(base, ticket::<SoftwareSha256>(&[1; 32], &[2; 32], 3, &[0; 32]));
    }

    #[test]
    fn parties_latecomers_leavers_and_the_expired_are_not_drawn() {
        let keys = keys(8);
        let excluded = [keys[0]];
        let eligibility = Eligibility { excluded: &excluded, ..OPEN };
        let fates = candidates(&keys).enumerate().map(|(index, candidate)| match index {
            1 => Candidate { joined_slot: 6, ..candidate },
            2 => Candidate { certified_until: Timestamp(10), ..candidate },
            3 => Candidate { out_slot: 6, ..candidate },
            4 => Candidate { out_slot: 5, ..candidate },
            5 => Candidate { out_slot: 7, ..candidate },
            _ => candidate,
        });
        let drawn = draw::<SoftwareSha256>(fates, &eligibility, &[9; 32], &[7; 32], 0, 3).unwrap();
        let mut drawn: Vec<_> = drawn.into_iter().flatten().copied().collect();
        drawn.sort_unstable();
        assert_eq!(drawn, keys[5..], "who left after the draw was fixed is drawn all the same");
    }

    #[test]
    fn no_stake_that_moves_after_the_hash_moves_the_draw() {
        let keys = keys(9);
        let drawn = |poor: Option<usize>| {
            let fates = candidates(&keys).enumerate().map(|(index, candidate)| {
                let drained = poor == Some(index);
                Candidate { free_stake: Atoms(if drained { 0 } else { 100 }), ..candidate }
            });
            draw::<SoftwareSha256>(fates, &OPEN, &[9; 32], &[7; 32], 0, 5).unwrap()
        };
        let rich = draw::<SoftwareSha256>(candidates(&keys), &OPEN, &[9; 32], &[7; 32], 0, 5);
        assert_eq!(Ok(drawn(None)), rich);
        for poor in 0..9 {
            assert_eq!(drawn(Some(poor)), drawn(None));
        }
    }

    #[test]
    fn two_spares_are_needed() {
        let size = CommitteeSize::new(3).unwrap();
        assert_eq!(check_enough(candidates(&keys(5)), &OPEN, COVER, size), Ok(()));
        assert_eq!(
            check_enough(candidates(&keys(4)), &OPEN, COVER, size),
            Err(CoreError::OraclesTooFew)
        );
        assert_eq!(
            draw::<SoftwareSha256>(candidates(&keys(2)), &OPEN, &[9; 32], &[7; 32], 0, 3),
            Err(CoreError::OraclesTooFew)
        );
    }

    #[test]
    fn cover_by_hand() {
        let size = CommitteeSize::new(3).unwrap();
        // Price 100 over 3 windows: largest due 34; absence 17, two shares of at most 9, three windows: 27.
        let cover = SeatCover::new(Atoms(100), 3, size, Bps(5_000), 2, Atoms(10)).unwrap();
        assert_eq!(cover, SeatCover { absence_share: Atoms(9), fraud: Atoms(102) });
        let cover = SeatCover::new(Atoms(100), 3, size, Bps(5_000), 2, Atoms(1_000)).unwrap();
        assert_eq!(cover.total(), Ok(Atoms(1_027)));
        assert_eq!(cover.left_after(2), Ok(Atoms(1_009)));
        assert_eq!(cover.left_after(9), Ok(Atoms(1_000)));
    }

    #[test]
    fn the_draw_hash_is_the_first_at_or_after_its_slot_while_that_is_certain() {
        let hash_of = |slot: u64| [u8::try_from(slot % 251).unwrap(); 32];
        // Every third slot is skipped; 512 hashes are kept.
        let all: Vec<u64> = (1..2_000).rev().filter(|slot| slot % 3 != 0).collect();
        let find = |slots: &[u64], draw| {
            let count = u64::try_from(slots.len()).unwrap();
            find_draw_hash(draw, count, |index| {
                let slot = slots[usize::try_from(index).unwrap()];
                Ok::<_, CoreError>((slot, hash_of(slot)))
            })
            .unwrap()
        };
        let kept = &all[..512];
        let oldest = *kept.last().unwrap();
        for draw in 1..2_010 {
            let first = all.iter().rev().find(|slot| **slot >= draw);
            let expected = match first {
                None => DrawHash::NotReady,
                Some(_) if draw < oldest => DrawHash::Lapsed,
                Some(slot) => DrawHash::Ready(hash_of(*slot)),
            };
            assert_eq!(find(kept, draw), expected, "draw slot {draw}");
        }
        // A young chain has forgotten nothing.
        assert_eq!(find(&[9, 8, 7], 3), DrawHash::Ready(hash_of(7)));
        assert_eq!(find(&[], 3), DrawHash::NotReady);
    }
}
