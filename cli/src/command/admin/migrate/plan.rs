//! What a step takes: the difference between what it says and what is. What is already so takes nothing.

use anyhow::{Result, bail};
use flashback_sdk::Error;
use flashback_sdk::instruction::{self as build, AppointCertifierArgs};
use serde_json::Value;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use super::manifest::{Appointment, Certifiers, Expectation, Step, Treasury};
use super::state::{Appointed, State, names};

/// A step against a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// One transaction; empty if everything is already so.
    pub instructions: Vec<Instruction>,
    /// Everything that the step sets, with its value before and after.
    pub changes: Vec<Change>,
    /// What comes of it.
    pub after: State,
}

/// One thing that a step sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub what: String,
    pub before: Value,
    pub after: Value,
}

/// Plans a step, to be signed and paid by `acting`, the Config's authority.
///
/// # Errors
/// If the parameters would contradict one another, or an expectation does not hold.
pub fn plan(step: &Step, state: &State, acting: &Pubkey) -> Result<Planned> {
    let mut after = state.clone();
    let mut instructions = vec![];
    match step {
        Step::Params(replaced) => {
            replaced.replace(&mut after.params);
            after.params.check().map_err(|wrong| {
                let named = replaced.names().join(", ");
                anyhow::Error::from(Error::Rule(wrong))
                    .context(format!("{named} would not agree with the other parameters"))
            })?;
            if after.params != state.params {
                instructions.push(build::set_params(*acting, after.params));
            }
        }
        Step::Certifiers(Certifiers { appoint, remove }) => {
            for key in remove {
                instructions.extend(removal(&mut after, &key.0, acting));
            }
            for wanted in appoint {
                instructions.extend(appointment(&mut after, wanted, acting));
            }
        }
        Step::Guardian(key) => {
            if state.guardian != key.0 {
                after.guardian = key.0;
                instructions.push(build::appoint_guardian(*acting, key.0));
            }
        }
        Step::Arbiter(key) => {
            if state.arbiter != key.0 {
                after.arbiter = key.0;
                instructions.push(build::appoint_arbiter(*acting, key.0));
            }
        }
        Step::OfferAuthority(key) => {
            // Whoever has taken it needs no offer.
            if state.pending_authority != key.0 && state.authority != key.0 {
                after.pending_authority = key.0;
                instructions.push(build::offer_authority(*acting, key.0));
            }
        }
        Step::Treasury(Treasury::Sweep(slas)) => {
            for sla in slas {
                let Some(unswept) = after.unswept.remove(&sla.0) else { continue };
                unswept.fees.add_to(&mut after.treasury.0).map_err(Error::Rule)?;
                instructions.push(build::sweep_fees(sla.0, unswept.provider, state.mint));
            }
        }
        Step::Treasury(Treasury::Expect(expected)) => expect(expected, state)?,
    }
    let mut changes = changes(step, state, &after);
    if state.treasury != after.treasury {
        changes.push(Change {
            what: "treasury".to_owned(),
            before: state.treasury.0.into(),
            after: after.treasury.0.into(),
        });
    }
    Ok(Planned { instructions, changes, after })
}

impl Planned {
    /// Whether there is nothing to send.
    pub fn is_so(&self) -> bool {
        self.instructions.is_empty()
    }
}

fn changes(step: &Step, before: &State, after: &State) -> Vec<Change> {
    let change = |what: String| {
        let (before, after) = (before.value(&what), after.value(&what));
        Change { what, before, after }
    };
    names(step).into_iter().map(change).collect()
}

fn removal(state: &mut State, key: &Pubkey, acting: &Pubkey) -> Option<Instruction> {
    let appointed = state.certifiers.remove(key)?;
    Some(build::remove_certifier(*acting, key, appointed.rent_payer))
}

/// An appointment cannot be changed: an old one is ended first. One that would be over already is not made, and still ends
/// one that is not over: the manifest has narrowed it.
fn appointment(state: &mut State, wanted: &Appointment, acting: &Pubkey) -> Vec<Instruction> {
    let Appointment { address, level, until } = *wanted;
    let key = address.0;
    let is = state.certifiers.get(&key).map(|appointed| (appointed.level, appointed.until));
    if is == Some((level, until)) {
        return vec![];
    }
    if until <= state.now {
        let stands = is.is_some_and(|(_, until)| until > state.now);
        return if stands { removal(state, &key, acting).into_iter().collect() } else { vec![] };
    }
    let removed = removal(state, &key, acting);
    state.certifiers.insert(key, Appointed { level, until, rent_payer: *acting });
    let args = AppointCertifierArgs { certifier: key, max_level: level, expires_at: until.0 };
    removed.into_iter().chain([build::appoint_certifier(*acting, *acting, args)]).collect()
}

fn expect(expected: &Expectation, state: &State) -> Result<()> {
    if let Some(least) = expected.at_least
        && state.treasury < least
    {
        bail!("the treasury holds {}, and the manifest expects {least} at least", state.treasury);
    }
    match &state.insolvent {
        Some(why) if expected.solvent => bail!("a vault holds less than it owes: {why}"),
        _ => Ok(()),
    }
}

#[cfg(test)]
pub mod tests {
    use super::super::manifest::tests::{KEY, manifest};
    use super::*;
    use flashback_core::params::Params;
    use flashback_core::units::{Atoms, Timestamp};

    pub fn state() -> State {
        let key = Pubkey::new_from_array;
        State {
            now: Timestamp(1_790_000_000),
            authority: key([1; 32]),
            pending_authority: Pubkey::default(),
            guardian: key([2; 32]),
            arbiter: key([3; 32]),
            mint: key([4; 32]),
            params: Params::default(),
            certifiers: Default::default(),
            unswept: Default::default(),
            treasury: Atoms::ZERO,
            insolvent: None,
        }
    }

    fn planned(step: &str, state: &State) -> Result<Planned> {
        plan(&manifest(1, step).steps[0], state, &state.authority)
    }

    /// It takes so many instructions, and none the second time.
    fn takes(step: &str, state: &State, instructions: usize) -> Planned {
        let first = planned(step, state).unwrap();
        assert_eq!(first.instructions.len(), instructions, "{step}");
        assert!(planned(step, &first.after).unwrap().is_so(), "{step}");
        first
    }

    #[test]
    fn parameters_keep_those_that_are_not_named() {
        let mut state = state();
        state.params.z_milli = 1_000;
        let first = takes(r#"{"params": {"min_stake": 2000000000}}"#, &state, 1);
        let expected = Params { min_stake: 2_000_000_000, ..state.params };
        assert_eq!(first.after.params, expected);
        assert_eq!(first.instructions, [build::set_params(state.authority, expected)]);
        let [change] = &first.changes[..] else { panic!("{:?}", first.changes) };
        assert_eq!(change.what, "params.min_stake");
        assert_eq!(
            (&change.before, &change.after),
            (&1_000_000_000.into(), &2_000_000_000u64.into())
        );
        takes(r#"{"params": {"z_milli": 1000}}"#, &state, 0);
        // Each within its bounds, but not together.
        let error =
            planned(r#"{"params": {"min_samples": 100, "probes_max": 99}}"#, &state).unwrap_err();
        assert!(error.to_string().contains("min_samples, probes_max"), "{error}");
        let curve = takes(r#"{"params": {"refund_curve": {"x1_bps": 1}}}"#, &state, 1);
        assert_eq!(curve.after.params.refund_curve.x1_bps, 1);
    }

    #[test]
    fn keys_are_appointed_unless_they_are() {
        let mut state = state();
        for (step, name) in [
            ("guardian", "guardian"),
            ("arbiter", "arbiter"),
            ("offer_authority", "authority_offered_to"),
        ] {
            let first = takes(&format!(r#"{{"{step}": "{KEY}"}}"#), &state, 1);
            assert_eq!(first.after.value(name), KEY);
            assert_ne!(state.value(name), KEY);
        }
        state.authority = KEY.parse().unwrap();
        takes(&format!(r#"{{"offer_authority": "{KEY}"}}"#), &state, 0);
    }

    #[test]
    fn certifiers_are_appointed_changed_and_removed() {
        let empty = state();
        let appoint = |level: u8, until: &str| {
            format!(
                r#"{{"certifiers": {{"appoint": [{{"address": "{KEY}", "level": {level}, "until": "{until}"}}]}}}}"#
            )
        };
        let remove = format!(r#"{{"certifiers": {{"remove": ["{KEY}"]}}}}"#);
        let first = takes(&appoint(3, "2027-01-01T00:00:00Z"), &empty, 1);
        let name = format!("certifier.{KEY}");
        assert_eq!(first.after.value(&name)["level"], 3);
        takes(&appoint(4, "2027-01-01T00:00:00Z"), &first.after, 2);
        takes(&appoint(3, "2027-02-01T00:00:00Z"), &first.after, 2);
        let removed = takes(&remove, &first.after, 1);
        assert_eq!(removed.after, empty);
        takes(&remove, &empty, 0);
        // What would be over already is not made, but ends what is not over.
        let over = appoint(3, "2020-01-01T00:00:00Z");
        takes(&over, &empty, 0);
        let ended = takes(&over, &first.after, 1);
        assert_eq!((&ended.after, &ended.instructions), (&empty, &removed.instructions));
        let mut later = first.after;
        later.now = Timestamp(1_890_000_000);
        takes(&over, &later, 0);
    }

    #[test]
    fn the_treasury_is_filled_and_checked() {
        use super::super::state::Unswept;
        let mut state = state();
        let sla: Pubkey = KEY.parse().unwrap();
        let unswept = Unswept { provider: state.mint, fees: Atoms(7), to_burn: Atoms(1) };
        state.unswept.insert(sla, unswept);
        let sweep = format!(r#"{{"treasury": {{"sweep": ["{KEY}"]}}}}"#);
        let swept = takes(&sweep, &state, 1).after;
        assert_eq!(swept.treasury, Atoms(7));
        let least = r#"{"treasury": {"expect": {"at_least": 7}}}"#;
        takes(least, &swept, 0);
        let error = planned(least, &state).unwrap_err().to_string();
        assert!(error.contains("0 FLASH") && error.contains("0.000007 FLASH"), "{error}");
        let solvent = r#"{"treasury": {"expect": {"solvent": true}}}"#;
        takes(solvent, &state, 0);
        state.insolvent = Some("Rewards".to_owned());
        takes(r#"{"treasury": {"expect": {"at_least": 0}}}"#, &state, 0);
        assert!(planned(solvent, &state).unwrap_err().to_string().contains("Rewards"));
    }
}
