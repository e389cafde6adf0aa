//! Instructions with one thing bent: another account, a signature missing or another's, other arguments.

use solana_sdk::instruction::AccountMeta;
use solana_sdk::pubkey::Pubkey;

use super::economy::{Act, Economy};
use super::idl;

impl Economy {
    /// The act with one thing bent, or as it is, where nothing fits.
    pub fn bend(&mut self, mut act: Act) -> Act {
        let bent = match self.random.below(7) {
            0 => self.replace(&mut act, |_, _, _| true),
            1 => self.replace(&mut act, Self::are_alike),
            2 => self.unsign(&mut act),
            3 => self.impersonate(&mut act),
            4 => self.forbid_writing(&mut act),
            5 => self.garble(&mut act),
            _ => self.shuffle(&mut act),
        };
        act.bent = bent;
        act
    }

    /// Another account in the place of one that does not sign.
    fn replace(
        &mut self,
        act: &mut Act,
        fits: fn(&Economy, &Pubkey, &Pubkey) -> bool,
    ) -> Option<String> {
        let metas = &act.instruction.accounts;
        let places: Vec<_> = (0..metas.len()).filter(|place| !metas[*place].is_signer).collect();
        let place = self.random.pick(&places)?;
        let old = metas[place].pubkey;
        let others = self.books.bodies.keys().filter(|at| **at != old && fits(self, at, &old));
        let new = self.random.pick(&others.copied().collect::<Vec<_>>())?;
        act.instruction.accounts[place].pubkey = new;
        Some(format!("account {place}, {old} before"))
    }

    fn are_alike(&self, one: &Pubkey, other: &Pubkey) -> bool {
        let bytes = |at| self.books.bodies.get(at).map(|body| body.bytes);
        bytes(one) == bytes(other)
    }

    fn signer_place(&mut self, act: &Act) -> Option<usize> {
        let metas = act.instruction.accounts.iter().enumerate();
        let signers: Vec<_> = metas.filter(|(_, meta)| meta.is_signer).map(|(at, _)| at).collect();
        self.random.pick(&signers)
    }

    fn unsign(&mut self, act: &mut Act) -> Option<String> {
        let place = self.signer_place(act)?;
        let key = act.instruction.accounts[place].pubkey;
        for meta in act.instruction.accounts.iter_mut().filter(|meta| meta.pubkey == key) {
            meta.is_signer = false;
        }
        Some(format!("account {place} does not sign"))
    }

    fn impersonate(&mut self, act: &mut Act) -> Option<String> {
        let place = self.signer_place(act)?;
        let stranger = self.stranger();
        let meta: &mut AccountMeta = &mut act.instruction.accounts[place];
        let old = std::mem::replace(&mut meta.pubkey, stranger);
        Some(format!("signed by a stranger instead of {old}"))
    }

    fn forbid_writing(&mut self, act: &mut Act) -> Option<String> {
        let metas = act.instruction.accounts.iter().enumerate();
        let written: Vec<_> =
            metas.filter(|(_, meta)| meta.is_writable).map(|(at, _)| at).collect();
        let place = self.random.pick(&written)?;
        act.instruction.accounts[place].is_writable = false;
        Some(format!("account {place} is read-only"))
    }

    /// Other arguments: a byte changed, or the end missing, or something more.
    fn garble(&mut self, act: &mut Act) -> Option<String> {
        if matches!(act.name(), "register_provider" | "update_provider") {
            // Nobody could ever withdraw earnings to the payout owner that came of it.
            return None;
        }
        let data = &mut act.instruction.data;
        let arguments = data.len() - 8;
        match self.random.below(4) {
            0 => data.push(self.random.next() as u8),
            1 if arguments > 0 => data.truncate(8 + self.random.below(arguments as u64) as usize),
            _ if arguments > 0 => {
                let place = 8 + self.random.below(arguments as u64) as usize;
                let any = self.random.next() as u8;
                data[place] = self.random.one(&[0, 1, 255, any]);
            }
            _ => return None,
        }
        Some("arguments".to_owned())
    }

    /// Remaining accounts, or all of them: one fewer, one more, or two swapped.
    fn shuffle(&mut self, act: &mut Act) -> Option<String> {
        let fixed = idl::fixed_accounts(&act.instruction);
        let metas = &mut act.instruction.accounts;
        if metas.len() > fixed {
            let (count, last) = ((metas.len() - fixed) as u64, metas.len() - 1);
            let one = fixed + self.random.below(count) as usize;
            match self.random.below(3) {
                0 => drop(metas.remove(one)),
                1 => {
                    let again = metas[one].clone();
                    metas.push(again);
                }
                _ => metas.swap(one, last),
            }
        } else {
            metas.pop()?;
        }
        Some("the list of accounts".to_owned())
    }
}
