//! `analyze`: files only.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use super::collect::Errand;
use super::options::COLLECT;
use super::output::{complain, print_and, warn};
use super::{Exit, Format, JudgeOptions, LinkOptions, LookOptions, OutputOptions};
use crate::archive::{self, Intake, View};
use crate::check::{self, CheckSet};
use crate::config::plan::Plan;
use crate::config::{self, words};
use crate::evidence::{Environment, Evidence, Fact};
use crate::render::{Width, difference};
use crate::report::{Diff, Report, Seen};

/// Arguments of `analyze`.
#[derive(Args, Debug)]
pub struct AnalyzeArgs {
    /// Archives or folders of support-diagnostics, esdiag or eck-diagnostics, saved evidence, saved
    /// answers of APIs, lists of keystores; those of both sides of a link find each other.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Compare two runs of the same, the older first: what is new, gone, unchanged. The exit code is 1
    /// where something at or above --severity is new.
    #[arg(long)]
    pub diff: bool,
    #[command(flatten)]
    pub link: LinkOptions,
    /// Where the local cluster runs; fixes are chosen by it.
    #[arg(long, value_parser = words::environments(), env = "CROSSCHECK_ENVIRONMENT", hide_env_values = true, help_heading = COLLECT)]
    pub environment: Option<Environment>,
    /// Save what was read as JSON; it alone reproduces the report.
    #[arg(long, value_name = "FILE", help_heading = COLLECT)]
    pub save_evidence: Option<PathBuf>,
    #[command(flatten)]
    pub judge: JudgeOptions,
    #[command(flatten)]
    pub output: OutputOptions,
}

pub(super) fn analyze(args: &AnalyzeArgs, look: LookOptions) -> Exit {
    let errand = Errand {
        judge: &args.judge,
        output: &args.output,
        save_evidence: args.save_evidence.as_deref(),
        logs: &[],
        packing: None,
        look,
    };
    let mut plan = match config::analyze(args) {
        Ok(loaded) => {
            loaded.warnings.iter().for_each(|it| warn(it));
            loaded.plan
        }
        Err(problems) => {
            problems.warnings.iter().for_each(|it| warn(it));
            problems
                .errors
                .iter()
                .for_each(|it| complain(&it.to_string()));
            errand.report_formats_are_known();
            return Exit::Usage;
        }
    };
    let checks = match errand.checks() {
        Ok(checks) => checks,
        Err(exit) => return exit,
    };
    if args.diff {
        return compare(args, look, &mut plan, &checks);
    }
    let intake = match read(&args.paths, &checks) {
        Ok(intake) => intake,
        Err(exit) => return exit,
    };
    if intake.is_empty() {
        complain(if intake.reports.is_empty() {
            "analyze: no cluster and no link was found in what was given; give the diagnostics of \
             the cluster that searches or follows"
        } else {
            "analyze: a report holds no evidence to judge again; give what --save-evidence kept, or \
             compare two reports with --diff"
        });
        return Exit::Usage;
    }
    take_keystores(&mut plan, &intake);
    let (report, evidence) = judge(args, &plan, &checks, &intake);
    let exit = Exit::of(&report, &args.judge);
    errand.deliver(&checks, &report, &evidence, exit)
}

/// Reads the files, and tells what could not be read.
fn read(paths: &[PathBuf], checks: &CheckSet) -> Result<Intake, Exit> {
    let intake = archive::read(paths, &checks.signatures());
    intake.problems.iter().for_each(|it| warn(&it.to_string()));
    intake
        .refused
        .iter()
        .for_each(|it| complain(&it.to_string()));
    if intake.refused.is_empty() {
        Ok(intake)
    } else {
        Err(Exit::Usage)
    }
}

/// The report of the machine whose view counts most: that of a node of the local cluster, and of
/// several the worst. What the others saw stands beside it.
fn judge(
    args: &AnalyzeArgs,
    plan: &Plan,
    checks: &CheckSet,
    intake: &Intake,
) -> (Report, Evidence) {
    let options = check::JudgeOptions {
        only: args.judge.only.clone(),
        environment: plan.environment,
    };
    let mut judged: Vec<(View, Report)> = archive::views(intake, plan, now())
        .into_iter()
        .map(|view| {
            let report = checks.judge(&view.evidence, &options);
            (view, report)
        })
        .collect();
    judged.sort_by_key(|(view, report)| {
        let node = view.evidence.vantage.is_local_node == Fact::Known(true);
        std::cmp::Reverse((node, report.verdict))
    });
    let vantages: Vec<Seen> = judged
        .iter()
        .filter_map(|(view, report)| {
            Some(Seen {
                host: view.host.clone()?,
                is_local_node: view.evidence.vantage.is_local_node.known().copied(),
                links: report.links.clone(),
            })
        })
        .collect();
    let (view, mut report) = judged.swap_remove(0);
    report.vantages = vantages;
    (report, view.evidence)
}

/// Compares two runs.
fn compare(args: &AnalyzeArgs, look: LookOptions, plan: &mut Plan, checks: &CheckSet) -> Exit {
    let [older, later] = args.paths.as_slice() else {
        complain(&format!(
            "--diff: it compares two runs, and {} paths were given; give the older one and the later \
             one, each as an archive, a folder, saved evidence or a report in JSON",
            args.paths.len()
        ));
        return Exit::Usage;
    };
    let in_json = match args.output.format {
        Format::Human => false,
        Format::Json => true,
        _ => {
            complain(
                "--diff: it is shown as human or json; leave --format out or use one of those",
            );
            return Exit::Usage;
        }
    };
    if !args.output.report.is_empty() || args.save_evidence.is_some() {
        complain("--diff: it writes no file; leave --report and --save-evidence out");
        return Exit::Usage;
    }
    let mut reports = Vec::new();
    for path in [older, later] {
        let intake = match read(std::slice::from_ref(path), checks) {
            Ok(intake) => intake,
            Err(exit) => return exit,
        };
        // A bundle holds its report beside the evidence, which is judged by today's checks.
        if !intake.is_empty() {
            let typed = plan.keystore.clone();
            take_keystores(plan, &intake);
            reports.push(judge(args, plan, checks, &intake).0);
            plan.keystore = typed;
        } else if let Some(saved) = intake.reports.into_iter().next() {
            reports.push(saved.what);
        } else {
            complain(&format!(
                "{}: no cluster and no link was found in it",
                path.display()
            ));
            return Exit::Usage;
        }
    }
    let diff = Diff::of(&reports[0], &reports[1]);
    let exit = if diff.is_worse(args.judge.severity) {
        Exit::Findings
    } else {
        Exit::Clean
    };
    let text = if in_json {
        let mut text = serde_json::to_string_pretty(&diff).expect("its keys are texts");
        text.push('\n');
        text
    } else {
        difference(&diff, Width::of_terminal(), !config::speaks_utf8())
    };
    print_and(text.as_bytes(), look, exit)
}

/// Of several lists, the names that every node's keystore holds.
fn take_keystores(plan: &mut Plan, intake: &Intake) {
    if plan.keystore.is_some() {
        return;
    }
    let mut lists = intake.keystores.iter().map(|it| &it.what);
    plan.keystore = lists.next().map(|first| {
        let rest: Vec<_> = lists.collect();
        let common = first
            .iter()
            .filter(|name| rest.iter().all(|it| it.contains(name)));
        common.cloned().collect()
    });
}

#[expect(
    clippy::disallowed_methods,
    reason = "the judge's clock where no file tells when it was written"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
