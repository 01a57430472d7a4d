//! Times and spans.

use jiff::Timestamp;
use serde_json::Value as Json;

use super::{integer, text};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn timestamp(value: &Json) -> Result<Timestamp, String> {
    let text = text(value)?;
    text.parse()
        .map_err(|error| format!("{text:?} is no time of RFC 3339: {error}"))
}

pub(super) fn seconds(arguments: &[Json]) -> Result<Json, String> {
    Ok(timestamp(&arguments[0])?.as_second().into())
}

pub(super) fn days(arguments: &[Json]) -> Result<Json, String> {
    Ok(integer(&arguments[0])?.saturating_mul(DAY).into())
}

pub(super) fn hours(arguments: &[Json]) -> Result<Json, String> {
    Ok(integer(&arguments[0])?.saturating_mul(HOUR).into())
}

pub(super) fn date(arguments: &[Json]) -> Result<Json, String> {
    let time = timestamp(&arguments[0])?;
    Ok(time.strftime("%Y-%m-%d %H:%M UTC").to_string().into())
}

pub(super) fn from_now(arguments: &[Json]) -> Result<Json, String> {
    let (time, now) = (timestamp(&arguments[0])?, timestamp(&arguments[1])?);
    let seconds = time.as_second() - now.as_second();
    let (amount, unit) = match seconds.abs() {
        0..60 => return Ok("now".into()),
        span @ 60..HOUR => (span / 60, "minute"),
        span if span < 2 * DAY => (span / HOUR, "hour"),
        span if span < 730 * DAY => (span / DAY, "day"),
        span => (span / (365 * DAY), "year"),
    };
    let plural = if amount == 1 { "" } else { "s" };
    let text = if seconds < 0 {
        format!("{amount} {unit}{plural} ago")
    } else {
        format!("in {amount} {unit}{plural}")
    };
    Ok(text.into())
}

/// Elasticsearch's `TimeValue`: a number and a unit; `-1` and `0` have none.
pub(super) fn milliseconds(arguments: &[Json]) -> Result<Json, String> {
    let written = text(&arguments[0])?;
    let lower = written.trim().to_ascii_lowercase();
    let end = lower.find(|c: char| c.is_ascii_alphabetic());
    let (number, unit) = lower.split_at(end.unwrap_or(lower.len()));
    let factor = match unit {
        "" | "ms" => 1.0,
        "nanos" => 1e-6,
        "micros" => 1e-3,
        "s" => 1e3,
        "m" => 6e4,
        "h" => 3.6e6,
        "d" => 8.64e7,
        _ => return Err(format!("{written:?} is no time of a setting")),
    };
    let number = number.trim().parse::<f64>();
    number
        .map(|number| (number * factor).into())
        .map_err(|_| format!("{written:?} is no time of a setting"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_in_words() {
        let now = json!("2026-11-23T09:14:00Z");
        for (time, words) in [
            ("2026-11-21T09:14:00Z", "2 days ago"),
            ("2026-11-26T10:00:00Z", "in 3 days"),
            ("2026-11-23T08:14:00Z", "1 hour ago"),
            ("2026-11-23T09:24:00Z", "in 10 minutes"),
            ("2026-11-23T09:14:30Z", "now"),
            ("2036-11-23T09:14:00Z", "in 10 years"),
        ] {
            assert_eq!(from_now(&[json!(time), now.clone()]).unwrap(), json!(words));
        }
        assert_eq!(
            date(&[json!("2026-11-21T10:14:00+01:00")]).unwrap(),
            json!("2026-11-21 09:14 UTC")
        );
    }

    #[test]
    fn times_as_numbers() {
        assert_eq!(
            seconds(&[json!("1970-01-02T00:00:00Z")]).unwrap(),
            json!(86400)
        );
        assert_eq!(days(&[json!(30)]).unwrap(), json!(2_592_000));
        assert_eq!(hours(&[json!(1)]).unwrap(), json!(3600));
        assert!(seconds(&[json!("yesterday")]).is_err());
        for (written, expected) in [
            ("30s", 30_000.0),
            ("1.5m", 90_000.0),
            ("-1", -1.0),
            ("20MS", 20.0),
        ] {
            assert_eq!(milliseconds(&[json!(written)]).unwrap(), json!(expected));
        }
        assert!(milliseconds(&[json!("soon")]).is_err());
    }
}
