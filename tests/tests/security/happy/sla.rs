use flashback_sdk::instruction::{AcceptSla, accept_sla, expire_proposal, reject_sla};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::Case;
use crate::security::beside::{Beside, PROPOSAL};
use crate::security::stages::{
    abandoned, active, collected, contested, drawn, emptied, lapsed, proposed, settled, settling,
    unaccepted,
};

pub fn cases() -> Vec<Case> {
    vec![
        ("propose_sla", contested(), |world| {
            Beside { consumer: CONSUMER, id: 9, provider: PROVIDER }.reserves(world)
        }),
        ("propose_sla/waiting", contested(), |world| PROPOSAL.proposes(world)),
        ("accept_sla", proposed(), accepts),
        ("reject_sla", proposed(), |world| {
            let rejected = reject_sla(key(PROVIDER), world.provider_address(), PROPOSAL.address());
            Attempt::new(&mut world.chain, rejected, vec![keypair(PROVIDER)])
        }),
        ("seat_committee", drawn(), |world| world.anyone().seats_committee()),
        ("expire_sla", lapsed(), |world| world.anyone().expires()),
        ("expire_sla/proposal", unaccepted(), |world| {
            Attempt::new(&mut world.chain, expire_proposal(PROPOSAL.address()), vec![])
        }),
        ("settle", settling(), |world| world.anyone().settles()),
        ("settle_many", settling(), |world| {
            let sla = world.sla_address();
            world.anyone().settles_many(&[sla])
        }),
        ("terminate_sla", active(), |world| world.consumer().terminates()),
        ("fold_scores", settled(), |world| world.anyone().folds_scores()),
        ("release_sla", collected(), |world| world.anyone().releases()),
        ("close_sla", emptied(), |world| world.anyone().closes()),
        ("close_abandoned_sla", abandoned(), |world| world.anyone().closes_abandoned()),
    ]
}

fn accepts(world: &mut World) -> Attempt<'_> {
    let accepted = accept_sla(AcceptSla {
        signer: key(PROVIDER),
        provider_authority: key(PROVIDER),
        unit_id: NUMBER,
        sla: PROPOSAL.address(),
        consumer_certificate: Some(address::certificate(SubjectKind::Consumer, &key(CONSUMER))),
    });
    Attempt::new(&mut world.chain, accepted, vec![keypair(PROVIDER)])
}
