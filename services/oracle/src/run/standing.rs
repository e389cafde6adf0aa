//! Keeping an eye on the oracle's own stake and score.

use flashback_core::params::Params;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::Flashback;
use flashback_sdk::account::{Oracle, SubjectKind};
use tracing::warn;

use super::metrics;

/// The score at which an oracle is warned, in thousandths of a point: half of that of a new one.
pub const SCORE_LOW_MILLI: u32 = 25_000;
/// How long before its certificate ends it is warned, in seconds: 30 days.
pub const CERTIFICATE_SOON: u64 = 30 * 86_400;

/// What an oracle should know of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Danger {
    /// Less is bonded than an oracle has to have: anyone may take it out of the registry.
    StakeBelowLeast {
        /// Bonded.
        bonded: Atoms,
        /// The least.
        least: Atoms,
    },
    /// Everything bonded covers seats: it can be drawn for no more.
    NothingFree,
    /// Its score is low.
    ScoreLow {
        /// In thousandths of a point.
        milli: u32,
    },
    /// It is not in the registry.
    NotInRegistry,
    /// It has no certificate, or one that is over.
    NotCertified,
    /// Its certificate ends soon.
    CertificateEnds {
        /// When.
        at: Timestamp,
    },
    /// Reports of it were voided.
    Voided {
        /// How many.
        reports: u64,
    },
}

impl std::fmt::Display for Danger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::StakeBelowLeast { bonded, least } => write!(
                f,
                "{bonded} are bonded, and the least is {least}: stake more, or anyone may take it out of the registry"
            ),
            Self::NothingFree => f.write_str("no stake is free: it is drawn for no more seats"),
            Self::ScoreLow { milli } => {
                write!(f, "its score is {:.3} of 100", f64::from(*milli) / 1_000.0)
            }
            Self::NotInRegistry => {
                f.write_str("it is not in the registry: no committee is drawn from it")
            }
            Self::NotCertified => f.write_str("it is not certified: it is drawn for no seats"),
            Self::CertificateEnds { at } => {
                write!(f, "its certificate ends at {} (unix seconds)", at.0)
            }
            Self::Voided { reports } => {
                write!(f, "{reports} of its reports were voided, and slashed")
            }
        }
    }
}

/// What is in danger, by the oracle's account, until when it is certified, and the parameters.
pub fn dangers(
    oracle: &Oracle,
    certified_until: Option<Timestamp>,
    params: &Params,
    now: Timestamp,
) -> Vec<Danger> {
    let mut dangers = vec![];
    let (bonded, least) = (Atoms(oracle.stake.bonded), Atoms(params.min_stake));
    if bonded < least {
        dangers.push(Danger::StakeBelowLeast { bonded, least });
    }
    if oracle.stake.free() == Atoms::ZERO {
        dangers.push(Danger::NothingFree);
    }
    let milli = oracle.score().at(now).map_or(oracle.score_milli, |score| score.milli);
    if milli <= SCORE_LOW_MILLI {
        dangers.push(Danger::ScoreLow { milli });
    }
    if !oracle.serves() {
        dangers.push(Danger::NotInRegistry);
    }
    match certified_until {
        Some(at) if at.since(now) > CERTIFICATE_SOON => {}
        Some(at) if at > now => dangers.push(Danger::CertificateEnds { at }),
        _ => dangers.push(Danger::NotCertified),
    }
    if oracle.voided > 0 {
        dangers.push(Danger::Voided { reports: oracle.voided });
    }
    dangers
}

/// Looks at the oracle's account, and warns in the log.
pub async fn watch(client: &Flashback) {
    match look(client).await {
        Ok(dangers) => dangers.iter().for_each(|danger| warn!(%danger, "the oracle is in danger")),
        Err(why) => warn!(%why, "stake and score could not be looked at"),
    }
}

async fn look(client: &Flashback) -> flashback_sdk::Result<Vec<Danger>> {
    let (key, now) = (client.key(), client.now().await?);
    let oracle = client.oracle(&key).await?;
    let certificate = client.certificate(SubjectKind::Oracle, &key).await?;
    let certified_until = certificate.map(|certificate| Timestamp(certificate.expires_at));
    let params = client.config().await?.params;
    let milli = oracle.score().at(now).map_or(oracle.score_milli, |score| score.milli);
    metrics::standing(milli, oracle.stake.free().0, oracle.stake.bonded);
    Ok(dangers(&oracle, certified_until, &params, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_sdk::account::FlashbackAccount;

    fn oracle() -> Oracle {
        let mut oracle = Oracle::decode_body(&[0; size_of::<Oracle>()]).unwrap();
        oracle.stake.bonded = Params::default().min_stake;
        (oracle.joined, oracle.score_milli, oracle.score_updated_at) = (1, 50_000, 1_000);
        oracle
    }

    fn told(oracle: &Oracle, certified_until: Option<i64>) -> Vec<Danger> {
        let until = certified_until.map(Timestamp);
        dangers(oracle, until, &Params::default(), Timestamp(1_000))
    }

    const LATER: Option<i64> = Some(1_001 + 30 * 86_400);

    #[test]
    fn an_oracle_is_told_what_threatens_it_and_nothing_else() {
        assert_eq!(told(&oracle(), LATER), []);
        assert_eq!(told(&oracle(), Some(1_000)), [Danger::NotCertified]);
        assert_eq!(told(&oracle(), None), [Danger::NotCertified]);
        let soon = Danger::CertificateEnds { at: Timestamp(1_001) };
        assert_eq!(told(&oracle(), Some(1_001)), [soon]);
        let mut poor = oracle();
        poor.stake.bonded -= 1;
        poor.stake.covered = poor.stake.bonded;
        let [first, second] = &told(&poor, LATER)[..] else { panic!("two") };
        assert!(matches!(first, Danger::StakeBelowLeast { .. }));
        assert_eq!(*second, Danger::NothingFree);
        let mut bad = oracle();
        (bad.joined, bad.score_milli, bad.voided) = (2, SCORE_LOW_MILLI, 1);
        let low = Danger::ScoreLow { milli: SCORE_LOW_MILLI };
        assert_eq!(told(&bad, LATER), [low, Danger::NotInRegistry, Danger::Voided { reports: 1 }]);
    }
}
