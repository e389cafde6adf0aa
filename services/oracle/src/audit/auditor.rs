//! The audit of SLAs on chain.

use std::sync::atomic::{AtomicU64, Ordering};

use flashback_core::committee::SEATS_MAX;
use flashback_core::records::{Series, Shape};
use flashback_core::sla::{self, SeatStatus, SlaState};
use flashback_core::text::padded_text;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::{Oracle, Sla};
use flashback_sdk::{Flashback, Result, address};
use rand::seq::IndexedRandom as _;
use solana_sdk::pubkey::Pubkey;

use super::report::{Action, Report, SeatReport};
use super::verdict::{Verdict, judge};
use crate::key::{SlaLife, WindowKey};
use crate::publication::client::{FetchError, Limits, fetch};
use crate::publication::{Proven, Withheld};

/// How far an auditor goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// It only reports.
    Report,
    /// It proves what is wrong: that costs a transaction fee, and brings half of the slash.
    Prove,
    /// It also challenges what is withheld, with bonds of so much in all. An oracle that opens the leaf keeps the bond.
    Challenge {
        /// The sum of all bonds, at most.
        bonds: Atoms,
    },
}

/// How many windows back a leaf is looked for that was taken from another.
const WINDOWS_BEFORE: u16 = 31;

/// Audits SLAs, as the key of its client. What it does once it does not do twice: it looks at the chain first.
pub struct Auditor {
    flashback: Flashback,
    policy: Policy,
    limits: Limits,
    bonded: AtomicU64,
}

/// The submissions of one window, wherever the chain has them.
struct Submissions {
    key: WindowKey,
    seats: [Pubkey; SEATS_MAX],
    round: sla::Round,
}

impl Auditor {
    /// An auditor that goes as far as that.
    pub fn new(flashback: Flashback, policy: Policy) -> Self {
        Self { flashback, policy, limits: Limits::default(), bonded: AtomicU64::new(0) }
    }

    /// The same, fetching within other limits.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The bonds it has paid so far.
    pub fn bonded(&self) -> Atoms {
        Atoms(self.bonded.load(Ordering::SeqCst))
    }

    /// The SLAs that may have something to audit: those of every oracle in the registry that have not ended.
    ///
    /// # Errors
    /// As [`Flashback::registry`] and [`Flashback::slas_of_oracle`].
    pub async fn slas(&self) -> Result<Vec<Pubkey>> {
        let mut slas = Vec::new();
        for entry in self.flashback.registry().await?.entries {
            let found = self.flashback.slas_of_oracle(&entry.oracle).await?;
            let live = |sla: &Sla| sla.body.progress.state() == Ok(SlaState::Active);
            slas.extend(found.accounts.iter().filter(|(_, sla)| live(sla)).map(|(key, _)| *key));
        }
        slas.sort_unstable();
        slas.dedup();
        Ok(slas)
    }

    /// Audits an SLA: every submission that can still be contested, of the window in its challenge phase and of
    /// contested windows.
    ///
    /// # Errors
    /// Where the chain cannot be read. What fails about one submission is told in its [`Action`].
    pub async fn audit(&self, address: &Pubkey) -> Result<Report> {
        let at = self.flashback.now().await?;
        let sla = self.flashback.sla(address).await?;
        let mut report = Report { sla: *address, terms: sla.body.terms, at, seats: Vec::new() };
        for window in self.contestable(address, &sla, at).await? {
            for (seat, oracle) in (0u8..).zip(window.seats) {
                let index = usize::from(seat);
                let status = window.round.status_in(window.key.window, index);
                let Some(committed) = window.round.commitments.get(index).copied() else {
                    continue;
                };
                if matches!(status, SeatStatus::Absent | SeatStatus::Voided) {
                    continue;
                }
                let records_url = self.records_url(&oracle).await?;
                let published = match records_url.is_empty() {
                    true => Err(FetchError::UrlInvalid(String::new())),
                    false => fetch(&records_url, &window.key, &self.limits).await,
                };
                let series = window.key.series(&oracle, &sla.body.terms)?;
                let known = related(&window, &sla)?;
                let verdict = judge(&published, &committed, &series, &known);
                let mut seat = SeatReport {
                    window: window.key,
                    seat,
                    oracle,
                    records_url,
                    committed,
                    published,
                    verdict,
                    action: Action::None,
                };
                seat.action = self.act(&seat, &sla, at).await;
                report.seats.push(seat);
            }
        }
        Ok(report)
    }

    /// The windows whose submissions can be contested now.
    async fn contestable(
        &self,
        address: &Pubkey,
        sla: &Sla,
        at: Timestamp,
    ) -> Result<Vec<Submissions>> {
        let terms = &sla.body.terms;
        let life = SlaLife { sla: *address, start: Timestamp(terms.start) };
        let mut windows: Vec<Submissions> = Vec::new();
        for (_, round) in self.flashback.rounds_of(address).await?.accounts {
            if round.body.settled == 0 {
                let key = life.window(round.body.round.window);
                windows.push(Submissions { key, seats: round.seats, round: round.body.round });
            }
        }
        let current = sla.body.progress.cursor;
        let challenged = sla.body.progress.state() == Ok(SlaState::Active)
            && at >= terms.report_closes(current)?
            && at < terms.settles_at(current)?;
        if challenged && windows.iter().all(|window| window.key.window != current) {
            let (key, seats) = (life.window(current), sla.seats);
            windows.push(Submissions { key, seats, round: sla.body.round });
        }
        windows.sort_by_key(|window| window.key);
        Ok(windows)
    }

    /// Where an oracle publishes; empty if it has closed its account.
    async fn records_url(&self, authority: &Pubkey) -> Result<String> {
        let oracle: Option<Oracle> = self.flashback.find(&address::oracle(authority)).await?;
        Ok(oracle.map(|oracle| padded_text(&oracle.records_url)).unwrap_or_default())
    }

    /// Does about a submission what the policy allows.
    async fn act(&self, seat: &SeatReport, sla: &Sla, at: Timestamp) -> Action {
        let acted = match (&seat.verdict, self.policy) {
            (Verdict::Agrees | Verdict::Unreachable(_), _) => return Action::None,
            (Verdict::Wrong(_), Policy::Report)
            | (Verdict::Withheld(_), Policy::Report | Policy::Prove) => {
                return Action::LeftToOthers;
            }
            (Verdict::Wrong(proven), _) => self.prove(seat, proven).await,
            (Verdict::Withheld(withheld), Policy::Challenge { bonds }) => {
                self.challenge(seat, withheld, sla, at, bonds).await
            }
        };
        match acted {
            Ok(action) => action,
            // Whoever else audits may have been first.
            Err(error) => match self.is_voided(seat).await {
                Ok(true) => Action::VoidedByOthers,
                _ => Action::Failed(error.to_string()),
            },
        }
    }

    async fn prove(&self, seat: &SeatReport, proven: &Proven) -> Result<Action> {
        if self.is_voided(seat).await? {
            return Ok(Action::VoidedByOthers);
        }
        let SeatReport { window, seat, .. } = seat;
        let proof = proven.proof.clone();
        let prepared =
            self.flashback.prove_fraud(&window.life.sla, window.window, *seat, proof).await?;
        let receipt = prepared.send().await?;
        Ok(Action::Proved { fraud: proven.fraud, signature: receipt.signature })
    }

    async fn challenge(
        &self,
        seat: &SeatReport,
        withheld: &Withheld,
        sla: &Sla,
        at: Timestamp,
        bonds: Atoms,
    ) -> Result<Action> {
        let SeatReport { window: key, seat: number, .. } = seat;
        let (address, window) = (&key.life.sla, key.window);
        if at >= sla.body.terms.settles_at(window)? {
            return Ok(Action::TooLate);
        }
        let round = address::round(address, window);
        let challenges = self.flashback.challenges_of(address).await?.accounts;
        let before = challenges.iter().find(|(_, c)| c.round == round && c.seat == *number);
        if let Some((_, challenge)) = before {
            return Ok(Action::ChallengedBefore { leaf: challenge.leaf });
        }
        if self.is_voided(seat).await? {
            return Ok(Action::VoidedByOthers);
        }
        let bond = Atoms(sla.body.terms.bond_min);
        // Taken before it is paid, so that audits at the same time do not pay it twice.
        let taken = self.bonded.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |bonded| {
            bonded.checked_add(bond.0).filter(|sum| *sum <= bonds.0)
        });
        if taken.is_err() {
            return Ok(Action::BondTooLarge { bond });
        }
        let leaf = self.pick(withheld, Shape::of(sla.body.terms.probes)?.leaves());
        let sent = async {
            self.flashback.challenge_leaf(address, window, *number, leaf).await?.send().await
        };
        match sent.await {
            Ok(receipt) => Ok(Action::Challenged { leaf, bond, signature: receipt.signature }),
            Err(error) => {
                // One whose fate is unknown may have been paid.
                if !matches!(error, flashback_sdk::Error::Unknown { .. }) {
                    self.bonded.fetch_sub(bond.0, Ordering::SeqCst);
                }
                Err(error)
            }
        }
    }

    /// Which leaf is to be opened: the oracle must not know before.
    fn pick(&self, withheld: &Withheld, leaves: u32) -> u32 {
        let mut random = rand::rng();
        let doubtful = withheld.doubtful.choose(&mut random).copied();
        doubtful.unwrap_or_else(|| rand::Rng::random_range(&mut random, 0..leaves.max(1)))
    }

    /// Whether the submission is voided by now.
    async fn is_voided(&self, seat: &SeatReport) -> Result<bool> {
        let (address, window) = (&seat.window.life.sla, seat.window.window);
        let index = usize::from(seat.seat);
        let round: Option<flashback_sdk::account::Round> =
            self.flashback.find(&address::round(address, window)).await?;
        let round = match round {
            Some(round) => round.body.round,
            None => self.flashback.sla(address).await?.body.round,
        };
        Ok(round.status_in(window, index) == SeatStatus::Voided)
    }
}

/// The series that a leaf of the window may have been taken from: its other seats', and those of its oracles'
/// windows before.
fn related(window: &Submissions, sla: &Sla) -> Result<Vec<Series>> {
    let mut known = Vec::new();
    for oracle in window.seats.iter().filter(|key| **key != Pubkey::default()) {
        for before in window.key.window.saturating_sub(WINDOWS_BEFORE)..=window.key.window {
            known.push(window.key.life.window(before).series(oracle, &sla.body.terms)?);
        }
    }
    Ok(known)
}
