use flashback_core::quality::Verdict;
use flashback_core::sla::{check_batch, commitment};

use super::SubmitReportArgs;
use crate::prelude::*;

/// Remaining accounts: 1 to 126 Slas, writable, one for each report, in order. A report that is refused stops no other;
/// the event says which and why. The instruction fails only if every report is refused.
#[derive(Accounts)]
pub struct SubmitMany<'info> {
    /// The oracle of a seat of each.
    pub authority: Signer<'info>,
}

impl<'info> SubmitMany<'info> {
    pub fn handle(ctx: Context<'info, Self>, reports: Vec<SubmitReportArgs>) -> Result<()> {
        check_batch(reports.len()).or_refuse()?;
        ensure(reports.len() == ctx.remaining_accounts.len(), CoreError::BatchInvalid)?;
        let now = chain::now()?;
        let authority = ctx.accounts.authority.key;
        let mut records = Vec::with_capacity(reports.len());
        let mut refused = None;
        let mut recorded = false;
        for (account, report) in ctx.remaining_accounts.iter().zip(&reports) {
            let mut record = ReportRecord { window: report.window, ..Default::default() };
            match Self::report(account, authority, report, now, &mut record) {
                Ok(()) => recorded = true,
                Err(error) => {
                    record.result = error.number();
                    refused = Some(error);
                }
            }
            records.push(record);
        }
        emit!(ReportsSubmitted { oracle: *authority, records });
        match refused {
            Some(error) if !recorded => Err(refusal(error)),
            _ => Ok(()),
        }
    }

    fn report(
        account: &'info AccountInfo<'info>,
        authority: &Pubkey,
        report: &SubmitReportArgs,
        now: Timestamp,
        record: &mut ReportRecord,
    ) -> CoreResult<()> {
        let loader = AccountLoader::<Sla>::try_from(account);
        let loader = loader.map_err(|_| CoreError::AccountKindUnknown)?;
        let mut sla = loader.load_mut().map_err(|_| CoreError::AccountKindUnknown)?;
        while sla.body.progress.cursor < report.window {
            let Some(outcome) = sla.body.settle_next(now)? else { break };
            emit_settled(*account.key, &outcome);
            record.settled = record.settled.saturating_add(1);
        }
        let seat = sla.seats.iter().position(|seat| seat == authority);
        let seat = seat.ok_or(CoreError::NotSeated)?;
        let commitment = commitment::<SyscallSha256>(&report.aggregate, &report.root);
        let verdict = sla.body.submit(seat, report.window, &report.aggregate, commitment, now)?;
        if let Verdict::Measured { shortfall, .. } = verdict {
            record.result = 1;
            record.shortfall_ppm = shortfall.0;
        }
        sla.body.check()
    }
}
