//! What oracles report: aggregates of a window, seen against the SLA's terms.

use flashback_core::quality::Aggregate;
use flashback_core::sla::SlaTerms;

/// An agreed probe each round, every sample conclusive, every mean exactly as promised: met, and no better.
pub fn met(terms: &SlaTerms) -> Aggregate {
    let n = terms.probes;
    let sum = |mean: u32| u64::from(n) * u64::from(mean);
    Aggregate {
        attempts: n,
        probes_total: n,
        probes_ok: n,
        ops_total: n,
        ops_ok: n,
        latency_count: n,
        upload_count: n,
        download_count: n,
        latency_sum_us: sum(terms.latency_us),
        upload_sum_kib_s: sum(terms.upload_kib_s),
        download_sum_kib_s: sum(terms.download_kib_s),
    }
}

/// Met, with every mean 20 % better than promised.
pub fn excellent(terms: &SlaTerms) -> Aggregate {
    let met = met(terms);
    Aggregate {
        latency_sum_us: met.latency_sum_us / 5 * 4,
        upload_sum_kib_s: met.upload_sum_kib_s / 5 * 6,
        download_sum_kib_s: met.download_sum_kib_s / 5 * 6,
        ..met
    }
}

/// As promised, but for a mean latency that much (in percent) above the promise: 20 % is no service at all.
pub fn slow(terms: &SlaTerms, percent: u64) -> Aggregate {
    let met = met(terms);
    Aggregate { latency_sum_us: met.latency_sum_us / 100 * (100 + percent), ..met }
}

/// Every probe failed: no service at all.
pub fn down(terms: &SlaTerms) -> Aggregate {
    Aggregate { probes_ok: 0, ..met(terms) }
}

/// The agreed probes were attempted, and none was conclusive: an abstention.
pub fn inconclusive(terms: &SlaTerms) -> Aggregate {
    Aggregate { attempts: terms.probes, ..Aggregate::EMPTY }
}
