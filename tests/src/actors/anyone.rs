use flashback_core::sla::Party;
use flashback_core::units::Atoms;
use flashback_sdk::account::SubjectKind;
use flashback_sdk::address;
use flashback_sdk::instruction::{
    CertificateSigner, ChallengeLeaf, CloseSla, ProveFraud, RedrawnSeat, ReleaseSla, VaultOwner,
    accept_authority, arm_redraw, assert_solvent, boost_unit, challenge_leaf, close_abandoned_sla,
    close_sla, collect_absence, collect_penalty, expire_challenge, expire_dispute, expire_proposal,
    expire_sla, fold_scores, free_round_seat, leave_registry, open_leaf, prove_fraud, redraw_seats,
    refresh_unit, release_sla, remove_certifier, remove_unit, revoke_certificate, seat_committee,
    settle, settle_many, settle_round, sweep_fees,
};
use solana_sdk::pubkey::Pubkey;

use super::attempt;
use crate::World;
use crate::attempt::Attempt;
use crate::chain::Chain;
use crate::names::{key, keypair};
use crate::world::{CERTIFIER, NUMBER, RENT_PAYER, STRANGER, purse, rent_payer};

/// Whoever turns a crank. Where a signature is asked for, it is the stranger's.
pub struct Anyone<'w> {
    pub(crate) world: &'w mut World,
}

impl<'w> Anyone<'w> {
    /// Seats the drawn committee.
    pub fn seats_committee(self) -> Attempt<'w> {
        let drawn = self.world.drawn();
        self.seats(&drawn)
    }

    /// Seats some committee.
    pub fn seats(self, oracles: &[Pubkey]) -> Attempt<'w> {
        let provider = self.world.provider_address();
        let instruction = seat_committee(self.world.sla_address(), provider, oracles);
        attempt(self.world, instruction, vec![])
    }

    /// Settles what is due.
    pub fn settles(self) -> Attempt<'w> {
        let instruction = settle(self.world.sla_address());
        attempt(self.world, instruction, vec![])
    }

    /// Sweeps the protocol's fees and burns what is to be burnt.
    pub fn sweeps_fees(self) -> Attempt<'w> {
        let provider = self.world.provider_address();
        let instruction = sweep_fees(self.world.sla_address(), provider, Chain::flash());
        attempt(self.world, instruction, vec![])
    }

    /// Collects the provider's penalties.
    pub fn collects_penalty(self) -> Attempt<'w> {
        let provider = self.world.provider_address();
        let instruction = collect_penalty(self.world.sla_address(), provider);
        attempt(self.world, instruction, vec![])
    }

    /// Collects the absences of a seat's oracle.
    pub fn collects_absence(self, seat: u8) -> Attempt<'w> {
        let authority = self.world.sla().seats[usize::from(seat)];
        self.collects_absence_from(seat, &authority)
    }

    /// Collects a seat's absences from some oracle.
    pub fn collects_absence_from(self, seat: u8, authority: &Pubkey) -> Attempt<'w> {
        let instruction = collect_absence(self.world.sla_address(), seat, authority);
        attempt(self.world, instruction, vec![])
    }

    /// Expires the SLA whose draw lapsed.
    pub fn expires(self) -> Attempt<'w> {
        let provider = self.world.provider_address();
        let instruction = expire_sla(self.world.sla_address(), provider, NUMBER);
        attempt(self.world, instruction, vec![])
    }

    /// Gives back what the ended SLA reserved, every seat too.
    pub fn releases(self) -> Attempt<'w> {
        let given = ReleaseSla::of(self.world.sla_address(), &self.world.sla());
        attempt(self.world, release_sla(&given), vec![])
    }

    /// Gives back what the ended SLA reserved, with the seats of these oracles.
    pub fn releases_seats(self, oracles: &[Pubkey]) -> Attempt<'w> {
        let given = ReleaseSla::of(self.world.sla_address(), &self.world.sla());
        let given = ReleaseSla { oracles: oracles.to_vec(), ..given };
        attempt(self.world, release_sla(&given), vec![])
    }

    /// Closes the SLA.
    pub fn closes(self) -> Attempt<'w> {
        let given = CloseSla::of(self.world.sla_address(), &self.world.sla());
        attempt(self.world, close_sla(given), vec![])
    }

    /// Has the chain check the escrow.
    pub fn asserts_escrow_solvent(self) -> Attempt<'w> {
        let instruction = assert_solvent(VaultOwner::Sla(self.world.sla_address()));
        attempt(self.world, instruction, vec![])
    }

    /// Has the chain check the stake vault of a Provider's or Oracle's address.
    pub fn asserts_stake_solvent(self, owner: Pubkey) -> Attempt<'w> {
        attempt(self.world, assert_solvent(VaultOwner::Stake(owner)), vec![])
    }

    /// Gives FLASH to a vault that owes nothing for it.
    pub fn donates(self, vault: Pubkey, amount: Atoms) -> Attempt<'w> {
        let (from, owner) = (purse(STRANGER), key(STRANGER));
        let instruction = spl_token_interface::instruction::transfer(
            &address::TOKEN_PROGRAM,
            &from,
            &vault,
            &owner,
            &[],
            amount.0,
        );
        attempt(self.world, instruction.expect("a transfer"), vec![keypair(STRANGER)])
    }

    /// Settles several SLAs.
    pub fn settles_many(self, slas: &[Pubkey]) -> Attempt<'w> {
        attempt(self.world, settle_many(slas), vec![])
    }

    /// Expires the proposal that was not accepted in time.
    pub fn expires_proposal(self) -> Attempt<'w> {
        let instruction = expire_proposal(self.world.sla_address());
        attempt(self.world, instruction, vec![])
    }

    /// Folds the points that wait in the SLA, every seat's too.
    pub fn folds_scores(self) -> Attempt<'w> {
        let given = ReleaseSla::of(self.world.sla_address(), &self.world.sla());
        attempt(self.world, fold_scores(&given), vec![])
    }

    /// Pushes what is left in the SLA to its owners and closes it, at the stranger's cost.
    pub fn closes_abandoned(self) -> Attempt<'w> {
        let (address, sla) = (self.world.sla_address(), self.world.sla());
        let instruction = close_abandoned_sla(key(RENT_PAYER), address, &sla, Chain::flash());
        attempt(self.world, instruction, vec![keypair(RENT_PAYER)])
    }

    /// Removes the provider's closing unit.
    pub fn removes_unit(self) -> Attempt<'w> {
        let removed = remove_unit(self.world.provider_address(), NUMBER, key(RENT_PAYER));
        attempt(self.world, removed, vec![])
    }

    /// Brings the provider's unit up to date.
    pub fn refreshes_unit(self) -> Attempt<'w> {
        let refreshed = refresh_unit(self.world.provider_address(), NUMBER);
        attempt(self.world, refreshed, vec![])
    }

    /// Burns the stranger's FLASH for the unit's priority.
    pub fn boosts_unit(self, amount: Atoms) -> Attempt<'w> {
        let unit = self.world.unit_address();
        let boosted = boost_unit(key(STRANGER), purse(STRANGER), Chain::flash(), unit, amount);
        attempt(self.world, boosted, vec![keypair(STRANGER)])
    }

    /// Takes an oracle out of the registry, as the stranger.
    pub fn evicts(self, authority: &Pubkey) -> Attempt<'w> {
        let evicted = leave_registry(key(STRANGER), authority, key(RENT_PAYER));
        attempt(self.world, evicted, vec![keypair(STRANGER)])
    }

    /// Ends a lapsed certificate, as the stranger.
    pub fn clears_certificate(self, kind: SubjectKind, subject: &Pubkey) -> Attempt<'w> {
        let signer = CertificateSigner::Other(key(STRANGER));
        let cleared = revoke_certificate(signer, kind, subject, key(RENT_PAYER));
        attempt(self.world, cleared, vec![keypair(STRANGER)])
    }

    /// Ends a lapsed appointment, as the stranger.
    pub fn clears_certifier(self) -> Attempt<'w> {
        let cleared = remove_certifier(key(STRANGER), &key(CERTIFIER), key(RENT_PAYER));
        attempt(self.world, cleared, vec![keypair(STRANGER)])
    }

    /// Arms a redraw of a seat.
    pub fn arms_redraw(self, seat: u8) -> Attempt<'w> {
        let holder = self.world.sla().seats[usize::from(seat)];
        let holder = (holder != Pubkey::default()).then_some(holder);
        attempt(self.world, arm_redraw(self.world.sla_address(), seat, holder), vec![])
    }

    /// Redraws every seat that waits; `contested` is the window of the open round, if there is one.
    pub fn redraws(self, contested: Option<u16>) -> Attempt<'w> {
        let sla = self.world.sla();
        let waiting = (0..8).filter(|seat| sla.body.progress.redraw_seats >> seat & 1 != 0);
        let seats: Vec<_> = waiting
            .zip(self.world.newcomers())
            .map(|(seat, newcomer)| {
                let leaver = sla.seats[seat];
                let leaver = (leaver != Pubkey::default()).then_some(leaver);
                RedrawnSeat { leaver, newcomer }
            })
            .collect();
        let round = contested.map(|window| self.world.round_address(window));
        let (address, provider) = (self.world.sla_address(), self.world.provider_address());
        attempt(self.world, redraw_seats(address, provider, round, &seats), vec![])
    }

    /// Challenges a seat to open a leaf, with the stranger's bond.
    pub fn challenges(self, window: u16, seat: u8, leaf: u32) -> Attempt<'w> {
        let given = ChallengeLeaf {
            payer: key(RENT_PAYER),
            challenger: key(STRANGER),
            challenger_token: purse(STRANGER),
            sla: self.world.sla_address(),
            window,
            seat,
            leaf,
        };
        attempt(self.world, challenge_leaf(given), vec![rent_payer(), keypair(STRANGER)])
    }

    /// Opens a challenged leaf.
    pub fn opens_leaf(self, window: u16, seat: u8, leaf: u32, proof: Vec<u8>) -> Attempt<'w> {
        let address = self.world.challenge_address(window, seat, leaf);
        let challenge = self.world.chain.read(&address);
        attempt(self.world, open_leaf(address, &challenge, proof), vec![])
    }

    /// Ends an unanswered challenge.
    pub fn expires_challenge(self, window: u16, seat: u8, leaf: u32) -> Attempt<'w> {
        let address = self.world.challenge_address(window, seat, leaf);
        let challenge = self.world.chain.read(&address);
        let (round, mint) = (self.world.round(window), Chain::flash());
        let expired = expire_challenge(address, &challenge, &round, purse(STRANGER), mint);
        attempt(self.world, expired, vec![])
    }

    /// Proves a seat's submission wrong, for the stranger's purse: of a contested window, or of the one at the cursor.
    pub fn proves_fraud(self, contested: Option<u16>, seat: u8, proof: Vec<u8>) -> Attempt<'w> {
        let index = usize::from(seat);
        let oracle = match contested {
            Some(window) => self.world.round(window).seats[index],
            None => self.world.sla().seats[index],
        };
        let given = ProveFraud {
            prover_token: purse(STRANGER),
            sla: self.world.sla_address(),
            contested,
            seat,
            oracle,
            proof,
            flash_mint: Chain::flash(),
        };
        attempt(self.world, prove_fraud(given), vec![])
    }

    /// Ends a dispute that the arbiter left unanswered.
    pub fn expires_dispute(self, window: u16, party: Party) -> Attempt<'w> {
        let address = self.world.dispute_address(window, party);
        let dispute = self.world.chain.read(&address);
        attempt(self.world, expire_dispute(address, &dispute), vec![])
    }

    /// Settles a contested window.
    pub fn settles_round(self, window: u16) -> Attempt<'w> {
        let round = self.world.round(window);
        attempt(self.world, settle_round(self.world.sla_address(), window, &round), vec![])
    }

    /// Settles accounts with a seat's former oracle in a contested window.
    pub fn frees_round_seat(self, window: u16, seat: u8) -> Attempt<'w> {
        let round = self.world.round(window);
        let freed = free_round_seat(self.world.sla_address(), window, &round, seat);
        attempt(self.world, freed, vec![])
    }

    /// Takes the authority over, as somebody to whom it may have been offered.
    pub fn accepts_authority(self, name: &str) -> Attempt<'w> {
        attempt(self.world, accept_authority(key(name)), vec![keypair(name)])
    }
}
