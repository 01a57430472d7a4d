//! The shape of a credential: what can be said of it without showing it.
//!
//! `encoded` of the answer that made a cross-cluster API key is the Base64 of `id:secret`; the id
//! has about 20 characters of the URL-safe alphabet, the secret exactly 22. Elasticsearch itself
//! decodes with Java's strict decoder on the *remote* side only: nothing before that looks at it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::evidence::{Credential, CredentialForm, Fact};

/// Length of the secret of a cross-cluster API key (`ApiKeyService`, catalogue A10).
const SECRET_LENGTH: usize = 22;

/// Looks at a credential as it was given, untouched.
pub(super) fn shape(given: &SecretString) -> Credential {
    let (form, defect, id) = classify(given.expose_secret());
    Credential {
        form,
        defect,
        id: id.into(),
        rest_answer: Fact::Unknown,
        wire_answer: Fact::Unknown,
    }
}

/// An encoded key and its id.
pub(super) struct EncodedKey {
    pub(super) text: SecretString,
    pub(super) id: String,
}

/// The key as it may be sent: white space removed, which is no part of it where a file ends with a line
/// break. `None` where the text is no encoded key, whatever its secret: that would be in vain.
pub(super) fn encoded_key(given: &SecretString) -> Option<EncodedKey> {
    let text: String = given.expose_secret().split_whitespace().collect();
    let (id, _) = encoded(&text)?;
    Some(EncodedKey {
        text: text.into(),
        id,
    })
}

/// The text without any part of the key.
pub(super) fn without(key: &SecretString, mut text: String) -> String {
    for needle in needles(key) {
        if text.contains(needle.expose_secret()) {
            text = text.replace(needle.expose_secret(), "[redacted]");
        }
    }
    text
}

/// Texts that must never come out again because they hold the secret.
pub(crate) fn needles(given: &SecretString) -> Vec<SecretString> {
    let text = given.expose_secret();
    let mut needles = vec![text.to_owned(), text.trim().to_owned()];
    if let Some(decoded) = decode(text.trim()) {
        needles.push(match decoded.split_once(':') {
            // Which of the two is the secret is not sure: of a swapped one it is the first. The id is
            // none, and an error that names it must stay readable.
            Some((left, right)) if left.len() == SECRET_LENGTH && right.len() != SECRET_LENGTH => {
                left.to_owned()
            }
            Some((_, right)) => right.to_owned(),
            None => decoded,
        });
    }
    needles.retain(|it| it.len() >= 8);
    needles.sort_by_key(|it| std::cmp::Reverse(it.len()));
    needles.into_iter().map(SecretString::from).collect()
}

type Shape = (CredentialForm, Option<String>, Option<String>);

fn classify(text: &str) -> Shape {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return defect(CredentialForm::Empty, "it is empty", None);
    }
    if let Some(shape) = json(trimmed) {
        return shape;
    }
    if let Some(rest) = without_scheme(trimmed) {
        let id = encoded(rest).map(|(id, _)| id);
        return defect(
            CredentialForm::WithScheme,
            "it begins with `ApiKey `, which belongs into an HTTP header and not into the keystore",
            id,
        );
    }
    let dense: String = trimmed.split_whitespace().collect();
    if dense.len() != text.len()
        && let Some((id, secret)) = encoded(&dense)
        && secret.len() == SECRET_LENGTH
    {
        return defect(
            CredentialForm::SurroundedByWhitespace,
            &whitespace_words(text, trimmed),
            Some(id),
        );
    }
    if let Some(shape) = base64_shape(trimmed) {
        return shape;
    }
    plain_shape(trimmed)
}

fn json(text: &str) -> Option<Shape> {
    if !text.starts_with('{') {
        return None;
    }
    let id = serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|it| it.get("id")?.as_str().map(str::to_owned))
        .filter(|it| looks_like_id(it));
    Some(defect(
        CredentialForm::Json,
        "it is a JSON document; only the value of its field `encoded` belongs into the keystore",
        id,
    ))
}

fn base64_shape(text: &str) -> Option<Shape> {
    let decoded = decode(text)?;
    if let Some(inner) = decode(decoded.trim())
        && let Some((id, secret)) = pair(&inner)
        && secret.len() == SECRET_LENGTH
    {
        return Some(defect(
            CredentialForm::EncodedTwice,
            "it is encoded in Base64 twice",
            Some(id),
        ));
    }
    let (left, right) = decoded.split_once(':')?;
    if right.len() == SECRET_LENGTH && looks_like_id(left) {
        return Some((CredentialForm::Encoded, None, Some(left.to_owned())));
    }
    if left.len() == SECRET_LENGTH && looks_like_id(right) {
        return Some(defect(
            CredentialForm::Swapped,
            "it is the Base64 of `secret:id` instead of `id:secret`",
            Some(right.to_owned()),
        ));
    }
    if looks_like_id(left) {
        let length = right.len();
        let words = if right.ends_with(char::is_whitespace) {
            "a line break or space was encoded with it".to_owned()
        } else {
            format!(
                "its secret has {length} characters instead of {SECRET_LENGTH}: it is cut or damaged"
            )
        };
        return Some(defect(
            CredentialForm::Truncated,
            &words,
            Some(left.to_owned()),
        ));
    }
    None
}

fn plain_shape(text: &str) -> Shape {
    if let Some((id, secret)) = pair(text)
        && looks_like_secret(&secret)
    {
        return defect(
            CredentialForm::IdColonSecret,
            "it is `id:secret` without Base64; the field `encoded` of the answer that made the key \
             is needed",
            Some(id),
        );
    }
    // 22 characters of the URL-safe alphabet cannot be padded Base64 of a pair.
    if looks_like_secret(text) {
        return defect(
            CredentialForm::RawSecret,
            "it is the secret alone (`api_key` of the answer that made the key); the field \
             `encoded` is needed",
            None,
        );
    }
    if let Some((id, length)) = cut(text) {
        return defect(
            CredentialForm::Truncated,
            &format!(
                "it is cut: what is left of its secret has {length} characters instead of {SECRET_LENGTH}"
            ),
            Some(id),
        );
    }
    if text
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || b"-_=".contains(&it))
        && text.bytes().any(|it| b"-_".contains(&it))
    {
        return defect(
            CredentialForm::Unrecognised,
            "it holds `-` or `_`, which Elasticsearch's Base64 does not know",
            None,
        );
    }
    defect(
        CredentialForm::Unrecognised,
        "it is not the Base64 of `id:secret`",
        None,
    )
}

/// Base64 that lost its end: what decodes up to the last whole group.
fn cut(text: &str) -> Option<(String, usize)> {
    let whole = text.get(..text.len() / 4 * 4)?;
    let (id, secret) = pair(&decode(whole)?)?;
    Some((id, secret.len()))
}

fn defect(form: CredentialForm, words: &str, id: Option<String>) -> Shape {
    (form, Some(words.to_owned()), id)
}

fn whitespace_words(text: &str, trimmed: &str) -> String {
    let inside = trimmed.contains(char::is_whitespace);
    let place = if inside {
        "inside"
    } else if text.starts_with(char::is_whitespace) {
        "in front"
    } else {
        "behind it"
    };
    let kind = if text.contains(['\n', '\r']) {
        "a line break"
    } else {
        "a space"
    };
    format!("it has {kind} {place}; Elasticsearch takes it for part of the key")
}

fn without_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(char::is_whitespace)?;
    let scheme = scheme.rsplit_once(':').map_or(scheme, |(_, it)| it);
    let known = ["ApiKey", "Bearer", "Authorization"]
        .iter()
        .any(|it| scheme.eq_ignore_ascii_case(it))
        || text.to_ascii_lowercase().starts_with("authorization:");
    known.then(|| {
        rest.trim()
            .rsplit(char::is_whitespace)
            .next()
            .unwrap_or(rest)
    })
}

/// Id and secret of an encoded key, whatever the length of the secret.
fn encoded(text: &str) -> Option<(String, String)> {
    pair(&decode(text)?)
}

fn pair(text: &str) -> Option<(String, String)> {
    let (id, secret) = text.split_once(':')?;
    looks_like_id(id).then(|| (id.to_owned(), secret.to_owned()))
}

/// As strict as Java's basic decoder, which takes missing padding.
fn decode(text: &str) -> Option<String> {
    let padded;
    let text = match text.len() % 4 {
        0 => text,
        _ if text.ends_with('=') => return None,
        rest => {
            padded = format!("{text}{}", "=".repeat(4 - rest));
            &padded
        }
    };
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

fn looks_like_id(text: &str) -> bool {
    (16..=32).contains(&text.len()) && url_safe(text)
}

fn looks_like_secret(text: &str) -> bool {
    text.len() == SECRET_LENGTH && url_safe(text)
}

fn url_safe(text: &str) -> bool {
    text.bytes()
        .all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "5IFlCqIBFsqsHzwCggPH";
    const SECRET: &str = "3kXw-0_9Tt2b8Yq1ZcVnMQ";

    fn good() -> String {
        STANDARD.encode(format!("{ID}:{SECRET}"))
    }

    #[test]
    fn tells_every_form_and_never_shows_the_secret() {
        use CredentialForm as F;

        let good = good();
        let twice = STANDARD.encode(&good);
        let swapped = STANDARD.encode(format!("{SECRET}:{ID}"));
        let short = STANDARD.encode(format!("{ID}:{}", &SECRET[..10]));
        let json = format!(r#"{{"id":"{ID}","api_key":"{SECRET}","encoded":"{good}"}}"#);
        let cases = [
            (good.clone(), F::Encoded, Some(ID)),
            (format!("{good}\n"), F::SurroundedByWhitespace, Some(ID)),
            (format!(" {good}"), F::SurroundedByWhitespace, Some(ID)),
            (
                format!("{}\n{}", &good[..20], &good[20..]),
                F::SurroundedByWhitespace,
                Some(ID),
            ),
            (format!("ApiKey {good}"), F::WithScheme, Some(ID)),
            (
                format!("Authorization: ApiKey {good}"),
                F::WithScheme,
                Some(ID),
            ),
            (twice, F::EncodedTwice, Some(ID)),
            (swapped, F::Swapped, Some(ID)),
            (short, F::Truncated, Some(ID)),
            (good[..good.len() - 3].to_owned(), F::Truncated, Some(ID)),
            (good[..good.len() - 10].to_owned(), F::Truncated, Some(ID)),
            (json, F::Json, Some(ID)),
            (format!("{ID}:{SECRET}"), F::IdColonSecret, Some(ID)),
            (SECRET.to_owned(), F::RawSecret, None),
            (String::new(), F::Empty, None),
            ("\n".to_owned(), F::Empty, None),
            ("hello".to_owned(), F::Unrecognised, None),
        ];
        for (text, form, id) in cases {
            let shape = shape(&text.clone().into());
            assert_eq!(shape.form, form, "{text:?}");
            assert_eq!(shape.id.known().map(String::as_str), id, "{text:?}");
            assert_eq!(shape.defect.is_none(), form == F::Encoded, "{text:?}");
            let shown = format!("{shape:?}");
            assert!(!shown.contains(SECRET) && !shown.contains(&good), "{shown}");
        }
    }

    #[test]
    fn only_what_is_an_encoded_key_may_be_sent() {
        let good = good();
        for (text, sent) in [
            (good.clone(), true),
            (format!("{good}\n"), true),
            (STANDARD.encode(format!("{ID}:short")), true),
            (format!("ApiKey {good}"), false),
            (STANDARD.encode(&good), false),
            (SECRET.to_owned(), false),
            (String::new(), false),
        ] {
            let key = encoded_key(&text.clone().into());
            assert_eq!(key.is_some(), sent, "{text:?}");
            if let Some(key) = key {
                assert_eq!(key.id, ID);
                assert!(!key.text.expose_secret().contains(char::is_whitespace));
            }
        }
    }

    #[test]
    fn what_is_echoed_is_taken_out() {
        let key = good().into();
        let echo = format!("header [ApiKey {}] and {SECRET}", good());
        let scrubbed = without(&key, echo);
        assert_eq!(scrubbed, "header [ApiKey [redacted]] and [redacted]");
    }

    #[test]
    fn a_key_without_padding_is_taken_as_java_takes_it() {
        let bare = good().trim_end_matches('=').to_owned();
        assert_eq!(shape(&bare.into()).form, CredentialForm::Encoded);
    }
}
