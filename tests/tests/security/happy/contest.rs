use flashback_tests::prelude::*;

use super::Case;
use crate::security::stages::{
    CHALLENGED, FRAUD, LEAVER, accusation, contestable, contested, decided, disputed, opening,
    orphaned, unanswered, undecided,
};

pub fn cases() -> Vec<Case> {
    vec![
        ("challenge_leaf", contestable(), |world| world.anyone().challenges(0, CHALLENGED, 0)),
        ("challenge_leaf/again", contested(), |world| world.anyone().challenges(0, LEAVER, 5)),
        ("open_leaf", contested(), |world| world.anyone().opens_leaf(0, CHALLENGED, 0, opening(0))),
        ("expire_challenge", unanswered(), |world| {
            world.anyone().expires_challenge(0, CHALLENGED, 0)
        }),
        ("prove_fraud", contested(), |world| {
            world.anyone().proves_fraud(Some(0), FRAUD, accusation())
        }),
        ("prove_fraud/cursor", contestable(), |world| {
            world.anyone().proves_fraud(None, FRAUD, accusation())
        }),
        ("open_dispute", contestable(), |world| world.consumer().disputes(0)),
        ("open_dispute/again", disputed(), |world| world.provider().disputes(0)),
        ("rule_dispute", contested(), |world| world.arbiter().rules(0, Party::Consumer, Some(4))),
        ("expire_dispute", undecided(), |world| world.anyone().expires_dispute(0, Party::Consumer)),
        ("settle_round", decided(), |world| world.anyone().settles_round(0)),
        ("free_round_seat", orphaned(), |world| world.anyone().frees_round_seat(0, LEAVER)),
    ]
}
