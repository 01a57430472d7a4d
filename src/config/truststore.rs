//! Java's truststores, PKCS#12 and JKS: the certificates in them that a node would trust.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error as Pkcs12Error;
use rustls::pki_types::CertificateDer;
use secrecy::{ExposeSecret as _, SecretString};

use super::file::Placed;
use super::inputs;
use super::problem::Problems;
use super::secret_variable;

mod jks;

/// Deriving the keys of a store takes milliseconds; one that asks for more was made to keep us busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// Tried where no password was given: what `elasticsearch-certutil` suggests, and what Java's own
/// `cacerts` has.
const USUAL_PASSWORDS: [&str; 2] = ["", "changeit"];

/// Where the password of a store comes from: a file, else a variable, else the reader.
pub(super) struct StorePassword {
    /// The file that an option or `crosscheck.toml` names.
    pub file: Option<Placed<PathBuf>>,
    /// The variable that may hold it.
    pub variable: String,
    /// The option that names its file, where there is one.
    pub option: Option<String>,
}

/// What is in a store, as Java takes it.
#[derive(Debug, Default, PartialEq)]
struct Store {
    /// What a trust manager trusts: trusted entries, and of each entry with a key the certificate of
    /// that key (`sun.security.validator.TrustStoreUtil`).
    trusted: Vec<CertificateDer<'static>>,
    /// How many other certificates it holds. OpenSSL does not mark certificates as Java wants them
    /// marked, so what it exports without a key is not trusted.
    others: usize,
    /// How many private keys it holds.
    keys: usize,
}

#[derive(Debug, PartialEq)]
enum Failure {
    /// It wants one that nobody gave.
    NoPassword,
    WrongPassword,
    Damaged,
    /// Made in a way that is not read here.
    Unsupported,
    TooSlow,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Format {
    Pkcs12,
    Jks,
}

/// Reads the certificates that a side trusts: a truststore, or certificates in PEM or DER.
pub(super) fn trusted(
    path: &Path,
    place: &str,
    password: &StorePassword,
    problems: &mut Problems,
) -> Option<Vec<CertificateDer<'static>>> {
    let bytes = inputs::bytes(path, place, problems)?;
    let Some(format) = format(&bytes) else {
        if let Some(file) = &password.file {
            problems.warn(format!(
                "{}: it is not used, as {} is no truststore",
                file.place,
                path.display()
            ));
        }
        return inputs::certificates_in(bytes, path, place, problems);
    };
    let store = match &password.file {
        Some(file) => {
            let given = inputs::secret(&file.value, &file.place, problems)?;
            open(format, &bytes, &given)
        }
        None => match secret_variable(&password.variable, problems) {
            Some(given) => open(format, &bytes, &given),
            None => open_unasked(format, &bytes, path),
        },
    };
    match store {
        Ok(store) if store.trusted.is_empty() => {
            let (what, remedy) = nothing_trusted(&store, path);
            problems.error(place, what, remedy);
            None
        }
        Ok(store) => Some(store.trusted),
        Err(failure) => {
            let (what, remedy) = in_words(&failure, format, path, password);
            problems.error(place, what, remedy);
            None
        }
    }
}

/// `PFX ::= SEQUENCE { version INTEGER {v3(3)}, … }` (RFC 7292 §4); JKS and JCEKS by their first bytes
/// (`sun.security.provider.JavaKeyStore`).
fn format(bytes: &[u8]) -> Option<Format> {
    if matches!(
        bytes,
        [0xfe, 0xed, 0xfe, 0xed, ..] | [0xce, 0xce, 0xce, 0xce, ..]
    ) {
        return Some(Format::Jks);
    }
    inputs::is_pkcs12(bytes).then_some(Format::Pkcs12)
}

/// Opens a store whose password nobody gave: by the usual ones, else by asking.
fn open_unasked(format: Format, bytes: &[u8], path: &Path) -> Result<Store, Failure> {
    for usual in USUAL_PASSWORDS {
        match open(format, bytes, &SecretString::from(usual)) {
            Err(Failure::WrongPassword) => {}
            opened => return opened,
        }
    }
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        let prompt = format!("Password of {}: ", path.display());
        if let Ok(typed) = rpassword::prompt_password(prompt) {
            return open(format, bytes, &SecretString::from(typed));
        }
    }
    Err(Failure::NoPassword)
}

fn open(format: Format, bytes: &[u8], password: &SecretString) -> Result<Store, Failure> {
    match format {
        Format::Jks => jks::read(bytes, password.expose_secret()),
        Format::Pkcs12 => pkcs12(bytes, password),
    }
}

/// Reads a PKCS#12 store within [`PATIENCE`]: it names itself how often a hash is repeated.
fn pkcs12(bytes: &[u8], password: &SecretString) -> Result<Store, Failure> {
    let (bytes, password) = (bytes.to_vec(), password.clone());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let archive = Pkcs12Archive::from_pkcs12(&bytes, password.expose_secret());
        // Nobody listens any more once it took too long.
        let _ = sender.send(archive);
    });
    let archive = match receiver.recv_timeout(PATIENCE) {
        Ok(Ok(archive)) => archive,
        Ok(Err(error)) => return Err(pkcs12_failure(&error)),
        Err(mpsc::RecvTimeoutError::Timeout) => return Err(Failure::TooSlow),
        // The reader panicked.
        Err(mpsc::RecvTimeoutError::Disconnected) => return Err(Failure::Damaged),
    };
    let mut store = Store {
        keys: archive.keys.len(),
        ..Store::default()
    };
    for bag in &archive.certs {
        let id = bag.local_key_id.as_deref();
        let mut keys = archive.keys.iter();
        let has_key =
            id.is_some() && keys.any(|key| key.local_key_id.as_ref().map(AsRef::as_ref) == id);
        if bag.trusted || has_key {
            store.trusted.push(bag.cert.as_der().to_vec().into());
        } else {
            store.others += 1;
        }
    }
    Ok(store)
}

fn pkcs12_failure(error: &Pkcs12Error) -> Failure {
    match error {
        // Where there is no MAC, a wrong password shows in what is decrypted by it.
        Pkcs12Error::MacError(_) | Pkcs12Error::UnpadError | Pkcs12Error::Pkcs5Error(_) => {
            Failure::WrongPassword
        }
        Pkcs12Error::UnsupportedContentType
        | Pkcs12Error::UnsupportedCertificateType
        | Pkcs12Error::UnsupportedEncryptionScheme
        | Pkcs12Error::UnsupportedMacAlgorithm
        | Pkcs12Error::InvalidParameters => Failure::Unsupported,
        _ => Failure::Damaged,
    }
}

/// What a store holds that trusts nobody, and what to do about it.
fn nothing_trusted(store: &Store, path: &Path) -> (String, String) {
    let file = path.display();
    match (store.others, store.keys) {
        (0, 0) => (
            format!("{file} is an empty truststore"),
            format!(
                "import the CA: keytool -importcert -alias ca -file ca.crt -keystore {file}, or give ca.crt itself"
            ),
        ),
        (0, _) => (
            format!("{file} holds private keys and no certificate"),
            "give the truststore, or the CA's certificate".to_owned(),
        ),
        (others, _) => (
            format!(
                "{file} holds {others} {} without Java's mark of trust: a node that has it as its truststore trusts nobody",
                if others == 1 { "certificate" } else { "certificates" }
            ),
            "OpenSSL leaves that mark out: make the store by keytool -importcert -alias ca -file ca.crt -keystore NEW.p12, or give ca.crt itself"
                .to_owned(),
        ),
    }
}

fn in_words(
    failure: &Failure,
    format: Format,
    path: &Path,
    password: &StorePassword,
) -> (String, String) {
    let file = path.display();
    let variable = &password.variable;
    let convert = match format {
        Format::Pkcs12 => format!("openssl pkcs12 -in {file} -nokeys -out ca.pem"),
        Format::Jks => format!("keytool -list -rfc -keystore {file} > ca.pem"),
    };
    match failure {
        Failure::WrongPassword => (
            format!("the password is not that of {file}, or {file} was changed without it"),
            "give the password that the store was made with".to_owned(),
        ),
        Failure::NoPassword => (
            format!("{file} is a truststore with a password"),
            match &password.option {
                Some(option) => format!("add {option} FILE with the password, or set {variable}"),
                None => format!("set {variable} to the password"),
            },
        ),
        Failure::Damaged => (
            format!("{file} is a damaged truststore"),
            "copy it again, whole".to_owned(),
        ),
        Failure::Unsupported => (
            format!("{file} is a truststore of a kind that cannot be read here"),
            format!("convert it: {convert}"),
        ),
        Failure::TooSlow => (
            format!("{file} asks for so much work that it was given up after 20 s"),
            format!("convert it: {convert}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use x509_parser::prelude::{FromDer as _, X509Certificate};

    use super::*;

    const CHANGEME: &str = "changeme";

    fn common_names(store: &Store) -> Vec<String> {
        let subject = |der: &CertificateDer<'static>| {
            let (_, certificate) = X509Certificate::from_der(der).unwrap();
            certificate.subject().to_string()
        };
        store.trusted.iter().map(subject).collect()
    }

    fn read(bytes: &[u8], password: &str) -> Result<Store, Failure> {
        let format = format(bytes).unwrap();
        open(format, bytes, &SecretString::from(password))
    }

    /// Expected is what JDK 17 trusts: see `tests/truststores/README.md`.
    #[test]
    fn a_store_trusts_whom_java_trusts_by_it() {
        macro_rules! stores {
            ($($name:literal, $password:expr => $names:expr;)*) => {
                $({
                    let bytes = include_bytes!(concat!("../../tests/truststores/", $name));
                    let names: &[&str] = &$names;
                    match read(bytes, $password) {
                        Ok(store) => assert_eq!(common_names(&store), names, $name),
                        Err(failure) => panic!("{}: {failure:?}", $name),
                    }
                    let other = read(bytes, "other");
                    if $name != "keytool-25-open.p12" {
                        assert_eq!(other, Err(Failure::WrongPassword), $name);
                    }
                })*
            };
        }
        stores! {
            "keytool-17.p12", CHANGEME => ["CN=CA of b"];
            "keytool-8.p12", CHANGEME => ["CN=CA of b"];
            "keytool-25-open.p12", "" => ["CN=CA of b"];
            "keytool.jks", CHANGEME => ["CN=CA of b"];
            "key.jks", CHANGEME => ["CN=k"];
            "empty.jks", CHANGEME => [];
            "empty.p12", CHANGEME => [];
            "openssl-key.p12", CHANGEME => ["CN=node"];
            "openssl-legacy.p12", CHANGEME => ["CN=node"];
            "openssl-nokeys.p12", CHANGEME => [];
            "certutil-ca.p12", "" => ["CN=CA of b"];
            "certutil-cert.p12", "" => ["CN=node", "CN=CA of b"];
        }
    }

    #[test]
    fn damaged_stores_are_told() {
        for bytes in [
            &include_bytes!("../../tests/truststores/keytool.jks")[..],
            &include_bytes!("../../tests/truststores/keytool-17.p12")[..],
        ] {
            for length in 4..bytes.len() {
                let Some(_) = format(&bytes[..length]) else {
                    continue;
                };
                let failure = read(&bytes[..length], CHANGEME).unwrap_err();
                assert_eq!(failure, Failure::Damaged, "{length}");
            }
        }
        let mut changed = include_bytes!("../../tests/truststores/keytool.jks").to_vec();
        changed[20] ^= 1; // within the alias or its date
        assert_eq!(read(&changed, CHANGEME), Err(Failure::WrongPassword));
    }

    #[test]
    fn passwords_are_found_or_asked_for() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/truststores");
        let secret = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), "changeme\n").unwrap();
        let wrong = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(wrong.path(), "canary").unwrap();
        let password = |file: Option<&Path>| StorePassword {
            file: file.map(|path| Placed {
                value: path.to_owned(),
                place: "--server-ca-password-file".to_owned(),
            }),
            variable: "CROSSCHECK_NO_SUCH_PASSWORD".to_owned(),
            option: Some("--server-ca-password-file".to_owned()),
        };
        for (store, file, says) in [
            ("certutil-ca.p12", None, None),
            ("keytool-25-open.p12", None, None),
            ("keytool-17.p12", Some(secret.path()), None),
            ("keytool.jks", Some(secret.path()), None),
            (
                "keytool.jks",
                Some(wrong.path()),
                Some("the password is not that of"),
            ),
            (
                "empty.p12",
                Some(secret.path()),
                Some("is an empty truststore"),
            ),
            (
                "openssl-nokeys.p12",
                Some(secret.path()),
                Some("1 certificate without Java's mark of trust"),
            ),
        ] {
            let mut problems = Problems::default();
            let path = folder.join(store);
            let read = trusted(&path, "--server-ca", &password(file), &mut problems);
            assert_eq!(read.is_some(), says.is_none(), "{store}");
            let said = problems.errors.iter().map(ToString::to_string);
            let said: String = said.collect();
            assert!(said.contains(says.unwrap_or_default()), "{store}: {said}");
            assert!(!said.contains("canary"), "{said}");
        }
    }
}
