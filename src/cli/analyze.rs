//! `analyze`: files only.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use super::collect::Errand;
use super::output::{complain, warn};
use super::{COLLECT, Exit, JudgeOptions, LinkOptions, LookOptions, OutputOptions};
use crate::archive::{self, Intake};
use crate::check;
use crate::config::plan::Plan;
use crate::config::{self, words};
use crate::evidence::Environment;

/// Arguments of `analyze`.
#[derive(Args, Debug)]
pub struct AnalyzeArgs {
    /// Archives or folders of support-diagnostics, esdiag or eck-diagnostics, saved evidence, saved
    /// answers of APIs, lists of keystores; those of both sides of a link find each other.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
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
    let intake = archive::read(&args.paths, &checks.signatures());
    intake.problems.iter().for_each(|it| warn(&it.to_string()));
    if !intake.refused.is_empty() {
        intake
            .refused
            .iter()
            .for_each(|it| complain(&it.to_string()));
        return Exit::Usage;
    }
    if intake.is_empty() {
        complain(
            "analyze: no cluster and no link was found in what was given; give the diagnostics of \
             the cluster that searches or follows",
        );
        return Exit::Usage;
    }
    take_keystores(&mut plan, &intake);
    let evidence = archive::evidence(&intake, &plan, now());
    let report = checks.judge(
        &evidence,
        &check::JudgeOptions {
            only: args.judge.only.clone(),
            environment: plan.environment,
        },
    );
    let exit = Exit::of(&report, &args.judge);
    errand.deliver(&checks, &report, &evidence, exit)
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
