//! The limits and the price that a transaction sets for itself.

use solana_compute_budget_interface::ComputeBudgetInstruction;

use super::message;
use super::{COMPUTE_UNITS_MAX, OfflineTransaction};

/// What a transaction may use, and what it pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// The most compute units that it may use, if it says so.
    pub compute_unit_limit: Option<u32>,
    /// The most bytes of accounts that it may load, if it says so.
    pub data_limit: Option<u32>,
    /// Micro-lamports per compute unit of its limit, if it pays any.
    pub compute_unit_price: Option<u64>,
    /// What it costs at most, in lamports: signatures and priority.
    pub fee: u64,
}

impl OfflineTransaction {
    /// What it may use, and what it pays.
    pub fn budget(&self) -> Budget {
        let message = &self.0.message;
        let keys = message.static_account_keys();
        let mut budget = Budget::default();
        for instruction in message.instructions() {
            let program = keys.get(usize::from(instruction.program_id_index));
            if program == Some(&solana_compute_budget_interface::ID) {
                budget.read(&instruction.data);
            }
        }
        let price = budget.compute_unit_price.unwrap_or_default();
        let limit = budget.compute_unit_limit.unwrap_or(COMPUTE_UNITS_MAX);
        budget.fee = message::fee(message, price, limit);
        budget
    }
}

impl Budget {
    /// Reads an instruction of the compute budget program: that which gives the same bytes.
    fn read(&mut self, data: &[u8]) {
        let number = data.get(1..).unwrap_or_default();
        if let Ok(bytes) = number.try_into() {
            let number = u32::from_le_bytes(bytes);
            if ComputeBudgetInstruction::set_compute_unit_limit(number).data == data {
                self.compute_unit_limit = Some(number);
            }
            let limit = ComputeBudgetInstruction::set_loaded_accounts_data_size_limit(number);
            if limit.data == data {
                self.data_limit = Some(number);
            }
        }
        if let Ok(bytes) = number.try_into() {
            let number = u64::from_le_bytes(bytes);
            if ComputeBudgetInstruction::set_compute_unit_price(number).data == data {
                self.compute_unit_price = Some(number);
            }
        }
    }
}
