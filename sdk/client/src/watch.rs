//! Watching an SLA: what becomes of it, change by change.

use std::time::Duration;

use flashback_core::sla::{Money, SlaState};
use solana_sdk::pubkey::Pubkey;
use tokio::time::sleep;

use crate::account::Sla;
use crate::client::Flashback;
use crate::error::Result;

/// How often the account is read unless one says otherwise.
const INTERVAL: Duration = Duration::from_secs(2);

/// How many windows ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Met.
    pub met: u16,
    /// Breached.
    pub breached: u16,
    /// Unmeasured: too few oracles reported.
    pub unmeasured: u16,
    /// Blocked: oracles were kept from measuring.
    pub blocked: u16,
}

impl Outcomes {
    /// Those that came since.
    pub fn since(self, before: Self) -> Self {
        Self {
            met: self.met.saturating_sub(before.met),
            breached: self.breached.saturating_sub(before.breached),
            unmeasured: self.unmeasured.saturating_sub(before.unmeasured),
            blocked: self.blocked.saturating_sub(before.blocked),
        }
    }

    /// All of them.
    pub fn total(self) -> u16 {
        [self.met, self.breached, self.unmeasured, self.blocked]
            .iter()
            .fold(0, |sum: u16, count| sum.saturating_add(*count))
    }
}

/// Where an SLA stands, as far as its parties care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where in its life it is.
    pub state: SlaState,
    /// Windows settled so far. A contested one is not among them before its contests are over.
    pub settled: Outcomes,
    /// The window at which it ends (exclusive): a termination moves it earlier.
    pub end: u16,
    /// Windows that are contested now.
    pub contested: u16,
    /// Its balances and running totals, in atoms.
    pub money: Money,
}

impl Standing {
    /// As the account says.
    ///
    /// # Errors
    /// [`crate::Error::Rule`] with `StateInvalid` for an account that the program did not write.
    pub fn of(sla: &Sla) -> Result<Self> {
        let progress = &sla.body.progress;
        Ok(Self {
            state: progress.state()?,
            settled: Outcomes {
                met: progress.met,
                breached: progress.breached,
                unmeasured: progress.unmeasured,
                blocked: progress.blocked,
            },
            end: progress.end,
            contested: sla.body.unsettled_rounds(),
            money: sla.body.money,
        })
    }

    /// Whether no window of it will be settled any more: only withdrawals and collections can follow.
    pub fn is_final(&self) -> bool {
        self.state == SlaState::Ended && self.contested == 0
    }
}

/// What changed between two looks at an SLA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlaChange {
    /// How it stood at the look before; `None` at the first.
    pub before: Option<Standing>,
    /// How it stands now.
    pub now: Standing,
}

impl SlaChange {
    /// The state, if it changed.
    pub fn state(&self) -> Option<SlaState> {
        (self.before.map(|before| before.state) != Some(self.now.state)).then_some(self.now.state)
    }

    /// The windows settled in between; at the first look, all so far.
    pub fn settled(&self) -> Outcomes {
        self.now.settled.since(self.before.map(|before| before.settled).unwrap_or_default())
    }
}

/// Looks at an SLA again and again. See [`Flashback::watch`].
#[derive(Clone)]
pub struct Watch {
    client: Flashback,
    sla: Pubkey,
    interval: Duration,
    seen: Option<Standing>,
    gone: bool,
}

impl Flashback {
    /// Watches an SLA by reading its account every two seconds: nothing is asked of the server before
    /// [`Watch::next`]. Changes between two readings come as one.
    pub fn watch(&self, sla: &Pubkey) -> Watch {
        Watch { client: self.clone(), sla: *sla, interval: INTERVAL, seen: None, gone: false }
    }
}

impl Watch {
    /// Reads every so often instead.
    pub fn every(self, interval: Duration) -> Self {
        Self { interval, ..self }
    }

    /// How it stands, the first time; then waits for the next change. `None` when there will be none: the change by
    /// which the SLA ended, its last contest settled, was told, or the account was closed since the last look.
    ///
    /// # Errors
    /// As [`Flashback::fetch`], with [`crate::Error::AccountNotFound`] only at the first look. The watch can go on after
    /// an error: nothing is lost.
    pub async fn next(&mut self) -> Result<Option<SlaChange>> {
        while !self.is_over() {
            if let Some(change) = self.look().await? {
                return Ok(Some(change));
            }
            if !self.is_over() {
                sleep(self.interval).await;
            }
        }
        Ok(None)
    }

    /// Reads the account once, at once: what has changed since the last look, if anything. For programs that do other
    /// things between two looks.
    ///
    /// # Errors
    /// As [`Watch::next`].
    pub async fn look(&mut self) -> Result<Option<SlaChange>> {
        let account = match self.seen {
            None => Some(self.client.sla(&self.sla).await?),
            Some(_) => self.client.find::<Sla>(&self.sla).await?,
        };
        match account {
            Some(account) => Ok(self.compare(Standing::of(&account)?)),
            None => {
                self.gone = true;
                Ok(None)
            }
        }
    }

    /// Whether no change will come any more: it is final, or its account was closed.
    pub fn is_over(&self) -> bool {
        self.gone || self.seen.is_some_and(|seen| seen.is_final())
    }

    /// What a look tells, if anything.
    fn compare(&mut self, now: Standing) -> Option<SlaChange> {
        let before = self.seen.replace(now);
        (before != Some(now)).then_some(SlaChange { before, now })
    }
}

#[cfg(test)]
mod tests {
    use flashback_core::sla::WindowResult;
    use solana_sdk::signature::Keypair;

    use super::*;

    fn sla(state: SlaState, met: u16) -> Sla {
        let mut sla: Sla = bytemuck::Zeroable::zeroed();
        let progress = &mut sla.body.progress;
        (progress.state, progress.met, progress.cursor, progress.end) = (state.code(), met, met, 9);
        sla
    }

    fn standing(state: SlaState, met: u16) -> Standing {
        Standing::of(&sla(state, met)).unwrap()
    }

    #[test]
    fn a_change_is_told_once_and_says_what_came_since() {
        let nowhere = Flashback::new("http://127.0.0.1:1", Keypair::new());
        let mut watch = nowhere.watch(&Pubkey::default());
        let agreed = watch.compare(standing(SlaState::Agreed, 0)).unwrap();
        assert_eq!((agreed.before, agreed.state()), (None, Some(SlaState::Agreed)));
        assert_eq!(agreed.settled(), Outcomes::default());
        assert_eq!(watch.compare(standing(SlaState::Agreed, 0)), None);

        let active = watch.compare(standing(SlaState::Active, 2)).unwrap();
        assert_eq!(active.state(), Some(SlaState::Active));
        assert_eq!(active.settled(), Outcomes { met: 2, ..Outcomes::default() });

        let mut further = sla(SlaState::Active, 3);
        let progress = &mut further.body.progress;
        (progress.breached, progress.unmeasured, progress.blocked) = (4, 5, 6);
        progress.last_result = WindowResult::Breached.code();
        let change = watch.compare(Standing::of(&further).unwrap()).unwrap();
        assert_eq!(change.state(), None);
        let settled = Outcomes { met: 1, breached: 4, unmeasured: 5, blocked: 6 };
        assert_eq!((change.settled(), settled.total()), (settled, 16));
        assert_eq!(change.now.settled.total(), 18);

        further.body.money.earned = 7;
        let change = watch.compare(Standing::of(&further).unwrap()).unwrap();
        assert_eq!((change.settled(), change.now.money.earned), (Outcomes::default(), 7));
    }

    #[test]
    fn what_its_parties_do_not_care_about_is_no_change() {
        let nowhere = Flashback::new("http://127.0.0.1:1", Keypair::new());
        let mut watch = nowhere.watch(&Pubkey::default());
        let mut account = sla(SlaState::Active, 1);
        assert!(watch.compare(Standing::of(&account).unwrap()).is_some());
        account.body.round.status[0] = 2;
        account.body.progress.points_milli = 2_000;
        assert_eq!(watch.compare(Standing::of(&account).unwrap()), None);
    }

    #[test]
    fn it_goes_on_until_the_last_contest_is_settled() {
        let mut contested = sla(SlaState::Ended, 2);
        contested.body.progress.cursor = 3;
        let standing_now = Standing::of(&contested).unwrap();
        assert_eq!((standing_now.contested, standing_now.is_final()), (1, false));
        contested.body.progress.breached = 1;
        assert!(Standing::of(&contested).unwrap().is_final());
        assert!(!standing(SlaState::Active, 3).is_final());
    }

    #[test]
    fn an_account_of_no_known_state_is_an_error() {
        let mut broken = sla(SlaState::Active, 0);
        broken.body.progress.state = 9;
        assert!(Standing::of(&broken).is_err());
    }
}
