//! A window as a contest finds it: in its round already, or about to move there.

use anyhow::Result;
use flashback_core::CoreError;
use flashback_core::records::Series;
use flashback_core::sla::{ContestedRound, SlaBody, SlaState, SlaTerms};
use flashback_core::units::{Seconds, Timestamp};
use flashback_sdk::account::{Round, Sla};
use flashback_sdk::{Error, Flashback, Prepared, address};
use solana_sdk::pubkey::Pubkey;

use super::Window;
use crate::command::sla::{because, require, settled};
use crate::output::Fact;

/// A window that can be contested, or is.
pub struct Entered {
    /// The SLA's account.
    pub sla: Sla,
    /// Its body as it will be when the contest is opened.
    pub body: SlaBody,
    /// The window's round, likewise.
    pub round: ContestedRound,
    /// When that is.
    pub now: Timestamp,
    /// Whether earlier windows are to be settled first.
    settles: bool,
}

impl Entered {
    /// Reads the window.
    pub async fn read(client: &Flashback, of: Window) -> Result<Self> {
        let sla = client.sla(&of.sla).await?;
        let round: Option<Round> = client.find(&address::round(&of.sla, of.window)).await?;
        Self::new(sla, round.map(|round| round.body), of.window, client.now().await?)
    }

    fn new(sla: Sla, round: Option<ContestedRound>, window: u16, now: Timestamp) -> Result<Self> {
        if let Some(round) = round {
            return Ok(Self { sla, body: sla.body, round, now, settles: false });
        }
        require(&sla.body, SlaState::Active)?;
        let mut body = settled(&sla.body, now)?;
        let settles = body != sla.body;
        let entered = match body.progress.cursor == window {
            true => body.contest(now),
            false => Err(CoreError::ContestClosed),
        };
        let (round, _) = entered
            .map_err(because(CoreError::ContestClosed, || phase(&sla.body.terms, window, now)))?;
        Ok(Self { sla, body, round, now, settles })
    }

    /// What opens a contest, after what has to be settled before.
    pub fn opening(&self, client: &Flashback, of: Window, open: Prepared) -> Prepared {
        if self.settles { client.settle(&of.sla).and(open) } else { open }
    }
}

/// When a window can be contested.
pub fn phase(terms: &SlaTerms, window: u16, now: Timestamp) -> String {
    match (terms.report_closes(window), terms.settles_at(window)) {
        (Ok(from), Ok(until)) if window < terms.windows => format!(
            "window {window} can be contested from {} until {}, and it is {}",
            Fact::from(from),
            Fact::from(until),
            Fact::from(now)
        ),
        _ => format!("this SLA has no window {window}, but {} from 0 on", terms.windows),
    }
}

/// What a seat's records of a window are bound to.
pub fn series(sla: &Sla, of: Window, oracle: &Pubkey) -> Result<Series> {
    let terms = &sla.body.terms;
    let series = Series::new(
        oracle.to_bytes(),
        of.sla.to_bytes(),
        Timestamp(terms.start),
        of.window,
        Seconds(terms.window_secs),
        terms.probes,
    );
    Ok(series.map_err(Error::from)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::sla::tests::{active, zeroed};

    fn sla() -> Sla {
        let mut sla: Sla = zeroed();
        sla.body = active(3, 1_000);
        sla
    }

    fn core(error: &anyhow::Error) -> Option<CoreError> {
        error.chain().find_map(|cause| cause.downcast_ref::<Error>()).and_then(Error::core)
    }

    #[test]
    fn a_window_is_entered_in_its_challenge_phase_only() {
        let (opens, closes) = (1_000 + 86_400 + 21_600, 1_000 + 86_400 + 43_200);
        let at = |window, now| Entered::new(sla(), None, window, Timestamp(now));
        let entered = at(0, opens).unwrap();
        assert_eq!((entered.round.round.window, entered.settles), (0, false));
        assert!(entered.round.due > 0);
        for (window, now) in [(0, opens - 1), (0, closes), (1, opens)] {
            let refused = at(window, now).err().unwrap();
            assert_eq!(core(&refused), Some(CoreError::ContestClosed), "{window} at {now}");
            assert!(refused.to_string().contains("can be contested from"), "{refused}");
        }
        let beyond = at(9, opens).err().unwrap().to_string();
        assert_eq!(beyond, "this SLA has no window 9, but 3 from 0 on");
    }

    #[test]
    fn earlier_windows_are_settled_first() {
        let opens = 1_000 + 2 * 86_400 + 21_600;
        let entered = Entered::new(sla(), None, 1, Timestamp(opens)).unwrap();
        assert!(entered.settles);
        assert_eq!(entered.body.progress.unmeasured, 1);
    }

    #[test]
    fn a_round_that_exists_is_taken_as_it_is() {
        let opens = Timestamp(1_000 + 86_400 + 21_600);
        let round = Entered::new(sla(), None, 0, opens).unwrap().round;
        let later = Timestamp(opens.0 + 999_999);
        let entered = Entered::new(sla(), Some(round), 0, later).unwrap();
        assert_eq!((entered.round, entered.body), (round, sla().body));
    }
}
