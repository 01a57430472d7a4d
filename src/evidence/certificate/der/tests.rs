//! A certificate that a real node presented, and odd ones made on the spot.

use std::net::Ipv6Addr;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, OtherNameValue, SanType,
};

use super::*;

/// Presented by the remote cluster server of 9.4.3 (`net-healthy`).
fn recorded() -> Vec<u8> {
    let text = include_str!("../../../../tests/frames/server-9.4.3.b64");
    let text: String = text.split_whitespace().collect();
    BASE64_STANDARD.decode(text).unwrap()
}

fn made(change: impl FnOnce(&mut CertificateParams)) -> Certificate {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    change(&mut params);
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap()
}

#[test]
fn a_recorded_certificate() {
    let certificate = Certificate::from_der(&recorded()).unwrap();
    assert_eq!(certificate.subject, "CN=server");
    assert_eq!(certificate.issuer, "CN=remote-ca");
    // As in the node's own `GET /_ssl/certificates`.
    assert_eq!(
        certificate.serial,
        "5e61ef0b817ca748c0bfda747cdb9f2b72d8e1b3"
    );
    assert_eq!(certificate.not_before.to_string(), "2026-11-23T21:45:27Z");
    assert_eq!(certificate.not_after.to_string(), "2029-02-25T21:45:27Z");
    assert_eq!(certificate.dns_names, ["localhost"]);
    assert_eq!(certificate.ip_addresses, ["127.0.0.1"]);
    assert_eq!(certificate.common_name.as_deref(), Some("server"));
    assert!(!certificate.is_ca && !certificate.self_signed);
    assert_eq!(
        certificate.extended_key_usage.as_deref(),
        Some(&["serverAuth".to_owned(), "clientAuth".to_owned()][..])
    );
    assert_eq!(
        certificate.subject_key_id.as_deref(),
        Some("4c87d00bf343db22ad5aec8562a28204a6746492")
    );
    assert_eq!(
        certificate.authority_key_id.as_deref(),
        Some("cc857c86845c699b2a3b6b08dc67f21425154052")
    );
    assert_eq!(certificate.key, "RSA 2048");
    assert_eq!(certificate.signature_algorithm, "sha256WithRSAEncryption");
    assert_eq!(certificate.sha1, "e6620fa573a1ba4215f7e95675430dbbb8c75beb");
    assert_eq!(
        certificate.sha256,
        "06925c2ec94a1851be43ee1fb3f36572e3433f7a66265a992f750910ff0171c9"
    );
    assert_eq!(certificate.issuer_of_issuer(), None);
}

#[test]
fn damage_is_survived() {
    let der = recorded();
    for end in 0..der.len() {
        assert!(Certificate::from_der(&der[..end]).is_err());
    }
    let mut damaged = der.clone();
    for index in 0..der.len() {
        for bit in [0, 3, 7] {
            damaged[index] ^= 1 << bit;
            let _ = Certificate::from_der(&damaged);
            damaged[index] ^= 1 << bit;
        }
    }
}

#[test]
fn names_of_every_kind() {
    let certificate = made(|params| {
        let name = &mut params.distinguished_name;
        name.push(DnType::CountryName, "DE");
        name.push(DnType::OrganizationName, "Elastic, \"x\" + y");
        name.push(DnType::CommonName, "n\u{7}1");
        params.subject_alt_names = vec![
            SanType::DnsName("*.b.example.org".try_into().unwrap()),
            SanType::IpAddress(Ipv6Addr::LOCALHOST.into()),
            SanType::OtherName((
                vec![2, 5, 4, 3],
                OtherNameValue::Utf8String("n.node.b.cluster.o.account".to_owned()),
            )),
            SanType::OtherName((
                vec![1, 2, 3],
                OtherNameValue::Utf8String("ignored".to_owned()),
            )),
        ];
    });
    assert_eq!(
        certificate.subject,
        r#"CN=n\071,O=Elastic\, \"x\" \+ y,C=DE"#
    );
    assert_eq!(certificate.dns_names, ["*.b.example.org"]);
    assert_eq!(certificate.ip_addresses, ["::1"]);
    assert_eq!(certificate.other_names, ["n.node.b.cluster.o.account"]);
    assert_eq!(certificate.common_name.as_deref(), Some("n\u{fffd}1"));
    assert_eq!(certificate.extended_key_usage, None);
    assert_eq!(certificate.key, "EC P-384");
    assert!(certificate.self_signed);
}

#[test]
fn authority_and_usage() {
    let certificate = made(|params| {
        params.distinguished_name.push(DnType::CommonName, "ca");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 4, 1, 311, 10, 3, 3]),
        ];
        params.not_after = rcgen::date_time_ymd(9999, 12, 31);
    });
    assert!(certificate.is_ca);
    assert_eq!(
        certificate.extended_key_usage.as_deref(),
        Some(&["clientAuth".to_owned(), "1.3.6.1.4.1.311.10.3.3".to_owned()][..])
    );
    // "Without end" is later than the latest moment that can be expressed.
    assert_eq!(certificate.not_after, Timestamp::MAX);
}

#[test]
fn serial_numbers_as_java_writes_them() {
    for (bytes, text) in [
        (&[0x00, 0xff, 0x01][..], "ff01"),
        (&[0x0a, 0xbc], "abc"),
        (&[0x00], "0"),
        (&[], "0"),
        (&[0xff], "-1"),
        (&[0x80, 0x00], "-8000"),
    ] {
        assert_eq!(serial(bytes), text);
    }
}

#[test]
fn a_broken_extension_does_not_lose_the_certificate() {
    let certificate = made(|params| {
        params.distinguished_name.push(DnType::CommonName, "odd");
        let garbage = CustomExtension::from_oid_content(&[2, 5, 29, 17], vec![0xff; 40]);
        params.custom_extensions.push(garbage);
    });
    assert_eq!(certificate.subject, "CN=odd");
    assert!(certificate.dns_names.is_empty());
}
