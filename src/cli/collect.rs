//! The commands that look at clusters: collect → judge → render.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::runtime::Runtime;

use super::bundle::Packing;
use super::format::{KNOWN_ENDINGS, Manner};
use super::output::{complain, print, print_and, warn, write_whole};
use super::progress::Line;
use super::{
    DemoArgs, DiagnoseArgs, Exit, Format, JudgeOptions, LookOptions, OutputOptions, PreflightArgs,
    ProbeArgs,
};
use super::{dry_run, logs, offline};
use crate::bundle::Contents;
use crate::check::{self, CheckSet};
use crate::config::{self, Loaded, Problems, nearest};
use crate::demo;
use crate::evidence::Evidence;
use crate::probe::{self, Deadline};
use crate::render::{Detail, Human, Page, Width};
use crate::report::Report;
use crate::scrub::Scrub;

/// What a run does beside collecting.
pub(super) struct Errand<'a> {
    pub(super) judge: &'a JudgeOptions,
    pub(super) output: &'a OutputOptions,
    pub(super) save_evidence: Option<&'a Path>,
    /// Log files and folders to read as well.
    pub(super) logs: &'a [PathBuf],
    pub(super) packing: Option<&'a Packing>,
    pub(super) look: LookOptions,
}

pub(super) fn diagnose(args: &DiagnoseArgs, look: LookOptions) -> Exit {
    diagnose_into(args, look, None)
}

/// Diagnoses, and packs what was seen.
pub(super) fn diagnose_into(
    args: &DiagnoseArgs,
    look: LookOptions,
    packing: Option<&Packing>,
) -> Exit {
    let errand = Errand {
        judge: &args.judge,
        output: &args.output,
        save_evidence: args.collect.save_evidence.as_deref(),
        logs: &args.collect.logs,
        packing,
        look,
    };
    let loaded = config::diagnose(args);
    match loaded {
        Ok(loaded) if args.collect.dry_run => errand.describe(&loaded),
        loaded => errand.run(loaded),
    }
}

pub(super) fn preflight(args: &PreflightArgs, look: LookOptions) -> Exit {
    preflight_into(args, look, None)
}

/// Looks before connecting, and packs what was seen.
pub(super) fn preflight_into(
    args: &PreflightArgs,
    look: LookOptions,
    packing: Option<&Packing>,
) -> Exit {
    let errand = Errand {
        judge: &args.judge,
        output: &args.output,
        save_evidence: args.collect.save_evidence.as_deref(),
        logs: &args.collect.logs,
        packing,
        look,
    };
    let loaded = config::preflight(args);
    match loaded {
        Ok(loaded) if args.collect.dry_run => errand.describe(&loaded),
        loaded => errand.run(loaded),
    }
}

pub(super) fn probe(args: &ProbeArgs, look: LookOptions) -> Exit {
    let errand = Errand {
        judge: &args.judge,
        output: &args.output,
        save_evidence: args.save_evidence.as_deref(),
        logs: &[],
        packing: None,
        look,
    };
    errand.run(config::probe(args))
}

/// Shows a fault on the simulated pair. A demonstration that worked is a success, whatever it found.
pub(super) fn demo(args: &DemoArgs, look: LookOptions) -> Exit {
    let scenarios = demo::scenarios();
    if args.list {
        let width = scenarios.iter().map(|it| it.name.len()).max().unwrap_or(0);
        let mut list = String::new();
        for it in scenarios {
            let _ = writeln!(list, "{:width$}  {}", it.name, it.title);
        }
        return print_and(list.as_bytes(), look, Exit::Clean);
    }
    let scenario = match &args.fault {
        None => scenarios.first(),
        Some(name) => scenarios.iter().find(|it| it.name == *name),
    };
    let Some(scenario) = scenario else {
        let name = args.fault.as_deref().unwrap_or("");
        let remedy = match nearest(name, scenarios.iter().map(|it| it.name)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "crosscheck demo --list shows those that there are".to_owned(),
        };
        complain(&format!("demo: there is no fault \"{name}\"; {remedy}"));
        return Exit::Usage;
    };
    let errand = Errand {
        judge: &args.judge,
        output: &args.output,
        save_evidence: None,
        logs: &[],
        packing: None,
        look,
    };
    let (runtime, checks) = match errand.prepare() {
        Ok(ready) => ready,
        Err(exit) => return exit,
    };
    let pair = match runtime.block_on(demo::start(scenario)) {
        Ok(pair) => pair,
        Err(error) => {
            complain(&format!(
                "demo: the simulated clusters could not be started: {error}; they need free ports \
                 on loopback"
            ));
            return Exit::Usage;
        }
    };
    if args.output.format == Format::Human && !look.quiet {
        let line = format!("Simulated on loopback: {}.\n\n", scenario.title);
        if print(line.as_bytes(), look).is_err() {
            return Exit::Usage;
        }
    }
    let exit = errand.carry_out(&runtime, &checks, &pair.plan);
    leave(runtime);
    match exit {
        Exit::Findings | Exit::Incomplete => Exit::Clean,
        other => other,
    }
}

impl Errand<'_> {
    /// Says what a run would do.
    fn describe(&self, loaded: &Loaded) -> Exit {
        loaded.warnings.iter().for_each(|it| warn(it));
        print_and(
            dry_run::describe(&loaded.plan).as_bytes(),
            self.look,
            Exit::Clean,
        )
    }

    fn run(&self, loaded: Result<Loaded, Problems>) -> Exit {
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(problems) => {
                problems.warnings.iter().for_each(|it| warn(it));
                problems
                    .errors
                    .iter()
                    .for_each(|it| complain(&it.to_string()));
                self.report_formats_are_known();
                return Exit::Usage;
            }
        };
        loaded.warnings.iter().for_each(|it| warn(it));
        let (runtime, checks) = match self.prepare() {
            Ok(ready) => ready,
            Err(exit) => return exit,
        };
        let exit = self.carry_out(&runtime, &checks, &loaded.plan);
        leave(runtime);
        // The process ends: nobody waits for thousands of trees to be taken apart.
        std::mem::forget(checks);
        exit
    }

    /// The checks, and whether the options of output make sense.
    pub(super) fn checks(&self) -> Result<CheckSet, Exit> {
        if !self.report_formats_are_known() {
            return Err(Exit::Usage);
        }
        let checks = offline::check_set(&self.judge.folder)?;
        offline::refuse_unknown(&checks, &self.judge.only)?;
        Ok(checks)
    }

    /// Whatever can fail before the first call does so before the first call.
    fn prepare(&self) -> Result<(Runtime, CheckSet), Exit> {
        let checks = self.checks()?;
        let runtime = Runtime::new().map_err(|error| {
            complain(&format!("the operating system gives no threads: {error}"));
            Exit::Internal
        })?;
        Ok((runtime, checks))
    }

    /// Whether every `--report` has an ending that stands for a format.
    pub(super) fn report_formats_are_known(&self) -> bool {
        let mut fine = true;
        for path in &self.output.report {
            if Format::of_file(path).is_none() {
                complain(&format!(
                    "--report: the ending of {} names no format; use {KNOWN_ENDINGS}",
                    path.display()
                ));
                fine = false;
            }
        }
        fine
    }

    fn carry_out(&self, runtime: &Runtime, checks: &CheckSet, plan: &config::plan::Plan) -> Exit {
        let line = Line::new(self.look.quiet);
        let interrupted = AtomicBool::new(false);
        let reading = match logs::start(self.logs, checks, runtime) {
            Ok(reading) => reading,
            Err(exit) => return exit,
        };
        let answers = async {
            let (deadline, interrupt) = Deadline::after(plan.timeout);
            let collecting = probe::collect_all(plan, &deadline, &line);
            tokio::pin!(collecting);
            tokio::select! {
                collected = &mut collecting => return collected,
                Ok(()) = tokio::signal::ctrl_c() => {}
            }
            interrupted.store(true, Ordering::Relaxed);
            line.clear();
            warn("interrupted; what is known by now follows, Ctrl-C again stops at once");
            interrupt.interrupt();
            tokio::spawn(async {
                if tokio::signal::ctrl_c().await.is_ok() {
                    kill();
                }
            });
            collecting.await
        };
        let judged = AtomicBool::new(false);
        let options = check::JudgeOptions {
            only: self.judge.only.clone(),
            environment: plan.environment,
        };
        let (collected, report) = thread::scope(|scope| {
            scope.spawn(|| checks.prepare(&judged));
            let mut collected = runtime.block_on(answers);
            line.clear();
            if let Some(reading) = reading {
                let cut = interrupted.load(Ordering::Relaxed);
                interrupted.store(
                    reading.finish(&mut collected.evidence, runtime, cut),
                    Ordering::Relaxed,
                );
            }
            let report = checks.judge(&collected.evidence, &options);
            judged.store(true, Ordering::Relaxed);
            (collected, report)
        });
        let exit = if interrupted.into_inner() {
            Exit::Interrupted
        } else {
            Exit::of(&report, self.judge)
        };
        let exit = self.deliver(checks, &report, &collected.evidence, exit);
        let Some(packing) = self.packing else {
            return exit;
        };
        let contents = Contents {
            collected: &collected,
            scrub: &Scrub::of(plan),
            checks,
            judge: &options,
        };
        match packing.write(&contents, self.look) {
            Ok(()) => exit,
            Err(failed) => failed,
        }
    }

    /// Writes everything that was asked for. One file that cannot be written does not keep the
    /// others from it: nothing that was collected is lost.
    pub(super) fn deliver(
        &self,
        checks: &CheckSet,
        report: &Report,
        evidence: &Evidence,
        exit: Exit,
    ) -> Exit {
        let page = Page { report, evidence };
        let mut failed = false;
        if let Some(path) = self.save_evidence {
            let mut text = serde_json::to_vec_pretty(evidence)
                .expect("the document leaves unknown facts out, and its keys are texts");
            text.push(b'\n');
            failed |= !written(path, &text);
        }
        let manner = |human: Human| Manner {
            human,
            checks,
            threshold: self.judge.severity,
        };
        for path in &self.output.report {
            let format = Format::of_file(path).unwrap_or_default();
            let text = format.render(
                &page,
                manner(Human {
                    width: Width::DEFAULT,
                    detail: Detail::Full,
                    ascii: false,
                }),
            );
            let text = anstream::adapter::strip_bytes(&text).into_vec();
            failed |= !written(path, &text);
        }
        let human = Human {
            width: Width::of_terminal(),
            detail: match self.look {
                LookOptions { quiet: true, .. } => Detail::Verdict,
                LookOptions { verbose: true, .. } => Detail::Full,
                LookOptions { .. } => Detail::Usual,
            },
            ascii: !config::speaks_utf8(),
        };
        let text = self.output.format.render(&page, manner(human));
        let exit = print_and(&text, self.look, exit);
        if failed { Exit::Usage } else { exit }
    }
}

/// Ends the runtime without waiting for its threads: one that looks a name up by the operating
/// system cannot be cancelled, and a dead DNS server would hold the exit for minutes.
fn leave(runtime: Runtime) {
    runtime.shutdown_background();
}

fn written(path: &Path, text: &[u8]) -> bool {
    match write_whole(path, text) {
        Ok(()) => true,
        Err(error) => {
            complain(&format!("cannot write {}: {error}", path.display()));
            false
        }
    }
}

#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "a second Ctrl-C means now; there is nothing to clean up that the system does not"
)]
fn kill() -> ! {
    std::process::exit(i32::from(Exit::Interrupted.code()))
}
