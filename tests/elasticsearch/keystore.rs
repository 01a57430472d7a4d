//! Writes `elasticsearch.keystore` without the tool, which takes a JVM start for every entry.
//!
//! The format is that of `org.elasticsearch.common.settings.KeyStoreWrapper`, version 6 (8.14 to 8.19; read and
//! upgraded by 9.x): a Lucene codec header, one block of salt, nonce and AES-GCM cipher text, a codec footer.

use std::{collections::BTreeMap, num::NonZeroU32};

use anyhow::{Context, Result, anyhow};
use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    pbkdf2, rand,
};

/// Setting name to value, the value as bytes because a pasted file may hold anything.
pub(crate) type Entries = BTreeMap<String, Vec<u8>>;

const CODEC_MAGIC: u32 = 0x3fd7_6c17;
const FORMAT_VERSION: u32 = 6;
const ITERATIONS: NonZeroU32 = NonZeroU32::new(210_000).expect("not zero");

/// The bytes of a keystore without a password that holds these entries.
pub(crate) fn encode(entries: &Entries) -> Result<Vec<u8>> {
    let mut salt = [0; 64];
    let mut nonce = [0; 12];
    rand::fill(&mut salt).map_err(|_| anyhow!("no random bytes"))?;
    rand::fill(&mut nonce).map_err(|_| anyhow!("no random bytes"))?;
    let secret = encrypt(&plain(entries)?, &salt, nonce)?;

    let mut out = Vec::new();
    out.extend(CODEC_MAGIC.to_be_bytes());
    let codec = b"elasticsearch.keystore";
    out.push(u8::try_from(codec.len())?);
    out.extend(codec);
    out.extend(FORMAT_VERSION.to_be_bytes());
    out.push(0); // no password
    let block = 4 + salt.len() + 4 + nonce.len() + 4 + secret.len();
    out.extend(u32::try_from(block)?.to_le_bytes());
    for part in [&salt[..], &nonce[..], &secret[..]] {
        out.extend(u32::try_from(part.len())?.to_le_bytes());
        out.extend(part);
    }
    out.extend((!CODEC_MAGIC).to_be_bytes());
    out.extend(0_u32.to_be_bytes()); // checksum algorithm: CRC-32
    let checksum = u64::from(crc32(&out));
    out.extend(checksum.to_be_bytes());
    Ok(out)
}

/// The entries as `java.io.DataOutputStream` writes them.
fn plain(entries: &Entries) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    out.extend(u32::try_from(entries.len())?.to_be_bytes());
    for (name, value) in entries {
        out.extend(
            u16::try_from(name.len())
                .context("setting name too long")?
                .to_be_bytes(),
        );
        out.extend(name.as_bytes());
        out.extend(u32::try_from(value.len())?.to_be_bytes());
        out.extend(value);
    }
    Ok(out)
}

fn encrypt(plain: &[u8], salt: &[u8], nonce: [u8; 12]) -> Result<Vec<u8>> {
    let mut key = [0; 16];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, ITERATIONS, salt, b"", &mut key);
    let key = UnboundKey::new(&AES_128_GCM, &key).map_err(|_| anyhow!("bad key length"))?;
    let mut secret = plain.to_vec();
    LessSafeKey::new(key)
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(salt),
            &mut secret,
        )
        .map_err(|_| anyhow!("cannot encrypt"))?;
    Ok(secret)
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}
