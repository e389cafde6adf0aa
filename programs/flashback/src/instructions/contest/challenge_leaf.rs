use super::contested::enter;
use crate::prelude::*;

/// A challenge of a submission.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct ChallengeLeafArgs {
    /// The window.
    pub window: u16,
    /// The seat.
    pub seat: u8,
    /// The leaf to open, counted from 0.
    pub leaf: u32,
}

#[derive(Accounts)]
#[instruction(args: ChallengeLeafArgs)]
pub struct ChallengeLeaf<'info> {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// Anyone.
    pub challenger: Signer<'info>,
    /// Pays the bond: the SPL Token program lets it pay only if the challenger may.
    #[account(mut)]
    pub challenger_token: Box<Account<'info, TokenAccount>>,
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(
        init_if_needed, payer = payer, space = Round::SPACE,
        seeds = [seeds::ROUND, sla.key().as_ref(), &args.window.to_le_bytes()], bump,
    )]
    pub round: AccountLoader<'info, Round>,
    #[account(
        init, payer = payer, space = 8 + Challenge::INIT_SPACE,
        seeds = [seeds::CHALLENGE, round.key().as_ref(), &[args.seat], &args.leaf.to_le_bytes()], bump,
    )]
    pub challenge: Box<Account<'info, Challenge>>,
    pub token_program: Program<'info, Token>,
    pub system_program: Program<'info, System>,
}

impl ChallengeLeaf<'_> {
    pub fn handle(ctx: Context<Self>, args: ChallengeLeafArgs) -> Result<()> {
        let accounts = ctx.accounts;
        let now = chain::now()?;
        let address = accounts.sla.key();
        let mut sla = accounts.sla.load_mut()?;
        let payer = accounts.payer.key();
        let bump = ctx.bumps.round;
        let mut round = enter(&mut sla, address, &accounts.round, bump, payer, args.window, now)?;
        let contest = sla
            .body
            .open_challenge(&mut round.body, usize::from(args.seat), args.leaf, now)
            .or_refuse()?;
        accounts.challenge.set_inner(Challenge {
            version: VERSION,
            bump: ctx.bumps.challenge,
            seat: args.seat,
            leaf: args.leaf,
            sla: address,
            round: accounts.round.key(),
            challenger: accounts.challenger.key(),
            rent_payer: payer,
            bond: contest.bond.0,
            deadline: contest.deadline.0,
            reserved: [0; 32],
        });
        token::deposit(
            &accounts.token_program,
            &accounts.challenger_token,
            &accounts.escrow,
            &accounts.challenger,
            contest.bond,
        )?;
        emit!(LeafChallenged {
            sla: address,
            round: accounts.round.key(),
            seat: args.seat,
            leaf: args.leaf,
            challenger: accounts.challenger.key(),
            bond: contest.bond.0,
            deadline: contest.deadline.0,
        });
        sla.invariant()
    }
}
