//! Strong identity: the pattern of an API key against the name of the certificate that signs for it.

use regex::RegexBuilder;
use serde_json::Value as Json;

use super::text;

/// Whether a pattern matches the whole of a name, upper and lower case told apart, as Elasticsearch wants
/// it; null where the pattern is one that only Java understands.
pub(super) fn identity_matches(arguments: &[Json]) -> Result<Json, String> {
    let (name, pattern) = (text(&arguments[0])?, text(&arguments[1])?);
    Ok(whole(pattern, name, false).map_or(Json::Null, Json::from))
}

/// Why a pattern does not match a name, as far as that shows; empty where it does not.
pub(super) fn identity_hint(arguments: &[Json]) -> Result<Json, String> {
    let (name, pattern) = (text(&arguments[0])?, text(&arguments[1])?);
    Ok(hint(name, pattern).unwrap_or_default().into())
}

/// The pattern that matches a name and no other, as a JSON string for a command.
pub(super) fn identity_of(arguments: &[Json]) -> Result<Json, String> {
    let mut pattern = String::new();
    for character in text(&arguments[0])?.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    Ok(Json::from(pattern).to_string().into())
}

fn hint(name: &str, pattern: &str) -> Option<String> {
    if whole(pattern, name, true)? {
        return Some("; they differ in upper and lower case".into());
    }
    let parts = relative_names(name);
    let spaced = parts.join(", ");
    let reversed: Vec<&str> = parts.iter().rev().copied().collect();
    if parts.len() > 1 {
        if whole(pattern, &spaced, true)? {
            return Some("; the name is written without blanks behind its commas".into());
        }
        if whole(pattern, &reversed.join(","), true)? || whole(pattern, &reversed.join(", "), true)?
        {
            return Some("; the parts of the name stand in the other order".into());
        }
    }
    let inside = compiled(pattern, false)?.find(name)?;
    // That is what patterns find that may be empty.
    if inside.is_empty() {
        return None;
    }
    Some(if inside.start() == 0 {
        format!(
            "; it matches the beginning, and must match all of it: \"{}\" is left over",
            &name[inside.end()..]
        )
    } else {
        "; it matches a part, and must match all of it".into()
    })
}

/// The relative names of a distinguished name in the form of RFC 2253, in which a comma that is no
/// separator has a backslash in front.
fn relative_names(name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, character) in name.char_indices() {
        match character {
            '\\' => escaped = !escaped,
            ',' if !escaped => {
                parts.push(&name[start..at]);
                start = at + 1;
            }
            _ => escaped = false,
        }
    }
    parts.push(&name[start..]);
    parts
}

fn whole(pattern: &str, name: &str, any_case: bool) -> Option<bool> {
    Some(compiled(&format!("^(?:{pattern})$"), any_case)?.is_match(name))
}

/// The pattern stands in a key, so that anybody may have written it: its size is bounded.
fn compiled(pattern: &str, any_case: bool) -> Option<regex::Regex> {
    let mut builder = RegexBuilder::new(pattern);
    builder.size_limit(1 << 18).case_insensitive(any_case);
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NAME: &str = r"CN=local-a,OU=a.node.b.cluster.c.account,O=My\, Org,C=NL";

    #[test]
    fn a_pattern_must_match_the_whole_name() {
        // Patterns and outcomes: a real 9.4.3 and that name.
        for (pattern, expected) in [
            ("CN=local-a", json!(false)),
            ("CN=local-a, OU=.*", json!(false)),
            ("CN=local-a,OU=a.node.b.cluster.c.account,.*", json!(true)),
            (".*C=NL", json!(true)),
            (r"CN=local-a,OU=[^,]*,O=My\\, Org,C=NL", json!(true)),
            ("CN=(?=x)y", json!(null)),
        ] {
            let answer = identity_matches(&[NAME.into(), pattern.into()]).unwrap();
            assert_eq!(answer, expected, "{pattern}");
        }
    }

    #[test]
    fn the_usual_mistakes_are_named() {
        for (pattern, expected) in [
            ("cn=local-A,.*", "upper and lower case"),
            (r"CN=local-a, OU=.*, O=My\\, Org, C=NL", "without blanks"),
            (r"C=NL,O=My\\, Org,OU=[^,]*,CN=local-a", "other order"),
            ("CN=local-a", "is left over"),
            ("OU=a.node.*C=NL", "matches a part"),
        ] {
            let answer = identity_hint(&[NAME.into(), pattern.into()]).unwrap();
            assert!(
                answer.as_str().unwrap().contains(expected),
                "{pattern}: {answer}"
            );
        }
        for pattern in ["CN=other", "(?=x)", "x*"] {
            assert_eq!(
                identity_hint(&[NAME.into(), pattern.into()]).unwrap(),
                json!("")
            );
        }
    }

    #[test]
    fn the_pattern_of_a_name_matches_it() {
        let pattern = identity_of(&[NAME.into()]).unwrap();
        let pattern: String = serde_json::from_str(pattern.as_str().unwrap()).unwrap();
        assert_eq!(
            identity_matches(&[NAME.into(), pattern.into()]).unwrap(),
            json!(true)
        );
    }
}
