use flashback_core::sla::{WindowOutcome, check_batch};

use crate::prelude::*;

/// What is no Sla that this program can load is skipped with this number; every error's is larger.
const NOT_LOADED: u32 = 1;

/// Remaining accounts: 1 to 126 Slas, writable. One that cannot be settled is skipped, and stops no other; the event
/// has a record for each. The instruction fails only if nothing at all was settled.
#[derive(Accounts)]
pub struct SettleMany {}

impl SettleMany {
    pub fn handle<'info>(ctx: Context<'info, Self>) -> Result<()> {
        check_batch(ctx.remaining_accounts.len()).or_refuse()?;
        let now = chain::now()?;
        let mut records = Vec::with_capacity(ctx.remaining_accounts.len());
        let mut settled = 0u32;
        for account in ctx.remaining_accounts {
            let record = Self::settle(account, now);
            settled = settled.saturating_add(u32::from(record.settled));
            records.push(record);
        }
        ensure(settled > 0, CoreError::NothingDue)?;
        emit!(BatchSettled { records });
        Ok(())
    }

    fn settle<'info>(account: &'info AccountInfo<'info>, now: Timestamp) -> SettledRecord {
        let mut record = SettledRecord { skipped: NOT_LOADED, ..Default::default() };
        let Ok(loader) = AccountLoader::<Sla>::try_from(account) else { return record };
        let Ok(mut sla) = loader.load_mut() else { return record };
        record.skipped = 0;
        // On an error, core leaves the SLA as it was before the window.
        let error = loop {
            match sla.body.settle_next(now) {
                Ok(Some(outcome)) => record.count(&outcome),
                Ok(None) if record.settled == 0 => break Some(CoreError::NothingDue),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        record.skipped = error.map_or(0, CoreError::number);
        record.cursor = sla.body.progress.cursor;
        record
    }
}

impl SettledRecord {
    /// Adds a settled window.
    fn count(&mut self, outcome: &WindowOutcome) {
        self.settled = self.settled.saturating_add(1);
        self.result = outcome.result.code();
        let oracle_fees = outcome.oracle_fee.0.saturating_mul(u64::from(outcome.measured));
        for (sum, amount) in [
            (&mut self.paid, outcome.paid.0),
            (&mut self.refunded, outcome.refunded.0),
            (&mut self.penalty, outcome.penalty.0),
            (&mut self.absence, outcome.absence.0),
            (&mut self.fees, outcome.protocol_fee.0.saturating_add(oracle_fees)),
            (&mut self.returned, outcome.returned.0),
        ] {
            *sum = sum.saturating_add(amount);
        }
    }
}
