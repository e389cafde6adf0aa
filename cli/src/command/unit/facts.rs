//! What a unit says.

use anyhow::Result;
use flashback_core::quality::Thresholds;
use flashback_core::unit::Maintenance;
use flashback_core::units::{Atoms, Gib, Seconds, Timestamp};
use flashback_sdk::Error;
use flashback_sdk::account::DataUnit;
use flashback_sdk::instruction::UpdateUnitArgs;
use solana_sdk::pubkey::Pubkey;

use crate::act::Act;
use crate::output::{Fact, Report};

type Reading<T> = fn(&T) -> Fact;

const OFFER_VERSION: &str = "offer_version";

/// What its provider can change, but for what is promised.
const DETAILS: [(&str, Reading<DataUnit>); 10] = [
    ("endpoint", |unit| unit.endpoint_uri.clone().into()),
    ("protocols", |unit| protocols(unit.protocols).into()),
    ("capacity", |unit| Gib(unit.capacity_gib).into()),
    ("accepts_at_once", |unit| unit.auto_accept.into()),
    ("consumer_level", |unit| u64::from(unit.consumer_level).into()),
    ("price_per_gib_month", |unit| Atoms(unit.offer.price_per_gib_month).into()),
    (OFFER_VERSION, |unit| u64::from(unit.offer.version).into()),
    ("shortest", |unit| Seconds(unit.offer.min_duration_secs).into()),
    ("longest", |unit| Seconds(unit.offer.max_duration_secs).into()),
    ("probe_interval", |unit| Seconds(unit.offer.probe_interval_secs).into()),
];

/// What is promised.
const PROMISES: [(&str, Reading<Thresholds>); 5] = [
    ("uptime", |promised| Fact::success_rate(promised.uptime_failures_ppm)),
    ("success", |promised| Fact::success_rate(promised.errors_ppm)),
    ("latency", |promised| Fact::latency(promised.latency_us)),
    ("upload", |promised| Fact::speed(promised.upload_kib_s)),
    ("download", |promised| Fact::speed(promised.download_kib_s)),
];

/// Adds what is promised.
pub fn promises(report: Report, thresholds: &Thresholds) -> Report {
    PROMISES.iter().fold(report, |report, (key, read)| report.fact(key, read(thresholds)))
}

/// Adds all that it says, as of `now`.
pub fn describe(report: Report, unit: &DataUnit, now: Timestamp) -> Result<Report> {
    let report = report
        .fact("state", Fact::name(state(unit, now)))
        .fact("chain_time", now)
        .fact("region", Fact::region(&unit.region))
        .fact("listed", Timestamp(unit.listed_at))
        .fact("score", score(unit, now)?)
        .fact("priority", priority(unit, now))
        .fact("free_capacity", unit.capacity().free())
        .fact("live_slas", u64::from(unit.live_slas));
    let rows = maintenance(unit);
    Ok(details(report, unit).table("maintenance", ["starts", "ends", "length"], rows))
}

/// Adds what its provider can change.
fn details(report: Report, unit: &DataUnit) -> Report {
    let report = DETAILS.iter().fold(report, |report, (key, read)| report.fact(key, read(unit)));
    promises(report, &unit.offer.thresholds)
}

/// All that an update writes. The chain itself numbers the offer.
pub fn written(args: &UpdateUnitArgs, unit: &DataUnit) -> Vec<(&'static str, Fact)> {
    let after = DataUnit {
        capacity_gib: args.capacity_gib,
        offer: args.offer,
        protocols: args.protocols,
        consumer_level: args.consumer_level,
        auto_accept: args.auto_accept,
        endpoint_uri: args.endpoint_uri.clone(),
        ..unit.clone()
    };
    let details = DETAILS.iter().filter(|(key, _)| *key != OFFER_VERSION);
    let details = details.map(|(key, read)| (*key, read(&after)));
    let promises = PROMISES.iter().map(|(key, read)| (*key, read(&after.offer.thresholds)));
    details.chain(promises).collect()
}

/// The score, decayed until `now`.
pub fn score(unit: &DataUnit, now: Timestamp) -> Result<Fact> {
    Ok(Fact::score(unit.score.at(now).map_err(Error::from)?.milli))
}

/// The listing priority; zero at times that no clock shows.
pub fn priority(unit: &DataUnit, now: Timestamp) -> Atoms {
    unit.boost().value(now).unwrap_or_default()
}

/// The last maintenance that has begun and the next.
fn maintenance(unit: &DataUnit) -> Vec<[Fact; 3]> {
    let announced = unit.maintenance.iter().map(|one| Maintenance::from(*one));
    let announced = announced.filter(|one| one.secs > Seconds(0));
    announced
        .map(|one| {
            let until = one.starts_at.after(u64::from(one.secs.0)).ok();
            [one.starts_at.into(), until.into(), one.secs.into()]
        })
        .collect()
}

/// Shows what of it changes.
pub fn compare(act: Act, address: Pubkey) -> Act {
    let act = DETAILS.into_iter().fold(act, |act, (key, read)| act.compare(key, address, read));
    PROMISES.into_iter().fold(act, |act, (key, read)| {
        act.compare(key, address, move |unit: &DataUnit| read(&unit.offer.thresholds))
    })
}

/// The names of protocols.
pub fn protocols(bits: u8) -> String {
    let known = [(1, "s3"), (2, "gcs"), (4, "azure")];
    let spoken: Vec<&str> =
        known.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    spoken.join(",")
}

/// What a unit is at, as the name of a fact.
pub fn state(unit: &DataUnit, now: Timestamp) -> &'static str {
    let capacity = unit.capacity();
    if unit.closing {
        "decommissioning"
    } else if unit.maintenance.iter().any(|one| is_on(&Maintenance::from(*one), now)) {
        "maintenance"
    } else if capacity.free() == Gib(0) {
        "reserved"
    } else if capacity.taken > Gib(0) {
        "in_use"
    } else {
        "free"
    }
}

/// Whether that maintenance goes on.
fn is_on(maintenance: &Maintenance, now: Timestamp) -> bool {
    let ends = maintenance.starts_at.after(u64::from(maintenance.secs.0));
    maintenance.starts_at <= now && ends.is_ok_and(|ends| now < ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::unit::changes::tests::unit;
    use flashback_core::sla::Offer;
    use flashback_sdk::account;

    #[test]
    fn a_state_is_derived() {
        let now = Timestamp(1_000);
        let base = unit();
        let of = |unit: DataUnit| state(&unit, now);
        assert_eq!(of(DataUnit { taken_gib: 0, ..base.clone() }), "free");
        assert_eq!(of(DataUnit { taken_gib: 1, ..base.clone() }), "in_use");
        assert_eq!(of(DataUnit { taken_gib: base.capacity_gib, ..base.clone() }), "reserved");
        assert_eq!(of(DataUnit { closing: true, ..base.clone() }), "decommissioning");
        for (starts_at, secs, on) in
            [(1_000, 1, true), (990, 11, true), (990, 10, false), (1_001, 9, false)]
        {
            let maintenance =
                [account::Maintenance::default(), account::Maintenance { starts_at, secs }];
            let said = of(DataUnit { maintenance, ..base.clone() });
            assert_eq!(said == "maintenance", on, "{starts_at} for {secs}");
        }
    }

    #[test]
    fn all_that_an_update_writes_is_named() {
        let before = unit();
        let offer = Offer { price_per_gib_month: 500_000, ..before.offer };
        let args = UpdateUnitArgs {
            capacity_gib: 20_480,
            offer,
            protocols: 6,
            consumer_level: 4,
            auto_accept: false,
            endpoint_uri: "https://new.example".to_owned(),
        };
        let written = written(&args, &before);
        let value = |name: &str| {
            let found = written.iter().find(|(of, _)| *of == name);
            found.map(|(_, value)| value.to_string())
        };
        for (name, expected) in [
            ("capacity", "20 TiB"),
            ("price_per_gib_month", "0.5 FLASH"),
            ("protocols", "gcs,azure"),
            ("consumer_level", "4"),
            ("accepts_at_once", "no"),
            ("endpoint", "https://new.example"),
        ] {
            assert_eq!(value(name).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(value(OFFER_VERSION), None);
        // What else an offer has: two durations, the interval of probes, and five promises.
        assert_eq!(written.len(), 6 + 3 + 5);
    }

    #[test]
    fn protocols_are_named_as_they_are_read() {
        for bits in 1..=7 {
            assert_eq!(crate::quantity::protocols(&protocols(bits)), Ok(bits));
        }
    }
}
