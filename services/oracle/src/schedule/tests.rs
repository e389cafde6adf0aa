use std::collections::BTreeSet;

use flashback_core::records::Series;
use flashback_core::units::{Seconds, Timestamp};
use proptest::prelude::*;
use solana_sdk::pubkey::Pubkey;

use super::*;
use crate::key::SlaLife;

const START: Timestamp = Timestamp(1_700_000_000);

fn key(window: u16) -> WindowKey {
    SlaLife { sla: Pubkey::new_from_array([3; 32]), start: START }.window(window)
}

fn series(window: u16, seconds: u32, rounds: u32) -> Series {
    Series::new([1; 32], [3; 32], START, window, Seconds(seconds), rounds).unwrap()
}

fn plan(canaries: usize) -> Plan {
    Plan { transfers: TRANSFERS, min_samples: 10, canaries, room: Seconds(60) }
}

fn plans(schedule: &Schedule) -> Vec<RoundPlan> {
    (0..schedule.rounds()).map(|round| schedule.round(round).unwrap()).collect()
}

fn drawn(secret: u8, window: u16) -> Vec<RoundPlan> {
    let secret = SecretKey::new([secret; 32]);
    plans(&Schedule::new(&secret, &series(window, 86_400, 288), key(window), &plan(3)))
}

#[test]
fn the_same_secret_draws_the_same_and_another_another() {
    assert_eq!(drawn(1, 0), drawn(1, 0));
    for other in [drawn(2, 0), drawn(1, 1)] {
        let (mut seconds, mut kinds) = (0, 0);
        for (one, other) in drawn(1, 0).iter().zip(&other) {
            assert_ne!(one.object, other.object);
            assert_ne!(one.content, other.content);
            assert_ne!(one.offset, other.offset);
            seconds +=
                u32::from(one.at.since(one.slice.start) != other.at.since(other.slice.start));
            kinds += u32::from(one.transfer != other.transfer);
        }
        // 288 draws of 240 seconds, 48 of 288 rounds: equal ones are as rare as chance has it.
        assert!(seconds > 260, "{seconds}");
        assert!(kinds > 40, "{kinds}");
    }
}

#[test]
fn a_round_begins_anywhere_that_leaves_it_room() {
    let plans = drawn(1, 0);
    let offsets: Vec<u64> = plans.iter().map(|plan| plan.at.since(plan.slice.start)).collect();
    assert!(offsets.iter().all(|offset| (0..240).contains(offset)));
    // All quarters of the time are used.
    for quarter in 0..4 {
        let part = quarter * 60..(quarter + 1) * 60;
        assert!(offsets.iter().filter(|&offset| part.contains(offset)).count() > 36);
    }
}

#[test]
fn transfers_follow_the_terms_and_the_configuration() {
    let secret = SecretKey::new([1; 32]);
    for (rounds, transfers, min_samples, expected) in
        [(288, 48, 10, 48), (288, 48, 30, 60), (288, 10, 0, 10), (20, 48, 10, 20), (1, 48, 10, 1)]
    {
        let plan = Plan { transfers, min_samples, canaries: 0, room: Seconds(60) };
        let schedule = Schedule::new(&secret, &series(0, 86_400, rounds), key(0), &plan);
        let plans = plans(&schedule);
        assert_eq!(plans.iter().filter(|plan| plan.transfer).count(), expected);
        assert!(plans.iter().all(|plan| plan.canary.is_none()));
    }
}

#[test]
fn a_schedule_keeps_to_itself() {
    let secret = SecretKey::new([0xab; 32]);
    let schedule = Schedule::new(&secret, &series(0, 86_400, 4), key(0), &plan(1));
    let plan = schedule.round(0).unwrap();
    let shown = format!("{secret:?} {schedule:?} {plan:?}");
    assert!(!shown.contains("171, 171"), "{shown}");
    assert!(shown.contains("content: [seed]"));
    assert!(schedule.round(4).is_err());
}

proptest! {
    #[test]
    fn rounds_stay_in_their_slices_and_counts_are_exact(
        secret in any::<[u8; 32]>(),
        window in 0_u16..200,
        seconds in 3_600_u32..=604_800,
        rounds in 1_u32..600,
        transfers in 0_u32..100,
        min_samples in 0_u32..60,
        canaries in 0_usize..20,
        room in 0_u32..400,
    ) {
        let series = series(window, seconds, rounds);
        let plan = Plan { transfers, min_samples, canaries, room: Seconds(room) };
        let schedule = Schedule::new(&SecretKey::new(secret), &series, key(window), &plan);
        let plans = plans(&schedule);

        let mut reads = vec![0_u32; canaries];
        let mut names = BTreeSet::new();
        for (round, plan) in (0..).zip(&plans) {
            prop_assert_eq!(plan.round, round);
            prop_assert_eq!(&plan.slice, &series.slice(round).unwrap());
            prop_assert!(plan.slice.contains(&plan.at));
            if plan.slice.end.since(plan.slice.start) >= 2 * u64::from(room) {
                prop_assert!(plan.slice.end.since(plan.at) >= u64::from(room));
            }
            prop_assert!(names.insert(plan.object.clone()));
            if let Some(canary) = plan.canary {
                reads[canary] += 1;
            }
        }
        let count = rounds.min(transfers.max(2 * min_samples));
        prop_assert_eq!(plans.iter().filter(|plan| plan.transfer).count(), count as usize);

        let total: u32 = reads.iter().sum();
        if canaries > 0 {
            let plain = count.min(rounds - count);
            let wanted = plain.max(canaries as u32).min(plain + count);
            prop_assert_eq!(total, wanted);
            let (least, most) = (reads.iter().min().unwrap(), reads.iter().max().unwrap());
            prop_assert!(most - least <= 1);
        }
    }
}
