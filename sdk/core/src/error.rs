//! The one list of errors, for the core, the program and its clients.

/// Core's result.
pub type Result<T> = core::result::Result<T, CoreError>;

/// The list of errors: hands `Name = "message"` pairs to a macro.
///
/// Append only: an error's number on chain is 6000 plus its position. A message says what was wrong
/// and what would be right.
#[macro_export]
macro_rules! for_each_error {
    ($callback:ident) => {
        $callback! {
            ArithmeticOverflow = "an amount or count does not fit 64 bits: use smaller figures",
            AmountBelowZero = "more was taken from a balance than it holds",
            ZeroAmount = "the amount is zero: name an amount of at least one atom",
            ParamOutOfBounds = "a parameter lies outside its hard bounds: see the parameter table of flashback-core",
            RefundCurveInvalid = "the refund curve must rise from 0 to 1: 0 < x1 < x2 < 10000 and y1 <= y2 <= 10000",
            WindowLengthInvalid = "the window is shorter than this deployment allows, longer than 7 days, or no multiple of 4 seconds",
            WindowCountInvalid = "an SLA has 1 to 65534 windows",
            DurationOutsideOffer = "the SLA's duration lies outside the limits of the unit's offer",
            PriceBelowOneAtomPerWindow = "the price is below one atom per window: reserve more capacity or fewer windows",
            PriceAboveMaximum = "the total exceeds the maximum the consumer named: quote again",
            ThresholdInvalid = "a threshold is out of range, or the terms promise nothing, or a mean without errors: rates are 0 to 1000000 ppm, means above 0",
            CommitteeSizeInvalid = "a committee has 3 or 5 seats",
            ProbeRateInvalid = "the offer's probe interval gives too few probes per window for a judgement, or more than oracles need to make",
            SampleCountTooLarge = "a count exceeds 10000000 samples per window",
            AggregateInconsistent = "the aggregate contradicts itself: successes exceed totals, or samples exceed attempts",
            AttemptsTooFew = "fewer probes were attempted than the terms agree: this would count as an absence",
            StakeTooSmall = "the stake is below the minimum for this role",
            CoverInsufficient = "the free stake does not cover what the SLA may cost its provider or oracle: stake more",
            StakeCovered = "this stake covers live promises and cannot be taken",
            CapacityInsufficient = "the unit has not that much free capacity",
            CapacityZero = "a capacity or reservation is at least 1 GiB",
            OfferVersionStale = "the unit's offer has changed since it was quoted: quote again",
            ThresholdsNotOffered = "thresholds differ from the offer's: only the offer's are accepted automatically",
            UnitNeedsAcceptance = "this unit does not accept automatically: ask the provider for an auto-accepting unit",
            UnitClosing = "the unit is closing and takes no new SLAs",
            Paused = "new SLAs are paused: the pause ends by itself",
            CertificateMissing = "a valid certificate is needed here",
            CertificateExpired = "the certificate has expired: ask its certifier to renew it",
            CertificateLevelTooLow = "the certificate's level is below what the unit asks of consumers",
            CertificateLevelInvalid = "a certificate's level is 1 to 4, and at most what its certifier may give",
            CertifierExpired = "this certifier's appointment has expired",
            ExpiryInPast = "the expiry lies in the past",
            OraclesTooFew = "the registry holds too few eligible oracles: seats plus two, and most of all, need free stake for the seat's cover",
            RegistryFull = "the oracle registry is full: it holds 256 oracles",
            OracleNotRegistered = "this oracle is not in the registry",
            OracleAlreadyJoined = "this oracle is in the registry already",
            DrawNotReady = "the draw's slot hash does not exist yet: try again in a few slots",
            DrawLapsed = "the draw's slot hash has left the SlotHashes sysvar: the SLA can only be expired",
            CommitteeMismatch = "the oracle accounts are not the drawn committee, in order",
            NotSeated = "this oracle has no seat that counts in this window",
            SeatInvalid = "no such seat in this committee",
            StateInvalid = "the SLA is not in the state that this needs",
            WindowNotOpen = "the window cannot be reported now: its report phase is the quarter window after its end",
            AlreadySubmitted = "this seat has already submitted for the window",
            NothingDue = "no window is due for settlement yet",
            NothingToWithdraw = "there is nothing to withdraw",
            NothingOwed = "nothing is owed here",
            NotClosable = "money, penalties, absences or contests are still open: settle, collect and withdraw first",
            NotExpired = "its deadline has not passed yet",
            MintInvalid = "the FLASH mint needs 6 decimals, no freeze authority, and the SPL Token program as owner",
            Unauthorized = "this signer may not do that",
            Insolvent = "the vault holds less than the accounts say is owed",
            AccountKindUnknown = "this account is not of a kind that this instruction handles",
            RegistryAccountMissing = "pass the registry account: the entry of a registered oracle has to follow",
            TextTooLong = "the text is too long, or no valid printable text",
            ProtocolsInvalid = "name at least one known protocol: 1 = S3, 2 = GCS, 4 = Azure Blob",
            DurationLimitsInvalid = "the offer's shortest duration must be above zero and at most its longest",
            UpgradeAuthorityMismatch = "only the program's upgrade authority may initialize it",
            AccountMismatch = "an account does not belong to the others: pass the ones that this instruction names",
            AlreadyReleased = "this was given back already",
            AccountVersionUnknown = "the account was written by another version of the program",
            RoundsInvalid = "a window has 1 to 6144 probing rounds of at least a second each: probe less often",
            RecordMalformed = "the records are not in their one encoding: by round, one of each kind, with the figures of that kind",
            RecordOutsideSlice = "a record's time lies outside its leaf's slice of the window",
            ProofInvalid = "this is no path from that place to the submission's commitment",
            NoFraud = "the path leads to the commitment, but nothing is wrong where it starts",
            ProposalExpired = "the proposal's deadline has passed: it can only be rejected or expired",
            SettlementDue = "windows are due for settlement: settle them first",
            EndNotEarlier = "the SLA ends no later than that already: an end only moves earlier",
            RedrawRefused = "this seat is not to be redrawn: its oracle serves, or no redraw was armed",
            RedrawNotNow = "a seat is redrawn after one window is settled and before the next one's reports open, by one draw: wait for the next window",
            RedrawTooLate = "the SLA ends before a newcomer could measure a window",
            DrawPending = "a draw is pending: hold it, or wait until its slot hash is lost",
            ContestClosed = "a window is contested in its challenge phase, the second quarter window after its end",
            RoundSettled = "the contested window is settled already: it stands",
            RoundOpen = "the contested window is not settled yet: its contests have to end first",
            AlreadyDisputed = "this party has disputed the window already",
            NothingToDispute = "no more than a majority measured: no submission could be left out",
            RulingInvalid = "a ruling names measuring submissions, at most N - m of a round, and leaves a majority",
            DeadlinePassed = "its deadline has passed: it can only be expired",
            NothingSubmitted = "this seat has no submission there that could be voided",
            MaintenanceInvalid = "maintenance is announced 24 hours to 366 days ahead and at most its part of the time since the last",
            MaintenancePending = "announced maintenance is still to come: announce the next one once it has begun",
            UnitInUse = "the unit is not closing, or an SLA of it is not given back yet",
            ProviderInUse = "the provider still has units, SLAs or stake: close, release and withdraw them first",
            GraceRunning = "the owners have 30 days after the end to withdraw themselves",
            PauseUsed = "this guardian has paused once already: a pause takes a new appointment",
            PauseLengthInvalid = "a pause lasts at least a second and at most 7 days",
            AuthorityNotOffered = "the authority was not offered to this signer: its holder offers it first",
            OracleInUse = "the oracle is in the registry, or still has seats or stake: leave, free and withdraw them first",
            OracleServes = "the oracle is certified and staked: only its own authority takes it out of the registry",
            NothingToFold = "no points wait to be folded",
            LeafInvalid = "the window's tree of records has no leaf of that number",
            NotLapsed = "it has not been expired for 30 days: until then only who gave it, or the authority, may end it",
            UnitUnchanged = "the unit is closing already",
            BatchInvalid = "a batch names 1 to 126 SLAs, and as many reports where it reports",
            CapacityTaken = "the capacity would be less than what is reserved of it",
        }
    };
}

macro_rules! define_core_error {
    ($($name:ident = $message:literal,)*) => {
        /// Why a rule refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
        #[non_exhaustive]
        pub enum CoreError {
            $(
                #[doc = $message]
                #[error($message)]
                $name,
            )*
        }

        impl CoreError {
            /// Every error, in the order of its on-chain number.
            pub const ALL: &'static [CoreError] = &[$(CoreError::$name,)*];
        }
    };
}
for_each_error!(define_core_error);

/// The on-chain number of the first error of the list (Anchor's custom errors start here).
pub const FIRST_ERROR_NUMBER: u32 = 6000;

impl CoreError {
    /// The error's number in a transaction's `Custom(n)`.
    pub fn number(self) -> u32 {
        let position = Self::ALL.iter().position(|e| *e == self).unwrap_or_default();
        FIRST_ERROR_NUMBER.saturating_add(u32::try_from(position).unwrap_or(u32::MAX))
    }

    /// The error with that on-chain number, if it is one of this list.
    pub fn from_number(number: u32) -> Option<Self> {
        let position = usize::try_from(number.checked_sub(FIRST_ERROR_NUMBER)?).ok()?;
        Self::ALL.get(position).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip_and_are_append_only() {
        for error in CoreError::ALL {
            assert_eq!(CoreError::from_number(error.number()), Some(*error));
        }
        assert_eq!(CoreError::ArithmeticOverflow.number(), 6000);
        assert_eq!(CoreError::AccountVersionUnknown.number(), 6060);
        assert_eq!(CoreError::NoFraud.number(), 6065);
        assert_eq!(CoreError::GraceRunning.number(), 6085);
        assert_eq!(CoreError::CapacityTaken.number(), 6096);
        assert_eq!(CoreError::from_number(5999), None);
        assert_eq!(CoreError::from_number(u32::MAX), None);
    }
}
