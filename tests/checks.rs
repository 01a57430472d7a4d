//! Every test in a check file, as a test of its own: `keys/expired :: two days ago`.
//!
//! The files are read from `checks/` when the tests run, so that writing a check needs no compiler.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use crosscheck::check::{CheckSet, Incomplete, JudgeOptions, Problem, standard};
use crosscheck::evidence::Environment;
use crosscheck::report::{Kind, Outcome, Subject};
use libtest_mimic::{Arguments, Failed, Trial};
use proptest::prop_assert;
use proptest::test_runner::{Config, TestRunner};

static CHECKS: LazyLock<CheckSet> = LazyLock::new(|| {
    CheckSet::folder(Path::new("checks")).expect("cargo runs tests in the folder of the package")
});

static PROBLEMS: LazyLock<Vec<Problem>> = LazyLock::new(|| CHECKS.lint());

fn main() {
    let tests = CHECKS.tests();
    let trials = tests.map(|test| Trial::test(test.name(), move || test.run().map_err(Into::into)));
    let mut trials: Vec<Trial> = trials.collect();
    trials.extend(CHECKS.checks().map(|check| {
        let file = format!("{}.toml", check.code);
        Trial::test(
            format!("{} :: the file has no fault of its own", check.code),
            move || no_fault(|problem| problem.file.ends_with(&file)),
        )
    }));
    trials.push(Trial::test(
        "the check files have no fault of their own",
        || no_fault(|_| true),
    ));
    trials.push(Trial::test(
        "missing evidence never reads as an answer",
        || {
            missing_evidence_is_no_answer();
            Ok(())
        },
    ));
    trials.extend([
        Trial::test("every row of the catalogue is accounted for", || {
            all_well(&CHECKS.unaccounted())
        }),
        Trial::test("every environment has its fix", || all_well(&without_fix())),
        Trial::test("documentation is that of the product", || {
            all_well(&strange_links())
        }),
    ]);
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Fails with what lint says of the files that are meant.
fn no_fault(meant: impl Fn(&Problem) -> bool) -> Result<(), Failed> {
    let problems = PROBLEMS.iter().filter(|problem| meant(problem));
    let problems: Vec<String> = problems.map(ToString::to_string).collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n").into())
    }
}

fn all_well(wrong: &[String]) -> Result<(), Failed> {
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}

/// Checks without a fix for some environment. A fault of an ECK resource has that of ECK alone.
fn without_fix() -> Vec<String> {
    let checks = CHECKS.checks().filter(|check| {
        check.area() != "kubernetes"
            && (check.file.kind != Kind::Symptom || !check.file.fix.is_empty())
    });
    let all = [
        Environment::SelfManaged,
        Environment::Ece,
        Environment::Eck,
        Environment::Ech,
    ];
    checks
        .flat_map(|check| {
            let has = |environment: &Environment| {
                check.file.fix.iter().any(|fix| {
                    fix.environments.is_empty() || fix.environments.contains(environment)
                })
            };
            let lacking = all.into_iter().filter(move |environment| !has(environment));
            lacking.map(|it| format!("{}: no fix for {it:?}", check.code))
        })
        .collect()
}

/// Links that lead to no page of the product's documentation.
fn strange_links() -> Vec<String> {
    const ROOTS: [&str; 4] = [
        "https://www.elastic.co/docs/",
        "https://www.elastic.co/subscriptions",
        "https://github.com/elastic/",
        "https://kubernetes.io/docs/",
    ];
    let links = CHECKS
        .checks()
        .flat_map(|check| check.file.links.iter().map(move |link| (check, link)));
    let strange = links.filter(|(_, link)| {
        let known = ROOTS.iter().any(|root| link.starts_with(root));
        !known || link.contains(char::is_whitespace) || link.ends_with('/')
    });
    strange
        .map(|(check, link)| format!("{}: {link} is no page of the documentation", check.code))
        .collect()
}

/// Takes many facts away at once from the healthy case: no failure may come up, and what was not
/// known may not come to be.
fn missing_evidence_is_no_answer() {
    let healthy = Incomplete::of(&standard());
    let outcomes = |positions: &[usize]| -> BTreeMap<(String, Subject), Outcome> {
        let report = CHECKS.judge(&healthy.without(positions), &JudgeOptions::default());
        let findings = report.findings.into_iter();
        findings
            .map(|finding| ((finding.code, finding.subject), finding.outcome))
            .collect()
    };
    let before = outcomes(&[]);
    let facts = healthy.paths();
    let some = proptest::sample::subsequence((0..facts.len()).collect::<Vec<_>>(), 1..12);
    let mut runner = TestRunner::new(Config::with_cases(60));
    let result = runner.run(&some, |positions| {
        for (finding, after) in outcomes(&positions) {
            let before = before.get(&finding).copied().unwrap_or(Outcome::Unknown);
            let taken: Vec<&str> = positions.iter().map(|fact| facts[*fact].as_str()).collect();
            prop_assert!(
                after == before || after == Outcome::Unknown,
                "{finding:?}: {before:?} became {after:?} without {taken:?}"
            );
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
