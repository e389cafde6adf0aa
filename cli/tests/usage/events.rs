//! Wrong command lines of `flashback events`.

use crate::common::{Machine, refused};

#[test]
fn wrong_arguments_are_refused() {
    let machine = Machine::offline();
    refused(
        &machine,
        &[
            ("events all", 2, "unexpected argument 'all'"),
            ("events --sla nobody", 2, "`nobody` is neither an address"),
            ("events --provider nobody", 2, "`nobody` is neither an address"),
            ("events --unit nobody", 2, "`nobody` is neither an address"),
            ("events --oracle nobody", 2, "`nobody` is neither an address"),
            ("events --since abc", 2, "`abc` is no signature"),
            ("events --follow=yes", 2, "unexpected value 'yes'"),
            ("events --ws-url http://a", 2, "--ws-url: `http://a` is no websocket's URL"),
            ("events", 3, "cannot be reached"),
        ],
    );
}
