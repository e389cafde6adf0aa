//! SLAs beside the consumer's own: of other people, with the same unit, and with another one.

use flashback_core::sla::{Party, Request, SlaTerms};
use flashback_sdk::account::Sla;
use flashback_sdk::draw::Draw;
use flashback_sdk::instruction::{
    ChallengeLeaf, OpenDispute, ProposeSla, ProposeSlaArgs, SubmitReportArgs, challenge_leaf,
    open_dispute, propose_sla, seat_committee, settle, submit_report,
};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;
use solana_sdk::signature::{Keypair, Signer};
use solana_sdk::sysvar::slot_hashes;

use super::crowd::NEIGHBOUR;

/// An SLA, by its parties.
#[derive(Clone, Copy)]
pub struct Beside {
    pub consumer: &'static str,
    pub id: u64,
    pub provider: &'static str,
}

/// The neighbour's first one, with the provider's unit: its first window is contested from the beginning.
pub const CONTESTED: Beside = Beside { consumer: NEIGHBOUR, id: 1, provider: PROVIDER };
/// The neighbour's second one, with the provider's unit: at every moment where the consumer's own is.
pub const NEIGHBOURS: Beside = Beside { consumer: NEIGHBOUR, id: 2, provider: PROVIDER };
/// The consumer's second one, with another provider: likewise.
pub const SECOND: Beside = Beside { consumer: CONSUMER, id: 2, provider: OTHER_PROVIDER };
/// A proposal of the consumer that the provider has not answered.
pub const PROPOSAL: Beside = Beside { consumer: CONSUMER, id: 3, provider: PROVIDER };
/// A proposal of the neighbour likewise.
pub const NEIGHBOURS_PROPOSAL: Beside = Beside { consumer: NEIGHBOUR, id: 3, provider: PROVIDER };

impl Beside {
    pub fn address(self) -> Pubkey {
        address::sla(&key(self.consumer), self.id)
    }

    pub fn escrow(self) -> Pubkey {
        address::escrow(&self.address())
    }

    pub fn round(self) -> Pubkey {
        address::round(&self.address(), 0)
    }

    pub fn dispute(self, party: Party) -> Pubkey {
        address::dispute(&self.round(), party)
    }

    pub fn challenge(self, seat: u8, leaf: u32) -> Pubkey {
        address::challenge(&self.round(), seat, leaf)
    }

    pub fn provider_address(self) -> Pubkey {
        address::provider(&key(self.provider))
    }

    pub fn sla(self, world: &World) -> Sla {
        world.chain.read(&self.address())
    }

    pub fn terms(self, world: &World) -> SlaTerms {
        self.sla(world).body.terms
    }

    /// Its consumer reserves on the offer's thresholds: it is agreed at once.
    pub fn reserves(self, world: &mut World) -> Attempt<'_> {
        self.asks_for(world, reservation().request)
    }

    /// Its consumer asks for something else than is offered: it waits for the provider.
    pub fn proposes(self, world: &mut World) -> Attempt<'_> {
        let mut request = reservation().request;
        request.thresholds.latency_us += 1;
        self.asks_for(world, request)
    }

    fn asks_for(self, world: &mut World, request: Request) -> Attempt<'_> {
        let consumer = key(self.consumer);
        let proposed = propose_sla(ProposeSla {
            payer: key(RENT_PAYER),
            consumer,
            consumer_token: purse(self.consumer),
            provider_authority: key(self.provider),
            unit_id: NUMBER,
            mint: Chain::flash(),
            consumer_certificate: Some(address::certificate(SubjectKind::Consumer, &consumer)),
            args: ProposeSlaArgs { id: self.id, request, ..reservation() },
        });
        let signers = vec![keypair(RENT_PAYER), keypair(self.consumer)];
        Attempt::new(&mut world.chain, proposed, signers)
    }

    /// Anyone seats its committee.
    pub fn seats_committee(self, world: &mut World) -> Attempt<'_> {
        let slot_hashes = world.chain.account(&slot_hashes::ID).expect("slot hashes");
        let draw = Draw {
            address: self.address(),
            sla: &self.sla(world),
            provider: &world.chain.read(&self.provider_address()),
            registry: &world.registry(),
            slot_hashes: &slot_hashes.data,
        };
        let committee = draw.committee().expect("a drawn committee");
        let seated = seat_committee(self.address(), self.provider_address(), &committee);
        Attempt::new(&mut world.chain, seated, vec![])
    }

    /// Every seat reports a window as met.
    pub fn is_reported(self, world: &mut World, window: u16) {
        let sla = self.sla(world);
        let report = SubmitReportArgs { window, aggregate: met(&sla.body.terms), root: [9; 32] };
        for authority in &sla.seats[..3] {
            let submitted = submit_report(*authority, self.address(), report);
            let signers = vec![oracle_keypair(authority)];
            Attempt::new(&mut world.chain, submitted, signers).succeeds();
        }
    }

    /// Its consumer disputes window 0; the stranger challenges leaf 0 of seat 0.
    pub fn is_contested(self, world: &mut World) {
        let (payer, window) = (key(RENT_PAYER), 0);
        let disputed = open_dispute(OpenDispute {
            payer,
            signer: key(self.consumer),
            signer_token: purse(self.consumer),
            party: Party::Consumer,
            provider: self.provider_address(),
            sla: self.address(),
            window,
        });
        let signers = vec![keypair(RENT_PAYER), keypair(self.consumer)];
        Attempt::new(&mut world.chain, disputed, signers).succeeds();
        let challenged = challenge_leaf(ChallengeLeaf {
            payer,
            challenger: key(STRANGER),
            challenger_token: purse(STRANGER),
            sla: self.address(),
            window,
            seat: 0,
            leaf: 0,
        });
        let signers = vec![keypair(RENT_PAYER), keypair(STRANGER)];
        Attempt::new(&mut world.chain, challenged, signers).succeeds();
    }

    /// Anyone settles what is due.
    pub fn settles(self, world: &mut World) -> Attempt<'_> {
        Attempt::new(&mut world.chain, settle(self.address()), vec![])
    }
}

/// The keypair of an oracle's authority.
pub fn oracle_keypair(authority: &Pubkey) -> Keypair {
    let mut oracles = (0..ORACLES).map(|index| keypair(&oracle_name(index)));
    oracles.find(|one| one.pubkey() == *authority).expect("an oracle of this world")
}
