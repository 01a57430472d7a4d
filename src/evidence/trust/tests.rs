//! Each outcome, with certificates made on the spot.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    SerialNumber,
};

use super::derive_trust;
use crate::evidence::{
    Anchors, Attempt, Certificate, Cluster, Endpoint, EndpointSource, Evidence, Fact, Link,
    LoadedCertificate, NodeTrust, Purpose, SCHEMA, Tcp, TcpOutcome, Tls, TlsOutcome, TrustOutcome,
    Vantage,
};

struct Ca {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

fn params(name: &str, serial: u8) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "x, y");
    params.distinguished_name.push(DnType::CommonName, name);
    params.serial_number = Some(SerialNumber::from_slice(&[serial]));
    params.use_authority_key_identifier_extension = true;
    params
}

/// A CA, self-signed or issued by another one.
fn ca(name: &str, serial: u8, parent: Option<&Ca>) -> Ca {
    let mut params = params(name, serial);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let der = match parent {
        None => params.self_signed(&key).unwrap(),
        Some(parent) => params.signed_by(&key, &parent.issuer).unwrap(),
    };
    Ca {
        certificate: Certificate::from_der(der.der()).unwrap(),
        issuer: Issuer::new(params, key),
    }
}

fn leaf(ca: &Ca) -> Certificate {
    leaf_with(ca, |_| ())
}

fn leaf_with(ca: &Ca, change: impl FnOnce(&mut CertificateParams)) -> Certificate {
    let mut params = params("server", 77);
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let der = params.signed_by(&key, &ca.issuer).unwrap();
    Certificate::from_der(der.der()).unwrap()
}

fn self_signed_leaf(serial: u8) -> Certificate {
    let key = KeyPair::generate().unwrap();
    let der = params("server", serial).self_signed(&key).unwrap();
    Certificate::from_der(der.der()).unwrap()
}

/// As `GET /_ssl/certificates` writes it: Java's spaces and quotes.
fn loaded(certificate: &Certificate, has_private_key: bool) -> LoadedCertificate {
    let java = |name: &str| name.replace(r"O=x\, y", r#" O="x, y""#);
    LoadedCertificate {
        path: Fact::Known("ca.crt".to_owned()),
        subject: java(&certificate.subject),
        issuer: Fact::Known(java(&certificate.issuer)),
        serial: certificate.serial.clone(),
        has_private_key,
        not_after: Fact::Unknown,
    }
}

#[derive(Default)]
struct Case {
    chain: Vec<Certificate>,
    server_ca: Option<Vec<Certificate>>,
    local: Option<Vec<LoadedCertificate>>,
    remote: Option<Vec<LoadedCertificate>>,
    publicly_trusted: bool,
}

impl Case {
    fn trust(self) -> Option<NodeTrust> {
        let cluster = |certificates: Option<Vec<LoadedCertificate>>| Cluster {
            certificates: certificates.into(),
            ..Cluster::default()
        };
        let link = Link {
            local: Fact::Known("a".to_owned()),
            remote: Fact::Known("b".to_owned()),
            server_ca: self.server_ca.into(),
            endpoints: vec!["b:9443".to_owned()],
            ..Link::default()
        };
        let mut evidence = Evidence {
            schema: SCHEMA.to_owned(),
            version: String::new(),
            collected_at: Timestamp::UNIX_EPOCH,
            purpose: Purpose::Diagnose,
            environment: Fact::Unknown,
            vantage: Vantage::default(),
            clusters: BTreeMap::from([
                ("a".to_owned(), cluster(self.local)),
                ("b".to_owned(), cluster(self.remote)),
            ]),
            links: BTreeMap::from([("bee".to_owned(), link)]),
            endpoints: BTreeMap::from([(
                "b:9443".to_owned(),
                endpoint(self.chain, self.publicly_trusted),
            )]),
            sources: Vec::new(),
            sightings: Vec::new(),
            calls: Vec::new(),
            gaps: Vec::new(),
        };
        derive_trust(&mut evidence);
        let attempts = evidence.endpoints.remove("b:9443").unwrap().attempts;
        attempts.into_known().unwrap().remove(0).trust.into_known()
    }
}

fn endpoint(chain: Vec<Certificate>, publicly_trusted: bool) -> Endpoint {
    let tls = Tls {
        outcome: TlsOutcome::Completed,
        detail: None,
        alert: None,
        protocol: Fact::Unknown,
        cipher_suite: Fact::Unknown,
        client_certificate_requested: Fact::Unknown,
        accepted_client_cas: Fact::Unknown,
        chain: Fact::Known(chain),
        malformed_certificates: 0,
        key_proven: Fact::Unknown,
        webpki_error: Fact::Unknown,
        publicly_trusted: Fact::Known(publicly_trusted),
        took_ms: 1.0,
    };
    Endpoint {
        address: "b:9443".to_owned(),
        host: "b".to_owned(),
        port: 9443,
        source: EndpointSource::ProxyAddress,
        server_name: None,
        illegal_server_name: None,
        dns: Fact::Unknown,
        host_resolution: Fact::Unknown,
        attempts: Fact::Known(vec![Attempt {
            tls: Fact::Known(tls),
            ..Attempt::new(
                "127.0.0.1:9443".to_owned(),
                Tcp {
                    outcome: TcpOutcome::Connected,
                    detail: None,
                    took_ms: 1.0,
                },
            )
        }]),
        idle: Fact::Known(None),
    }
}

fn outcome(case: Case) -> (Anchors, TrustOutcome, bool) {
    let trust = case.trust().expect("trust is known");
    assert_eq!(
        trust.missing_subject.is_none(),
        trust.outcome == TrustOutcome::Trusted
    );
    (trust.anchors, trust.outcome, trust.verified)
}

#[test]
fn issued_by_a_trusted_ca() {
    let root = ca("root", 1, None);
    let chain = vec![leaf(&root)];
    let given = Case {
        chain: chain.clone(),
        server_ca: Some(vec![root.certificate.clone()]),
        ..Case::default()
    };
    assert_eq!(
        outcome(given),
        (Anchors::Given, TrustOutcome::Trusted, true)
    );
    let nodes = Case {
        chain,
        local: Some(vec![loaded(&root.certificate, false)]),
        ..Case::default()
    };
    assert_eq!(
        outcome(nodes),
        (Anchors::Loaded, TrustOutcome::Trusted, false)
    );
}

#[test]
fn what_is_given_tells_the_keys_of_what_is_loaded() {
    let old = ca("root", 1, None);
    let new = ca("root", 2, None);
    let case = |given: &Ca, nodes: &Ca| Case {
        chain: vec![leaf(&new)],
        server_ca: Some(vec![given.certificate.clone()]),
        local: Some(vec![loaded(&nodes.certificate, false)]),
        ..Case::default()
    };
    assert_eq!(
        outcome(case(&new, &new)),
        (Anchors::Loaded, TrustOutcome::Trusted, true)
    );
    // The reader has the new one, the nodes still load the old one.
    assert_eq!(
        outcome(case(&new, &old)),
        (Anchors::Loaded, TrustOutcome::SameNameOtherKey, false)
    );
    assert_eq!(
        outcome(case(&old, &old)),
        (Anchors::Loaded, TrustOutcome::SameNameOtherKey, true)
    );
}

#[test]
fn through_a_presented_intermediate_in_any_order() {
    let root = ca("root", 1, None);
    let middle = ca("middle", 2, Some(&root));
    let lower = ca("lower", 3, Some(&middle));
    for server_ca in [&root, &middle, &lower] {
        let case = Case {
            chain: vec![
                leaf(&lower),
                middle.certificate.clone(),
                lower.certificate.clone(),
            ],
            server_ca: Some(vec![server_ca.certificate.clone()]),
            ..Case::default()
        };
        assert_eq!(outcome(case).1, TrustOutcome::Trusted);
    }
}

#[test]
fn the_leaf_itself_is_trusted() {
    for leaf in [self_signed_leaf(5), leaf(&ca("root", 1, None))] {
        let given = Case {
            chain: vec![leaf.clone()],
            server_ca: Some(vec![leaf.clone()]),
            ..Case::default()
        };
        assert_eq!(outcome(given).1, TrustOutcome::Trusted);
        let nodes = Case {
            chain: vec![leaf.clone()],
            local: Some(vec![loaded(&leaf, false)]),
            ..Case::default()
        };
        assert_eq!(outcome(nodes).1, TrustOutcome::Trusted);
    }
}

#[test]
fn regenerated_under_the_same_name() {
    let old = ca("root", 1, None);
    let new = ca("root", 2, None);
    let given = Case {
        chain: vec![leaf(&new)],
        server_ca: Some(vec![old.certificate.clone()]),
        ..Case::default()
    };
    let trust = given.trust().unwrap();
    assert_eq!(trust.outcome, TrustOutcome::SameNameOtherKey);
    assert!(trust.verified);
    assert_eq!(trust.missing_subject.as_deref(), Some(r"CN=root,O=x\, y"));
    assert_eq!(trust.missing_key_id, new.certificate.subject_key_id);
    // Names alone cannot tell, unless the new CA is presented.
    for (chain, expected) in [
        (vec![leaf(&new)], TrustOutcome::Trusted),
        (
            vec![leaf(&new), new.certificate.clone()],
            TrustOutcome::SameNameOtherKey,
        ),
    ] {
        let nodes = Case {
            chain,
            local: Some(vec![loaded(&old.certificate, false)]),
            ..Case::default()
        };
        assert_eq!(outcome(nodes), (Anchors::Loaded, expected, false));
    }
    // Both in one file: the new one fits.
    let both = Case {
        chain: vec![leaf(&new)],
        server_ca: Some(vec![old.certificate.clone(), new.certificate.clone()]),
        ..Case::default()
    };
    assert_eq!(outcome(both).1, TrustOutcome::Trusted);
    // A renewed self-signed leaf.
    let renewed = Case {
        chain: vec![self_signed_leaf(6)],
        server_ca: Some(vec![self_signed_leaf(5)]),
        ..Case::default()
    };
    assert_eq!(outcome(renewed).1, TrustOutcome::SameNameOtherKey);
}

/// Some CAs name issuer and serial number of their certificate in the authority key identifier.
#[test]
fn the_serial_number_in_the_key_identifier_tells_keys_apart() {
    let old = ca("root", 1, None);
    let new = ca("root", 2, None);
    let chain = vec![leaf_with(&new, |params| {
        params.use_authority_key_identifier_extension = false;
        params.custom_extensions.push(authority("root", 2));
    })];
    for (anchor, expected) in [
        (&old, TrustOutcome::SameNameOtherKey),
        (&new, TrustOutcome::Trusted),
    ] {
        let case = Case {
            chain: chain.clone(),
            local: Some(vec![loaded(&anchor.certificate, false)]),
            ..Case::default()
        };
        assert_eq!(outcome(case).1, expected);
    }
}

#[test]
fn intermediate_missing() {
    let root = ca("root", 1, None);
    let middle = ca("middle", 2, Some(&root));
    let other = ca("other", 9, None);
    let server_ca = || Some(vec![root.certificate.clone()]);
    // The remote's nodes load the intermediate.
    let by_remote = Case {
        chain: vec![leaf(&middle)],
        server_ca: server_ca(),
        remote: Some(vec![
            loaded(&leaf(&middle), true),
            loaded(&middle.certificate, false),
        ]),
        ..Case::default()
    };
    let trust = by_remote.trust().unwrap();
    assert_eq!(trust.outcome, TrustOutcome::IntermediateMissing);
    assert_eq!(trust.missing_subject.as_deref(), Some(r"CN=middle,O=x\, y"));
    assert_eq!(trust.missing_key_id, middle.certificate.subject_key_id);
    // The leaf names who issued its issuer.
    let by_leaf = |server_ca: &Ca| Case {
        chain: vec![leaf_with(&middle, |params| {
            params.use_authority_key_identifier_extension = false;
            params.custom_extensions.push(authority("root", 2));
        })],
        server_ca: Some(vec![server_ca.certificate.clone()]),
        ..Case::default()
    };
    assert_eq!(outcome(by_leaf(&root)).1, TrustOutcome::IntermediateMissing);
    assert_eq!(outcome(by_leaf(&other)).1, TrustOutcome::UnknownIssuer);
    // Nothing tells: then it is an unknown issuer.
    let untold = Case {
        chain: vec![leaf(&middle)],
        server_ca: server_ca(),
        ..Case::default()
    };
    assert_eq!(outcome(untold).1, TrustOutcome::UnknownIssuer);
}

#[test]
fn unknown_issuer() {
    let root = ca("root", 1, None);
    let other = ca("other", 9, None);
    for (chain, missing) in [
        (vec![leaf(&root)], r"CN=root,O=x\, y"),
        (
            vec![leaf(&root), root.certificate.clone()],
            r"CN=root,O=x\, y",
        ),
        (vec![self_signed_leaf(5)], r"CN=server,O=x\, y"),
    ] {
        let given = Case {
            chain: chain.clone(),
            server_ca: Some(vec![other.certificate.clone()]),
            ..Case::default()
        };
        let trust = given.trust().unwrap();
        assert_eq!(trust.outcome, TrustOutcome::UnknownIssuer);
        assert_eq!(trust.missing_subject.as_deref(), Some(missing));
        assert_eq!(trust.trusted_subjects, [r"CN=other,O=x\, y"]);
        let nodes = Case {
            chain,
            local: Some(vec![loaded(&other.certificate, false)]),
            ..Case::default()
        };
        assert_eq!(outcome(nodes).1, TrustOutcome::UnknownIssuer);
    }
}

#[test]
fn nothing_known_of_trust_stays_unknown() {
    let root = ca("root", 1, None);
    let chain = || vec![leaf(&root)];
    let nothing = Case {
        chain: chain(),
        ..Case::default()
    };
    // Own keys only, or nothing loaded: the nodes use the roots of their JDK.
    let own_only = Case {
        chain: chain(),
        local: Some(vec![loaded(&leaf(&root), true)]),
        ..Case::default()
    };
    let empty = Case {
        chain: chain(),
        local: Some(Vec::new()),
        ..Case::default()
    };
    // Loaded for another purpose, while the JDK's roots would do.
    let public = Case {
        chain: chain(),
        local: Some(vec![loaded(&ca("other", 9, None).certificate, false)]),
        publicly_trusted: true,
        ..Case::default()
    };
    let no_chain = Case {
        server_ca: Some(vec![root.certificate.clone()]),
        ..Case::default()
    };
    for case in [nothing, own_only, empty, public, no_chain] {
        assert_eq!(case.trust(), None);
    }
}

/// RFC 5280 §4.2.1.1 with `authorityCertIssuer` and `authorityCertSerialNumber` alone.
fn authority(issuer_of_issuer: &str, serial: u8) -> CustomExtension {
    let tagged = |tag: u8, content: &[u8]| {
        let mut out = vec![tag, u8::try_from(content.len()).unwrap()];
        out.extend_from_slice(content);
        out
    };
    let attribute = |oid: u8, value: &str| {
        let oid = [0x06, 0x03, 0x55, 0x04, oid];
        let value = tagged(0x0c, value.as_bytes());
        tagged(0x31, &tagged(0x30, &[&oid[..], &value].concat()))
    };
    let name = [attribute(10, "x, y"), attribute(3, issuer_of_issuer)].concat();
    let directory = tagged(0xa4, &tagged(0x30, &name));
    let content = [tagged(0xa1, &directory), tagged(0x82, &[serial])].concat();
    CustomExtension::from_oid_content(&[2, 5, 29, 35], tagged(0x30, &content))
}
