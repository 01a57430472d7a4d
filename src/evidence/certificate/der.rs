//! From DER to [`Certificate`].

use std::net::{Ipv4Addr, Ipv6Addr};

use aws_lc_rs::digest;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use x509_parser::asn1_rs::{Any, Class, FromDer, Oid, Tag};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{
    AuthorityKeyIdentifier, ExtendedKeyUsage, GeneralName, ParsedExtension,
};
use x509_parser::x509::{AttributeTypeAndValue, SubjectPublicKeyInfo, X509Name};

use super::super::name;
use super::super::pkix::{rsa_bits, signed_by};
use super::{Certificate, CertificateError};

#[cfg(test)]
mod tests;

impl Certificate {
    /// Parses the DER of one certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let parsed = parse(der)?;
        let mut certificate = Self {
            subject: distinguished_name(parsed.subject()),
            issuer: distinguished_name(parsed.issuer()),
            serial: serial(parsed.raw_serial()),
            not_before: timestamp(parsed.validity().not_before.timestamp()),
            not_after: timestamp(parsed.validity().not_after.timestamp()),
            dns_names: Vec::new(),
            ip_addresses: Vec::new(),
            other_names: Vec::new(),
            common_name: common_name(parsed.subject()),
            is_ca: false,
            self_signed: false,
            extended_key_usage: None,
            subject_key_id: None,
            authority_key_id: None,
            key: key(parsed.public_key()),
            signature_algorithm: algorithm(&parsed.signature_algorithm.algorithm),
            sha1: hash(&digest::SHA1_FOR_LEGACY_USE_ONLY, der),
            sha256: hash(&digest::SHA256, der),
            der: BASE64_STANDARD.encode(der),
        };
        for extension in parsed.iter_extensions() {
            certificate.add(extension.parsed_extension());
        }
        certificate.self_signed = parsed.subject().as_raw() == parsed.issuer().as_raw()
            && signed_by(&parsed, &parsed).unwrap_or(true);
        Ok(certificate)
    }

    /// Whether the key of `issuer` made the signature of this certificate; `None` where that cannot
    /// be computed here (rare algorithms, keys too small for this program's cryptography).
    pub fn is_signed_by(&self, issuer: &Self) -> Option<bool> {
        let (own, other) = (self.der_bytes()?, issuer.der_bytes()?);
        signed_by(&parse(&own).ok()?, &parse(&other).ok()?)
    }

    /// Subject of the CA that issued this certificate's issuer, where the authority key identifier
    /// names it (RFC 5280 §4.2.1.1: `authorityCertIssuer`), as OpenSSL's `issuer:always` writes it.
    /// `elasticsearch-certutil` does not.
    pub fn issuer_of_issuer(&self) -> Option<String> {
        let der = self.der_bytes()?;
        let parsed = parse(&der).ok()?;
        let names = authority(&parsed)?.authority_cert_issuer.as_ref()?;
        names.iter().find_map(|name| match name {
            GeneralName::DirectoryName(name) => Some(distinguished_name(name)),
            _ => None,
        })
    }

    /// Serial number of the issuer's certificate, where the authority key identifier names it.
    pub fn issuer_serial(&self) -> Option<String> {
        let der = self.der_bytes()?;
        let parsed = parse(&der).ok()?;
        let serial = authority(&parsed)?.authority_cert_serial?;
        Some(self::serial(serial))
    }

    fn der_bytes(&self) -> Option<Vec<u8>> {
        BASE64_STANDARD.decode(&self.der).ok()
    }

    fn add(&mut self, extension: &ParsedExtension<'_>) {
        match extension {
            ParsedExtension::BasicConstraints(constraints) => self.is_ca = constraints.ca,
            ParsedExtension::ExtendedKeyUsage(usage) => {
                self.extended_key_usage = Some(extended_key_usage(usage));
            }
            ParsedExtension::SubjectKeyIdentifier(id) => {
                self.subject_key_id = Some(hex(id.0));
            }
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = id.key_identifier.as_ref().map(|id| hex(id.0));
            }
            ParsedExtension::SubjectAlternativeName(names) => {
                for name in &names.general_names {
                    self.add_name(name);
                }
            }
            _ => {}
        }
    }

    fn add_name(&mut self, name: &GeneralName<'_>) {
        match name {
            GeneralName::DNSName(name) => self.dns_names.push(printable(name)),
            GeneralName::IPAddress(bytes) => self.ip_addresses.push(ip_address(bytes)),
            GeneralName::OtherName(oid, value) if oid.to_id_string() == "2.5.4.3" => {
                self.other_names.extend(other_name(value));
            }
            _ => {}
        }
    }
}

/// Writes the distinguished name with this DER (`RDNSequence`) as text.
pub fn name_from_der(der: &[u8]) -> Option<String> {
    let (_, name) = X509Name::from_der(der).ok()?;
    Some(distinguished_name(&name))
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>, CertificateError> {
    let (_, parsed) =
        X509Certificate::from_der(der).map_err(|e| CertificateError::Malformed(e.to_string()))?;
    Ok(parsed)
}

fn authority<'a>(certificate: &'a X509Certificate<'_>) -> Option<&'a AuthorityKeyIdentifier<'a>> {
    certificate
        .iter_extensions()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(id) => Some(id),
            _ => None,
        })
}

/// The most specific part first, as RFC 4514 and Java have it; DER has it last.
fn distinguished_name(name: &X509Name<'_>) -> String {
    let relative: Vec<_> = name.iter_rdn().collect();
    let parts: Vec<String> = relative
        .iter()
        .rev()
        .map(|part| part.iter().map(attribute).collect::<Vec<_>>().join("+"))
        .collect();
    parts.join(",")
}

/// The most specific one, where there are several.
fn common_name(name: &X509Name<'_>) -> Option<String> {
    let last = name.iter_common_name().last()?;
    text(last.attr_value()).map(|text| printable(&text))
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    let known = name::OIDS.iter().find(|(_, known)| *known == oid);
    let key = known.map_or(oid.as_str(), |(key, _)| key);
    let value = text(attribute.attr_value()).map_or_else(
        || format!("#{}", hex(attribute.as_slice())),
        |value| name::escaped(&value),
    );
    format!("{key}={value}")
}

/// Text of any of ASN.1's string types.
fn text(value: &Any<'_>) -> Option<String> {
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString => {
            Some(String::from_utf8_lossy(value.data).into_owned())
        }
        Tag::T61String => Some(value.data.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let units = value.data.chunks_exact(2);
            let units: Vec<_> = units.map(|u| u16::from_be_bytes([u[0], u[1]])).collect();
            Some(String::from_utf16_lossy(&units))
        }
        _ => None,
    }
}

/// The string in an otherName; the JDK wraps it twice.
fn other_name(value: &[u8]) -> Option<String> {
    let (_, mut any) = Any::from_der(value).ok()?;
    for _ in 0..2 {
        if any.class() == Class::ContextSpecific {
            (_, any) = Any::from_der(any.data).ok()?;
        }
    }
    text(&any).map(|text| printable(&text))
}

/// As Java's `BigInteger.toString(16)` writes it: negative numbers with a sign.
fn serial(bytes: &[u8]) -> String {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut magnitude = bytes.to_vec();
    if negative {
        let mut carry = true;
        for byte in magnitude.iter_mut().rev() {
            let (negated, overflow) = (!*byte).overflowing_add(u8::from(carry));
            (*byte, carry) = (negated, overflow);
        }
    }
    let digits = hex(&magnitude);
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    format!("{}{digits}", if negative { "-" } else { "" })
}

/// "Without end" (9999-12-31, RFC 5280 §4.1.2.5) lies just outside of what can be expressed.
fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(if seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

fn ip_address(bytes: &[u8]) -> String {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        Ipv4Addr::from(v4).to_string()
    } else if let Ok(v6) = <[u8; 16]>::try_from(bytes) {
        Ipv6Addr::from(v6).to_string()
    } else {
        format!("#{}", hex(bytes))
    }
}

fn extended_key_usage(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let named = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let named = named.iter().filter(|(set, _)| *set);
    let named = named.map(|(_, name)| (*name).to_owned());
    named
        .chain(usage.other.iter().map(Oid::to_id_string))
        .collect()
}

fn key(key: &SubjectPublicKeyInfo<'_>) -> String {
    let oid = key.algorithm.algorithm.to_id_string();
    if let ("1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10", Some(bits)) =
        (oid.as_str(), rsa_bits(key))
    {
        return format!("RSA {bits}");
    }
    let curve = key.algorithm.parameters.as_ref();
    let curve = curve.and_then(|any| any.clone().oid().ok());
    let curve = curve.map(|oid| oid.to_id_string());
    match (oid.as_str(), curve.as_deref()) {
        ("1.2.840.10045.2.1", Some("1.2.840.10045.3.1.7")) => "EC P-256".to_owned(),
        ("1.2.840.10045.2.1", Some("1.3.132.0.34")) => "EC P-384".to_owned(),
        ("1.2.840.10045.2.1", Some("1.3.132.0.35")) => "EC P-521".to_owned(),
        ("1.2.840.10045.2.1", Some(curve)) => format!("EC {curve}"),
        ("1.3.101.112", _) => "Ed25519".to_owned(),
        ("1.3.101.113", _) => "Ed448".to_owned(),
        ("1.2.840.10040.4.1", _) => "DSA".to_owned(),
        (other, _) => other.to_owned(),
    }
}

fn algorithm(oid: &Oid<'_>) -> String {
    let oid = oid.to_id_string();
    let name = match oid.as_str() {
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "rsassaPss",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.3.101.112" => "ed25519",
        "1.3.101.113" => "ed448",
        other => other,
    };
    name.to_owned()
}

/// Text of a stranger's certificate without what could move a terminal's cursor.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

fn hash(algorithm: &'static digest::Algorithm, bytes: &[u8]) -> String {
    hex(digest::digest(algorithm, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| {
            [
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 15)],
            ]
        })
        .map(char::from)
        .collect()
}
