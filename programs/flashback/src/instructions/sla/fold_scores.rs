use flashback_core::committee::SEATS_MAX;

use crate::prelude::*;

/// Remaining accounts: Oracle accounts of the committee, writable, in any order: those whose points are to be folded.
#[derive(Accounts)]
pub struct FoldScores<'info> {
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut)]
    pub provider: AccountLoader<'info, Provider>,
    /// Needed while points of it wait; it may be gone after the SLA was released.
    #[account(
        mut,
        constraint = unit.provider == provider.key() && unit.id == sla.load()?.unit_id
            @ FlashbackError::AccountMismatch,
    )]
    pub unit: Option<Box<Account<'info, DataUnit>>>,
}

impl<'info> FoldScores<'info> {
    pub fn handle(ctx: Context<'info, Self>) -> Result<()> {
        let FoldScores { sla: loader, provider, unit } = ctx.accounts;
        let now = chain::now()?;
        let address = loader.key();
        let mut sla = loader.load_mut()?;
        let mut folded = false;
        if let Some(points_milli) = some(sla.body.fold_unit_points())? {
            folded = true;
            let unit = unit.as_mut().ok_or(CoreError::AccountMismatch).or_refuse()?;
            let mut provider = provider.load_mut()?;
            let before = unit.score.milli;
            unit.fold(&mut provider, points_milli, now).or_refuse()?;
            emit!(UnitRefreshed {
                unit: unit.key(),
                points_milli,
                score_milli_before: before,
                score_milli_after: unit.score.milli,
                provider_score_milli: provider.score_milli(),
            });
        }
        let mut all = [0; SEATS_MAX];
        let mut scores = [0; SEATS_MAX];
        for account in ctx.remaining_accounts {
            let oracle = AccountLoader::<Oracle>::try_from(account)?;
            let mut oracle = oracle.load_mut()?;
            let seat = sla.seat_of(&oracle.authority)?;
            let Some(points) = some(sla.body.fold_seat_points(seat))? else { continue };
            folded = true;
            let score = oracle.fold_points(points, now)?;
            if let (Some(one), Some(after)) = (all.get_mut(seat), scores.get_mut(seat)) {
                (*one, *after) = (points, score.milli);
            }
        }
        ensure(folded, CoreError::NothingToFold)?;
        if all.iter().any(|points| *points != 0) {
            emit!(OraclesFolded { sla: address, points: all, score_milli: scores });
        }
        sla.invariant()
    }
}

/// The points, if any wait.
fn some<T>(points: CoreResult<T>) -> Result<Option<T>> {
    match points {
        Err(CoreError::NothingToFold) => Ok(None),
        points => points.map(Some).or_refuse(),
    }
}
