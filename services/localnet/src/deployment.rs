//! FLASH, an initialized protocol, and funded actors: by ordinary transactions.

use anyhow::{Context, Result};
use flashback_sdk::core::params::Params;
use flashback_sdk::core::units::{ATOMS_PER_FLASH, Atoms, FLASH_DECIMALS, Seconds};
use flashback_sdk::instruction::{self as build, Initialize, InitializeArgs};
use flashback_sdk::{Flashback, address};
use solana_sdk::program_pack::Pack;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signer};
use solana_system_interface::instruction as system;
use spl_token_interface::instruction as token;
use spl_token_interface::state::Mint;

/// SOL of each actor, in lamports.
const ACTOR_LAMPORTS: u64 = 100_000_000_000;

/// How the protocol is set up.
#[derive(Clone, Copy, Debug)]
pub struct DeploymentConfig {
    /// FLASH minted to the authority.
    pub supply: Atoms,
    /// The shortest window of an SLA: 4 seconds or more.
    pub window_min: Seconds,
    /// The protocol's parameters.
    pub params: Params,
}

impl Default for DeploymentConfig {
    /// 10⁹ FLASH, windows from 20 seconds, default parameters.
    fn default() -> Self {
        Self {
            supply: Atoms(1_000_000_000 * ATOMS_PER_FLASH),
            window_min: Seconds(20),
            params: Params::default(),
        }
    }
}

/// A deployed and initialized protocol, and the authority that has set it up and owns all FLASH so far.
pub struct Deployment {
    client: Flashback,
    authority: Keypair,
    mint: Pubkey,
}

/// Somebody with SOL, FLASH and a name.
pub struct Actor {
    /// What it is called.
    pub name: String,
    /// Its key.
    pub keypair: Keypair,
    /// A client that acts as it.
    pub client: Flashback,
}

impl Actor {
    /// Its address.
    pub fn key(&self) -> Pubkey {
        self.keypair.pubkey()
    }
}

impl Deployment {
    /// Creates FLASH (6 decimals, no freeze authority) and initializes the protocol. `client` acts as
    /// `authority`, the program's upgrade authority, which has SOL; it becomes guardian and arbiter too.
    ///
    /// # Errors
    /// If the chain does not answer or the program refuses.
    pub async fn create(
        client: Flashback,
        authority: Keypair,
        config: DeploymentConfig,
    ) -> Result<Self> {
        let mint = create_mint(&client, config.supply).await.context("FLASH was not created")?;
        let key = client.key();
        let args = InitializeArgs {
            guardian: key,
            arbiter: key,
            window_min_secs: config.window_min.0,
            params: config.params,
        };
        let given = Initialize { payer: key, authority: key, flash_mint: mint, args };
        let initialized = client.send(&[build::initialize(given)], &[]).await;
        initialized.context("the protocol was not initialized")?;
        Ok(Self { client, authority, mint })
    }

    /// A client that acts as the authority.
    pub fn client(&self) -> &Flashback {
        &self.client
    }

    /// The protocol's authority.
    pub fn authority(&self) -> &Keypair {
        &self.authority
    }

    /// FLASH.
    pub fn mint(&self) -> Pubkey {
        self.mint
    }

    /// A new actor with 100 SOL and some FLASH.
    ///
    /// # Errors
    /// If the chain does not answer.
    pub async fn actor(&self, name: impl Into<String>, flash: Atoms) -> Result<Actor> {
        let (name, keypair) = (name.into(), Keypair::new());
        self.fund(&keypair.pubkey(), ACTOR_LAMPORTS, flash)
            .await
            .with_context(|| format!("{name} was not funded"))?;
        let client = self.client.acting_as(keypair.insecure_clone());
        Ok(Actor { name, keypair, client })
    }

    /// Sends a key SOL (in lamports) and FLASH of the authority's; creates its token account if missing.
    ///
    /// # Errors
    /// If the chain does not answer, or the authority has not that much.
    pub async fn fund(&self, key: &Pubkey, lamports: u64, flash: Atoms) -> Result<()> {
        let authority = self.client.key();
        let from = address::token_account(&authority, &self.mint);
        let to = address::token_account(key, &self.mint);
        let instructions = [
            system::transfer(&authority, key, lamports),
            build::create_token_account(&authority, key, &self.mint),
            build::transfer(&authority, &from, &self.mint, &to, flash),
        ];
        self.client.send(&instructions, &[]).await?;
        Ok(())
    }
}

async fn create_mint(client: &Flashback, supply: Atoms) -> Result<Pubkey> {
    let (authority, mint) = (client.key(), Keypair::new());
    let key = mint.pubkey();
    let program = &address::TOKEN_PROGRAM;
    let rent = client.rpc().get_minimum_balance_for_rent_exemption(Mint::LEN).await?;
    let tokens = address::token_account(&authority, &key);
    let bytes = u64::try_from(Mint::LEN)?;
    let instructions = [
        system::create_account(&authority, &key, rent, bytes, program),
        token::initialize_mint2(program, &key, &authority, None, FLASH_DECIMALS)?,
        build::create_token_account(&authority, &authority, &key),
        token::mint_to(program, &key, &tokens, &authority, &[], supply.0)?,
    ];
    client.send(&instructions, &[&mint]).await?;
    Ok(key)
}
