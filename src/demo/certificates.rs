//! The certificates of a pair, made at its start.

use std::io;
use std::sync::Arc;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, SerialNumber,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::placeholders::elasticsearch_date;

/// What is wrong with the chain that b's remote cluster server presents.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Chain {
    /// The CA that signed it has the name of the trusted one, and another key.
    CaSameName,
    /// A CA signed it that a does not trust.
    CaUnknown,
    /// The leaf has expired three days ago.
    Expired,
    /// Nothing.
    Good,
    /// An intermediate CA signed the leaf, and is not sent.
    IntermediateMissing,
    /// The leaf names another host.
    WrongName,
}

/// A certificate as `GET /_ssl/certificates` describes it.
#[derive(Debug)]
struct Described {
    subject: String,
    issuer: String,
    serial: String,
    expiry: Timestamp,
}

/// The certificates of one pair.
#[derive(Debug)]
pub(super) struct Certificates {
    /// What a's nodes trust for remote cluster servers.
    pub(super) trusted: CertificateDer<'static>,
    pub(super) trusted_pem: String,
    trusted_description: Described,
    /// A CA that a does not trust; the server's certificate may be its.
    untrusted_description: Described,
    server_description: Described,
    presented: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

const CA_DAYS: i64 = 3650;
const LEAF_DAYS: i64 = 825;

impl Certificates {
    pub(super) fn make(chain: Chain, now: Timestamp) -> io::Result<Self> {
        let (trusted, trusted_description) = authority("remote-ca", now, None)?;
        let (untrusted, untrusted_description) = match chain {
            Chain::CaUnknown => authority("another-ca", now, None)?,
            Chain::IntermediateMissing => authority("remote-intermediate", now, Some(&trusted))?,
            _ => authority("remote-ca", now, None)?,
        };
        let issuer = match chain {
            Chain::CaSameName | Chain::CaUnknown | Chain::IntermediateMissing => &untrusted,
            Chain::Expired | Chain::Good | Chain::WrongName => &trusted,
        };
        let names = match chain {
            Chain::WrongName => vec!["b.example.org".to_owned()],
            _ => vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        };
        let (from, until) = match chain {
            Chain::Expired => (-LEAF_DAYS, -3),
            _ => (-30, LEAF_DAYS),
        };
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut params = params("server", names, now, from, until)?;
        params.serial_number = Some(serial(&key));
        params.use_authority_key_identifier_extension = true;
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let server_description = describe(&params, "server", issuer.name, until, now);
        let leaf = params
            .signed_by(&key, &issuer.certified)
            .map_err(io::Error::other)?;
        Ok(Self {
            trusted: trusted.certified.der().clone(),
            trusted_pem: trusted.certified.pem(),
            trusted_description,
            untrusted_description,
            server_description,
            presented: vec![leaf.der().clone()],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        })
    }

    /// What stands for them in recorded answers.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, String)> {
        let trusted = &self.trusted_description;
        let issuer = &self.untrusted_description;
        let server = &self.server_description;
        [
            ("trusted.subject", trusted.subject.clone()),
            ("trusted.issuer", trusted.issuer.clone()),
            ("trusted.serial", trusted.serial.clone()),
            ("trusted.expiry", elasticsearch_date(trusted.expiry)),
            ("issuer.subject", issuer.subject.clone()),
            ("issuer.issuer", issuer.issuer.clone()),
            ("issuer.serial", issuer.serial.clone()),
            ("issuer.expiry", elasticsearch_date(issuer.expiry)),
            ("server.subject", server.subject.clone()),
            ("server.issuer", server.issuer.clone()),
            ("server.serial", server.serial.clone()),
            ("server.expiry", elasticsearch_date(server.expiry)),
        ]
        .into_iter()
    }

    /// TLS as a node speaks it; with `client_certificates` it refuses callers without a certificate, as the
    /// transport port does.
    pub(super) fn server_config(&self, client_certificates: bool) -> io::Result<Arc<ServerConfig>> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let builder = if client_certificates {
            let mut roots = RootCertStore::empty();
            roots.add(self.trusted.clone()).map_err(io::Error::other)?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(io::Error::other)?;
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        builder
            .with_single_cert(self.presented.clone(), self.key.clone_key())
            .map(Arc::new)
            .map_err(io::Error::other)
    }
}

/// A CA with its name, which rcgen does not tell again.
struct Authority {
    name: &'static str,
    certified: CertifiedIssuer<'static, KeyPair>,
}

fn authority(
    name: &'static str,
    now: Timestamp,
    issuer: Option<&Authority>,
) -> io::Result<(Authority, Described)> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let mut params = params(name, Vec::new(), now, -30, CA_DAYS)?;
    params.serial_number = Some(serial(&key));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.use_authority_key_identifier_extension = issuer.is_some();
    let issuer_name = issuer.map_or(name, |it| it.name);
    let description = describe(&params, name, issuer_name, CA_DAYS, now);
    let certified = match issuer {
        Some(issuer) => CertifiedIssuer::signed_by(params, key, &issuer.certified),
        None => CertifiedIssuer::self_signed(params, key),
    }
    .map_err(io::Error::other)?;
    Ok((Authority { name, certified }, description))
}

fn params(
    name: &str,
    alternative_names: Vec<String>,
    now: Timestamp,
    from_days: i64,
    until_days: i64,
) -> io::Result<CertificateParams> {
    let mut params = CertificateParams::new(alternative_names).map_err(io::Error::other)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let day = |days| {
        let date = TimeZone::UTC.to_datetime(midnight(now, days)).date();
        rcgen::date_time_ymd(
            i32::from(date.year()),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        )
    };
    params.not_before = day(from_days);
    params.not_after = day(until_days);
    Ok(params)
}

/// Midnight of the day that is so many days away: the precision of the certificates made here.
fn midnight(now: Timestamp, days: i64) -> Timestamp {
    let date = TimeZone::UTC
        .to_datetime(now)
        .date()
        .saturating_add(days.days());
    TimeZone::UTC
        .to_timestamp(date.to_datetime(Time::midnight()))
        .unwrap_or(now)
}

fn describe(
    params: &CertificateParams,
    subject: &str,
    issuer: &str,
    until_days: i64,
    now: Timestamp,
) -> Described {
    let bytes = params
        .serial_number
        .as_ref()
        .map(SerialNumber::to_bytes)
        .unwrap_or_default();
    Described {
        subject: format!("CN={subject}"),
        issuer: format!("CN={issuer}"),
        serial: bytes
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}")),
        expiry: midnight(now, until_days),
    }
}

/// A positive serial number made of the random key.
fn serial(key: &KeyPair) -> SerialNumber {
    let mut bytes: Vec<u8> = key
        .public_key_raw()
        .iter()
        .skip(1)
        .take(16)
        .copied()
        .collect();
    if let Some(first) = bytes.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    SerialNumber::from(bytes)
}
