use crate::prelude::*;

/// Remaining accounts: Oracle accounts of the committee, writable, in any order: those whose seats are to be
/// freed. The provider's part and each seat are given back as soon as they can be, whatever keeps the others or
/// whoever has not withdrawn; the instruction fails only if nothing at all can be given back.
#[derive(Accounts)]
pub struct ReleaseSla<'info> {
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut)]
    pub provider: AccountLoader<'info, Provider>,
    /// Needed until its own part is given back; it may be gone after that.
    #[account(
        mut,
        constraint = unit.provider == provider.key() && unit.id == sla.load()?.unit_id
            @ FlashbackError::AccountMismatch,
    )]
    pub unit: Option<Box<Account<'info, DataUnit>>>,
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: AccountLoader<'info, OracleRegistry>,
}

/// What became of one part of what an SLA reserves.
enum Part {
    GivenBack,
    GivenBackBefore,
    /// Something is still owed or open.
    Waits,
}

impl Part {
    /// Tells a part that cannot be given back now, which stops no other, from a real refusal.
    fn of<T>(outcome: CoreResult<T>) -> Result<std::result::Result<T, Part>> {
        match outcome {
            Err(CoreError::AlreadyReleased) => Ok(Err(Part::GivenBackBefore)),
            Err(CoreError::NotClosable) => Ok(Err(Part::Waits)),
            outcome => Ok(Ok(outcome.or_refuse()?)),
        }
    }
}

/// What became of all parts together.
#[derive(Default)]
struct Parts {
    given_back: bool,
    wait: bool,
}

impl Parts {
    fn count(&mut self, part: Part) {
        self.given_back |= matches!(part, Part::GivenBack);
        self.wait |= matches!(part, Part::Waits);
    }

    fn require_something(&self) -> Result<()> {
        ensure(self.given_back || !self.wait, CoreError::NotClosable)?;
        ensure(self.given_back, CoreError::AlreadyReleased)?;
        Ok(())
    }
}

impl<'info> ReleaseSla<'info> {
    pub fn handle(ctx: Context<'info, Self>) -> Result<()> {
        let now = chain::now()?;
        let ReleaseSla { sla: loader, provider, unit, registry } = ctx.accounts;
        let address = loader.key();
        let mut sla = loader.load_mut()?;
        let unit = unit.as_deref_mut().map(|unit| &mut **unit);
        let released = Self::release(address, &mut sla, unit, &mut *provider.load_mut()?, now)?;
        let mut parts = Parts::default();
        parts.count(released);
        for account in ctx.remaining_accounts {
            parts.count(Self::free_seat(address, &mut sla, account, registry, now)?);
        }
        parts.require_something()?;
        sla.invariant()
    }

    /// Gives capacity, cover and points back, if that can be.
    fn release(
        address: Pubkey,
        sla: &mut Sla,
        unit: Option<&mut DataUnit>,
        provider: &mut Provider,
        now: Timestamp,
    ) -> Result<Part> {
        let released = match Part::of(sla.body.release())? {
            Ok(released) => released,
            Err(part) => return Ok(part),
        };
        let unit = unit.ok_or(CoreError::AccountMismatch).or_refuse()?;
        unit.take_back(provider, &released, now).or_refuse()?;
        emit!(SlaReleased {
            sla: address,
            gib: released.gib.0,
            cover: released.cover.0,
            points_milli: released.points_milli,
            unit_taken_gib: unit.taken_gib,
            unit_score_milli: unit.score.milli,
            provider_covered: provider.stake.covered,
        });
        Ok(Part::GivenBack)
    }

    /// Gives a seat's cover and points back to its oracle, if that can be.
    fn free_seat(
        address: Pubkey,
        sla: &mut Sla,
        account: &'info AccountInfo<'info>,
        registry: &AccountLoader<'info, OracleRegistry>,
        now: Timestamp,
    ) -> Result<Part> {
        let loader = AccountLoader::<Oracle>::try_from(account)?;
        let mut oracle = loader.load_mut()?;
        let seat = sla.seat_of(&oracle.authority)?;
        let freed = match Part::of(sla.body.free_seat(seat, &oracle.stake, now))? {
            Ok(freed) => freed,
            Err(part) => return Ok(part),
        };
        oracle.stake.release(freed.cover).or_refuse()?;
        let score = oracle.fold_points(freed.points, now)?;
        oracle.leave_seat()?;
        oracle.sync_registry(Some(registry))?;
        emit!(SeatFreed {
            sla: address,
            oracle: loader.key(),
            cover: freed.cover.0,
            points: freed.points,
            written_off: freed.written_off.0,
            oracle_covered: oracle.stake.covered,
            oracle_score_milli: score.milli,
        });
        Ok(Part::GivenBack)
    }
}
