//! Distinguished names as text: written by Java in one way, by us in another.

use std::fmt::Write;

/// Whether two distinguished names are the same, however they are written: order of writing (RFC 4514
/// writes the most specific part first), spaces, quotes, escapes, case and names of attribute types
/// may differ (RFC 5280 §7.1).
pub fn same_name(one: &str, other: &str) -> bool {
    let one = parts(one);
    let mut other = parts(other);
    if one == other {
        return true;
    }
    other.reverse();
    one == other
}

/// Writes one attribute value with the escapes of RFC 4514 §2.4.
pub(super) fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (index, character) in value.chars().enumerate() {
        match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => {
                out.push('\\');
                out.push(character);
            }
            ' ' if index == 0 || index == last => out.push_str("\\ "),
            '#' if index == 0 => out.push_str("\\#"),
            character if character.is_control() => {
                let mut utf8 = [0; 4];
                for byte in character.encode_utf8(&mut utf8).bytes() {
                    let _ = write!(out, "\\{byte:02x}");
                }
            }
            character => out.push(character),
        }
    }
    out
}

/// The relative names in the order written, each as its sorted `type=value` pairs.
fn parts(name: &str) -> Vec<Vec<(String, String)>> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut rest = name.trim();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').unwrap_or((rest, ""));
        let (value, separator, after) = value(after);
        part.push((attribute(key), normal(&value)));
        if separator != Some('+') {
            part.sort();
            parts.push(std::mem::take(&mut part));
        }
        rest = after;
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

/// The value at the front, the separator that ends it, and what follows.
fn value(text: &str) -> (String, Option<char>, &str) {
    let mut bytes = Vec::new();
    let mut quoted = false;
    let mut characters = text.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' => {
                if let Some(byte) = hex_pair(&text[index + 1..]) {
                    bytes.push(byte);
                    characters.nth(1);
                } else if let Some((_, literal)) = characters.next() {
                    push(&mut bytes, literal);
                }
            }
            ',' | ';' | '+' if !quoted => {
                let after = &text[index + 1..];
                return (lossy(&bytes), Some(character), after);
            }
            character => push(&mut bytes, character),
        }
    }
    (lossy(&bytes), None, "")
}

fn hex_pair(text: &str) -> Option<u8> {
    let pair = text.get(..2)?;
    let is_hex = pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u8::from_str_radix(pair, 16).ok())?
}

fn push(bytes: &mut Vec<u8>, character: char) {
    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Case and runs of spaces do not matter, nor whether the value is written as its DER.
fn normal(value: &str) -> String {
    let decoded = value.strip_prefix('#').and_then(der_string);
    let value = decoded.as_deref().unwrap_or(value);
    let words: Vec<_> = value.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// `#130135` is "5": tag, length and content of a short string in hexadecimal (RFC 4514 §2.4).
fn der_string(hex: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| hex_pair(std::str::from_utf8(pair).ok()?))
        .collect();
    let bytes = bytes?;
    let [_tag, length, content @ ..] = bytes.as_slice() else {
        return None;
    };
    (usize::from(*length) == content.len()).then(|| lossy(content))
}

/// One spelling for each attribute type.
fn attribute(key: &str) -> String {
    let key = key.trim().to_ascii_uppercase();
    let key = key.strip_prefix("OID.").unwrap_or(&key);
    let oid = OIDS.iter().find(|(name, _)| *name == key);
    oid.map_or(key, |(_, oid)| oid).to_owned()
}

/// Attribute types by the names that Java, OpenSSL and RFC 4514 give them.
pub(super) const OIDS: [(&str, &str); 21] = [
    ("CN", "2.5.4.3"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("STREET", "2.5.4.9"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("EMAILADDRESS", "1.2.840.113549.1.9.1"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("SURNAME", "2.5.4.4"),
    ("GIVENNAME", "2.5.4.42"),
    ("INITIALS", "2.5.4.43"),
    ("GENERATION", "2.5.4.44"),
    ("DNQ", "2.5.4.46"),
    ("T", "2.5.4.12"),
    // Other spellings of those above.
    ("S", "2.5.4.8"),
    ("E", "1.2.840.113549.1.9.1"),
    ("SN", "2.5.4.4"),
    ("GN", "2.5.4.42"),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn writing_does_not_matter() {
        for (one, other) in [
            ("CN=x,O=y", "CN=x, O=y"),
            ("CN=x,O=y", "O=y, CN=x"),
            ("CN=x,O=y", "cn=X;  o = Y"),
            (r"CN=x,O=Elastic\, Inc.", r#"CN=x, O="Elastic, Inc.""#),
            (r"O=a\2cb", r"O=a\,b"),
            (r"O=\+A", r#"O="+A""#),
            ("EMAILADDRESS=a@b,CN=x", "E=a@b, CN=x"),
            ("ST=Berlin", "S=Berlin"),
            ("2.5.4.97=x", "OID.2.5.4.97=x"),
            ("OU=b+CN=a,O=c", "CN=a + OU=b, O=c"),
            ("CN=two  words ", "CN=two words"),
            (r"CN=M\c3\bcller", "CN=Müller"),
            // Both written by JDK 17 and 25: `toString` and `getName` of an `X500Principal`.
            (
                r#"CN="Müller#1", DC=org, SERIALNUMBER=5, EMAILADDRESS=a@b.c, O="Elastic, \"x\" ", C=DE"#,
                r#"CN=Müller\#1,DC=org,2.5.4.5=#130135,1.2.840.113549.1.9.1=#16056140622e63,O=Elastic\, \"x\"\ ,C=DE"#,
            ),
        ] {
            assert!(same_name(one, other), "{one} | {other}");
        }
    }

    #[test]
    fn content_does() {
        for (one, other) in [
            ("CN=x", "CN=y"),
            ("CN=x", "O=x"),
            ("CN=x,O=y", "CN=x"),
            ("CN=a+OU=b", "CN=a,OU=b"),
            (r"CN=a\,O\=b", "CN=a,O=b"),
        ] {
            assert!(!same_name(one, other), "{one} | {other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_read_back(value in "[ -~äö]{1,12}") {
            let name = format!("CN={},O=z", escaped(&value));
            let parts = parts(&name);
            prop_assert_eq!(parts.len(), 2);
            prop_assert_eq!(&parts[0][0].1, &normal(&value));
        }

        #[test]
        fn no_text_breaks_it(one: String, other: String) {
            same_name(&one, &other);
        }
    }
}
