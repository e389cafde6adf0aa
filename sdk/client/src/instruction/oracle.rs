//! Oracles: registering, joining and leaving the registry, reporting, redrawing seats.

use flashback::state::SubjectKind;
use flashback::{RegisterOracleArgs, SubmitReportArgs, accounts, instruction};
use solana_sdk::instruction::AccountMeta;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use super::{SYSTEM_PROGRAM, build};
use crate::address;

/// Registers an oracle with its stake vault. Signers: payer and authority.
pub fn register_oracle(
    payer: Pubkey,
    authority: Pubkey,
    flash_mint: Pubkey,
    args: RegisterOracleArgs,
) -> Instruction {
    let oracle = address::oracle(&authority);
    let accounts = accounts::RegisterOracle {
        payer,
        authority,
        config: address::config(),
        flash_mint,
        oracle,
        vault: address::stake_vault(&oracle),
        token_program: address::TOKEN_PROGRAM,
        system_program: SYSTEM_PROGRAM,
    };
    build(accounts, instruction::RegisterOracle { args })
}

/// Enters a staked, certified oracle into the registry. Signers: payer and the oracle's authority.
pub fn join_registry(payer: Pubkey, authority: Pubkey) -> Instruction {
    let accounts = accounts::JoinRegistry {
        payer,
        authority,
        config: address::config(),
        oracle: address::oracle(&authority),
        certificate: address::certificate(SubjectKind::Oracle, &authority),
        registry: address::registry(),
        system_program: SYSTEM_PROGRAM,
    };
    build(accounts, instruction::JoinRegistry {})
}

/// Submits what a seat's oracle measured in a window. Signer: the oracle's authority.
pub fn submit_report(authority: Pubkey, sla: Pubkey, args: SubmitReportArgs) -> Instruction {
    build(accounts::SubmitReport { authority, sla }, instruction::SubmitReport { args })
}

/// Submits an oracle's reports of 1 to 126 SLAs, each of its own window. Signer: the oracle's authority.
pub fn submit_many(authority: Pubkey, reports: &[(Pubkey, SubmitReportArgs)]) -> Instruction {
    let args = reports.iter().map(|(_, report)| *report).collect();
    let mut instruction =
        build(accounts::SubmitMany { authority }, instruction::SubmitMany { reports: args });
    instruction.accounts.extend(reports.iter().map(|(sla, _)| AccountMeta::new(*sla, false)));
    instruction
}

/// Changes an oracle's key for credentials and its records' URL. Signer: its authority.
pub fn update_oracle(authority: Pubkey, args: RegisterOracleArgs) -> Instruction {
    let accounts = accounts::UpdateOracle { authority, oracle: address::oracle(&authority) };
    build(accounts, instruction::UpdateOracle { args })
}

/// Takes an oracle (by authority) out of the registry, in two calls; `rent_payer` is who paid its entry's rent.
///
/// After the first it is drawn no more. Signer: its authority; anyone, if it is not certified any more or has less than
/// the least stake bonded. The second, from 1,000 slots later on (before: `DrawPending`), removes the entry, whose rent
/// goes back. Signer: anyone.
pub fn leave_registry(signer: Pubkey, authority: &Pubkey, rent_payer: Pubkey) -> Instruction {
    let accounts = accounts::LeaveRegistry {
        signer,
        config: address::config(),
        oracle: address::oracle(authority),
        certificate: address::certificate(SubjectKind::Oracle, authority),
        registry: address::registry(),
        rent_payer,
    };
    build(accounts, instruction::LeaveRegistry {})
}

/// Closes an oracle and its certificate. `rent_payer` and `certificate_rent_payer` are who paid their rent (for the
/// latter any key, if there is no certificate). Signer: its authority.
pub fn close_oracle(
    authority: Pubkey,
    rent_payer: Pubkey,
    certificate_rent_payer: Pubkey,
) -> Instruction {
    let oracle = address::oracle(&authority);
    let accounts = accounts::CloseOracle {
        authority,
        config: address::config(),
        oracle,
        rent_payer,
        vault: address::stake_vault(&oracle),
        treasury: address::treasury(),
        certificate: address::certificate(SubjectKind::Oracle, &authority),
        certificate_rent_payer,
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::CloseOracle {})
}

/// Fixes a draw for a seat that may be redrawn; `holder` is the authority of the oracle that holds it, if any: it
/// serves until [`redraw_seats`]. No signers.
pub fn arm_redraw(sla: Pubkey, seat: u8, holder: Option<Pubkey>) -> Instruction {
    let oracle = holder.map(|authority| address::oracle(&authority));
    build(accounts::ArmRedraw { sla, oracle }, instruction::ArmRedraw { seat })
}

/// A seat that is redrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedrawnSeat {
    /// The authority of the oracle that leaves it, if anybody holds it.
    pub leaver: Option<Pubkey>,
    /// The authority of the oracle that was drawn.
    pub newcomer: Pubkey,
}

/// Gives the seats of a pending redraw to the oracles drawn for them: one entry for each seat that waits, in order
/// (see [`crate::draw`]). `provider` is the Provider's address; `round` the address of the SLA's open contested round,
/// needed if there is one and a seat has a holder. No signers.
pub fn redraw_seats(
    sla: Pubkey,
    provider: Pubkey,
    round: Option<Pubkey>,
    seats: &[RedrawnSeat],
) -> Instruction {
    let accounts = accounts::RedrawSeats {
        sla,
        provider,
        escrow: address::escrow(&sla),
        registry: address::registry(),
        round,
        token_program: address::TOKEN_PROGRAM,
    };
    let mut instruction = build(accounts, instruction::RedrawSeats {});
    for seat in seats {
        match seat.leaver {
            Some(authority) => {
                let oracle = address::oracle(&authority);
                let vault = address::stake_vault(&oracle);
                instruction.accounts.push(AccountMeta::new(oracle, false));
                instruction.accounts.push(AccountMeta::new(vault, false));
            }
            None => {
                let nobody = AccountMeta::new_readonly(address::PROGRAM, false);
                instruction.accounts.extend([nobody.clone(), nobody]);
            }
        }
        let newcomer = address::oracle(&seat.newcomer);
        instruction.accounts.push(AccountMeta::new(newcomer, false));
    }
    instruction
}
