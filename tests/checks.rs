//! Every test in a check file, as a test of its own: `keys/expired :: two days ago`.
//!
//! The files are read from `checks/` when the tests run, so that writing a check needs no compiler.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use crosscheck::check::{CheckSet, Incomplete, JudgeOptions, Problem, standard};
use crosscheck::evidence::Environment;
use crosscheck::report::{Kind, Outcome, Subject};
use libtest_mimic::{Arguments, Failed, Trial};
use proptest::test_runner::{Config, TestRunner};
use proptest::{prop_assert, prop_assume};

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
        Trial::test("no check reads what nothing ever fills", || {
            all_well(&read_in_vain())
        }),
        Trial::test("every environment has its fix", || all_well(&without_fix())),
        Trial::test("documentation is that of the product", || {
            all_well(&strange_links())
        }),
        Trial::test("what tests are built from can be looked up", || {
            all_well(&unfounded())
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

/// Places that checks read and that no layer of tests fills: `tests/filled/LAYER.txt` holds what each
/// one fills.
fn read_in_vain() -> Vec<String> {
    let files = std::fs::read_dir("tests/filled").expect("the folder is part of the repository");
    let paths = files.map(|file| file.expect("it can be listed").path());
    let texts = paths.filter(|path| path.extension().is_some_and(|ending| ending == "txt"));
    let texts: Vec<String> = texts
        .map(|path| std::fs::read_to_string(path).expect("it can be read"))
        .collect();
    let filled: BTreeSet<&str> = texts.iter().flat_map(|text| text.lines()).collect();
    let places = CHECKS.places().into_iter();
    places
        .filter(|(place, _)| !filled.contains(place.as_str()))
        .map(|(place, codes)| {
            let codes: Vec<String> = codes.into_iter().collect();
            format!("nothing fills {place}, which {} read", codes.join(", "))
        })
        .collect()
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

/// What is wrong with `from`: a check that covers rows of the catalogue says what its tests are built
/// from, and a recording or scenario that it names is there.
fn unfounded() -> Vec<String> {
    let recorded = ["8.14.1", "9.4.3"].map(|version| {
        std::fs::read_to_string(format!("tests/recordings/{version}.json"))
            .expect("it is part of the repository")
    });
    let shown: Vec<&str> = crosscheck::demo::scenarios()
        .iter()
        .map(|scenario| scenario.name)
        .collect();
    let cases = cases_on_nodes();
    let is_there = |source: &str| match source.split_once(' ') {
        Some(("recording", name)) => {
            let quoted = format!("\"{name}\"");
            recorded.iter().any(|text| text.contains(&quoted))
        }
        Some(("nodes", case)) => cases.contains(&format!("\"{case}\"")),
        Some(("demo", name)) => shown.contains(&name),
        Some(("source", class)) => class.starts_with(|first: char| first.is_ascii_uppercase()),
        Some(("issue", number)) => number.contains('#'),
        _ => source.starts_with("https://"),
    };
    let mut wrong = Vec::new();
    for check in CHECKS.checks() {
        if check.file.from.is_empty() && !check.file.covers.is_empty() {
            wrong.push(format!("{}: what are its tests built from?", check.code));
        }
        let unknown = check.file.from.iter().filter(|source| !is_there(source));
        wrong.extend(unknown.map(|it| format!("{}: there is no {it:?}", check.code)));
    }
    wrong
}

/// The texts that hold the cases of the tests on real nodes.
fn cases_on_nodes() -> String {
    let folders = ["tests/elasticsearch", "tests/elasticsearch/cases"];
    let files = folders.into_iter().flat_map(|folder| {
        std::fs::read_dir(folder).expect("the folder is part of the repository")
    });
    let paths = files.map(|file| file.expect("it can be listed").path());
    let sources = paths.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    let texts = sources.map(|path| std::fs::read_to_string(path).expect("it can be read"));
    texts.collect()
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
        let taken: Vec<&str> = positions.iter().map(|fact| facts[*fact].as_str()).collect();
        // Whoever tells the errors of a link has made a request, whose answer is seen.
        let unseen = |fact: &str| taken.iter().any(|path| path.contains(fact));
        prop_assume!(!(unseen(".resolve") && unseen(".search")));
        for (finding, after) in outcomes(&positions) {
            let before = before.get(&finding).copied().unwrap_or(Outcome::Unknown);
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
