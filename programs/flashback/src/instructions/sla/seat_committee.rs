use flashback_core::committee::{DrawHash, Eligibility, SEATS_MAX, draw};

use crate::prelude::*;

/// Remaining accounts: the drawn oracles' Oracle accounts, writable, in the draw's order. One that cannot cover its
/// seat, or has left the registry meanwhile, leaves it vacant, to be redrawn; at least a majority has to be seated.
#[derive(Accounts)]
pub struct SeatCommittee<'info> {
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: AccountLoader<'info, OracleRegistry>,
}

impl<'info> SeatCommittee<'info> {
    pub fn handle(ctx: Context<'info, Self>) -> Result<()> {
        let SeatCommittee { sla: loader, provider, registry } = ctx.accounts;
        let address = loader.key();
        let now = chain::now()?;
        let mut sla = loader.load_mut()?;
        // Only a waiting SLA has a draw to hold.
        sla.body.progress.require(flashback_core::sla::SlaState::Agreed).or_refuse()?;
        let count = sla.body.terms.seats;
        let excluded = Sla::parties(&sla.consumer, &*provider.load()?);
        let drawn = drawn_oracles(&sla, address, registry, &excluded, count)?;
        ensure(ctx.remaining_accounts.len() == usize::from(count), CoreError::CommitteeMismatch)?;
        let cover = sla.body.terms.seat_cover().and_then(|cover| cover.total()).or_refuse()?;
        let mut covered = [false; SEATS_MAX];
        let mut seats = [Pubkey::default(); SEATS_MAX];
        for (index, (account, key)) in ctx.remaining_accounts.iter().zip(drawn).enumerate() {
            let oracle = AccountLoader::<Oracle>::try_from(account)?;
            let mut oracle = oracle.load_mut()?;
            ensure(oracle.authority == key, CoreError::CommitteeMismatch)?;
            if !oracle.serves() || oracle.stake.cover(cover).is_err() {
                continue;
            }
            oracle.seats = oracle.seats.saturating_add(1);
            oracle.sync_registry(Some(registry))?;
            if let (Some(held), Some(seat)) = (covered.get_mut(index), seats.get_mut(index)) {
                (*held, *seat) = (true, key);
            }
        }
        sla.body.seat_covered(covered, now).or_refuse()?;
        sla.seats = seats;
        emit!(CommitteeSeated {
            sla: address,
            seats,
            start: sla.body.terms.start,
            seat_cover: cover.0,
        });
        sla.invariant()
    }
}

/// The authorities of `count` oracles drawn for an SLA by its pending draw, in order.
pub(crate) fn drawn_oracles(
    sla: &Sla,
    address: Pubkey,
    registry: &AccountLoader<OracleRegistry>,
    excluded: &[[u8; 32]],
    count: u8,
) -> Result<[Pubkey; SEATS_MAX]> {
    let progress = &sla.body.progress;
    let hash = match chain::draw_hash(progress.draw_slot)? {
        DrawHash::NotReady => return Err(refusal(CoreError::DrawNotReady)),
        DrawHash::Lapsed => return Err(refusal(CoreError::DrawLapsed)),
        DrawHash::Ready(hash) => hash,
    };
    let eligibility = Eligibility {
        joined_before: sla.body.draw_armed_slot(),
        now: sla.body.draw_armed_at(),
        excluded,
    };
    let entries = OracleRegistry::read(registry)?;
    let drawn = draw::<SyscallSha256>(
        OracleRegistry::candidates(&entries),
        &eligibility,
        &hash,
        address.as_array(),
        progress.draw_number,
        count,
    )
    .or_refuse()?;
    Ok(drawn.map(|oracle| oracle.copied().map(Pubkey::new_from_array).unwrap_or_default()))
}
