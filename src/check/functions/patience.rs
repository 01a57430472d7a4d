//! How long a node waits, and how long it leaves a connection without a word, by its settings.

use serde_json::Value as Json;

use super::time;

/// Default of `transport.connect_timeout`, in milliseconds.
const CONNECT_TIMEOUT: f64 = 30_000.0;

/// Elasticsearch lowers the system's keep-alive idle time to this unless told otherwise, in seconds
/// (`NetUtils.tryEnsureReasonableKeepAliveConfig`).
const KEEP_IDLE: f64 = 300.0;

/// What stands for never, in seconds.
const NEVER: f64 = 1e9;

/// `transport.connect_timeout` (`TransportSettings.CONNECT_TIMEOUT`): it limits TCP and TLS together,
/// and the Elasticsearch handshake once more.
pub(super) fn connect_timeout(arguments: &[Json]) -> Result<Json, String> {
    let written = &arguments[0]["transport.connect_timeout"];
    if written.is_null() {
        return Ok(CONNECT_TIMEOUT.into());
    }
    time::milliseconds(std::slice::from_ref(written))
}

/// Idle time after which TCP sends a keep-alive: `transport.tcp.*`, else `network.tcp.*`.
#[expect(
    clippy::unnecessary_wraps,
    reason = "all functions of checks have one form"
)]
pub(super) fn keep_idle(arguments: &[Json]) -> Result<Json, String> {
    let setting = |name: &str| {
        let of = |prefix: &str| arguments[0][format!("{prefix}.tcp.{name}")].as_str();
        of("transport").or_else(|| of("network"))
    };
    if setting("keep_alive") == Some("false") {
        return Ok(NEVER.into());
    }
    let seconds = setting("keep_idle").and_then(|it| it.parse::<f64>().ok());
    Ok(seconds.filter(|it| *it > 0.0).unwrap_or(KEEP_IDLE).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_set_has_its_default() {
        for (settings, milliseconds) in [
            (json!({"transport.connect_timeout": "2s"}), 2_000.0),
            (json!({}), 30_000.0),
        ] {
            assert_eq!(connect_timeout(&[settings]).unwrap(), json!(milliseconds));
        }
        for (settings, seconds) in [
            (json!({}), 300.0),
            (json!({"network.tcp.keep_idle": "60"}), 60.0),
            (json!({"network.tcp.keep_idle": "-1"}), 300.0),
            (
                json!({"network.tcp.keep_idle": "60", "transport.tcp.keep_idle": "90"}),
                90.0,
            ),
            (json!({"network.tcp.keep_alive": "false"}), NEVER),
        ] {
            assert_eq!(keep_idle(&[settings]).unwrap(), json!(seconds));
        }
    }
}
