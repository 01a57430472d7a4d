//! Every test in a check file, as a test of its own: `keys/expired :: two days ago`.
//!
//! The files are read from `checks/` when the tests run, so that writing a check needs no compiler.

use std::path::Path;
use std::sync::LazyLock;

use crosscheck::check::CheckSet;
use libtest_mimic::{Arguments, Trial};

static CHECKS: LazyLock<CheckSet> = LazyLock::new(|| {
    CheckSet::folder(Path::new("checks")).expect("cargo runs tests in the folder of the package")
});

fn main() {
    let tests = CHECKS.tests();
    let trials = tests.map(|test| Trial::test(test.name(), move || test.run().map_err(Into::into)));
    let mut trials: Vec<Trial> = trials.collect();
    trials.push(Trial::test(
        "the check files have no fault of their own",
        || {
            let problems: Vec<String> = CHECKS.lint().iter().map(ToString::to_string).collect();
            if problems.is_empty() {
                Ok(())
            } else {
                Err(problems.join("\n").into())
            }
        },
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
