//! Who may serve and be served: certificates, and what an SLA needs to be agreed.

use crate::error::{CoreError, Result};
use crate::units::{Atoms, Timestamp};

/// The highest level of a certificate; the lowest is 1.
pub const LEVEL_MAX: u8 = 4;

/// What a certificate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certification {
    /// 1 to [`LEVEL_MAX`].
    pub level: u8,
    /// From then on it is not valid.
    pub expires_at: Timestamp,
}

impl Certification {
    /// Checks that it is valid at `now` and of at least a level.
    ///
    /// # Errors
    /// [`CoreError::CertificateExpired`], [`CoreError::CertificateLevelTooLow`].
    pub fn check(&self, least_level: u8, now: Timestamp) -> Result<()> {
        if now >= self.expires_at {
            return Err(CoreError::CertificateExpired);
        }
        if self.level < least_level {
            return Err(CoreError::CertificateLevelTooLow);
        }
        Ok(())
    }

    /// Checks that it can be given, or an appointment made, at `now`, up to a level.
    ///
    /// # Errors
    /// [`CoreError::CertificateLevelInvalid`], [`CoreError::ExpiryInPast`].
    pub fn check_given(&self, highest_level: u8, now: Timestamp) -> Result<()> {
        if self.level == 0 || self.level > highest_level.min(LEVEL_MAX) {
            return Err(CoreError::CertificateLevelInvalid);
        }
        if self.expires_at <= now {
            return Err(CoreError::ExpiryInPast);
        }
        Ok(())
    }
}

/// A certifier's appointment: up to which level, and until when, it certifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appointment(pub Certification);

impl Appointment {
    /// Checks that the certifier may give that certificate at `now`.
    ///
    /// # Errors
    /// [`CoreError::CertifierExpired`]; as [`Certification::check_given`].
    pub fn check_gives(&self, given: &Certification, now: Timestamp) -> Result<()> {
        if now >= self.0.expires_at {
            return Err(CoreError::CertifierExpired);
        }
        given.check_given(self.0.level, now)
    }
}

/// What stands on the day on which an SLA is to be agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// New SLAs are paused until then.
    pub paused_until: Timestamp,
    /// Whether the unit takes no new SLAs.
    pub unit_closing: bool,
    /// The provider's certificate.
    pub provider: Certification,
    /// What the provider has bonded.
    pub bonded: Atoms,
    /// The least that a provider has to have bonded.
    pub min_stake: Atoms,
    /// The lowest certificate that the unit asks of consumers; 0: none.
    pub consumer_level: u8,
    /// The consumer's certificate.
    pub consumer: Option<Certification>,
}

impl Admission {
    /// Checks that an SLA may be agreed at `now`.
    ///
    /// # Errors
    /// [`CoreError::Paused`], [`CoreError::UnitClosing`], [`CoreError::StakeTooSmall`],
    /// [`CoreError::CertificateMissing`]; as [`Certification::check`].
    pub fn check(&self, now: Timestamp) -> Result<()> {
        check_not_paused(self.paused_until, now)?;
        if self.unit_closing {
            return Err(CoreError::UnitClosing);
        }
        self.provider.check(1, now)?;
        if self.bonded < self.min_stake {
            return Err(CoreError::StakeTooSmall);
        }
        if self.consumer_level > 0 {
            let consumer = self.consumer.ok_or(CoreError::CertificateMissing)?;
            consumer.check(self.consumer_level, now)?;
        }
        Ok(())
    }
}

/// Refuses while new SLAs are paused.
///
/// # Errors
/// [`CoreError::Paused`].
pub fn check_not_paused(paused_until: Timestamp, now: Timestamp) -> Result<()> {
    if now < paused_until { Err(CoreError::Paused) } else { Ok(()) }
}

/// Checks that an oracle may be drawn at `now`: it has bonded the least that is asked, and is certified.
///
/// # Errors
/// [`CoreError::StakeTooSmall`]; as [`Certification::check`] for the lowest level.
pub fn check_oracle(
    bonded: Atoms,
    min_stake: Atoms,
    certificate: &Certification,
    now: Timestamp,
) -> Result<()> {
    if bonded < min_stake {
        return Err(CoreError::StakeTooSmall);
    }
    certificate.check(1, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(100);
    const VALID: Certification = Certification { level: 2, expires_at: Timestamp(101) };

    #[test]
    fn certificates_are_valid_until_they_expire() {
        assert_eq!(VALID.check(2, NOW), Ok(()));
        assert_eq!(VALID.check(2, Timestamp(101)), Err(CoreError::CertificateExpired));
        assert_eq!(VALID.check(3, NOW), Err(CoreError::CertificateLevelTooLow));
    }

    #[test]
    fn an_oracle_is_drawn_with_enough_stake_and_a_certificate() {
        let check = |bonded, certificate| check_oracle(Atoms(bonded), Atoms(10), &certificate, NOW);
        assert_eq!(check(10, VALID), Ok(()));
        assert_eq!(check(9, VALID), Err(CoreError::StakeTooSmall));
        let expired = Certification { expires_at: NOW, ..VALID };
        assert_eq!(check(10, expired), Err(CoreError::CertificateExpired));
        let empty = Certification { level: 0, ..VALID };
        assert_eq!(check(10, empty), Err(CoreError::CertificateLevelTooLow));
    }

    #[test]
    fn a_certifier_gives_up_to_its_level_until_its_appointment_ends() {
        let certifier = Appointment(Certification { level: 3, expires_at: Timestamp(200) });
        let given = |level, expires_at| Certification { level, expires_at: Timestamp(expires_at) };
        assert_eq!(certifier.check_gives(&given(3, 101), NOW), Ok(()));
        for level in [0, 4, 255] {
            let refused = certifier.check_gives(&given(level, 101), NOW);
            assert_eq!(refused, Err(CoreError::CertificateLevelInvalid), "{level}");
        }
        assert_eq!(certifier.check_gives(&given(3, 100), NOW), Err(CoreError::ExpiryInPast));
        let late = certifier.check_gives(&given(3, 900), Timestamp(200));
        assert_eq!(late, Err(CoreError::CertifierExpired));
        assert_eq!(given(5, 900).check_given(255, NOW), Err(CoreError::CertificateLevelInvalid));
    }

    #[test]
    fn an_sla_is_agreed_only_if_everything_stands() {
        let admission = Admission {
            paused_until: NOW,
            unit_closing: false,
            provider: VALID,
            bonded: Atoms(10),
            min_stake: Atoms(10),
            consumer_level: 2,
            consumer: Some(VALID),
        };
        assert_eq!(admission.check(NOW), Ok(()));
        assert_eq!(Admission { consumer_level: 0, consumer: None, ..admission }.check(NOW), Ok(()));
        let refused = [
            (Admission { paused_until: Timestamp(101), ..admission }, CoreError::Paused),
            (Admission { unit_closing: true, ..admission }, CoreError::UnitClosing),
            (Admission { bonded: Atoms(9), ..admission }, CoreError::StakeTooSmall),
            (Admission { consumer: None, ..admission }, CoreError::CertificateMissing),
            (Admission { consumer_level: 3, ..admission }, CoreError::CertificateLevelTooLow),
            (
                Admission { provider: Certification { level: 0, ..VALID }, ..admission },
                CoreError::CertificateLevelTooLow,
            ),
            (
                Admission { provider: Certification { expires_at: NOW, ..VALID }, ..admission },
                CoreError::CertificateExpired,
            ),
        ];
        for (admission, error) in refused {
            assert_eq!(admission.check(NOW), Err(error));
        }
    }
}
