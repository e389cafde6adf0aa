use flashback_core::sla::Party;

use super::contested::enter;
use crate::prelude::*;

/// A dispute of a window.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct OpenDisputeArgs {
    /// The window.
    pub window: u16,
    /// As whom the signer disputes: 1 the consumer, 2 the provider.
    pub party: u8,
}

#[derive(Accounts)]
#[instruction(args: OpenDisputeArgs)]
pub struct OpenDispute<'info> {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// The consumer or its delegate; or the provider's authority or its operator.
    pub signer: Signer<'info>,
    /// Pays the bond: the SPL Token program lets it pay only if the signer may. What comes back of it is the party's,
    /// to withdraw with its earnings or refunds, even if a delegate or operator has paid.
    #[account(mut)]
    pub signer_token: Box<Account<'info, TokenAccount>>,
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(
        init_if_needed, payer = payer, space = Round::SPACE,
        seeds = [seeds::ROUND, sla.key().as_ref(), &args.window.to_le_bytes()], bump,
    )]
    pub round: AccountLoader<'info, Round>,
    #[account(
        init, payer = payer, space = 8 + Dispute::INIT_SPACE,
        seeds = [seeds::DISPUTE, round.key().as_ref(), &[args.party]], bump,
    )]
    pub dispute: Box<Account<'info, Dispute>>,
    pub token_program: Program<'info, Token>,
    pub system_program: Program<'info, System>,
}

impl OpenDispute<'_> {
    pub fn handle(ctx: Context<Self>, args: OpenDisputeArgs) -> Result<()> {
        let accounts = ctx.accounts;
        let now = chain::now()?;
        let address = accounts.sla.key();
        let mut sla = accounts.sla.load_mut()?;
        let party = Party::from_code(args.party).or_refuse()?;
        let signer = accounts.signer.key;
        match party {
            Party::Consumer => ensure(sla.acts_for_consumer(signer), CoreError::Unauthorized)?,
            Party::Provider => accounts.provider.load()?.check_operates(signer, now)?,
        }
        let payer = accounts.payer.key();
        let bump = ctx.bumps.round;
        let mut round = enter(&mut sla, address, &accounts.round, bump, payer, args.window, now)?;
        let contest = sla.body.open_dispute(&mut round.body, party, now).or_refuse()?;
        accounts.dispute.set_inner(Dispute {
            version: VERSION,
            bump: ctx.bumps.dispute,
            party: args.party,
            sla: address,
            round: accounts.round.key(),
            rent_payer: payer,
            bond: contest.bond.0,
            deadline: contest.deadline.0,
            reserved: [0; 32],
        });
        token::deposit(
            &accounts.token_program,
            &accounts.signer_token,
            &accounts.escrow,
            &accounts.signer,
            contest.bond,
        )?;
        emit!(DisputeOpened {
            sla: address,
            round: accounts.round.key(),
            party: args.party,
            by: *signer,
            bond: contest.bond.0,
            deadline: contest.deadline.0,
        });
        sla.invariant()
    }
}
