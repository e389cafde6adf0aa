//! What a round's records must be, told from the server's log alone.

use std::collections::VecDeque;
use std::time::Duration;

use flashback_core::records::{Kind, Outcome, Record};
use flashback_oracle::round::RANGE_BYTES;
use flashback_test_storage::{Entry, Fault, Operation};

use super::world::{CANARIES, Done};

/// How one request counts: by what the server says that it did.
fn outcome(entry: &Entry) -> Outcome {
    match entry.injected.fault {
        Some(Fault::Refused | Fault::MissingBucket | Fault::Quota) => Outcome::Inconclusive,
        Some(Fault::Status { status: 401 | 403 | 507, .. }) => Outcome::Inconclusive,
        Some(Fault::Status { code: "NoSuchBucket", .. }) => Outcome::Inconclusive,
        Some(_) => Outcome::Failed,
        None if entry.complete && entry.status.is_some_and(|status| status < 300) => Outcome::Ok,
        None => Outcome::Failed,
    }
}

/// Compares a round's records with the requests that the server had of it, one by one.
pub fn assert_as_logged(done: &Done) {
    let plan = &done.plan;
    let at = format!("round {}: {:#?}\n{:#?}", plan.round, done.result.probes, done.log);
    let mut log: VecDeque<&Entry> = done.log.iter().collect();
    let mut expected: Vec<(Kind, Outcome, Option<&Entry>)> = Vec::new();

    let first_upload = (!done.had_resident).then(|| take(&mut log, Operation::Put, &at));
    let mut replaced = done.had_resident;
    let settled = first_upload.is_none_or(|put| outcome(put) == Outcome::Ok);
    if settled {
        let head = take(&mut log, Operation::Head, &at);
        expected.push((Kind::Availability, outcome(head), None));
        expected.extend(first_upload.map(|put| (Kind::Upload, Outcome::Ok, Some(put))));
        let range = take(&mut log, Operation::RangeGet, &at);
        assert_eq!(range.key, head.key);
        expected.push((Kind::Latency, outcome(range), Some(range)));
        replaced &= head.status != Some(404) && range.status != Some(404);
    } else if let Some(put) = first_upload {
        expected.push((Kind::Availability, outcome(put), None));
        expected.push((Kind::Upload, outcome(put), None));
    }
    let upload = match first_upload {
        None if plan.transfer => {
            let put = take(&mut log, Operation::Put, &at);
            expected.push((Kind::Upload, outcome(put), Some(put)));
            Some(put)
        }
        upload => upload,
    };
    if let Some(put) = upload
        && outcome(put) == Outcome::Ok
    {
        let get = take(&mut log, Operation::Get, &at);
        assert_eq!((&get.key, get.key.ends_with(&plan.object)), (&put.key, true));
        expected.push((Kind::Download, outcome(get), Some(get)));
        if replaced {
            let delete = take(&mut log, Operation::Delete, &at);
            if plan.canary.is_none() {
                expected.push((Kind::Operation, outcome(delete), None));
            }
        }
    }
    if plan.canary.is_some() {
        let get = take(&mut log, Operation::Get, &at);
        let missing = get.status == Some(404);
        let wrong = matches!(get.injected.fault, Some(Fault::Corrupted { .. }));
        let outcome = match outcome(get) {
            Outcome::Failed if (missing || wrong) && !done.proven.contains(&get.key) => {
                Outcome::Inconclusive
            }
            outcome => outcome,
        };
        assert!(CANARIES.contains(&get.key.as_str()) || get.key.starts_with("invented/"));
        expected.push((Kind::Operation, outcome, None));
    }
    assert!(log.is_empty(), "{at}");

    let records: Vec<Record> = done.result.probes.iter().map(|probed| probed.record).collect();
    assert_eq!(records.len(), expected.len(), "{at}");
    for (record, (kind, outcome, entry)) in records.iter().zip(expected) {
        assert_eq!((record.kind, record.outcome), (kind, outcome), "{at}");
        assert_eq!(record.time, plan.at);
        if outcome == Outcome::Ok {
            assert_figures(record, entry, &at);
        }
    }
    for probed in &done.result.probes {
        let outcome = probed.why.map_or(Outcome::Ok, |why| why.outcome());
        assert_eq!(outcome, probed.record.outcome, "{at}");
    }
}

/// The next request that the server had, which must be of that kind.
fn take<'a>(log: &mut VecDeque<&'a Entry>, operation: Operation, at: &str) -> &'a Entry {
    let entry = log.pop_front().unwrap_or_else(|| panic!("no {operation:?} in {at}"));
    assert_eq!(entry.operation, operation, "{at}");
    entry
}

/// Figures are lower bounds: nothing was faster than the server made it.
fn assert_figures(record: &Record, entry: Option<&Entry>, at: &str) {
    let micros = |time: Duration| u32::try_from(time.as_micros()).unwrap();
    let Some(entry) = entry else {
        assert_eq!(*record, Record::plain(record.time, record.kind, Outcome::Ok));
        return;
    };
    let injected = entry.injected;
    match record.kind {
        Kind::Latency => {
            assert_eq!(entry.bytes, u64::from(RANGE_BYTES), "{at}");
            assert!(record.latency_us >= micros(injected.delay), "{at}");
        }
        Kind::Upload => {
            assert_eq!(u64::from(record.bytes), entry.bytes, "{at}");
            assert!(record.duration_us >= micros(injected.least()), "{at}");
        }
        Kind::Download => {
            assert_eq!(u64::from(record.bytes), entry.bytes, "{at}");
            assert!(record.duration_us >= 1, "{at}");
        }
        Kind::Availability | Kind::Operation => panic!("{at}"),
    }
}
