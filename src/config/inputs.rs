//! The files that options name: certificates, keys, secrets, lists. Each is read once, bounded,
//! and what it holds instead is said where it does not hold what was expected.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rustls::pki_types::pem::{PemObject as _, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::SecretString;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::plan::ClientIdentity;
use super::problem::Problems;

/// No file that an option names is larger in earnest; `/dev/zero` is.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Reads a whole file that is no secret.
pub(super) fn bytes(path: &Path, place: &str, problems: &mut Problems) -> Option<Vec<u8>> {
    match read(path) {
        Ok(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => {
            problems.error(
                place,
                format!("{} is empty", path.display()),
                "check that the right file was written",
            );
            None
        }
        Ok(bytes) => Some(bytes),
        Err(error) => {
            problems.error(
                place,
                format!("cannot read {}: {}", path.display(), in_words(&error)),
                "check the path and its permissions",
            );
            None
        }
    }
}

/// Reads a secret. The file's name is shown only where a folder of it exists: people put the secret
/// itself where its file's name belongs. That others may read the file is not warned of: a mounted
/// Kubernetes Secret is like that, and a warning that always comes is read by nobody.
pub(super) fn secret(path: &Path, place: &str, problems: &mut Problems) -> Option<SecretString> {
    let shown = if names_a_place(path) {
        path.display().to_string()
    } else {
        "the file that it names".to_owned()
    };
    let bytes = match read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.error(
                place,
                format!("cannot read {shown}: {}", in_words(&error)),
                "give the name of a file that holds the secret, never the secret itself",
            );
            return None;
        }
    };
    let Ok(text) = String::from_utf8(bytes) else {
        problems.error(
            place,
            format!("{shown} is no text"),
            "write the secret alone into it, in UTF-8",
        );
        return None;
    };
    Some(SecretString::from(without_final_newline(&text)))
}

/// A text file's last newline is the file's, not the secret's; `elasticsearch-keystore add --stdin`
/// leaves it out as well.
fn without_final_newline(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

fn names_a_place(path: &Path) -> bool {
    let has_parent = path
        .parent()
        .is_some_and(|parent| !parent.as_os_str().is_empty() && parent.is_dir());
    has_parent || path.exists()
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// What the operating system says, in words of our own for the usual cases.
pub(super) fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder, not a file".to_owned(),
        io::ErrorKind::FileTooLarge => "it is larger than 4 MiB".to_owned(),
        _ => error.to_string(),
    }
}

/// Reads certificates, PEM or DER.
pub(super) fn certificates(
    path: &Path,
    place: &str,
    problems: &mut Problems,
) -> Option<Vec<CertificateDer<'static>>> {
    let bytes = bytes(path, place, problems)?;
    certificates_in(bytes, path, place, problems)
}

/// The certificates in what a file holds, PEM or DER.
pub(super) fn certificates_in(
    bytes: Vec<u8>,
    path: &Path,
    place: &str,
    problems: &mut Problems,
) -> Option<Vec<CertificateDer<'static>>> {
    if X509Certificate::from_der(&bytes).is_ok() {
        return Some(vec![CertificateDer::from(bytes)]);
    }
    let mut certificates = Vec::new();
    let mut others = Vec::new();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(&bytes) {
        match section {
            Ok((SectionKind::Certificate, der)) => certificates.push(CertificateDer::from(der)),
            Ok((kind, _)) => others.push(kind),
            // The reader's words may quote the file, which may hold anything.
            Err(_) => {
                problems.error(
                    place,
                    format!(
                        "{} is damaged: one of its PEM sections cannot be read",
                        path.display()
                    ),
                    "copy it again, whole, from its BEGIN line to its END line",
                );
                return None;
            }
        }
    }
    if let Some(index) = certificates
        .iter()
        .position(|it| X509Certificate::from_der(it).is_err())
    {
        problems.error(
            place,
            format!(
                "{} is damaged: certificate {} in it is none",
                path.display(),
                index + 1
            ),
            "copy it again, whole",
        );
        return None;
    }
    if !certificates.is_empty() {
        return Some(certificates);
    }
    let (holds, remedy) = what_else(&bytes, &others, path);
    problems.error(
        place,
        format!("{} holds no certificate, but {holds}", path.display()),
        remedy,
    );
    None
}

/// What a file without a certificate holds, and what to do about it.
fn what_else(bytes: &[u8], sections: &[SectionKind], path: &Path) -> (&'static str, String) {
    let file = path.display();
    if let Some(kind) = sections.first() {
        return match kind {
            SectionKind::RsaPrivateKey | SectionKind::PrivateKey | SectionKind::EcPrivateKey => (
                "a private key",
                "give the CA's certificate, often called ca.crt or http_ca.crt".to_owned(),
            ),
            SectionKind::Csr => (
                "a certificate signing request",
                "give the certificate that the CA made of it".to_owned(),
            ),
            _ => (
                "something else in PEM",
                "give a file with a BEGIN CERTIFICATE line".to_owned(),
            ),
        };
    }
    if contains(bytes, b"ENCRYPTED PRIVATE KEY") || contains(bytes, b"PRIVATE KEY-----") {
        return (
            "a private key",
            "give the CA's certificate, often called ca.crt or http_ca.crt".to_owned(),
        );
    }
    if bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) {
        return (
            "a Java keystore (JKS)",
            format!("convert it: keytool -list -rfc -keystore {file} > ca.pem"),
        );
    }
    if is_pkcs12(bytes) {
        return (
            "a PKCS#12 keystore",
            format!("convert it: openssl pkcs12 -in {file} -nokeys -out ca.pem"),
        );
    }
    if std::str::from_utf8(bytes).is_ok() {
        return (
            "some other text",
            "give a PEM file with a BEGIN CERTIFICATE line".to_owned(),
        );
    }
    (
        "bytes of an unknown kind",
        "give a certificate in PEM or DER".to_owned(),
    )
}

/// `PFX ::= SEQUENCE { version INTEGER {v3(3)}, … }` (RFC 7292 §4).
pub(super) fn is_pkcs12(bytes: &[u8]) -> bool {
    let header = match bytes {
        [0x30, length, ..] if *length < 0x80 => 2,
        [0x30, length, ..] => 2 + usize::from(length & 0x7f),
        _ => return false,
    };
    bytes.get(header..header + 3) == Some(&[0x02, 0x01, 0x03])
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|it| it == part)
}

/// Reads a client certificate and its key.
pub(super) fn client_identity(
    certificate: (&Path, &str),
    key: (&Path, &str),
    problems: &mut Problems,
) -> Option<ClientIdentity> {
    let chain = certificates(certificate.0, certificate.1, problems);
    let key = private_key(key.0, key.1, problems);
    Some(ClientIdentity {
        chain: chain?,
        key: key?,
    })
}

fn private_key(
    path: &Path,
    place: &str,
    problems: &mut Problems,
) -> Option<PrivateKeyDer<'static>> {
    let bytes = bytes(path, place, problems)?;
    if let Ok(key) = PrivateKeyDer::from_pem_slice(&bytes) {
        return Some(key);
    }
    let file = path.display();
    let (what, remedy) = if contains(&bytes, b"ENCRYPTED") {
        (
            "holds an encrypted key",
            format!("decrypt it into a file of its own: openssl pkey -in {file} -out client.key"),
        )
    } else if contains(&bytes, b"BEGIN CERTIFICATE") {
        (
            "holds a certificate, no private key",
            "give the file with the private key".to_owned(),
        )
    } else {
        (
            "holds no private key in PEM",
            "give a file with a BEGIN PRIVATE KEY line".to_owned(),
        )
    };
    problems.error(place, format!("{file} {what}"), remedy);
    None
}

/// Reads the saved output of `elasticsearch-keystore list`: one name a line.
pub(super) fn keystore_names(
    path: &Path,
    place: &str,
    problems: &mut Problems,
) -> Option<Vec<String>> {
    let bytes = match read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.error(
                place,
                format!("cannot read {}: {}", path.display(), in_words(&error)),
                "save the output of bin/elasticsearch-keystore list into it",
            );
            return None;
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    let mut ignored = 0_usize;
    let names: Vec<String> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .filter(|line| {
            let is_name = is_setting_name(line);
            ignored += usize::from(!is_name);
            is_name
        })
        .map(str::to_owned)
        .collect();
    if names.is_empty() {
        // Every keystore holds keystore.seed: no name at all means that it is another file.
        problems.error(
            place,
            format!("{} lists no setting", path.display()),
            "save the output of bin/elasticsearch-keystore list into it",
        );
        return None;
    }
    if ignored > 0 {
        problems.warn(format!(
            "{place}: {ignored} of the lines in {} name no setting and were ignored",
            path.display()
        ));
    }
    Some(names)
}

/// Names in a keystore (`KeyStoreWrapper.ALLOWED_SETTING_NAME`).
fn is_setting_name(line: &str) -> bool {
    line.bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret;

    use super::*;

    fn file(bytes: impl AsRef<[u8]>) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        file
    }

    fn first_line(check: impl FnOnce(&mut Problems)) -> String {
        let mut problems = Problems::default();
        check(&mut problems);
        problems.errors[0].to_string()
    }

    #[test]
    fn certificates_are_read_as_pem_and_der() {
        let made = rcgen::generate_simple_self_signed(["b.example.org".to_owned()]).unwrap();
        let both = format!("a comment\n{0}{0}", made.cert.pem());
        for (bytes, count) in [(made.cert.der().to_vec(), 1), (both.into_bytes(), 2)] {
            let file = file(bytes);
            let mut problems = Problems::default();
            let read = certificates(file.path(), "--server-ca", &mut problems).unwrap();
            assert_eq!(read.len(), count);
            assert_eq!(read[0], *made.cert.der());
        }
    }

    #[test]
    fn what_a_file_holds_instead_is_said() {
        let made = rcgen::generate_simple_self_signed(["b".to_owned()]).unwrap();
        let key = made.signing_key.serialize_pem();
        for (bytes, says) in [
            (key.clone().into_bytes(), "a private key"),
            (
                key.replace("PRIVATE", "ENCRYPTED PRIVATE").into_bytes(),
                "a private key",
            ),
            (b"\xfe\xed\xfe\xed\0\0\0\x02".to_vec(), "keytool -list -rfc"),
            (
                b"\x30\x82\x0a\x00\x02\x01\x03\x30".to_vec(),
                "openssl pkcs12",
            ),
            (b"hello".to_vec(), "some other text"),
            (b" \n".to_vec(), "is empty"),
            (
                b"-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n".to_vec(),
                "certificate 1 in it is none",
            ),
            (
                b"-----BEGIN CERTIFICATE-----\nQUJD\n".to_vec(),
                "is damaged",
            ),
        ] {
            let file = file(bytes);
            let line = first_line(|problems| {
                assert!(certificates(file.path(), "--server-ca", problems).is_none());
            });
            assert!(line.contains(says), "{line}");
        }
        let folder = tempfile::tempdir().unwrap();
        let line = first_line(|problems| {
            assert!(certificates(folder.path(), "--server-ca", problems).is_none());
        });
        assert!(line.contains("it is a folder"), "{line}");
    }

    #[test]
    fn a_secret_loses_one_newline_and_nothing_else() {
        for (text, secret_text) in [
            ("pass \r\n", "pass "),
            ("pass\n\n", "pass\n"),
            ("pass", "pass"),
        ] {
            let file = file(text);
            let mut problems = Problems::default();
            let read = secret(file.path(), "--local-password-file", &mut problems).unwrap();
            assert_eq!(read.expose_secret(), secret_text);
        }
    }

    #[test]
    fn a_secret_in_the_place_of_its_file_is_not_repeated() {
        for secret_text in [
            "hunter2canary",
            "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAy/QVRpZQ==",
        ] {
            let line = first_line(|problems| {
                assert!(secret(Path::new(secret_text), "--credentials-file", problems).is_none());
            });
            assert!(!line.contains(secret_text), "{line}");
            assert!(line.contains("no such file"), "{line}");
        }
    }

    #[test]
    fn a_keystore_list_survives_noise() {
        let file = file("keystore.seed\r\n\nWarning: a line\ncluster.remote.bee.credentials\n");
        let mut problems = Problems::default();
        let names = keystore_names(file.path(), "--keystore-list", &mut problems).unwrap();
        assert_eq!(names, ["keystore.seed", "cluster.remote.bee.credentials"]);
        assert!(problems.warnings[0].contains("1 of the lines"));
    }

    #[test]
    fn a_client_key_must_be_a_plain_key() {
        let made = rcgen::generate_simple_self_signed(["b".to_owned()]).unwrap();
        let certificate = file(made.cert.pem());
        let encrypted = file(
            made.signing_key
                .serialize_pem()
                .replace("PRIVATE", "ENCRYPTED PRIVATE"),
        );
        let line = first_line(|problems| {
            let identity = client_identity(
                (certificate.path(), "--client-cert"),
                (encrypted.path(), "--client-key"),
                problems,
            );
            assert!(identity.is_none());
        });
        assert!(line.contains("openssl pkey"), "{line}");
        let line = first_line(|problems| {
            assert!(private_key(certificate.path(), "--client-key", problems).is_none());
        });
        assert!(line.contains("holds a certificate"), "{line}");
    }
}
