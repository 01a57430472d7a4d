//! `--dry-run`: what a run would do, without doing it.

use std::fmt::Write as _;

use crate::config::plan::{Plan, ResourceSource};
use crate::evidence::Side;
use crate::probe::elasticsearch::planned_calls;
use crate::probe::{cloud, kubernetes};
use crate::render::plain;

/// The calls and connections of a run, one a line.
pub(super) fn describe(plan: &Plan) -> String {
    let calls = planned_calls(plan);
    let path_width = calls
        .iter()
        .map(|it| it.path.len())
        .max()
        .unwrap_or(0)
        .min(56);
    let mut text = String::new();
    for (side, target, name) in [
        (Side::Local, &plan.local, "local"),
        (Side::Remote, &plan.remote, "remote"),
    ] {
        let Some(target) = target else { continue };
        let _ = writeln!(text, "To the {name} cluster, {}:", target.url);
        for call in calls.iter().filter(|it| it.side == side) {
            let _ = writeln!(
                text,
                "  {:4} {:path_width$}  {}",
                call.method,
                plain(&call.path),
                call.purpose
            );
        }
    }
    for (target, name) in [
        (&plan.local_deployment, "local"),
        (&plan.remote_deployment, "remote"),
    ] {
        let Some(target) = target else { continue };
        let _ = writeln!(
            text,
            "To the control plane, about the {name} deployment, {}:",
            target.api.url
        );
        for call in cloud::planned(&target.name) {
            let _ = writeln!(text, "  GET  {}  {}", plain(&call.path()), call.purpose());
        }
    }
    for (target, name) in [
        (&plan.local_kubernetes, "local"),
        (&plan.remote_kubernetes, "remote"),
    ] {
        let Some(target) = target else { continue };
        let ResourceSource::Api(api) = &target.source else {
            continue;
        };
        let _ = writeln!(
            text,
            "To Kubernetes, {}, about the {name} cluster, {}:",
            api.context.as_deref().map_or_else(
                || "current context".into(),
                |it| format!("context {}", plain(it))
            ),
            target.name
        );
        for call in kubernetes::planned(api, &target.name) {
            let _ = writeln!(text, "  GET  {}  {}", plain(&call.path()), call.purpose());
        }
    }
    text.push_str("To every endpoint of a link: DNS, TCP, TLS, the Elasticsearch handshake");
    let typed: Vec<String> = plan
        .intents
        .iter()
        .flat_map(|it| it.endpoints.iter().map(|it| plain(it)))
        .collect();
    if typed.is_empty() {
        text.push_str(".\n");
    } else {
        let _ = writeln!(text, ", among them {}.", typed.join(", "));
    }
    text
}
