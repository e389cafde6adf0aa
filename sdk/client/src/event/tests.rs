//! One test for each event, and what else a log may hold.

use std::collections::BTreeSet;

use anchor_lang::Event;

use super::*;

/// An event of patterned bytes: every integer differs from zero, every bool is true, a vector has two elements.
fn sample<E: AnchorDeserialize>() -> E {
    // Ones are a bool, an enum's variant and any integer; a vector's length comes first.
    let ones = vec![1; 4_096];
    let lengthy = [vec![1; 32], ones.clone()].concat();
    let with_length = |before: usize| {
        let mut bytes = vec![1; before];
        bytes.extend([2, 0, 0, 0]);
        bytes.extend(&ones);
        bytes
    };
    let tries = [lengthy, with_length(0), with_length(32)];
    let decoded = tries.iter().find_map(|bytes| {
        let mut rest = bytes.as_slice();
        E::deserialize(&mut rest).ok()
    });
    decoded.expect("patterned bytes")
}

fn logged(data: &[u8]) -> Vec<String> {
    let own = address::PROGRAM;
    vec![
        format!("Program {own} invoke [1]"),
        format!("Program data: {}", BASE64_STANDARD.encode(data)),
        format!("Program {own} consumed 1 of 2 compute units"),
        format!("Program {own} success"),
    ]
}

fn is_decoded<E>(name: &str)
where
    E: AnchorDeserialize + Event + Clone + Into<FlashbackEvent>,
{
    let event: E = sample();
    let data = event.data();
    let expected: FlashbackEvent = event.into();
    assert_eq!(expected.name(), name);
    assert_eq!(from_logs(&logged(&data)), [Ok(expected)]);
    let cut = &data[..data.len() - 1];
    assert!(matches!(FlashbackEvent::decode(cut), Err(Undecoded::Malformed(of)) if of == name));
    let longer = [data.as_slice(), &[0]].concat();
    assert!(matches!(FlashbackEvent::decode(&longer), Err(Undecoded::Malformed(of)) if of == name));
}

macro_rules! a_test_for_each {
    ($($test:ident: $name:ident,)*) => {
        $(
            #[test]
            fn $test() {
                is_decoded::<$name>(stringify!($name));
            }
        )*

        #[test]
        fn every_event_has_its_test() {
            let tested: BTreeSet<_> = [$(stringify!($name),)*].into();
            let all: BTreeSet<_> = FlashbackEvent::NAMES.iter().copied().collect();
            assert_eq!(tested, all);
        }
    };
}

a_test_for_each! {
    protocol_initialized: ProtocolInitialized,
    certifier_appointed: CertifierAppointed,
    certified: Certified,
    solvency_asserted: SolvencyAsserted,
    certifier_removed: CertifierRemoved,
    certificate_amended: CertificateAmended,
    certificate_revoked: CertificateRevoked,
    params_set: ParamsSet,
    guardian_appointed: GuardianAppointed,
    arbiter_appointed: ArbiterAppointed,
    authority_offered: AuthorityOffered,
    authority_accepted: AuthorityAccepted,
    paused: Paused,
    provider_registered: ProviderRegistered,
    unit_listed: UnitListed,
    provider_updated: ProviderUpdated,
    operator_set: OperatorSet,
    provider_closed: ProviderClosed,
    unit_updated: UnitUpdated,
    unit_boosted: UnitBoosted,
    maintenance_announced: MaintenanceAnnounced,
    unit_closing: UnitClosing,
    unit_removed: UnitRemoved,
    unit_refreshed: UnitRefreshed,
    stake_added: StakeAdded,
    unstake_started: UnstakeStarted,
    stake_withdrawn: StakeWithdrawn,
    oracle_registered: OracleRegistered,
    oracle_joined: OracleJoined,
    report_submitted: ReportSubmitted,
    oracle_updated: OracleUpdated,
    oracle_left: OracleLeft,
    entry_removed: EntryRemoved,
    oracle_closed: OracleClosed,
    reports_submitted: ReportsSubmitted,
    redraw_armed: RedrawArmed,
    seat_redrawn: SeatRedrawn,
    oracles_folded: OraclesFolded,
    sla_proposed: SlaProposed,
    sla_rejected: SlaRejected,
    sla_terminated: SlaTerminated,
    sla_agreed: SlaAgreed,
    committee_seated: CommitteeSeated,
    sla_expired: SlaExpired,
    window_settled: WindowSettled,
    sla_released: SlaReleased,
    seat_freed: SeatFreed,
    sla_closed: SlaClosed,
    batch_settled: BatchSettled,
    sla_pushed_out: SlaPushedOut,
    earnings_withdrawn: EarningsWithdrawn,
    refund_withdrawn: RefundWithdrawn,
    oracle_fees_claimed: OracleFeesClaimed,
    fees_swept: FeesSwept,
    penalty_collected: PenaltyCollected,
    absence_collected: AbsenceCollected,
    window_contested: WindowContested,
    dispute_opened: DisputeOpened,
    dispute_ended: DisputeEnded,
    leaf_challenged: LeafChallenged,
    leaf_opened: LeafOpened,
    challenge_expired: ChallengeExpired,
    submission_voided: SubmissionVoided,
    round_seat_freed: RoundSeatFreed,
    round_closed: RoundClosed,
}

#[test]
fn no_event_of_the_idl_is_forgotten() {
    let idl: serde_json::Value =
        serde_json::from_str(include_str!("../../../../idls/flashback.json")).unwrap();
    let events = idl["events"].as_array().unwrap();
    let known: BTreeSet<_> = FlashbackEvent::NAMES.iter().copied().collect();
    let all: BTreeSet<_> = events.iter().map(|event| event["name"].as_str().unwrap()).collect();
    assert_eq!(known, all);
}

#[test]
fn only_what_this_program_logs_counts() {
    let event: Paused = sample();
    let (own, other) = (address::PROGRAM, address::TOKEN_PROGRAM);
    let data = format!("Program data: {}", BASE64_STANDARD.encode(event.data()));
    let logs = [
        data.clone(),
        format!("Program {other} invoke [1]"),
        data.clone(),
        format!("Program {own} invoke [2]"),
        data.clone(),
        format!("Program {other} invoke [3]"),
        data.clone(),
        format!("Program {other} failed: custom program error: 0x1"),
        data.clone(),
        format!("Program {own} success"),
        data.clone(),
        format!("Program {other} success"),
        data,
    ];
    let expected = [Ok(event.clone().into()), Ok(event.into())];
    assert_eq!(from_logs(&logs), expected);
}

#[test]
fn what_cannot_be_decoded_stands_in_its_place() {
    let mut logs = logged(&[9; 40]);
    logs.insert(2, "Program data: ?".to_owned());
    assert_eq!(from_logs(&logs), [Err(Undecoded::Unknown), Err(Undecoded::NotBase64)]);
}
