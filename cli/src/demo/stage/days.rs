//! The days: windows end, oracles report, windows are settled.

use std::future::ready;

use anyhow::{Context, Result, ensure};
use flashback_core::records::Series;
use flashback_core::sla::WindowResult;
use flashback_core::units::{Seconds, Timestamp};
use flashback_sdk::event::{FlashbackEvent, from_logs};
use flashback_sdk::instruction::SubmitReportArgs;
use flashback_sdk::{Flashback, Receipt};
use solana_sdk::pubkey::Pubkey;
use tokio::task::JoinSet;

use super::Stage;
use crate::demo::ledger::Standing;
use crate::demo::records::{Records, Service};
use crate::demo::scenario::{self, ORACLES, Sla, Submission, WEEK, Window};

/// What one oracle reports of a day.
type Reports = Vec<(Pubkey, SubmitReportArgs)>;

impl Stage {
    /// A day of the first week.
    pub async fn day(&mut self, day: u16) -> Result<()> {
        self.day = day;
        self.report(&Sla::FIRST_WEEK, day).await?;
        let contests = scenario::contests(day);
        if !contests.is_empty() {
            let phase = self.reserved(Sla::Good)?.terms.report_closes(day)?;
            self.chain.time_travel_to(phase).await?;
            self.perform(contests).await?;
        }
        self.settle(&Sla::FIRST_WEEK, day).await?;
        self.tell_of(&Sla::FIRST_WEEK, day).await?;
        self.perform(scenario::aftermath(day)).await
    }

    /// The week of the renewed SLA: each report settles the day before, and nobody needs to do more.
    pub async fn quiet_week(&mut self) -> Result<()> {
        for day in 0..WEEK {
            self.report(&[Sla::Renewed], day).await?;
        }
        self.settle(&[Sla::Renewed], WEEK - 1).await?;
        let progress = self.anyone().sla(&self.address(Sla::Renewed)?).await?.body.progress;
        let (met, provider) = (progress.met, Sla::Renewed.provider());
        self.say(&format!("another week at {provider}: {met} of {WEEK} days met"));
        Ok(())
    }

    /// A day ends, and every oracle reports all its SLAs in one transaction.
    async fn report(&mut self, slas: &[Sla], window: u16) -> Result<()> {
        self.chain.time_travel_to(self.reserved(slas[0])?.terms.report_opens(window)?).await?;
        let mut reporting = JoinSet::new();
        for name in ORACLES {
            let reports = self.reports(name, slas, window)?;
            if !reports.is_empty() {
                let client = self.client(name)?;
                reporting.spawn(async move { submit(&client, &reports).await });
            }
        }
        while let Some(reported) = reporting.join_next().await {
            reported??;
            self.transactions += 1;
        }
        Ok(())
    }

    fn reports(&self, oracle: &str, slas: &[Sla], window: u16) -> Result<Reports> {
        let mut reports = vec![];
        for sla in slas {
            let reserved = self.reserved(*sla)?;
            let Some(seat) = reserved.seats.iter().position(|name| name == oracle) else {
                continue;
            };
            let submission = Submission { sla: *sla, window, seat: u8::try_from(seat)? };
            if let Some(aggregate) = submission.aggregate()? {
                // Who has no records has no tree.
                let root = self.records(submission)?.map_or([0; 32], |records| records.root());
                reports.push((reserved.address, SubmitReportArgs { window, aggregate, root }));
            }
        }
        Ok(reports)
    }

    /// What an oracle publishes with a submission.
    pub(super) fn records(&self, submission: Submission) -> Result<Option<Records>> {
        let reserved = self.reserved(submission.sla)?;
        let terms = &reserved.terms;
        let series = Series::new(
            self.actor(&self.oracle(submission)?)?.key().to_bytes(),
            reserved.address.to_bytes(),
            Timestamp(terms.start),
            submission.window,
            Seconds(terms.window_secs),
            terms.probes,
        )?;
        Ok(submission.records(series)?)
    }

    /// Anyone settles the windows of a day.
    async fn settle(&mut self, slas: &[Sla], window: u16) -> Result<()> {
        self.chain.time_travel_to(self.reserved(slas[0])?.terms.settles_at(window)?).await?;
        let addresses = slas.iter().map(|sla| self.address(*sla)).collect::<Result<Vec<_>>>()?;
        self.sent(ready(Ok(self.anyone().settle_many(&addresses)))).await?;
        Ok(())
    }

    /// Says how a day went.
    async fn tell_of(&self, slas: &[Sla], window: u16) -> Result<()> {
        let mut said = vec![];
        for sla in slas {
            let Some(script) = sla.window(window) else { continue };
            let progress = self.anyone().sla(&self.address(*sla)?).await?.body.progress;
            ensure!(progress.cursor == window + 1, "window {window} of {sla:?} was not settled");
            let result = WindowResult::from_code(progress.last_result);
            let contested = contested(*sla, window);
            let how = if contested { "contested" } else { Standing::new(result, 0).result };
            said.push(format!("{} {how}{}", short(*sla), cause(script)));
        }
        self.tell(&said.join("; "));
        Ok(())
    }
}

/// Reports, and makes sure that no report of the batch was refused.
async fn submit(client: &Flashback, reports: &Reports) -> Result<()> {
    let Receipt { logs, .. } = client.submit_many(reports).send().await?;
    let records = from_logs(&logs).into_iter().find_map(|event| match event {
        Ok(FlashbackEvent::ReportsSubmitted(event)) => Some(event.records),
        _ => None,
    });
    let records = records.context("the chain did not say what became of the reports")?;
    let refused = records.iter().find(|record| record.result > 1);
    ensure!(refused.is_none(), "the chain refused a report: {refused:?}");
    Ok(())
}

/// Whether a window is still contested when its day is settled.
fn contested(sla: Sla, window: u16) -> bool {
    use scenario::Act::{Challenge, Dispute};
    scenario::contests(window).iter().any(|act| match act {
        Challenge(submission) => submission.sla == sla,
        Dispute(disputed, _) => *disputed == sla,
        _ => false,
    })
}

/// The provider's quality.
fn short(sla: Sla) -> &'static str {
    sla.provider().trim_start_matches("provider-")
}

/// Why a window ended as it did, in a word; nothing if all was well.
fn cause(window: Window) -> String {
    match window {
        Window::Seen(Service::Slow(percent)) | Window::Pretence(percent) => {
            format!(" ({percent} % too slow)")
        }
        Window::Seen(Service::Down(percent)) => format!(" ({percent} % of probes failed)"),
        Window::Seen(Service::Refused) => " (oracles refused)".to_owned(),
        Window::Silent => " (two oracles silent)".to_owned(),
        Window::CongestedLine(_) => " (two oracles found it slow)".to_owned(),
        Window::Seen(Service::Excellent | Service::Ordinary) | Window::Lie => String::new(),
    }
}
