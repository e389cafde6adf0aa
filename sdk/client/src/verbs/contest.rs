//! Contested windows: disputes, challenges, fraud proofs, and what becomes of their rounds.
//!
//! Proofs are paths of `flashback_core::records::Tree`, encoded.

use flashback_core::CoreError;
use flashback_core::sla::Party;
use solana_sdk::pubkey::Pubkey;

use crate::account::{Challenge, Dispute, Round};
use crate::address;
use crate::client::Flashback;
use crate::error::Result;
use crate::instruction::{self as build, ChallengeLeaf, OpenDispute, ProveFraud};
use crate::prepared::Prepared;

impl Flashback {
    /// Disputes a window in its challenge phase, for a party: as the consumer or its delegate, or as the provider's
    /// authority or operator. The bond is paid from this key's associated token account; what comes back of it is the
    /// party's.
    pub async fn open_dispute(&self, sla: &Pubkey, window: u16, party: Party) -> Result<Prepared> {
        let open = build::open_dispute(OpenDispute {
            payer: self.key(),
            signer: self.key(),
            signer_token: address::token_account(&self.key(), &self.mint().await?),
            party,
            provider: self.sla(sla).await?.provider,
            sla: *sla,
            window,
        });
        Ok(self.prepare([open]))
    }

    /// Rules on a party's dispute, as the arbiter: the seats whose submissions become abstentions, a bit each; `None`
    /// rejects it.
    pub async fn rule_dispute(
        &self,
        sla: &Pubkey,
        window: u16,
        party: Party,
        turned: Option<u8>,
    ) -> Result<Prepared> {
        let dispute = address::dispute(&address::round(sla, window), party);
        let account: Dispute = self.fetch(&dispute).await?;
        Ok(self.prepare([build::rule_dispute(self.key(), dispute, &account, turned)]))
    }

    /// Ends a party's dispute that the arbiter left unanswered for seven days, as anyone.
    pub async fn expire_dispute(
        &self,
        sla: &Pubkey,
        window: u16,
        party: Party,
    ) -> Result<Prepared> {
        let dispute = address::dispute(&address::round(sla, window), party);
        let account: Dispute = self.fetch(&dispute).await?;
        Ok(self.prepare([build::expire_dispute(dispute, &account)]))
    }

    /// Challenges a seat, in a window's challenge phase, to open a leaf of its records, as anyone. The bond is paid
    /// from this key's associated token account.
    pub async fn challenge_leaf(
        &self,
        sla: &Pubkey,
        window: u16,
        seat: u8,
        leaf: u32,
    ) -> Result<Prepared> {
        let challenge = build::challenge_leaf(ChallengeLeaf {
            payer: self.key(),
            challenger: self.key(),
            challenger_token: address::token_account(&self.key(), &self.mint().await?),
            sla: *sla,
            window,
            seat,
            leaf,
        });
        Ok(self.prepare([challenge]))
    }

    /// Opens a challenged leaf, as anyone: the path speaks for itself.
    pub async fn open_leaf(
        &self,
        sla: &Pubkey,
        window: u16,
        seat: u8,
        leaf: u32,
        proof: Vec<u8>,
    ) -> Result<Prepared> {
        let challenge = address::challenge(&address::round(sla, window), seat, leaf);
        let account: Challenge = self.fetch(&challenge).await?;
        Ok(self.prepare([build::open_leaf(challenge, &account, proof)]))
    }

    /// Ends a challenge whose leaf was not opened within 24 hours, or whose submission was voided meanwhile, as anyone:
    /// the bond and half of the slash, if there is one, go to the challenger's associated token account (created if
    /// missing).
    pub async fn expire_challenge(
        &self,
        sla: &Pubkey,
        window: u16,
        seat: u8,
        leaf: u32,
    ) -> Result<Prepared> {
        let round_address = address::round(sla, window);
        let challenge = address::challenge(&round_address, seat, leaf);
        let account: Challenge = self.fetch(&challenge).await?;
        let round: Round = self.fetch(&round_address).await?;
        let (to, mut all) = self.token_account_of(&account.challenger).await?;
        let mint = self.mint().await?;
        all.push(build::expire_challenge(challenge, &account, &round, to, mint));
        Ok(self.prepare(all))
    }

    /// Proves by one path of its own records that a seat's submission is wrong, as anyone: half of the slash goes to
    /// this key's associated token account (created if missing).
    ///
    /// # Errors
    /// [`crate::Error::Rule`] with `ContestClosed` if the window is neither contested nor the next to be settled;
    /// `SeatInvalid` if there is no such seat.
    pub async fn prove_fraud(
        &self,
        sla: &Pubkey,
        window: u16,
        seat: u8,
        proof: Vec<u8>,
    ) -> Result<Prepared> {
        let round: Option<Round> = self.find(&address::round(sla, window)).await?;
        let seats = match &round {
            Some(round) => round.seats,
            None => {
                let account = self.sla(sla).await?;
                if account.body.progress.cursor != window {
                    return Err(CoreError::ContestClosed.into());
                }
                account.seats
            }
        };
        let oracle = seats.get(usize::from(seat)).copied().ok_or(CoreError::SeatInvalid)?;
        let (prover_token, mut all) = self.token_account_of(&self.key()).await?;
        all.push(build::prove_fraud(ProveFraud {
            prover_token,
            sla: *sla,
            contested: round.map(|_| window),
            seat,
            oracle,
            proof,
            flash_mint: self.mint().await?,
        }));
        Ok(self.prepare(all))
    }

    /// Settles a contested window once nothing about it is open, as anyone, and closes its round if nobody has left a
    /// seat since.
    pub async fn settle_round(&self, sla: &Pubkey, window: u16) -> Result<Prepared> {
        let round: Round = self.fetch(&address::round(sla, window)).await?;
        Ok(self.prepare([build::settle_round(*sla, window, &round)]))
    }

    /// Settles accounts with an oracle that has left its seat since a contested window, as anyone.
    pub async fn free_round_seat(&self, sla: &Pubkey, window: u16, seat: u8) -> Result<Prepared> {
        let round: Round = self.fetch(&address::round(sla, window)).await?;
        Ok(self.prepare([build::free_round_seat(*sla, window, &round, seat)]))
    }
}
