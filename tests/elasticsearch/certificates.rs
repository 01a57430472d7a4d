//! The certificates of a pair: one authority that the local cluster trusts, and the faulty ones.

use std::{
    net::{IpAddr, Ipv4Addr, TcpStream},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType, SerialNumber,
    date_time_ymd,
};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

/// Name of the authority that the local cluster trusts, and of its regenerated namesake.
const AUTHORITY: &str = "remote-ca";

/// The authority that is trusted, and the one private key of every server certificate, so that exchanging the
/// certificate file alone leaves a matching pair.
pub(crate) struct Certificates {
    authority: Authority,
    intermediate: Authority,
    expired: Authority,
    key: KeyPair,
}

/// A certificate with which a local cluster signs, named `CN=local-a,OU=a.b,O=Org,C=NL`.
pub(crate) struct Signing {
    /// The certificate, PEM.
    pub(crate) certificate: String,
    /// Its private key, PKCS #8.
    pub(crate) key: String,
    /// The authority that issued it.
    pub(crate) authority: String,
}

impl Signing {
    pub(crate) fn new() -> Result<Self> {
        let authority = Authority::root("signing-ca")?;
        let key = KeyPair::generate()?;
        let mut params = leaf(Vec::new());
        params.distinguished_name = DistinguishedName::new();
        for (kind, value) in [
            (DnType::CountryName, "NL"),
            (DnType::OrganizationName, "Org"),
            (DnType::OrganizationalUnitName, "a.b"),
            (DnType::CommonName, "local-a"),
        ] {
            params.distinguished_name.push(kind, value);
        }
        Ok(Self {
            certificate: params.signed_by(&key, &authority.issuer)?.pem(),
            key: key.serialize_pem(),
            authority: authority.pem,
        })
    }
}

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// What is wrong with a server certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flaw {
    /// Nothing.
    None,
    /// Signed by an authority that nobody was told of.
    UnknownIssuer,
    /// Signed by an authority of the trusted one's name with another key.
    RegeneratedIssuer,
    /// Signed by an intermediate authority whose certificate is not sent along.
    IntermediateMissing,
    /// Made for another host.
    OtherName,
    /// Ended in 2021.
    Expired,
    /// Begins in 2090.
    NotYetValid,
    /// Names the host in its common name alone, as before there were alternative names. Java takes it.
    CommonNameOnly,
    /// Made for clients.
    ForClients,
    /// Signed by an authority that is trusted and ended in 2025. Java does not look at the dates of what it trusts.
    ExpiredIssuer,
}

impl Certificates {
    pub(crate) fn new() -> Result<Self> {
        let authority = Authority::root(AUTHORITY)?;
        Ok(Self {
            expired: Authority::expired("expired-ca")?,
            intermediate: authority.intermediate("remote-intermediate-ca")?,
            authority,
            key: KeyPair::generate()?,
        })
    }

    /// What the local cluster trusts.
    pub(crate) fn authority_pem(&self) -> &str {
        &self.authority.pem
    }

    /// Both authorities: where the operator of a remote cluster would put the intermediate one by mistake.
    pub(crate) fn chain_pem(&self) -> String {
        format!("{}{}", self.intermediate.pem, self.authority.pem)
    }

    /// Several authorities in one file, one of which has expired.
    pub(crate) fn with_expired_pem(&self) -> String {
        format!("{}{}", self.authority.pem, self.expired.pem)
    }

    /// The private key of every server certificate, PKCS #8.
    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// A certificate for `localhost` and 127.0.0.1 with a flaw.
    pub(crate) fn server(&self, flaw: Flaw) -> Result<Certificate> {
        // Without a number of its own rcgen would take the key's, which all these certificates share.
        let mut serial = [0; 16];
        ::aws_lc_rs::rand::fill(&mut serial).map_err(|_| anyhow!("no random bytes"))?;
        serial[0] &= 0x7f;
        let mut params = leaf(match flaw {
            Flaw::OtherName => vec![dns("other.example.org")?],
            Flaw::CommonNameOnly => Vec::new(),
            _ => vec![
                dns("localhost")?,
                SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            ],
        });
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        match flaw {
            Flaw::Expired => {
                params.not_before = date_time_ymd(2020, 1, 1);
                params.not_after = date_time_ymd(2021, 1, 1);
            }
            Flaw::NotYetValid => {
                params.not_before = date_time_ymd(2090, 1, 1);
                params.not_after = date_time_ymd(2091, 1, 1);
            }
            Flaw::CommonNameOnly => {
                params.distinguished_name = DistinguishedName::new();
                params
                    .distinguished_name
                    .push(DnType::CommonName, "localhost");
            }
            Flaw::ForClients => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }
            _ => {}
        }
        let other;
        let issuer = match flaw {
            Flaw::UnknownIssuer => {
                other = Authority::root("some-other-ca")?;
                &other.issuer
            }
            Flaw::RegeneratedIssuer => {
                other = Authority::root(AUTHORITY)?;
                &other.issuer
            }
            Flaw::IntermediateMissing => &self.intermediate.issuer,
            Flaw::ExpiredIssuer => &self.expired.issuer,
            _ => &self.authority.issuer,
        };
        Ok(params.signed_by(&self.key, issuer)?)
    }
}

impl Authority {
    fn root(name: &str) -> Result<Self> {
        Self::of(authority(name))
    }

    fn expired(name: &str) -> Result<Self> {
        let mut params = authority(name);
        params.not_after = date_time_ymd(2025, 1, 1);
        Self::of(params)
    }

    fn of(params: CertificateParams) -> Result<Self> {
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        Ok(Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        })
    }

    fn intermediate(&self, name: &str) -> Result<Self> {
        let key = KeyPair::generate()?;
        let params = authority(name);
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        })
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2099, 1, 1);
    params
}

fn leaf(names: Vec<SanType>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, "server");
    params.subject_alt_names = names;
    params.use_authority_key_identifier_extension = true;
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth, // the transport layer uses it both ways
    ];
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2099, 1, 1);
    params
}

fn dns(name: &str) -> Result<SanType> {
    Ok(SanType::DnsName(name.try_into()?))
}

/// The certificate that a port on loopback serves, whatever it is worth.
pub(crate) fn served(port: u16) -> Result<CertificateDer<'static>> {
    let provider = aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(Arc::new(provider.clone()))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anything(provider)))
        .with_no_client_auth();
    let mut connection =
        ClientConnection::new(Arc::new(config), ServerName::try_from("localhost")?)?;
    let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    connection
        .peer_certificates()
        .and_then(|chain| chain.first())
        .map(|leaf| leaf.clone().into_owned())
        .context("no certificate was served")
}

/// Accepts every certificate.
#[derive(Debug)]
struct Anything(CryptoProvider);

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
