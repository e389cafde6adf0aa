//! Seats that are given to other oracles.

use std::time::{Duration, Instant};

use flashback_core::CoreError;
use solana_sdk::pubkey::Pubkey;
use tokio::time::sleep;

use crate::account::Sla;
use crate::client::Flashback;
use crate::error::Result;
use crate::instruction::{self as build, RedrawnSeat};
use crate::prepared::Prepared;

/// How long to wait for a draw's slot hash: eight slots, and the time to confirm them.
const DRAW_PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait before looking for it again.
pub(super) const DRAW_PAUSE: Duration = Duration::from_millis(200);

/// Waiting for a draw's slot hash.
pub(super) struct Patience(Instant);

impl Patience {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    /// Whether not to try again: the draw was ready, or will not be in time.
    pub(super) fn is_over<T>(&self, outcome: &Result<T>) -> bool {
        let core = outcome.as_ref().err().and_then(|error| error.core());
        core != Some(CoreError::DrawNotReady) || self.0.elapsed() >= DRAW_PATIENCE
    }
}

impl Flashback {
    /// Fixes one draw for seats that may be redrawn, as anyone. Their oracles serve until
    /// [`Flashback::redraw_seats`].
    ///
    /// # Errors
    /// [`crate::Error::Rule`] with `SeatInvalid` for a seat that no committee has.
    pub async fn arm_redraw(&self, sla: &Pubkey, seats: &[u8]) -> Result<Prepared> {
        let account = self.sla(sla).await?;
        let arm = seats.iter().map(|seat| {
            let key = account.seats.get(usize::from(*seat)).ok_or(CoreError::SeatInvalid)?;
            let holder = (*key != Pubkey::default()).then_some(*key);
            Ok(build::arm_redraw(*sla, *seat, holder))
        });
        Ok(self.prepare(arm.collect::<Result<Vec<_>>>()?))
    }

    /// Gives the seats of a fixed draw to the oracles drawn for them, as anyone. Waits up to a minute for the draw's
    /// slot hash.
    ///
    /// # Errors
    /// [`crate::Error::Rule`] with `RedrawRefused` if no seat waits, `DrawLapsed` if it is too late, `DrawNotReady`
    /// after that minute. Where a contested round is open, servers may refuse to look for it.
    pub async fn redraw_seats(&self, sla: &Pubkey) -> Result<Prepared> {
        let patience = Patience::start();
        loop {
            let outcome = self.redrawn(sla).await;
            if patience.is_over(&outcome) {
                return outcome;
            }
            sleep(DRAW_PAUSE).await;
        }
    }

    async fn redrawn(&self, sla: &Pubkey) -> Result<Prepared> {
        let account = self.sla(sla).await?;
        if account.body.progress.redraw_seats == 0 {
            return Err(CoreError::RedrawRefused.into());
        }
        let newcomers = self.draw_newcomers(sla).await?;
        let rounds = match account.body.progress.open_rounds {
            0 => vec![],
            _ => self.rounds_of(sla).await?.accounts,
        };
        let round = rounds.first().map(|(address, _)| *address);
        let seats = redrawn_seats(&account, &newcomers);
        Ok(self.prepare([build::redraw_seats(*sla, account.provider, round, &seats)]))
    }
}

/// Who leaves and who comes, for each seat that waits, in order.
fn redrawn_seats(sla: &Sla, newcomers: &[Pubkey]) -> Vec<RedrawnSeat> {
    let waiting = sla.body.progress.redraw_seats;
    let seats = sla.seats.iter().enumerate().filter(|(seat, _)| waiting >> seat & 1 != 0);
    let redrawn = seats.zip(newcomers).map(|((_, key), newcomer)| RedrawnSeat {
        leaver: (*key != Pubkey::default()).then_some(*key),
        newcomer: *newcomer,
    });
    redrawn.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    #[test]
    fn every_waiting_seat_is_paired_with_who_was_drawn_for_it() {
        let mut sla: Sla = bytemuck::Zeroable::zeroed();
        sla.seats = [key(1), Pubkey::default(), key(3), key(4), key(5)];
        sla.body.progress.redraw_seats = 0b01010;
        let expected = [
            RedrawnSeat { leaver: None, newcomer: key(8) },
            RedrawnSeat { leaver: Some(key(4)), newcomer: key(9) },
        ];
        assert_eq!(redrawn_seats(&sla, &[key(8), key(9)]), expected);
    }

    #[test]
    fn only_a_draw_that_is_not_ready_is_waited_for() {
        let patience = Patience::start();
        assert!(!patience.is_over::<()>(&Err(CoreError::DrawNotReady.into())));
        assert!(patience.is_over(&Ok(())));
        assert!(patience.is_over::<()>(&Err(CoreError::DrawLapsed.into())));
        assert!(patience.is_over::<()>(&Err(Error::Network("down".into()))));
    }
}
