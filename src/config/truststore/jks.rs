//! The format JKS, and JCEKS where it holds no secret key.

use aws_lc_rs::digest;
use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{Failure, Store};

/// Reads a JKS store (`sun.security.provider.JavaKeyStore.engineLoad`); its last 20 bytes are a hash over
/// the password, some words and all that stands before them.
pub(super) fn read(bytes: &[u8], password: &str) -> Result<Store, Failure> {
    let (content, hash) = bytes.split_last_chunk::<20>().ok_or(Failure::Damaged)?;
    let store = JksReader(content).store()?;
    let mut context = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    for unit in password.encode_utf16() {
        context.update(&unit.to_be_bytes());
    }
    context.update(b"Mighty Aphrodite");
    context.update(content);
    if context.finish().as_ref() == hash {
        Ok(store)
    } else {
        Err(Failure::WrongPassword)
    }
}

/// What is left to read.
struct JksReader<'a>(&'a [u8]);

impl<'a> JksReader<'a> {
    fn store(mut self) -> Result<Store, Failure> {
        let _magic = self.number()?;
        let version = self.number()?;
        if !matches!(version, 1 | 2) {
            return Err(Failure::Unsupported);
        }
        let mut store = Store::default();
        for _ in 0..self.number()? {
            let kind = self.number()?;
            let _alias = self.text()?;
            let _date = self.take(8)?;
            match kind {
                1 => {
                    let _key = self.sized()?;
                    store.keys += 1;
                    for index in 0..self.number()? {
                        let certificate = self.certificate(version)?;
                        if index == 0 {
                            store.trusted.push(certificate);
                        } else {
                            store.others += 1;
                        }
                    }
                }
                2 => store.trusted.push(self.certificate(version)?),
                // A secret key of JCEKS, which is a serialized object without a length.
                3 => return Err(Failure::Unsupported),
                _ => return Err(Failure::Damaged),
            }
        }
        if self.0.is_empty() {
            Ok(store)
        } else {
            Err(Failure::Damaged)
        }
    }

    fn certificate(&mut self, version: u32) -> Result<CertificateDer<'static>, Failure> {
        if version == 2 {
            let _kind = self.text()?;
        }
        let der = self.sized()?;
        match X509Certificate::from_der(der) {
            Ok(_) => Ok(der.to_vec().into()),
            Err(_) => Err(Failure::Damaged),
        }
    }

    fn text(&mut self) -> Result<&'a [u8], Failure> {
        let length = self.take(2)?;
        self.take(usize::from(length[0]) << 8 | usize::from(length[1]))
    }

    fn sized(&mut self) -> Result<&'a [u8], Failure> {
        let length = self.number()?;
        self.take(usize::try_from(length).map_err(|_| Failure::Damaged)?)
    }

    fn number(&mut self) -> Result<u32, Failure> {
        let bytes = self.take(4)?.first_chunk::<4>().ok_or(Failure::Damaged)?;
        Ok(u32::from_be_bytes(*bytes))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Failure> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Failure::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }
}
