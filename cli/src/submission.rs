//! What one seat's oracle reports of one window: typed, or read from JSON.

use flashback_core::quality::{Aggregate, NOT_PROMISED};
use flashback_core::sla::SlaTerms;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::mistake::Mistake;

/// A submission. Silence is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submission {
    /// `"abstain"`: every agreed probe was attempted, and none was conclusive.
    Abstain,
    /// Figures.
    Figures(Figures),
}

/// What was measured. Counts that are left out are of the agreed probes, all of them successful.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Probing rounds attempted.
    pub attempts: Option<u32>,
    /// Availability probes.
    pub probes: Option<Count>,
    /// Operations.
    pub operations: Option<Count>,
    /// In µs.
    pub latency: Option<Mean>,
    /// In KiB/s.
    pub upload: Option<Mean>,
    /// In KiB/s.
    pub download: Option<Mean>,
}

/// How many of how many succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// How many succeeded.
    pub ok: u32,
    /// Of so many.
    pub total: u32,
}

/// A mean of as many samples as operations succeeded, or a sum of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mean {
    /// The mean of as many samples as operations succeeded.
    Of(u32),
    /// So many samples, and their sum.
    Sum {
        /// Of all samples.
        sum: u64,
        /// How many samples.
        count: u32,
    },
}

impl Submission {
    /// The figures as they are reported under these terms.
    ///
    /// # Errors
    /// Names the mean that the terms promise and the figures do not have.
    pub fn aggregate(&self, terms: &SlaTerms) -> Result<Aggregate, Mistake> {
        match self {
            Self::Abstain => Ok(Aggregate { attempts: terms.probes, ..Aggregate::EMPTY }),
            Self::Figures(figures) => figures.aggregate(terms),
        }
    }
}

impl Figures {
    /// The figures as they are reported under these terms.
    ///
    /// # Errors
    /// As [`Submission::aggregate`].
    pub fn aggregate(&self, terms: &SlaTerms) -> Result<Aggregate, Mistake> {
        let attempts = self.attempts.unwrap_or(terms.probes);
        let all = Count { ok: attempts, total: attempts };
        let probes = self.probes.unwrap_or(all);
        let operations = self.operations.unwrap_or(all);
        let samples = |mean: Option<Mean>, promised: u32, field: &str| match mean {
            None if promised != NOT_PROMISED => {
                let message = "the terms promise it: name the mean that was measured, or a sum and a count of 0 for no \
                               samples";
                Err(Mistake::new(field, message))
            }
            None => Ok((0, 0)),
            // Below 2⁶⁴: a product of two 32-bit numbers.
            Some(Mean::Of(mean)) => Ok((operations.ok, u64::from(operations.ok) * u64::from(mean))),
            Some(Mean::Sum { sum, count }) => Ok((count, sum)),
        };
        let (latency_count, latency_sum_us) = samples(self.latency, terms.latency_us, "latency")?;
        let (upload_count, upload_sum_kib_s) = samples(self.upload, terms.upload_kib_s, "upload")?;
        let (download_count, download_sum_kib_s) =
            samples(self.download, terms.download_kib_s, "download")?;
        Ok(Aggregate {
            attempts,
            probes_total: probes.total,
            probes_ok: probes.ok,
            ops_total: operations.total,
            ops_ok: operations.ok,
            latency_count,
            upload_count,
            download_count,
            latency_sum_us,
            upload_sum_kib_s,
            download_sum_kib_s,
        })
    }
}

impl<'de> Deserialize<'de> for Submission {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Submission;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("null, \"abstain\" or an object of figures")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Submission, E> {
                match text {
                    "abstain" => Ok(Submission::Abstain),
                    other => Err(E::invalid_value(serde::de::Unexpected::Str(other), &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Submission, A::Error> {
                Figures::deserialize(MapAccessDeserializer::new(map)).map(Submission::Figures)
            }
        }
        json.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Mean {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Mean;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a mean as a whole number below 2^32, or an object of sum and count")
            }

            fn visit_u64<E: Error>(self, mean: u64) -> Result<Mean, E> {
                let wrong = |_| E::invalid_value(serde::de::Unexpected::Unsigned(mean), &self);
                u32::try_from(mean).map(Mean::Of).map_err(wrong)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Mean, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Sum {
                    sum: u64,
                    count: u32,
                }
                let Sum { sum, count } = Sum::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Mean::Sum { sum, count })
            }
        }
        json.deserialize_any(Either)
    }
}
