//! How a run ends: exit codes.

use std::process::ExitCode;

use crate::report::{Outcome, Report, Severity};

use super::JudgeOptions;

/// How the program ends. The codes are part of its contract.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings at or above the threshold.
    Findings,
    /// Wrong usage or configuration.
    Usage,
    /// `--strict`, and a check lacks its evidence.
    Incomplete,
    /// A check file is broken.
    BrokenCheck,
    /// A bug.
    Internal,
    /// Ended by Ctrl-C, with a report of what was known.
    Interrupted,
}

impl Exit {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::BrokenCheck => 4,
            Self::Internal => 70,
            Self::Interrupted => 130,
        }
    }

    /// What a report comes to: a broken check outweighs findings, findings outweigh gaps.
    pub(super) fn of(report: &Report, options: &JudgeOptions) -> Self {
        // Severities are ordered from the worst.
        let counts = |severity: Severity| severity <= options.severity;
        if report.counts.broken > 0 {
            Self::BrokenCheck
        } else if report
            .findings
            .iter()
            .any(|it| it.outcome == Outcome::Fail && counts(it.severity))
        {
            Self::Findings
        } else if options.strict && report.counts.unknown > 0 {
            Self::Incomplete
        } else {
            Self::Clean
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn exit(outcome: &str, severity: &str, options: &[&str]) -> Exit {
        let count = |it: &str| usize::from(it == outcome);
        let report: Report = serde_json::from_value(json!({
            "schema": "crosscheck/report/v1", "version": "0.1.0", "verdict": "unknown",
            "links": [], "gaps": [],
            "findings": [{
                "code": "keys/expired", "area": "keys", "outcome": outcome, "severity": severity,
                "kind": "cause", "certainty": "proof", "stage": "authentication", "subject": {},
                "title": "", "message": "", "why": "", "fixes": [], "covers": [],
                "explained_by": null, "explains": [], "evidence": [], "missing": [], "links": []
            }],
            "counts": {"pass": 0, "fail": count("fail"), "skip": 0, "unknown": count("unknown"),
                       "broken": count("broken")}
        }))
        .unwrap();
        let arguments = ["crosscheck", "demo"].iter().chain(options);
        let cli = <crate::cli::Cli as clap::Parser>::try_parse_from(arguments).unwrap();
        let Some(crate::cli::Command::Demo(args)) = cli.command else {
            panic!("it is demo");
        };
        Exit::of(&report, &args.judge)
    }

    #[test]
    fn the_threshold_decides() {
        assert_eq!(exit("pass", "error", &[]), Exit::Clean);
        assert_eq!(exit("fail", "error", &[]), Exit::Findings);
        assert_eq!(exit("fail", "warning", &[]), Exit::Clean);
        assert_eq!(
            exit("fail", "warning", &["--severity", "warning"]),
            Exit::Findings
        );
        assert_eq!(
            exit("fail", "info", &["--severity", "warning"]),
            Exit::Clean
        );
        assert_eq!(exit("unknown", "error", &[]), Exit::Clean);
        assert_eq!(exit("unknown", "error", &["--strict"]), Exit::Incomplete);
        assert_eq!(exit("fail", "error", &["--strict"]), Exit::Findings);
        assert_eq!(exit("broken", "info", &[]), Exit::BrokenCheck);
    }
}
