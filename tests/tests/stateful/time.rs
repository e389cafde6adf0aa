//! When something becomes possible, or stops being so.

use flashback_core::committee::{DRAWS_HELD_SLOTS, SLOT_HASHES_KEPT};
use flashback_core::sla::{CLOSE_GRACE_SECS, SlaState};
use flashback_core::units::{Seconds, Timestamp};
use flashback_sdk::account::Sla;
use solana_sdk::pubkey::Pubkey;

use super::economy::Economy;

/// From then on what anybody left in an ended SLA may be pushed out.
pub fn grace_ends(sla: &Sla) -> Timestamp {
    let body = &sla.body;
    let last = body.terms.settles_at(body.progress.end.saturating_sub(1)).expect("a time");
    let end = last.max(Timestamp(body.progress.deadline));
    end.after(u64::from(CLOSE_GRACE_SECS)).expect("a time")
}

/// Whether an SLA's draw has its hash, and has it still.
pub fn draw_is_ready(sla: &Sla, slot: u64) -> bool {
    let draw = sla.body.progress.draw_slot;
    (draw + 1..draw + SLOT_HASHES_KEPT).contains(&slot)
}

/// Whether the hash of an SLA's draw is lost.
pub fn draw_has_lapsed(sla: &Sla, slot: u64) -> bool {
    slot > sla.body.progress.draw_slot + SLOT_HASHES_KEPT
}

/// Moments of SLAs that run: their phases, deadlines and draws.
pub fn near_moments(economy: &Economy) -> Vec<Timestamp> {
    let mut moments = Vec::new();
    let (books, now, slot) = (&economy.books, economy.chain.now(), economy.chain.slot());
    for sla in books.slas.values() {
        let (terms, progress) = (&sla.body.terms, &sla.body.progress);
        match progress.state() {
            Ok(SlaState::Proposed) => moments.push(Timestamp(progress.deadline)),
            Ok(SlaState::Agreed) => {
                let slots = (progress.draw_slot + SLOT_HASHES_KEPT + 2).saturating_sub(slot);
                moments.extend(now.after(slots * 4 / 10 + 2));
            }
            Ok(SlaState::Active) => {
                let window = progress.cursor;
                moments.extend(terms.window_start(window));
                moments.extend(terms.report_opens(window));
                moments.extend(terms.report_closes(window));
                moments.extend(terms.settles_at(window));
            }
            _ => {}
        }
    }
    for round in books.rounds.values().filter(|round| round.body.settled == 0) {
        let sla = &books.slas[&round.sla];
        moments.extend(sla.body.terms.settles_at(round.body.round.window));
    }
    moments.retain(|moment| *moment > now);
    moments
}

/// Moments of everything else: they tend to be days ahead.
pub fn far_moments(economy: &Economy) -> Vec<Timestamp> {
    let books = &economy.books;
    let mut moments = vec![Timestamp(books.config().paused_until)];
    let ended = |sla: &&Sla| sla.body.progress.state == SlaState::Ended.code();
    moments.extend(books.slas.values().filter(ended).map(grace_ends));
    moments.extend(books.disputes.values().map(|one| Timestamp(one.deadline)));
    moments.extend(books.challenges.values().map(|one| Timestamp(one.deadline)));
    let stakes = books.providers.values().map(|one| one.stake);
    for stake in stakes.chain(books.oracles.values().map(|one| one.stake)) {
        let under_way = stake.unbonding.iter().filter(|one| one.amount > 0);
        moments.extend(under_way.map(|one| Timestamp(one.release_at)));
    }
    let left = books.registry().entries.iter().filter(|entry| entry.out_slot != 0);
    for entry in left {
        let slots = (entry.out_slot + DRAWS_HELD_SLOTS).saturating_sub(economy.chain.slot());
        moments.extend(economy.chain.now().after(slots * 4 / 10 + u64::from(slots > 0)));
    }
    let month = u64::from(flashback_core::authority::LAPSE_SECS);
    let certificates = books.certificates.values().map(|one| one.expires_at);
    for expiry in certificates.chain(books.certifiers.values().map(|one| one.expires_at)) {
        moments.push(Timestamp(expiry));
        moments.extend(Timestamp(expiry).after(month));
    }
    moments.extend(books.providers.values().map(|one| Timestamp(one.operator_expires_at)));
    let announced = books.units.values().map(|unit| Timestamp(unit.maintenance[1].starts_at));
    moments.extend(announced);
    moments.retain(|moment| *moment > economy.chain.now() && is_within_reach(economy, *moment));
    moments
}

/// Whether a time is one that anybody lives to see. (Garbled arguments may have named others.)
pub fn is_within_reach(economy: &Economy, moment: Timestamp) -> bool {
    const YEARS_20: u64 = 20 * 366 * 86_400;
    moment.since(economy.chain.now()) <= YEARS_20
}

impl Economy {
    /// Waits until a time.
    pub fn wait_until(&mut self, at: Timestamp) {
        self.chain.wait_until(at.max(self.chain.now()));
    }

    /// Waits until the hash of an SLA's draw is known, if it is not yet.
    pub fn wait_for_draw(&mut self, sla: &Pubkey) {
        let first = self.books.slas[sla].body.progress.draw_slot + 1;
        self.chain.wait_slots(first.saturating_sub(self.chain.slot()));
    }

    /// Waits a random length: most often until the next moment, exactly or a second off.
    pub fn time_passes(&mut self) {
        let near = near_moments(self).into_iter().min();
        let far = far_moments(self);
        let later = |economy: &mut Self, secs| economy.chain.now().after(secs).expect("a time");
        let until = match self.random.below(30) {
            0 => {
                let Seconds(most) = Seconds(7_200);
                let secs = self.random.magnitude(u64::from(most));
                later(self, secs)
            }
            1 => match self.random.pick(&far) {
                Some(moment) => moment,
                None => later(self, 86_400),
            },
            _ => near.or_else(|| far.into_iter().min()).unwrap_or_else(|| later(self, 3_600)),
        };
        let until = match self.random.below(10) {
            0 => Timestamp(until.0 - 1),
            1 => Timestamp(until.0 + 1),
            _ => until,
        };
        self.wait_until(until);
    }
}
