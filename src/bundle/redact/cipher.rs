//! Tokens by a key: the same text has the same token, and without the key nothing leads back.
//!
//! Names and addresses are enciphered letter by letter and bit by bit, each depending on all before
//! it (as Crypto-PAn does for addresses, Xu et al. 2002): two texts have a common beginning exactly
//! where their tokens do, so that a pattern still covers the names that it covered, and a network
//! its addresses. The length, and what is neither letter nor digit, stays. Identities and
//! fingerprints change as a whole and keep their form.

use std::net::{Ipv4Addr, Ipv6Addr};

use aws_lc_rs::hmac;

use super::words;

/// The key.
#[derive(Debug)]
pub(super) struct Cipher {
    key: hmac::Key,
}

/// Longest run of digits that stays: it counts things and identifies nobody.
const PLAIN_DIGITS: usize = 4;

/// Longest run of digits behind a colon that stays: a port, be it a wrong one.
const LONGEST_PORT: usize = 6;

/// What the scope of ECK's nodes ends in, behind the namespace.
const KUBERNETES_SCOPE: &str = ".es.local";

/// Shorter identities and serial numbers are enciphered as names, or stay.
const SHORTEST_ID: usize = 8;

const OTHER_LETTERS: [char; 10] = ['ä', 'ö', 'ü', 'é', 'è', 'ñ', 'ø', 'å', 'æ', 'ß'];

impl Cipher {
    pub(super) fn new(key: &[u8]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
        }
    }

    /// A name: its words, unless they are kept; digits that count stay, and so does every sign.
    pub(super) fn name(&self, text: &str, is_kept: impl Fn(&str) -> bool) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let end = |fits: fn(char) -> bool| rest.find(|it| !fits(it)).unwrap_or(rest.len());
            let length = if first.is_ascii_alphabetic() {
                let word = &rest[..end(|it| it.is_ascii_alphabetic())];
                if is_kept(word) {
                    out.push_str(word);
                } else {
                    self.letters(word, &mut out);
                }
                word.len()
            } else if first.is_ascii_digit() {
                let digits = &rest[..end(|it| it.is_ascii_digit())];
                if out.ends_with(':') && digits.len() <= LONGEST_PORT {
                    out.push_str(digits);
                } else {
                    self.digits(digits, &mut out);
                }
                digits.len()
            } else {
                out.push(if first.is_alphanumeric() {
                    let bytes = self.bytes("other", first.to_string().as_bytes());
                    OTHER_LETTERS[usize::from(bytes[0]) % OTHER_LETTERS.len()]
                } else {
                    first
                });
                first.len_utf8()
            };
            rest = &rest[length..];
        }
        out
    }

    /// A name by one table of letters, which belongs to a group of names.
    pub(super) fn by_one_table(&self, text: &str, group: &str) -> String {
        let table = self.table("group", group.as_bytes(), 26);
        let changed = text.chars().map(|it| match it {
            'A'..='Z' => char::from(b'A' + table[usize::from(it as u8 - b'A')]),
            'a'..='z' => char::from(b'a' + table[usize::from(it as u8 - b'a')]),
            other => other,
        });
        changed.collect()
    }

    /// An identity, such as that of a cluster, a node or a key: letters stay letters of their case,
    /// digits stay digits.
    pub(super) fn id(&self, text: &str) -> String {
        if let Some(namespace) = text.strip_suffix(KUBERNETES_SCOPE) {
            return format!("{}{KUBERNETES_SCOPE}", self.id(namespace));
        }
        if text.len() < SHORTEST_ID {
            return self.name(text, words::is_kept);
        }
        let mut stream = self.stream("id", text.as_bytes());
        let changed = text.chars().map(|it| {
            let byte = stream.next().unwrap_or_default();
            match it {
                'A'..='Z' => char::from(b'A' + byte % 26),
                'a'..='z' => char::from(b'a' + byte % 26),
                '0'..='9' => char::from(b'0' + byte % 10),
                other => other,
            }
        });
        changed.collect()
    }

    /// A serial number, fingerprint or UUID in hexadecimal, whatever separates its digits. The same
    /// number in another spelling has the same token in that spelling.
    pub(super) fn hex(&self, text: &str) -> String {
        let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
        let number = digits.trim_start_matches('0').to_ascii_lowercase();
        if number.len() < SHORTEST_ID {
            return text.to_owned();
        }
        let mut stream = self.stream("hex", number.as_bytes());
        let mut is_leading = true;
        let changed = text.chars().map(|it| {
            if !it.is_ascii_hexdigit() || (is_leading && it == '0') {
                return it;
            }
            let byte = stream.next().unwrap_or_default();
            let digit = if is_leading { 1 + byte % 15 } else { byte % 16 };
            is_leading = false;
            let digit = char::from_digit(digit.into(), 16).unwrap_or('0');
            if it.is_ascii_uppercase() {
                digit.to_ascii_uppercase()
            } else {
                digit
            }
        });
        changed.collect()
    }

    /// An IPv4 address: of the same private range, or of 240.0.0.0/4 (RFC 1112 §4), which nobody
    /// has, for a public one. Loopback, multicast and `0.0.0.0` stay.
    pub(super) fn v4(&self, address: Ipv4Addr) -> Ipv4Addr {
        const RANGES: [(Ipv4Addr, u32); 5] = [
            (Ipv4Addr::new(10, 0, 0, 0), 8),
            (Ipv4Addr::new(172, 16, 0, 0), 12),
            (Ipv4Addr::new(192, 168, 0, 0), 16),
            (Ipv4Addr::new(100, 64, 0, 0), 10),
            (Ipv4Addr::new(169, 254, 0, 0), 16),
        ];
        if address.is_loopback()
            || address.is_unspecified()
            || address.is_broadcast()
            || address.is_multicast()
        {
            return address;
        }
        let bits = u32::from(address);
        let private = RANGES
            .iter()
            .find(|(start, length)| (bits ^ u32::from(*start)) >> (32 - length) == 0);
        if let Some((_, length)) = private {
            return self.low_bits("v4", bits.into(), 32, *length).into();
        }
        let network = self.bytes("v4 network", &(bits >> 8).to_be_bytes());
        let network = u32::from_be_bytes([0, network[0], network[1], network[2]]) & 0x000f_ffff;
        let host = self.low_bits("v4", bits.into(), 32, 24) & 0xff;
        (0xf000_0000 | network << 8 | host).into()
    }

    /// An IPv6 address: of the same private range, or of `2001:db8::/32` (RFC 3849) for a public one.
    /// Loopback, multicast and `::` stay; a mapped IPv4 address stays one.
    pub(super) fn v6(&self, address: Ipv6Addr) -> Ipv6Addr {
        if let Some(v4) = address.to_ipv4_mapped() {
            return self.v4(v4).to_ipv6_mapped();
        }
        if address.is_loopback() || address.is_unspecified() || address.is_multicast() {
            return address;
        }
        let bits = u128::from(address);
        let fixed = if address.is_unique_local() {
            8
        } else if address.is_unicast_link_local() {
            64
        } else {
            let network = self.bytes("v6 network", &(bits >> 64).to_be_bytes());
            let network = u32::from_be_bytes([network[0], network[1], network[2], network[3]]);
            let start = (0x2001_0db8_u128 << 96) | (u128::from(network) << 64);
            let host = self.flipped("v6", bits, 128, 64) & u128::from(u64::MAX);
            return (start | host).into();
        };
        self.flipped("v6", bits, 128, fixed).into()
    }

    fn letters(&self, word: &str, out: &mut String) {
        for (index, letter) in word.char_indices() {
            let before = word[..index].to_ascii_lowercase();
            let table = self.table("letter", before.as_bytes(), 26);
            let place = usize::from(letter.to_ascii_lowercase() as u8 - b'a');
            let changed = char::from(b'a' + table[place]);
            out.push(if letter.is_ascii_uppercase() {
                changed.to_ascii_uppercase()
            } else {
                changed
            });
        }
    }

    fn digits(&self, digits: &str, out: &mut String) {
        let number = digits.trim_start_matches('0');
        if number.len() <= PLAIN_DIGITS {
            out.push_str(digits);
            return;
        }
        out.push_str(&digits[..digits.len() - number.len()]);
        for (index, digit) in number.char_indices() {
            let table = self.table("digit", &number.as_bytes()[..index], 10);
            out.push(char::from(b'0' + table[usize::from(digit as u8 - b'0')]));
        }
    }

    /// A permutation in which nothing stays in its place (Sattolo 1986).
    fn table(&self, use_: &str, before: &[u8], count: u8) -> Vec<u8> {
        let random = self.bytes(use_, before);
        let mut table: Vec<u8> = (0..count).collect();
        for (index, byte) in (1..table.len()).rev().zip(random) {
            table.swap(index, usize::from(byte) % index);
        }
        table
    }

    fn low_bits(&self, use_: &str, bits: u128, width: u32, fixed: u32) -> u32 {
        let changed = self.flipped(use_, bits, width, fixed);
        u32::try_from(changed & u128::from(u32::MAX)).unwrap_or_default()
    }

    /// The address with every bit behind the fixed ones flipped or not, depending on all before it.
    /// What ends in zeros may be the address of a network, but stays no network of that length; that
    /// of a private range is judged by its beginning alone.
    fn flipped(&self, use_: &str, bits: u128, width: u32, fixed: u32) -> u128 {
        let mut changed = bits;
        for place in fixed..width {
            let before = (bits >> (width - place)).to_be_bytes();
            let before = [&place.to_be_bytes()[..], &before[..]].concat();
            let flip = u128::from(self.bytes(use_, &before)[0] & 1);
            changed ^= flip << (width - 1 - place);
        }
        changed
    }

    fn bytes(&self, use_: &str, text: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(use_.as_bytes());
        context.update(&[0]);
        context.update(text);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.sign().as_ref());
        bytes
    }

    /// As many bytes as are needed.
    fn stream<'a>(&'a self, use_: &'a str, text: &'a [u8]) -> impl Iterator<Item = u8> + 'a {
        (0..u32::MAX).flat_map(move |block| {
            let text = [&block.to_be_bytes()[..], text].concat();
            self.bytes(use_, &text)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn cipher() -> Cipher {
        Cipher::new(b"a key for tests")
    }

    fn name(text: &str) -> String {
        cipher().name(text, words::is_kept)
    }

    #[test]
    fn names_keep_their_form_and_their_common_beginnings() {
        let token = name("Payments-Prod_01.acme");
        assert_eq!(token.len(), "Payments-Prod_01.acme".len());
        assert!(
            token.contains("_01.") && !token.to_lowercase().contains("payments"),
            "{token}"
        );
        assert!(
            token.starts_with(|it: char| it.is_ascii_uppercase()),
            "{token}"
        );
        assert_eq!(name("payments").to_uppercase(), name("PAYMENTS"));
        assert!(name("logs-2024").starts_with(&name("log")));
        assert_ne!(name("metrics")[..1], name("logs")[..1]);
        assert_eq!(name("elasticsearch-0"), "elasticsearch-0");
        assert_ne!(name("c4711234"), "c4711234");
        assert_eq!(name("instance-0000000001"), "instance-0000000001");
        assert!(!name("bücher").is_ascii());
    }

    #[test]
    fn no_letter_stays() {
        for letter in 'a'..='z' {
            assert_ne!(name(&letter.to_string()), letter.to_string());
        }
    }

    #[test]
    fn identities_keep_their_form() {
        let id = "5IFlCqIBFsqsHzwCggPH";
        let token = cipher().id(id);
        assert_ne!(token, id);
        assert_eq!(token.len(), id.len());
        assert!(token.starts_with(|it: char| it.is_ascii_digit()));
        let serial = cipher().hex("00DE:AD:BE:EF:12");
        assert_eq!(
            serial.to_lowercase().replace(':', ""),
            format!("00{}", cipher().hex("deadbeef12"))
        );
        assert!(serial.starts_with("00") && serial.contains(':'), "{serial}");
        assert_eq!(cipher().hex("1a"), "1a");
    }

    #[test]
    fn addresses_keep_their_range_and_their_networks() {
        let map = |text: &str| match text.parse().unwrap() {
            IpAddr::V4(it) => IpAddr::V4(cipher().v4(it)),
            IpAddr::V6(it) => IpAddr::V6(cipher().v6(it)),
        };
        let v4 = |text: &str| match map(text) {
            IpAddr::V4(it) => it.octets(),
            IpAddr::V6(_) => panic!("another family"),
        };
        assert_eq!(v4("10.1.2.3")[0], 10);
        assert_eq!(v4("10.1.2.3")[..3], v4("10.1.2.99")[..3]);
        assert_ne!(v4("10.1.2.3"), v4("10.1.2.99"));
        assert_eq!(v4("192.168.7.1")[..2], [192, 168]);
        assert_eq!(v4("172.16.9.1")[0], 172);
        assert_eq!(v4("203.0.113.7")[0] & 0xf0, 0xf0);
        assert_eq!(v4("203.0.113.7")[..3], v4("203.0.113.9")[..3]);
        assert_eq!(v4("127.0.0.1"), [127, 0, 0, 1]);
        assert!(map("2a00:1450::5").to_string().starts_with("2001:db8:"));
        assert!(map("fd00:1::5").to_string().starts_with("fd"));
        assert!(map("fe80::1").to_string().starts_with("fe80::"));
        assert_eq!(map("::1").to_string(), "::1");
        assert!(map("::ffff:10.0.0.1").to_string().starts_with("::ffff:10."));
    }
}
