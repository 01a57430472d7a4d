//! Elasticsearch's patterns for indices and aliases: `*` for any text, nothing else is special.

use serde_json::Value as Json;

use super::{list, text};

pub(super) fn covers(arguments: &[Json]) -> Result<Json, String> {
    let (patterns, wanted) = (list(&arguments[0])?, text(&arguments[1])?);
    let mut covered = false;
    for pattern in patterns {
        let pattern = text(pattern)?;
        // As in a list of index expressions, a later exclusion takes back what came before it.
        match pattern.strip_prefix('-') {
            Some(excluded) if covered && overlaps(excluded, wanted) => covered = false,
            Some(_) => {}
            None => covered = covered || includes(pattern, wanted),
        }
    }
    Ok(covered.into())
}

pub(super) fn matches_any(arguments: &[Json]) -> Result<Json, String> {
    let (patterns, alias) = (list(&arguments[0])?, text(&arguments[1])?);
    for pattern in patterns {
        if includes(text(pattern)?, alias) {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

/// Whether everything that `wanted` can mean is matched by `pattern`. A `*` of `wanted` is taken
/// for itself, which only a `*` of `pattern` matches.
fn includes(pattern: &str, wanted: &str) -> bool {
    let (pattern, wanted) = (pattern.as_bytes(), wanted.as_bytes());
    let (mut p, mut w) = (0, 0);
    let mut star = None;
    while w < wanted.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, w));
            p += 1;
        } else if pattern.get(p) == Some(&wanted[w]) && wanted[w] != b'*' {
            p += 1;
            w += 1;
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            p = at + 1;
            w = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Whether some name is matched by both; exact for a name, and by the texts before the first `*` for
/// two patterns.
fn overlaps(one: &str, other: &str) -> bool {
    if includes(one, other) || includes(other, one) {
        return true;
    }
    let before = |pattern: &str| pattern.split_once('*').map(|(before, _)| before.to_owned());
    match (before(one), before(other)) {
        (Some(one), Some(other)) => one.starts_with(&other) || other.starts_with(&one),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_cover_names_and_narrower_patterns() {
        for (patterns, wanted, covered) in [
            (json!(["logs*"]), "logs-2026", true),
            (json!(["logs*"]), "logs*", true),
            (json!(["logs*"]), "logs-*-x", true),
            (json!(["logs-*"]), "logs*", false),
            (json!(["*"]), "anything*", true),
            (json!(["a*b*c"]), "a-b-b-c", true),
            (json!(["a*b*c"]), "a-c", false),
            (json!(["logs", "metrics"]), "metrics", true),
            (json!(["logs"]), "logs*", false),
            (json!(["logs*", "-logs-secret*"]), "logs-secret-1", false),
            (json!(["logs*", "-logs-secret*"]), "logs-open", true),
            (json!(["logs*", "-logs-secret*"]), "logs*", false),
            (json!([]), "logs", false),
        ] {
            let answer = covers(&[patterns.clone(), json!(wanted)]).unwrap();
            assert_eq!(answer, json!(covered), "{patterns} {wanted}");
        }
    }

    #[test]
    fn aliases_are_matched() {
        assert_eq!(
            matches_any(&[json!(["be*"]), json!("bee")]).unwrap(),
            json!(true)
        );
        assert_eq!(
            matches_any(&[json!(["ant", "*"]), json!("bee")]).unwrap(),
            json!(true)
        );
        assert_eq!(
            matches_any(&[json!(["ant"]), json!("bee")]).unwrap(),
            json!(false)
        );
        assert!(matches_any(&[json!("ant"), json!("bee")]).is_err());
    }
}
