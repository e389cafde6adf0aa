//! LiteSVM with the program deployed, FLASH minted, and a clock that moves.

use flashback_core::hash::{Sha256, SoftwareSha256};
use flashback_core::units::{Atoms, FLASH_DECIMALS, Timestamp};
use flashback_sdk::account::{FlashbackAccount, TokenAccount};
use flashback_sdk::address;
use flashback_sdk::instruction::create_token_account;
use litesvm::LiteSVM;
use litesvm::types::TransactionResult;
use solana_account::Account;
use solana_sdk::clock::Clock;
use solana_sdk::hash::Hash;
use solana_sdk::instruction::{AccountMeta, Instruction};
use solana_sdk::program_pack::Pack;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signer};
use solana_sdk::slot_hashes::SlotHashes;
use solana_sdk::transaction::Transaction;
use spl_token_interface::instruction as spl;
use spl_token_interface::state::Mint;

use crate::elf;
use crate::names::{key, keypair};

/// The most bytes of a transaction.
pub const PACKET: usize = 1_232;
/// When every test begins, in unix seconds.
pub const GENESIS: i64 = 1_800_000_000;
/// The slot in which every test begins: more than SlotHashes reaches back.
const GENESIS_SLOT: u64 = 1_000;
const SLOT_MILLIS: u64 = 400;
const SLOT_HASHES: u64 = 512;
/// What everyone who pays fees or rent begins with.
const LAMPORTS: u64 = 1_000_000_000_000;

/// Who pays every transaction's fee; never a party of the protocol.
pub const FEE_PAYER: &str = "fee payer";
/// The program's upgrade authority.
pub const DEPLOYER: &str = "deployer";
/// Who mints FLASH.
const MINTER: &str = "minter";

/// A chain in this process.
#[derive(Clone)]
pub struct Chain {
    svm: LiteSVM,
}

impl Chain {
    /// A chain with the program deployed by [`DEPLOYER`] and the FLASH mint created.
    pub fn new() -> Self {
        let mut chain = Self { svm: LiteSVM::new().with_log_bytes_limit(Some(10_000)) };
        chain.set_clock(GENESIS_SLOT, GENESIS);
        chain.fund(key(FEE_PAYER));
        chain.deploy(&elf::read(elf::FLASHBACK));
        chain.create_mint("FLASH", FLASH_DECIMALS, None);
        chain
    }

    /// The FLASH mint.
    pub fn flash() -> Pubkey {
        key("FLASH")
    }

    /// Deploys with an upgrade authority, which LiteSVM leaves out of the ProgramData account.
    fn deploy(&mut self, elf: &[u8]) {
        self.svm.add_program(address::PROGRAM, elf).expect("the program loads");
        let at = address::program_data();
        let mut account = self.account(&at).expect("the loader made a ProgramData account");
        // UpgradeableLoaderState::ProgramData: tag (4 bytes), slot (8), Option<authority> (1 + 32).
        account.data[12] = 1;
        account.data[13..45].copy_from_slice(key(DEPLOYER).as_ref());
        self.put(at, account);
    }

    /// Adds another program.
    pub fn add_program(&mut self, id: Pubkey, elf: &[u8]) {
        self.svm.add_program(id, elf).expect("the program loads");
    }

    /// Creates an SPL Token mint at the key of that name, by the token program's own instructions.
    pub fn create_mint(&mut self, name: &str, decimals: u8, freezer: Option<&str>) {
        let freezer = freezer.map(key);
        let rent = self.svm.minimum_balance_for_rent_exemption(Mint::LEN);
        let (mint, program) = (key(name), address::TOKEN_PROGRAM);
        let create = create_account(&key(FEE_PAYER), &mint, rent, Mint::LEN, &program);
        let init = spl::initialize_mint2(&program, &mint, &key(MINTER), freezer.as_ref(), decimals);
        let init = init.expect("a mint's initialization");
        self.must_send(&[create, init], &[&keypair(name)]);
    }

    /// Mints FLASH to an owner's associated token account, which is created if missing. Returns its address.
    pub fn mint_flash(&mut self, owner: &Pubkey, amount: Atoms) -> Pubkey {
        self.mint(Self::flash(), owner, amount)
    }

    /// Mints tokens of any mint of [`Chain::create_mint`] likewise.
    pub fn mint(&mut self, mint: Pubkey, owner: &Pubkey, amount: Atoms) -> Pubkey {
        let account = address::token_account(owner, &mint);
        let create = create_token_account(&key(FEE_PAYER), owner, &mint);
        let program = address::TOKEN_PROGRAM;
        let minted = spl::mint_to(&program, &mint, &account, &key(MINTER), &[], amount.0);
        self.must_send(&[create, minted.expect("a minting")], &[&keypair(MINTER)]);
        account
    }

    /// Gives lamports.
    pub fn fund(&mut self, address: Pubkey) {
        self.svm.airdrop(&address, LAMPORTS).expect("an airdrop");
    }

    /// Gives an address exactly that many lamports, as anybody may by a transfer.
    pub fn send_lamports(&mut self, to: Pubkey, lamports: u64) {
        self.must_send(&[transfer_lamports(&key(FEE_PAYER), &to, lamports)], &[]);
    }

    /// Sends one transaction with the fee payer's signature and these, and takes a new blockhash for the next one.
    ///
    /// # Panics
    /// If it would not fit a packet.
    pub fn send(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> TransactionResult {
        let payer = keypair(FEE_PAYER);
        let mut all = vec![&payer];
        all.extend(signers.iter().filter(|signer| signer.pubkey() != payer.pubkey()));
        let blockhash = self.svm.latest_blockhash();
        let transaction = Transaction::new_signed_with_payer(
            instructions,
            Some(&payer.pubkey()),
            &all,
            blockhash,
        );
        let bytes = 1 + 64 * transaction.signatures.len() + transaction.message_data().len();
        assert!(bytes <= PACKET, "the transaction has {bytes} bytes; a packet holds {PACKET}");
        let result = self.svm.send_transaction(transaction);
        self.svm.expire_blockhash();
        result
    }

    fn must_send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) {
        if let Err(failed) = self.send(instructions, signers) {
            panic!("{:?}\n{}", failed.err, failed.meta.logs.join("\n"));
        }
    }

    /// The Clock sysvar.
    pub fn clock(&self) -> Clock {
        self.svm.get_sysvar()
    }

    /// The chain's time.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.clock().unix_timestamp)
    }

    /// The current slot.
    pub fn slot(&self) -> u64 {
        self.clock().slot
    }

    /// Moves time forward to `at`, and slots with it.
    ///
    /// # Panics
    /// If that is in the past.
    pub fn wait_until(&mut self, at: Timestamp) {
        let now = self.now();
        assert!(at >= now, "{at:?} is before {now:?}");
        let slots = at.since(now) * 1_000 / SLOT_MILLIS;
        self.set_clock(self.slot() + slots, at.0);
    }

    /// Moves slots forward, and time with them.
    pub fn wait_slots(&mut self, slots: u64) {
        let later = self.now().after(slots * SLOT_MILLIS / 1_000).expect("a time");
        self.set_clock(self.slot() + slots, later.0);
    }

    /// LiteSVM keeps no slot hashes: they are set here, from the slots' numbers.
    fn set_clock(&mut self, slot: u64, unix_timestamp: i64) {
        let mut clock = self.clock();
        (clock.slot, clock.unix_timestamp) = (slot, unix_timestamp);
        self.svm.set_sysvar(&clock);
        let hashes: Vec<_> = (slot - SLOT_HASHES..slot).rev().map(|s| (s, slot_hash(s))).collect();
        self.svm.set_sysvar(&SlotHashes::new(&hashes));
    }

    /// An account, if it exists.
    pub fn account(&self, address: &Pubkey) -> Option<Account> {
        self.svm.get_account(address).filter(|account| account.lamports > 0)
    }

    /// Puts an account in place, as no transaction could: for accounts of other programs and damaged ones.
    pub fn put(&mut self, address: Pubkey, account: Account) {
        self.svm.set_account(address, account).expect("an account");
    }

    /// An account of the program, decoded.
    ///
    /// # Panics
    /// If it does not exist or is of another kind.
    pub fn read<T: FlashbackAccount>(&self, address: &Pubkey) -> T {
        let account =
            self.account(address).unwrap_or_else(|| panic!("no {} at {address}", T::KIND));
        T::decode(address, &account).unwrap_or_else(|error| panic!("{error}"))
    }

    /// What a token account holds; nothing if it does not exist.
    pub fn tokens(&self, address: &Pubkey) -> Atoms {
        self.account(address).map_or(Atoms::ZERO, |account| {
            TokenAccount::decode(address, &account).expect("a token account").amount
        })
    }

    /// All FLASH there is.
    pub fn supply(&self) -> Atoms {
        let mint = self.account(&Self::flash()).expect("the FLASH mint");
        Atoms(Mint::unpack(&mint.data).expect("a mint").supply)
    }

    /// Lamports that make an account of that size rent-exempt.
    pub fn rent(&self, bytes: usize) -> u64 {
        self.svm.minimum_balance_for_rent_exemption(bytes)
    }
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

/// The hash of a slot.
fn slot_hash(slot: u64) -> Hash {
    Hash::new_from_array(SoftwareSha256::hash(&[b"slot", &slot.to_le_bytes()]))
}

/// The system program's `CreateAccount`.
pub fn create_account(
    payer: &Pubkey,
    new: &Pubkey,
    lamports: u64,
    bytes: usize,
    owner: &Pubkey,
) -> Instruction {
    let mut data = 0u32.to_le_bytes().to_vec();
    data.extend(lamports.to_le_bytes());
    data.extend((bytes as u64).to_le_bytes());
    data.extend(owner.as_ref());
    let accounts = vec![AccountMeta::new(*payer, true), AccountMeta::new(*new, true)];
    Instruction { program_id: Pubkey::default(), accounts, data }
}

/// The system program's `Transfer`.
pub fn transfer_lamports(from: &Pubkey, to: &Pubkey, lamports: u64) -> Instruction {
    let mut data = 2u32.to_le_bytes().to_vec();
    data.extend(lamports.to_le_bytes());
    let accounts = vec![AccountMeta::new(*from, true), AccountMeta::new(*to, false)];
    Instruction { program_id: Pubkey::default(), accounts, data }
}
