//! A certificate with everything that decides its validation.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use x509_parser::asn1_rs::{Any, Class, FromDer, Tag};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::constraint::Constraints;
use crate::evidence::Certificate;

/// The DER of certificates, kept for as long as they are looked at.
pub(super) struct Bytes(Vec<u8>);

impl Bytes {
    pub(super) fn of(certificate: &Certificate) -> Option<Self> {
        BASE64_STANDARD.decode(&certificate.der).ok().map(Self)
    }
}

/// A certificate as validation sees it.
pub(super) struct Parsed<'a> {
    pub(super) shown: &'a Certificate,
    pub(super) x509: X509Certificate<'a>,
    pub(super) subject: Name,
    pub(super) issuer: Name,
    /// 1, 2 or 3.
    pub(super) version: u32,
    /// As `X509Certificate.getBasicConstraints`: `None` for no CA, the most that may follow else.
    pub(super) path_length: Option<u32>,
    /// Bits of the key usage; `None` where the extension is absent.
    pub(super) key_usage: Option<u16>,
    /// Whether the extended key usage permits a server; absence does.
    pub(super) for_servers: bool,
    /// OIDs of critical extensions that PKIX in Java does not know.
    pub(super) unknown_critical: Vec<String>,
    pub(super) constraints: Option<Constraints>,
    /// Whether it asks for certificate policies, which are not followed here.
    pub(super) asks_for_policies: bool,
    /// What makes Java refuse to read it.
    pub(super) unreadable: Option<String>,
    /// OID of an extension that decides and cannot be read: some versions of Java leave it out, some
    /// refuse the certificate.
    pub(super) doubtful: Option<String>,
}

/// Key usage bits (RFC 5280 §4.2.1.3), as x509-parser numbers them.
pub(super) const DIGITAL_SIGNATURE: u16 = 1;
pub(super) const KEY_CERT_SIGN: u16 = 1 << 5;

/// What `serverAuth` may be written as: itself, any, and two forgotten ones that Java still takes
/// (`EndEntityChecker`).
const SERVER_USAGES: [&str; 4] = [
    "serverAuth",
    "anyExtendedKeyUsage",
    "1.3.6.1.4.1.311.10.3.3",
    "2.16.840.1.113730.4.1",
];

impl<'a> Parsed<'a> {
    pub(super) fn of(shown: &'a Certificate, bytes: &'a Bytes) -> Option<Self> {
        let (_, x509) = X509Certificate::from_der(&bytes.0).ok()?;
        let usages = shown.extended_key_usage.as_ref();
        let mut parsed = Self {
            shown,
            subject: Name::of(x509.subject()),
            issuer: Name::of(x509.issuer()),
            version: x509.version().0 + 1,
            path_length: None,
            key_usage: None,
            for_servers: usages.is_none_or(|usages| {
                let mut usages = usages.iter();
                usages.any(|usage| SERVER_USAGES.contains(&usage.as_str()))
            }),
            unknown_critical: Vec::new(),
            constraints: None,
            asks_for_policies: false,
            unreadable: None,
            doubtful: None,
            x509,
        };
        let x509 = parsed.x509.clone();
        parsed.read_extensions(&x509);
        Some(parsed)
    }

    /// Whether the names are equal; whether the key signed itself is another question.
    pub(super) fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.shown.sha256 == other.shown.sha256
    }

    pub(super) fn has_key_of(&self, other: &Self) -> bool {
        self.x509.public_key().raw == other.x509.public_key().raw
    }

    fn read_extensions(&mut self, x509: &X509Certificate<'_>) {
        let mut seen = Vec::new();
        for extension in x509.iter_extensions() {
            let oid = extension.oid.to_id_string();
            if seen.contains(&oid) {
                self.unreadable = Some(format!("the extension {oid} is in it twice"));
            }
            match extension.parsed_extension() {
                ParsedExtension::BasicConstraints(it) if it.ca => {
                    self.path_length = Some(it.path_len_constraint.unwrap_or(u32::MAX));
                }
                ParsedExtension::KeyUsage(usage) => self.key_usage = Some(usage.flags),
                ParsedExtension::NSCertType(kind) => self.for_servers &= kind.ssl_server(),
                ParsedExtension::NameConstraints(_) => {
                    self.constraints = Constraints::of(extension.value);
                }
                ParsedExtension::PolicyConstraints(it) => {
                    self.asks_for_policies = it.require_explicit_policy.is_some();
                }
                ParsedExtension::ParseError { .. } if extension.critical => {
                    self.unreadable = Some(format!("its critical extension {oid} is malformed"));
                }
                ParsedExtension::ParseError { .. }
                    if ["2.5.29.17", "2.5.29.37"].contains(&oid.as_str()) =>
                {
                    self.doubtful = Some(oid.clone());
                }
                ParsedExtension::SubjectAlternativeName(_)
                    if !extension.critical && self.subject.is_empty() =>
                {
                    // RFC 5280 §4.2.1.6, which `X509CertInfo` insists on.
                    let reason = "its subject is empty and its names are not critical";
                    self.unreadable = Some(reason.to_owned());
                }
                _ => {}
            }
            if extension.critical && !KNOWN.contains(&oid.as_str()) {
                self.unknown_critical.push(oid.clone());
            }
            seen.push(oid);
        }
    }
}

/// What `ConstraintsChecker`, `KeyChecker` and `PolicyChecker` resolve.
const KNOWN: [&str; 9] = [
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.19",
    "2.5.29.30",
    "2.5.29.32",
    "2.5.29.33",
    "2.5.29.36",
    "2.5.29.37",
    "2.5.29.54",
];

/// A distinguished name as `X500Principal.equals` compares it: by its canonical form, in which case
/// and spaces of the usual attributes do not matter and all else counts by its bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Name(pub(super) Vec<Vec<(String, Value)>>);

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Value {
    Text(String),
    Bytes(u32, Vec<u8>),
}

/// Attribute types that RFC 2253 §2.3 has names for.
const NAMED: [&str; 9] = [
    "2.5.4.3",
    "2.5.4.6",
    "2.5.4.7",
    "2.5.4.8",
    "2.5.4.9",
    "2.5.4.10",
    "2.5.4.11",
    "0.9.2342.19200300.100.1.25",
    "0.9.2342.19200300.100.1.1",
];

impl Name {
    pub(super) fn of(name: &X509Name<'_>) -> Self {
        let part = |part: &x509_parser::x509::RelativeDistinguishedName<'_>| {
            let mut attributes: Vec<_> = part.iter().map(attribute).collect();
            attributes.sort();
            attributes
        };
        Self(name.iter_rdn().map(part).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this name is the other one or lies below it.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> (String, Value) {
    let oid = attribute.attr_type().to_id_string();
    let value = attribute.attr_value();
    let is_text = matches!(value.tag(), Tag::Utf8String | Tag::PrintableString);
    let value = if is_text && NAMED.contains(&oid.as_str()) {
        let text = String::from_utf8_lossy(value.data);
        let words: Vec<_> = text.split_whitespace().map(str::to_lowercase).collect();
        Value::Text(words.join(" "))
    } else {
        Value::Bytes(value.tag().0, value.data.to_vec())
    };
    (oid, value)
}

/// The general names in a subject alternative name; empty where there is none that can be read.
pub(super) fn general_names<'a>(x509: &'a X509Certificate<'_>) -> &'a [GeneralName<'a>] {
    let names = x509
        .iter_extensions()
        .find_map(|it| match it.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names[..]),
            _ => None,
        });
    names.unwrap_or_default()
}

/// The elements of a constructed value.
pub(super) fn elements(mut bytes: &[u8]) -> Option<Vec<Any<'_>>> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let (rest, any) = Any::from_der(bytes).ok()?;
        out.push(any);
        bytes = rest;
    }
    Some(out)
}

/// Whether an element is `[number]` of its context.
pub(super) fn is_context(any: &Any<'_>, number: u32) -> bool {
    any.class() == Class::ContextSpecific && any.tag() == Tag(number)
}
