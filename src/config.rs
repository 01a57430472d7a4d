//! What was typed, set in the environment or written in `crosscheck.toml`, and what it means.
//! Options beat variables, and those beat the file. No other module looks at the environment.

use std::time::Duration;

use jiff::SpanRelativeTo;

mod address;
mod cloud;
mod clusters;
mod deployment;
mod endpoints;
mod file;
mod inputs;
mod kubernetes;
mod links;
pub mod plan;
mod problem;
mod terminal;
mod truststore;
pub mod words;

use crate::cli::{AnalyzeArgs, DiagnoseArgs, PreflightArgs, ProbeArgs};
use crate::cli::{ClusterOptions, CollectOptions, LinkOptions};
use crate::evidence::{Environment, Purpose};

pub use problem::{Problem, Problems, nearest};
pub use terminal::speaks_utf8;

use file::{ConfigFile, LinkSection};
use plan::{DEFAULT_HORIZON, DEFAULT_TIMEOUT, HttpProxy, Plan};

const LONGEST_TIMEOUT: Duration = Duration::from_hours(1);
const LONGEST_HORIZON: Duration = Duration::from_hours(3650 * 24);

/// What a run needs after the idle time: the answer on the idle connection is waited for.
const AFTER_IDLE: Duration = Duration::from_secs(12);

/// A plan, and what the reader should know beside it.
#[derive(Debug)]
pub struct Loaded {
    /// What the run collects.
    pub plan: Plan,
    /// Warnings, one line each.
    pub warnings: Vec<String>,
}

/// What `diagnose` is to collect.
pub fn diagnose(args: &DiagnoseArgs) -> Result<Loaded, Problems> {
    let mut problems = Problems::default();
    let mut aliases = args.aliases.clone();
    if let Some(alias) = &args.link.alias
        && !aliases.contains(alias)
    {
        aliases.push(alias.clone());
    }
    let plan = linked(
        Purpose::Diagnose,
        aliases,
        &args.clusters,
        &args.link,
        &args.collect,
        &mut problems,
    );
    let unknown =
        plan.local.is_none() && plan.local_deployment.is_none() && plan.local_kubernetes.is_none();
    if unknown && problems.errors.is_empty() {
        problems.error(
            "diagnose",
            "it does not know which cluster to ask",
            "add --local https://HOST:9200 (the cluster that searches or follows), or write \
             [clusters.local] into crosscheck.toml; before anything is connected, use preflight",
        );
    }
    finish(plan, problems)
}

/// What `preflight` is to collect.
pub fn preflight(args: &PreflightArgs) -> Result<Loaded, Problems> {
    let mut problems = Problems::default();
    let plan = linked(
        Purpose::Preflight,
        args.link.alias.iter().cloned().collect(),
        &args.clusters,
        &args.link,
        &args.collect,
        &mut problems,
    );
    let nothing_to_ask = plan.local.is_none()
        && plan.remote.is_none()
        && plan.local_deployment.is_none()
        && plan.remote_deployment.is_none()
        && plan.local_kubernetes.is_none()
        && plan.remote_kubernetes.is_none()
        && plan
            .intents
            .iter()
            .all(|it| it.endpoints.is_empty() && it.credential.is_none());
    if nothing_to_ask && problems.errors.is_empty() {
        problems.error(
            "preflight",
            "there is nothing to look at",
            "add at least one of --local URL, --remote URL, --endpoint HOST:PORT and \
             --credentials-file FILE; the more of them, the more it can tell",
        );
    }
    finish(plan, problems)
}

/// What `probe` is to collect.
pub fn probe(args: &ProbeArgs) -> Result<Loaded, Problems> {
    let mut problems = Problems::default();
    let link = LinkOptions {
        endpoint: endpoints::of_probe(&args.endpoints, std::io::stdin(), &mut problems),
        identity: args.identity.clone(),
        model: args.model,
        ..LinkOptions::default()
    };
    let intent = links::typed(&link, "probe", &mut problems);
    let (timeout, idle) = times(args.timeout.as_deref(), args.idle.as_deref(), &mut problems);
    let plan = Plan {
        intents: intent.into_iter().collect(),
        http_proxy: HttpProxy::Environment,
        timeout,
        idle,
        expiry_horizon: expiry_horizon(args.expiry_horizon.as_deref(), &mut problems),
        ..Plan::new(Purpose::Probe)
    };
    finish(plan, problems)
}

/// What is known or meant of the links whose files `analyze` reads.
pub fn analyze(args: &AnalyzeArgs) -> Result<Loaded, Problems> {
    let mut problems = Problems::default();
    let aliases: Vec<String> = args.link.alias.iter().cloned().collect();
    for alias in &aliases {
        refuse_url_as_alias(alias, &mut problems);
    }
    let plan = Plan {
        environment: args.environment,
        intents: links::intents(&args.link, &aliases, &[], &mut problems),
        keystore: links::keystore(&args.link, &[], &mut problems),
        aliases,
        ..Plan::new(Purpose::Analyze)
    };
    finish(plan, problems)
}

fn finish(plan: Plan, problems: Problems) -> Result<Loaded, Problems> {
    if problems.errors.is_empty() {
        Ok(Loaded {
            plan,
            warnings: problems.warnings,
        })
    } else {
        Err(problems)
    }
}

/// The plan of a run that looks at links.
fn linked(
    purpose: Purpose,
    aliases: Vec<String>,
    clusters: &ClusterOptions,
    link: &LinkOptions,
    collect: &CollectOptions,
    problems: &mut Problems,
) -> Plan {
    for alias in &aliases {
        refuse_url_as_alias(alias, problems);
    }
    let file = ConfigFile::load(collect.config.as_deref(), problems);
    let sections: Vec<(&String, &LinkSection)> = file
        .links
        .iter()
        .filter(|(alias, _)| aliases.is_empty() || aliases.contains(alias))
        .collect();
    let (local, remote) = clusters::targets(clusters, &file, &sections, problems);
    let (local_deployment, remote_deployment) = cloud::targets(&clusters.cloud, problems);
    let (local_kubernetes, remote_kubernetes) =
        kubernetes::targets(&clusters.kubernetes, &aliases, problems);
    let mut intents = links::intents(link, &aliases, &sections, problems);
    if purpose == Purpose::Preflight {
        intents.iter_mut().for_each(links::plan_proxy_mode);
    }
    let (timeout, idle) = times(
        collect.timeout.as_deref(),
        collect.idle.as_deref(),
        problems,
    );
    Plan {
        purpose,
        environment: environment(collect, &sections, problems),
        local,
        remote,
        local_deployment,
        remote_deployment,
        local_kubernetes,
        remote_kubernetes,
        aliases,
        keystore: links::keystore(link, &sections, problems),
        intents,
        reload_secure_settings: collect.reload_secure_settings,
        http_proxy: HttpProxy::Environment,
        timeout,
        idle,
        expiry_horizon: expiry_horizon(collect.expiry_horizon.as_deref(), problems),
    }
}

fn refuse_url_as_alias(alias: &str, problems: &mut Problems) {
    if alias.contains("://") || alias.contains('@') {
        problems.error(
            "ALIAS",
            format!("\"{}\" is no alias of a remote", address::masked(alias)),
            "an alias is the NAME in cluster.remote.NAME; give a cluster's URL with --local",
        );
    }
}

fn environment(
    collect: &CollectOptions,
    sections: &[(&String, &LinkSection)],
    problems: &mut Problems,
) -> Option<Environment> {
    if collect.environment.is_some() {
        return collect.environment;
    }
    let mut said = sections.iter().filter_map(|(_, link)| link.environment);
    let first = said.next()?;
    if said.any(|other| other != first) {
        problems.error(
            "crosscheck.toml",
            "the links differ in their environment",
            "name the links to look at, or add --environment",
        );
    }
    Some(first)
}

/// Deadline of the run and how long a connection is left idle, from `--timeout` and `--idle`. Without
/// `--timeout` the deadline grows by the idle time.
fn times(
    timeout: Option<&str>,
    idle: Option<&str>,
    problems: &mut Problems,
) -> (Duration, Option<Duration>) {
    let timeout = timeout.map(|text| duration("--timeout", text, problems));
    let idle = idle.map(|text| duration("--idle", text, problems));
    match (timeout.flatten(), idle.flatten()) {
        (Some(timeout), Some(idle)) => {
            if timeout < idle + AFTER_IDLE {
                let least = (idle + AFTER_IDLE).as_secs_f64().ceil();
                problems.error(
                    "--idle",
                    format!("the run would end after {timeout:?}, before the idle time is over"),
                    format!("leave --timeout out, or give at least --timeout {least}s"),
                );
            }
            (timeout, Some(idle))
        }
        (None, Some(idle)) => (DEFAULT_TIMEOUT + idle, Some(idle)),
        (timeout, None) => (timeout.unwrap_or(DEFAULT_TIMEOUT), None),
    }
}

fn duration(option: &'static str, text: &str, problems: &mut Problems) -> Option<Duration> {
    let parsed = text
        .parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|it| Duration::try_from(it).ok());
    match parsed {
        Some(duration) if !duration.is_zero() && duration <= LONGEST_TIMEOUT => {
            return Some(duration);
        }
        Some(_) => problems.error(
            option,
            format!("\"{text}\" is not between 1ms and 1h"),
            "write it like 30s or 2m",
        ),
        None => {
            let unit = if text.trim().parse::<u32>().is_ok() {
                format!("add a unit: {}s", text.trim())
            } else {
                "write it like 30s, 2m or 1m30s".to_owned()
            };
            problems.error(option, format!("\"{text}\" is no duration"), unit);
        }
    }
    None
}

fn expiry_horizon(text: Option<&str>, problems: &mut Problems) -> Duration {
    let Some(text) = text else {
        return DEFAULT_HORIZON;
    };
    let parsed = text.parse::<jiff::Span>().ok();
    let parsed = parsed.and_then(|it| it.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let parsed = parsed.and_then(|it| Duration::try_from(it).ok());
    match parsed {
        Some(duration) if duration <= LONGEST_HORIZON => duration,
        _ => {
            problems.error(
                "--expiry-horizon",
                format!("\"{text}\" is no duration between 0 and 3650d"),
                "write it like 30d, 12h or 0s",
            );
            DEFAULT_HORIZON
        }
    }
}

/// A variable that is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The same for a secret, or a problem if it is no text.
fn secret_variable(name: &str, problems: &mut Problems) -> Option<secrecy::SecretString> {
    if std::env::var_os(name).is_some_and(|value| value.to_str().is_none()) {
        problems.error(
            name,
            "the variable is no UTF-8 text",
            "set it to the secret alone",
        );
    }
    variable(name).map(secrecy::SecretString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_has_a_unit() {
        for (text, seconds) in [
            ("30s", 30.0),
            ("2m", 120.0),
            ("1m30s", 90.0),
            ("500ms", 0.5),
        ] {
            let mut problems = Problems::default();
            let (timeout, _) = times(Some(text), None, &mut problems);
            assert!((timeout.as_secs_f64() - seconds).abs() < 1e-9, "{text}");
            assert!(problems.errors.is_empty(), "{text}");
        }
        for (text, says) in [
            ("30", "add a unit: 30s"),
            ("soon", "write it like"),
            ("0s", "not between"),
            ("-3s", "no duration"),
            ("3h", "not between"),
        ] {
            let mut problems = Problems::default();
            times(Some(text), None, &mut problems);
            assert!(problems.errors[0].to_string().contains(says), "{text}");
        }
    }

    #[test]
    fn a_horizon_may_have_days() {
        for (text, hours) in [("30d", 720), ("12h", 12), ("0s", 0), ("2w", 336)] {
            let mut problems = Problems::default();
            let horizon = expiry_horizon(Some(text), &mut problems);
            assert_eq!(horizon, Duration::from_hours(hours), "{text}");
            assert!(problems.errors.is_empty(), "{text}");
        }
        for text in ["30", "soon", "-3d", "99999d", "1 month"] {
            let mut problems = Problems::default();
            expiry_horizon(Some(text), &mut problems);
            assert!(
                problems.errors[0].to_string().contains("no duration"),
                "{text}"
            );
        }
    }

    fn planned(arguments: &[&str]) -> Result<Loaded, Problems> {
        let all = ["crosscheck", "diagnose"].iter().chain(arguments);
        let cli = <crate::cli::Cli as clap::Parser>::try_parse_from(all).unwrap();
        let Some(crate::cli::Command::Diagnose(args)) = cli.command else {
            panic!("it is diagnose");
        };
        diagnose(&args)
    }

    #[test]
    fn the_file_names_clusters_and_links_and_options_lie_over_it() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("crosscheck.toml");
        std::fs::write(folder.path().join("pw"), "pass\n").unwrap();
        std::fs::write(
            &config,
            "[clusters.a]\nurl = \"https://a:9200/es\"\nuser = \"elastic\"\n\
             password_file = \"pw\"\n[clusters.b]\nurl = \"https://b:9200\"\n\
             [links.bee]\nlocal = \"a\"\nremote = \"b\"\nendpoint = \"b:9443\"\n\
             mode = \"sniff\"\nenvironment = \"eck\"\n[links.ant]\nlocal = \"a\"\n",
        )
        .unwrap();
        let config = config.to_str().unwrap();
        let plan = planned(&["bee", "--config", config, "--mode", "proxy"])
            .unwrap()
            .plan;
        let local = plan.local.unwrap();
        assert_eq!(local.url.as_str(), "https://a:9200/es");
        assert!(matches!(local.login, plan::Login::Basic { user, .. } if user == "elastic"));
        assert_eq!(plan.remote.unwrap().url.as_str(), "https://b:9200/");
        assert_eq!(plan.environment, Some(Environment::Eck));
        assert_eq!(plan.aliases, ["bee"]);
        assert_eq!(plan.intents.len(), 1);
        assert_eq!(plan.intents[0].alias.as_deref(), Some("bee"));
        assert_eq!(plan.intents[0].endpoints, ["b:9443"]);
        assert_eq!(plan.intents[0].mode, Some(crate::evidence::Mode::Proxy));

        let plan = planned(&["--config", config]).unwrap().plan;
        assert_eq!(plan.aliases, [""; 0], "every remote of the local cluster");
        assert_eq!(plan.intents.len(), 2);

        let plan = planned(&["--config", config, "--local", "b"]).unwrap().plan;
        assert_eq!(plan.local.unwrap().url.as_str(), "https://b:9200/");

        // A section's password goes to no other host.
        let plan = planned(&["--config", config, "--local", "https://c:9200"])
            .unwrap()
            .plan;
        assert!(matches!(plan.local.unwrap().login, plan::Login::Anonymous));

        let wrong = planned(&["--config", config, "--local", "aa"]).unwrap_err();
        assert!(
            wrong.errors[0].to_string().contains("did you mean \"a\"?"),
            "{wrong:?}"
        );
    }

    #[test]
    fn what_is_typed_of_one_link_has_its_alias() {
        let plan = planned(&["bee", "--local", "http://a", "--endpoint", "b:9443"])
            .unwrap()
            .plan;
        assert_eq!(plan.intents[0].alias.as_deref(), Some("bee"));
        let plan = planned(&["bee", "ant", "--local", "http://a", "--endpoint", "b:9443"])
            .unwrap()
            .plan;
        assert_eq!(plan.intents[0].alias, None);
        let plan = planned(&["--local", "http://a"]).unwrap().plan;
        assert!(plan.intents.is_empty());
    }
}
