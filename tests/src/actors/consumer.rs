use flashback_core::sla::Party;
use flashback_sdk::account::SubjectKind;
use flashback_sdk::address;
use flashback_sdk::instruction::{
    OpenDispute, ProposeSla, ProposeSlaArgs, open_dispute, propose_sla, terminate_sla,
    withdraw_refund,
};

use super::attempt;
use crate::World;
use crate::attempt::Attempt;
use crate::chain::Chain;
use crate::names::{key, keypair};
use crate::world::{CONSUMER, NUMBER, PROVIDER, RENT_PAYER, purse, rent_payer, reservation};

/// The consumer.
pub struct Consumer<'w> {
    pub(crate) world: &'w mut World,
}

impl<'w> Consumer<'w> {
    /// Reserves what [`reservation`] says.
    pub fn reserves(self) -> Attempt<'w> {
        self.reserves_with(reservation())
    }

    /// Reserves something else.
    pub fn reserves_with(self, args: ProposeSlaArgs) -> Attempt<'w> {
        self.proposes(args, false)
    }

    /// Reserves what [`reservation`] says, and shows its certificate.
    pub fn reserves_certified(self) -> Attempt<'w> {
        self.proposes(reservation(), true)
    }

    fn proposes(self, args: ProposeSlaArgs, certified: bool) -> Attempt<'w> {
        let consumer = key(CONSUMER);
        let instruction = propose_sla(ProposeSla {
            payer: key(RENT_PAYER),
            consumer,
            consumer_token: purse(CONSUMER),
            provider_authority: key(PROVIDER),
            unit_id: NUMBER,
            mint: Chain::flash(),
            consumer_certificate: certified
                .then(|| address::certificate(SubjectKind::Consumer, &consumer)),
            args,
        });
        attempt(self.world, instruction, vec![rent_payer(), keypair(CONSUMER)])
    }

    /// Withdraws what was refunded, to its purse.
    pub fn withdraws_refund(self) -> Attempt<'w> {
        let instruction = withdraw_refund(key(CONSUMER), self.world.sla_address(), purse(CONSUMER));
        attempt(self.world, instruction, vec![keypair(CONSUMER)])
    }

    /// Ends the SLA early.
    pub fn terminates(self) -> Attempt<'w> {
        let provider = self.world.provider_address();
        let ended = terminate_sla(key(CONSUMER), provider, self.world.sla_address());
        attempt(self.world, ended, vec![keypair(CONSUMER)])
    }

    /// Disputes a window of the SLA.
    pub fn disputes(self, window: u16) -> Attempt<'w> {
        let given = OpenDispute {
            payer: key(RENT_PAYER),
            signer: key(CONSUMER),
            signer_token: purse(CONSUMER),
            party: Party::Consumer,
            provider: self.world.provider_address(),
            sla: self.world.sla_address(),
            window,
        };
        attempt(self.world, open_dispute(given), vec![rent_payer(), keypair(CONSUMER)])
    }
}
