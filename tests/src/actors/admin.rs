use flashback_core::params::Params;
use flashback_core::sla::Party;
use flashback_core::units::Seconds;
use flashback_sdk::account::SubjectKind;
use flashback_sdk::instruction::{
    AmendCertificateArgs, AppointCertifierArgs, CertificateSigner, CertifyArgs, Initialize,
    InitializeArgs, amend_certificate, appoint_arbiter, appoint_certifier, appoint_guardian,
    certify, initialize, offer_authority, pause, remove_certifier, revoke_certificate,
    rule_dispute, set_params,
};
use solana_sdk::pubkey::Pubkey;

use super::{EXPIRY, attempt};
use crate::World;
use crate::attempt::Attempt;
use crate::chain::{Chain, DEPLOYER};
use crate::names::{key, keypair};
use crate::world::{ARBITER, CERTIFIER, GUARDIAN, RENT_PAYER, rent_payer, settings};

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

    /// Removes the certifier.
    pub fn removes_certifier(self) -> Attempt<'w> {
        let removed = remove_certifier(key(DEPLOYER), &key(CERTIFIER), key(RENT_PAYER));
        attempt(self.world, removed, vec![keypair(DEPLOYER)])
    }

    /// Changes a certificate that the certifier gave.
    pub fn amends(
        self,
        kind: SubjectKind,
        subject: Pubkey,
        args: AmendCertificateArgs,
    ) -> Attempt<'w> {
        let signer = CertificateSigner::Other(key(DEPLOYER));
        let amended = amend_certificate(signer, kind, &subject, args);
        attempt(self.world, amended, vec![keypair(DEPLOYER)])
    }

    /// Ends a certificate that the certifier gave.
    pub fn revokes(self, kind: SubjectKind, subject: Pubkey) -> Attempt<'w> {
        let signer = CertificateSigner::Other(key(DEPLOYER));
        let revoked = revoke_certificate(signer, kind, &subject, key(RENT_PAYER));
        attempt(self.world, revoked, vec![keypair(DEPLOYER)])
    }

    /// Sets the parameters.
    pub fn sets_params(self, params: Params) -> Attempt<'w> {
        attempt(self.world, set_params(key(DEPLOYER), params), vec![keypair(DEPLOYER)])
    }

    /// Appoints a guardian.
    pub fn appoints_guardian(self, guardian: Pubkey) -> Attempt<'w> {
        let appointed = appoint_guardian(key(DEPLOYER), guardian);
        attempt(self.world, appointed, vec![keypair(DEPLOYER)])
    }

    /// Appoints an arbiter.
    pub fn appoints_arbiter(self, arbiter: Pubkey) -> Attempt<'w> {
        let appointed = appoint_arbiter(key(DEPLOYER), arbiter);
        attempt(self.world, appointed, vec![keypair(DEPLOYER)])
    }

    /// Offers the authority to somebody.
    pub fn offers_authority(self, to: Pubkey) -> Attempt<'w> {
        attempt(self.world, offer_authority(key(DEPLOYER), to), vec![keypair(DEPLOYER)])
    }
}

/// The guardian.
pub struct Guardian<'w> {
    pub(crate) world: &'w mut World,
}

impl<'w> Guardian<'w> {
    /// Pauses new SLAs.
    pub fn pauses(self, secs: u32) -> Attempt<'w> {
        attempt(self.world, pause(key(GUARDIAN), Seconds(secs)), vec![keypair(GUARDIAN)])
    }
}

/// The arbiter.
pub struct Arbiter<'w> {
    pub(crate) world: &'w mut World,
}

impl<'w> Arbiter<'w> {
    /// Rules on a party's dispute of a window: the seats to be left out, a bit each, or a rejection.
    pub fn rules(self, window: u16, party: Party, turned: Option<u8>) -> Attempt<'w> {
        let address = self.world.dispute_address(window, party);
        let dispute = self.world.chain.read(&address);
        let ruled = rule_dispute(key(ARBITER), address, &dispute, turned);
        attempt(self.world, ruled, vec![keypair(ARBITER)])
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

    /// Changes a certificate of its own.
    pub fn amends(
        self,
        kind: SubjectKind,
        subject: Pubkey,
        args: AmendCertificateArgs,
    ) -> Attempt<'w> {
        let signer = CertificateSigner::Certifier(key(CERTIFIER));
        let amended = amend_certificate(signer, kind, &subject, args);
        attempt(self.world, amended, vec![keypair(CERTIFIER)])
    }

    /// Ends a certificate of its own.
    pub fn revokes(self, kind: SubjectKind, subject: Pubkey) -> Attempt<'w> {
        let signer = CertificateSigner::Certifier(key(CERTIFIER));
        let revoked = revoke_certificate(signer, kind, &subject, key(RENT_PAYER));
        attempt(self.world, revoked, vec![keypair(CERTIFIER)])
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
