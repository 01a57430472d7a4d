//! Signatures of certificates, and which algorithms a JVM takes for them.

use aws_lc_rs::signature::{self as aws, ParsedPublicKey, VerificationAlgorithm};
use x509_parser::asn1_rs::FromDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::public_key::RSAPublicKey;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// Whether a JVM takes an algorithm in a chain with a private anchor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Taken {
    /// Every supported version of Java does.
    Yes,
    /// None does: `jdk.certpath.disabledAlgorithms` and `jdk.tls.disabledAlgorithms`.
    No,
    /// It depends on the version or is not known here.
    Depends,
}

/// Whether the key of `issuer` made the signature; `None` where that cannot be computed here.
pub(in crate::evidence) fn signed_by(
    certificate: &X509Certificate<'_>,
    issuer: &X509Certificate<'_>,
) -> Option<bool> {
    let key = issuer.public_key();
    let algorithm = match verification(&certificate.signature_algorithm, key) {
        Verification::By(algorithm) => algorithm,
        Verification::OtherKind => return Some(false),
        Verification::Unsupported => return None,
    };
    let key = ParsedPublicKey::new(algorithm, &key.subject_public_key.data).ok()?;
    let signature = &certificate.signature_value.data;
    let content = certificate.tbs_certificate.as_ref();
    Some(key.verify_sig(content, signature).is_ok())
}

/// Whether a JVM takes the algorithm of a certificate's signature. SHA-1 is disabled only below the
/// roots that come with the JDK (`SHA1 jdkCA & usage TLSServer`). Java 25 no longer offers SHA-224
/// and DSA in a handshake, and so refuses them in certificates, Java 17 does not.
pub(super) fn algorithm_taken(certificate: &X509Certificate<'_>) -> Taken {
    let oid = certificate.signature_algorithm.algorithm.to_id_string();
    match oid.as_str() {
        "1.2.840.113549.1.1.2" | "1.2.840.113549.1.1.4" => Taken::No,
        "1.2.840.113549.1.1.5"
        | "1.2.840.113549.1.1.10"
        | "1.2.840.113549.1.1.11"
        | "1.2.840.113549.1.1.12"
        | "1.2.840.113549.1.1.13"
        | "1.2.840.10045.4.1"
        | "1.2.840.10045.4.3.2"
        | "1.2.840.10045.4.3.3"
        | "1.2.840.10045.4.3.4"
        | "1.3.101.112"
        | "1.3.101.113" => Taken::Yes,
        _ => Taken::Depends,
    }
}

/// Whether a JVM takes the key: `RSA keySize < 1024, DSA keySize < 1024, EC keySize < 224`.
pub(super) fn key_taken(key: &SubjectPublicKeyInfo<'_>) -> Taken {
    let oid = key.algorithm.algorithm.to_id_string();
    match oid.as_str() {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => match rsa_bits(key) {
            Some(bits) if bits < 1024 => Taken::No,
            Some(_) => Taken::Yes,
            None => Taken::Depends,
        },
        "1.2.840.10045.2.1" => match curve(key).as_deref() {
            Some("1.2.840.10045.3.1.7" | "1.3.132.0.34" | "1.3.132.0.35") => Taken::Yes,
            _ => Taken::Depends,
        },
        "1.3.101.112" | "1.3.101.113" => Taken::Yes,
        // DSA among them: no server can use such a key with TLS 1.3.
        _ => Taken::Depends,
    }
}

/// Bits of the modulus of an RSA key; RSASSA-PSS keys have the same form (RFC 4055 §1.2).
pub(in crate::evidence) fn rsa_bits(key: &SubjectPublicKeyInfo<'_>) -> Option<usize> {
    let (_, rsa) = RSAPublicKey::from_der(&key.subject_public_key.data).ok()?;
    let leading = rsa.modulus.iter().take_while(|byte| **byte == 0).count();
    let number = &rsa.modulus[leading..];
    let first = number.first()?;
    Some(number.len() * 8 - first.leading_zeros() as usize)
}

/// OID of the named curve of an EC key.
fn curve(key: &SubjectPublicKeyInfo<'_>) -> Option<String> {
    let parameters = key.algorithm.parameters.as_ref()?;
    Some(parameters.as_oid().ok()?.to_id_string())
}

/// How a signature can be verified.
enum Verification {
    By(&'static dyn VerificationAlgorithm),
    /// It was made by another kind of key.
    OtherKind,
    /// Not by this program.
    Unsupported,
}

fn verification(
    algorithm: &AlgorithmIdentifier<'_>,
    key: &SubjectPublicKeyInfo<'_>,
) -> Verification {
    let oid = algorithm.algorithm.to_id_string();
    let needed = match oid.as_str() {
        oid if oid.starts_with("1.2.840.113549.1.1.") => "RSA",
        oid if oid.starts_with("1.2.840.10045.4.") => "EC",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        _ => return Verification::Unsupported,
    };
    let kind = match key.algorithm.algorithm.to_id_string().as_str() {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => "RSA",
        "1.2.840.10045.2.1" => "EC",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "1.2.840.10040.4.1" => "DSA",
        _ => return Verification::Unsupported,
    };
    if needed != kind {
        return Verification::OtherKind;
    }
    let found = match kind {
        "RSA" => rsa_verification(&oid, algorithm, key),
        "EC" => curve(key).and_then(|curve| ec_verification(&oid, &curve)),
        "Ed25519" => Some(&aws::ED25519 as _),
        _ => None,
    };
    found.map_or(Verification::Unsupported, Verification::By)
}

fn rsa_verification(
    oid: &str,
    algorithm: &AlgorithmIdentifier<'_>,
    key: &SubjectPublicKeyInfo<'_>,
) -> Option<&'static dyn VerificationAlgorithm> {
    let bits = rsa_bits(key)?;
    let (smallest, found): (usize, &'static dyn VerificationAlgorithm) = match oid {
        "1.2.840.113549.1.1.5" => (1024, &aws::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        "1.2.840.113549.1.1.11" => (1024, &aws::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        "1.2.840.113549.1.1.12" => (2048, &aws::RSA_PKCS1_2048_8192_SHA384),
        "1.2.840.113549.1.1.13" => (1024, &aws::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
        "1.2.840.113549.1.1.10" => (2048, pss_verification(algorithm)?),
        _ => return None,
    };
    (smallest..=8192).contains(&bits).then_some(found)
}

/// The usual parameters alone: one digest for all, a salt of its length (RFC 4055 §3.1).
fn pss_verification(
    algorithm: &AlgorithmIdentifier<'_>,
) -> Option<&'static dyn VerificationAlgorithm> {
    let parameters = RsaSsaPssParams::try_from(algorithm.parameters.as_ref()?).ok()?;
    let digest = parameters.hash_algorithm_oid().to_id_string();
    let mask = parameters.mask_gen_algorithm().ok()?;
    if mask.hash.to_id_string() != digest {
        return None;
    }
    match (digest.as_str(), parameters.salt_length()) {
        ("2.16.840.1.101.3.4.2.1", 32) => Some(&aws::RSA_PSS_2048_8192_SHA256),
        ("2.16.840.1.101.3.4.2.2", 48) => Some(&aws::RSA_PSS_2048_8192_SHA384),
        ("2.16.840.1.101.3.4.2.3", 64) => Some(&aws::RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}

fn ec_verification(oid: &str, curve: &str) -> Option<&'static dyn VerificationAlgorithm> {
    let curve = match curve {
        "1.2.840.10045.3.1.7" => 256,
        "1.3.132.0.34" => 384,
        "1.3.132.0.35" => 521,
        _ => return None,
    };
    let digest = match oid {
        "1.2.840.10045.4.1" => 1,
        "1.2.840.10045.4.3.2" => 256,
        "1.2.840.10045.4.3.3" => 384,
        "1.2.840.10045.4.3.4" => 512,
        _ => return None,
    };
    match (curve, digest) {
        (256, 1) => Some(&aws::ECDSA_P256_SHA1_ASN1),
        (256, 256) => Some(&aws::ECDSA_P256_SHA256_ASN1),
        (256, 384) => Some(&aws::ECDSA_P256_SHA384_ASN1),
        (256, 512) => Some(&aws::ECDSA_P256_SHA512_ASN1),
        (384, 256) => Some(&aws::ECDSA_P384_SHA256_ASN1),
        (384, 384) => Some(&aws::ECDSA_P384_SHA384_ASN1),
        (384, 512) => Some(&aws::ECDSA_P384_SHA512_ASN1),
        (521, 1) => Some(&aws::ECDSA_P521_SHA1_ASN1),
        (521, 256) => Some(&aws::ECDSA_P521_SHA256_ASN1),
        (521, 384) => Some(&aws::ECDSA_P521_SHA384_ASN1),
        (521, 512) => Some(&aws::ECDSA_P521_SHA512_ASN1),
        _ => None,
    }
}
