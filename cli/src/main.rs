//! `flashback`: the command line of Flashback.

mod act;
mod arguments;
mod command;
mod demo;
mod document;
#[cfg(test)]
mod documented;
mod exit;
mod idl;
mod mistake;
mod output;
mod parameters;
mod progress;
mod quantity;
mod reference;
#[cfg(test)]
mod scripted;
mod settings;
mod submission;

use std::process::ExitCode;

use arguments::{Arguments, Command, OutputFormat};
use settings::Settings;

fn main() -> ExitCode {
    let arguments = match Arguments::from_command_line() {
        Ok(arguments) => arguments,
        Err(error) => {
            let environment = std::env::var("FLASHBACK_OUTPUT").ok();
            let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
            return exit::report_arguments(&error, OutputFormat::wanted(words, environment));
        }
    };
    let output = arguments.global.output;
    settings::alias::names().set();
    output::described::begin(&arguments.path);
    match block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error, output),
    }
}

fn block_on(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    arguments.global.check()?;
    let settings = Settings::new(arguments.global);
    settings.refuse_of_transactions(&arguments.path)?;
    match arguments.command {
        Command::Demo(args) => demo::run(args).await,
        Command::Localnet(args) => command::localnet::run(args, &settings).await,
        Command::Provider(action) => command::provider::run(action, &settings).await,
        Command::Unit(action) => command::unit::run(action, &settings).await,
        Command::Sla(action) => command::sla::run(action, &settings).await,
        Command::Transaction(action) => command::transaction::run(action, &settings).await,
        Command::Nonce(action) => command::nonce::run(action, &settings).await,
        Command::Events(args) => command::events::run(args, &settings).await,
        Command::Wallet(wallet) => command::wallet::show::run(&wallet, &settings).await,
        Command::Config(action) => command::config::run(action, &settings),
        Command::Dispute(action) => command::dispute::run(action, &settings).await,
        Command::Oracle(action) => command::oracle::run(action, &settings).await,
        Command::Certifier(action) => command::certifier::run(action, &settings).await,
        Command::Treasury(action) => command::treasury::run(action, &settings).await,
        Command::Admin(action) => command::admin::run(action, &settings).await,
        Command::Completions(args) => command::shell::completions(&args),
        Command::Man(args) => command::shell::man(&args, &settings),
        Command::Reference => command::shell::print(reference::markdown().as_bytes()),
    }
}
