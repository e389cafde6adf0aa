use clap::CommandFactory;
use flashback_core::committee::DRAWS_HELD_SLOTS;
use flashback_core::params::Params;
use flashback_core::units::{Atoms, DAY};

#[test]
fn help_says_what_the_rules_say() {
    let params = Params::default();
    let least = Atoms(params.min_stake).to_string();
    let wait = format!("{} days", params.unbonding_secs / DAY);
    let held = format!("{DRAWS_HELD_SLOTS} slots");
    let arguments = crate::arguments::Arguments::command();
    let oracle = arguments.find_subcommand("oracle").unwrap();
    for (name, said) in [("register", least), ("unstake", wait), ("leave", held)] {
        let action = oracle.find_subcommand(name).unwrap();
        let help = action.clone().render_long_help().to_string();
        assert!(help.contains(&said), "{said} in {help}");
    }
}

#[test]
fn the_former_name_of_report_is_not_shown() {
    let arguments = crate::arguments::Arguments::command();
    let report = arguments.find_subcommand("sla").and_then(|sla| sla.find_subcommand("report"));
    assert!(report.is_some_and(clap::Command::is_hide_set));
}
