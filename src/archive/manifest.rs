//! What a diagnostic says of itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

/// `diagnostic_manifest.json` (support-diagnostics from 9.0.0, esdiag) or the older `manifest.json`.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    /// The tool and its version, such as `esdiag-0.15.0`.
    pub(super) tool: Option<String>,
    /// `elasticsearch`, `kibana`, `logstash`, `eck`, …
    pub(super) product: Option<String>,
    /// Version of the product.
    pub(super) version: Option<String>,
    /// Whether only a part was collected (`--mode light`).
    pub(super) light: bool,
    /// When it was collected.
    pub(super) at: Option<Timestamp>,
    /// HTTP status of each call, where the tool keeps it.
    pub(super) statuses: BTreeMap<String, u16>,
}

impl Manifest {
    /// Reads it; `None` where the document is none.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let eck = text("diagType").is_some_and(|it| it == "eck-diagnostics");
        let legacy = ["Product Version", "collectionDate", "diagnosticInputs"]
            .iter()
            .any(|it| value.get(*it).is_some());
        let modern = text("diagnostic").is_some() && value.get("type").is_some();
        if !(eck || legacy || modern) {
            return None;
        }
        let named =
            text("diagnostic").or_else(|| text("diagVersion").or(text("Diagnostic Version")));
        let product = if eck {
            Some("eck".to_owned())
        } else {
            text("product").or_else(|| {
                let kind = text("type")?;
                Some(kind.strip_suffix("_diagnostic")?.to_owned())
            })
        };
        let tool = named.map(|it| {
            if it.starts_with(|c: char| c.is_ascii_digit()) {
                let name = if eck {
                    "eck-diagnostics"
                } else {
                    "support-diagnostics"
                };
                format!("{name} {it}")
            } else {
                it
            }
        });
        Some(Self {
            tool: tool.or_else(|| Some("support-diagnostics".into())),
            product,
            version: text("version"),
            light: text("mode").is_some_and(|it| it == "light"),
            at: text("timestamp")
                .or_else(|| text("collectionDate"))
                .and_then(|it| timestamp(&it)),
            statuses: statuses(value),
        })
    }
}

fn statuses(value: &Value) -> BTreeMap<String, u16> {
    let calls = value.get("requested_apis").and_then(Value::as_object);
    calls
        .into_iter()
        .flatten()
        .filter_map(|(name, call)| {
            let status = call.get("status")?.as_u64()?;
            Some((name.clone(), u16::try_from(status).ok()?))
        })
        .collect()
}

/// A time as the tools write it: RFC 3339, or `2026-04-25T21:29:39.011`, which is UTC.
fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| format!("{text}Z").parse().ok())
}

/// The time in the name of an archive, such as `api-diagnostics-20260425-212937`, which is UTC.
pub(super) fn time_in_name(name: &str) -> Option<Timestamp> {
    static SHAPE: std::sync::LazyLock<Option<regex::Regex>> =
        std::sync::LazyLock::new(|| regex::Regex::new(r"(20\d{6})-(\d{6})").ok());
    let found = SHAPE.as_ref()?.captures_iter(name).last()?;
    let (date, time) = (&found[1], &found[2]);
    format!(
        "{}-{}-{}T{}:{}:{}Z",
        &date[..4],
        &date[4..6],
        &date[6..],
        &time[..2],
        &time[2..4],
        &time[4..]
    )
    .parse()
    .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_tool_is_known_by_its_manifest() {
        // Keys of `GenerateManifest.java`, `GenerateDiagnosticManifest.java`, esdiag's fixtures and
        // eck-diagnostics' `manifest.go`.
        let legacy = Manifest::of(&json!({
            "diagVersion": "8.5.0", "Product Version": {"major": 8}, "runner": "cli",
            "collectionDate": "2023-01-02T03:04:05.678Z", "diagnosticInputs": "…",
        }))
        .unwrap();
        assert_eq!(legacy.tool.as_deref(), Some("support-diagnostics 8.5.0"));
        assert_eq!(legacy.at, "2023-01-02T03:04:05.678Z".parse().ok());
        let esdiag = Manifest::of(&json!({
            "diagnostic": "esdiag-0.15.0", "type": "elasticsearch_diagnostic", "mode": "light",
            "product": "elasticsearch", "version": "9.3.3", "timestamp": "2026-04-25T21:29:39.011Z",
            "requested_apis": {"ccr_stats": {"status": 403}},
        }))
        .unwrap();
        assert!(esdiag.light);
        assert_eq!(esdiag.statuses["ccr_stats"], 403);
        let eck = json!({"diagType": "eck-diagnostics", "diagVersion": "3.1.0"});
        assert_eq!(Manifest::of(&eck).unwrap().product.as_deref(), Some("eck"));
        assert!(Manifest::of(&json!({"name": "x", "version": "1"})).is_none());
    }

    #[test]
    fn a_name_tells_the_time() {
        assert_eq!(
            time_in_name("x/api-diagnostics-20260425-212937.zip"),
            "2026-04-25T21:29:37Z".parse().ok()
        );
        assert_eq!(time_in_name("20269925-212937"), None);
    }
}
