//! A server that has accounts, for tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use anchor_lang::AnchorSerialize;
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flashback_core::params::{Params, WINDOW_MIN_SECS_DEFAULT};
use serde_json::{Value, json};
use solana_account::Account;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client::rpc_client::RpcClientConfig;
use solana_rpc_client::rpc_sender::{RpcSender, RpcTransportStats};
use solana_rpc_client_api::client_error::Error as ClientError;
use solana_rpc_client_api::filter::RpcFilterType;
use solana_rpc_client_api::request::RpcRequest;
use solana_sdk::clock::Clock;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Keypair;
use solana_sdk::sysvar;

use crate::account::{Config, FlashbackAccount, Sla, VERSION};
use crate::{Flashback, address};

/// Its accounts.
#[derive(Clone, Default)]
pub struct Stored(Arc<Mutex<BTreeMap<Pubkey, Account>>>);

impl Stored {
    /// With nothing but the chain's time.
    pub fn at(unix_timestamp: i64) -> Self {
        let stored = Self::default();
        let data = bincode::serialize(&Clock { unix_timestamp, ..Clock::default() }).unwrap();
        stored.put(sysvar::clock::ID, sysvar::ID, data);
        stored
    }

    pub fn client(&self, key: Keypair) -> Flashback {
        Flashback::over(RpcClient::new_sender(self.clone(), RpcClientConfig::default()), key)
    }

    pub fn put(&self, address: Pubkey, owner: Pubkey, data: Vec<u8>) {
        let account = Account { lamports: 1, data, owner, ..Account::default() };
        self.0.lock().unwrap().insert(address, account);
    }

    pub fn put_config(&self, flash_mint: Pubkey) {
        self.put_borsh(address::config(), &config(flash_mint));
    }

    pub fn put_borsh<T: FlashbackAccount + AnchorSerialize>(&self, address: Pubkey, account: &T) {
        let mut data = T::TAG.to_vec();
        account.serialize(&mut data).unwrap();
        self.put(address, address::PROGRAM, data);
    }

    /// The accounts at these addresses, as JSON-RPC tells them.
    pub fn told(&self, asked: &Value) -> Vec<Option<Value>> {
        let accounts = self.0.lock().unwrap();
        let asked: Vec<String> = serde_json::from_value(asked.clone()).unwrap();
        let found = asked.iter().map(|key| accounts.get(&key.parse().unwrap()));
        found.map(|account| account.map(json_of)).collect()
    }

    pub fn put_sla(&self, address: Pubkey, sla: &Sla) {
        let data = [Sla::TAG, bytemuck::bytes_of(sla)].concat();
        self.put(address, address::PROGRAM, data);
    }
}

fn config(flash_mint: Pubkey) -> Config {
    let nobody = Pubkey::default();
    Config {
        version: VERSION,
        bump: 0,
        treasury_bump: 0,
        rewards_bump: 0,
        authority: nobody,
        pending_authority: nobody,
        guardian: nobody,
        arbiter: nobody,
        flash_mint,
        rent_payer: nobody,
        paused_until: 0,
        window_min_secs: WINDOW_MIN_SECS_DEFAULT,
        migration: 0,
        guardian_paused: false,
        params: Params::default(),
        reserved: [0; 127],
    }
}

fn json_of(account: &Account) -> Value {
    json!({
        "data": [STANDARD.encode(&account.data), "base64"], "owner": account.owner.to_string(),
        "lamports": account.lamports, "executable": false, "rentEpoch": 0,
        "space": account.data.len(),
    })
}

#[async_trait]
impl RpcSender for Stored {
    async fn send(&self, request: RpcRequest, params: Value) -> Result<Value, ClientError> {
        Ok(match request {
            RpcRequest::GetMultipleAccounts => {
                json!({ "context": { "slot": 1 }, "value": self.told(&params[0]) })
            }
            RpcRequest::GetProgramAccounts => {
                let filters: Vec<RpcFilterType> =
                    serde_json::from_value(params[1]["filters"].clone()).unwrap();
                let passes = |account: &Account| {
                    filters.iter().all(|filter| match filter {
                        RpcFilterType::Memcmp(has) => has.bytes_match(&account.data),
                        _ => false,
                    })
                };
                let accounts = self.0.lock().unwrap();
                let owned = accounts.iter().filter(|(_, one)| one.owner == address::PROGRAM);
                let found = owned.filter(|(_, account)| passes(account));
                let found = found.map(|(address, account)| {
                    json!({ "pubkey": address.to_string(), "account": json_of(account) })
                });
                found.collect()
            }
            other => panic!("it does not answer {other}"),
        })
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "a server that has accounts".to_owned()
    }
}
