use flashback_sdk::account::SubjectKind;
use flashback_sdk::instruction::{
    AppointCertifierArgs, CertifyArgs, Initialize, InitializeArgs, appoint_certifier, certify,
    initialize,
};
use solana_sdk::pubkey::Pubkey;

use super::{EXPIRY, attempt};
use crate::World;
use crate::attempt::Attempt;
use crate::chain::{Chain, DEPLOYER};
use crate::names::{key, keypair};
use crate::world::{CERTIFIER, RENT_PAYER, rent_payer, settings};

/// Who deployed the program, and becomes the Config's authority.
pub struct Deployer<'w> {
    pub(crate) world: &'w mut World,
}

impl<'w> Deployer<'w> {
    /// Sets the protocol up.
    pub fn initializes(self) -> Attempt<'w> {
        self.initializes_with(settings())
    }

    /// Sets the protocol up with other settings.
    pub fn initializes_with(self, args: InitializeArgs) -> Attempt<'w> {
        let given = Initialize {
            payer: key(RENT_PAYER),
            authority: key(DEPLOYER),
            flash_mint: Chain::flash(),
            args,
        };
        attempt(self.world, initialize(given), vec![rent_payer(), keypair(DEPLOYER)])
    }

    /// Appoints the certifier.
    pub fn appoints_certifier(self) -> Attempt<'w> {
        self.appoints(AppointCertifierArgs {
            certifier: key(CERTIFIER),
            max_level: 4,
            expires_at: EXPIRY.0,
        })
    }

    /// Appoints some certifier.
    pub fn appoints(self, args: AppointCertifierArgs) -> Attempt<'w> {
        let instruction = appoint_certifier(key(RENT_PAYER), key(DEPLOYER), args);
        attempt(self.world, instruction, vec![rent_payer(), keypair(DEPLOYER)])
    }
}

/// The certifier.
pub struct Certifier<'w> {
    pub(crate) world: &'w mut World,
}

impl<'w> Certifier<'w> {
    /// Certifies a subject at level 2.
    pub fn certifies(self, kind: SubjectKind, subject: Pubkey) -> Attempt<'w> {
        self.gives(certificate(kind, subject))
    }

    /// Gives some certificate.
    pub fn gives(self, args: CertifyArgs) -> Attempt<'w> {
        let instruction = certify(key(RENT_PAYER), key(CERTIFIER), args);
        attempt(self.world, instruction, vec![rent_payer(), keypair(CERTIFIER)])
    }
}

/// The certificate that the certifier gives.
pub fn certificate(kind: SubjectKind, subject: Pubkey) -> CertifyArgs {
    CertifyArgs { kind, subject, level: 2, evidence_hash: [7; 32], expires_at: EXPIRY.0 }
}
