//! Reporting many SLAs, several to a transaction.

use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use crate::batch::pack;
use crate::client::Flashback;
use crate::instruction::{self as build, SubmitReportArgs};
use crate::prepared::Prepared;

impl Flashback {
    /// What submits these reports, as an oracle with a seat in each SLA: one `submit_many` to a transaction, in their
    /// order, each with as many as fit when `beside` is put behind it (which is left to the caller).
    pub fn reports(
        &self,
        reports: &[(Pubkey, SubmitReportArgs)],
        beside: &[Instruction],
    ) -> Vec<Prepared> {
        let build = |reports: &[(Pubkey, SubmitReportArgs)]| {
            let mut all = vec![build::submit_many(self.key(), reports)];
            all.extend_from_slice(beside);
            all
        };
        let packed = pack(self, reports.iter().copied(), build);
        packed.into_iter().map(|all| self.prepare(all.into_iter().take(1))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::fits;
    use flashback_core::quality::Aggregate;
    use solana_sdk::signature::Keypair;

    #[test]
    fn reports_fill_transactions_and_none_is_lost() {
        let client = Flashback::new("http://127.0.0.1:1", Keypair::new());
        let report = SubmitReportArgs { window: 0, aggregate: Aggregate::EMPTY, root: [0; 32] };
        let reports: Vec<_> = (0..20).map(|_| (Pubkey::new_unique(), report)).collect();
        let of = |prepared: &Prepared| -> Vec<Pubkey> {
            let [instruction] = prepared.instructions() else { panic!("one instruction") };
            instruction.accounts.iter().skip(1).map(|meta| meta.pubkey).collect()
        };
        let packed = client.reports(&reports, &[]);
        let slas: Vec<_> = packed.iter().flat_map(of).collect();
        assert_eq!(slas, reports.iter().map(|(sla, _)| *sla).collect::<Vec<_>>());
        let most = of(&packed[0]).len();
        assert!(most > 1, "{most}");
        assert!(!fits(&client, &[build::submit_many(client.key(), &reports[..=most])]));
        // What is put behind them still fits.
        let memo = Instruction::new_with_bytes(Pubkey::new_unique(), &[0; 566], vec![]);
        for prepared in client.reports(&reports, std::slice::from_ref(&memo)) {
            assert!(of(&prepared).len() < most);
            assert!(fits(&client, prepared.with(memo.clone()).instructions()));
        }
    }
}
