//! IP addresses as they stand in texts: with a zone, a port or the length of a network.

use std::net::{IpAddr, Ipv6Addr};

use super::cipher::Cipher;

/// An IPv6 address at the beginning of a text, and what follows it: a zone, the length of a network,
/// or a port without brackets, where the address is none with it.
pub(super) fn v6(text: &str) -> Option<(Ipv6Addr, &str)> {
    let end = text.find(['%', '/']).unwrap_or(text.len());
    let (address, rest) = text.split_at(end);
    // `2001:db8::5:9443` is an address either way; four digits and more are a port.
    if let Some((host, port)) = address.rsplit_once(':')
        && rest.is_empty()
        && (4..=5).contains(&port.len())
        && port.bytes().all(|it| it.is_ascii_digit())
        && !port.starts_with('0')
        && let Ok(host) = host.parse()
    {
        let host_length = address.len() - port.len() - 1;
        return Some((host, &text[host_length..]));
    }
    Some((address.parse().ok()?, rest))
}

/// The token of an IP address, with all that stands behind it.
pub(super) fn replaced(cipher: &Cipher, text: &str) -> Option<String> {
    let end = text.find('/').unwrap_or(text.len());
    if let Ok(address) = text[..end].parse() {
        let token = IpAddr::V4(cipher.v4(address));
        return Some(network(token, &text[end..]));
    }
    let (address, rest) = v6(text)?;
    let token = cipher.v6(address);
    // Java writes all eight groups.
    let long = text.matches(':').count() >= 7 && !text.contains("::");
    if long {
        let groups: Vec<String> = token
            .segments()
            .iter()
            .map(|it| format!("{it:x}"))
            .collect();
        return Some(groups.join(":") + rest);
    }
    Some(network(IpAddr::V6(token), rest))
}

/// An address with what follows it; that of a network has no bits behind its length.
fn network(address: IpAddr, rest: &str) -> String {
    let length = rest.strip_prefix('/').and_then(|it| it.parse::<u32>().ok());
    match (address, length) {
        (IpAddr::V4(it), Some(length @ 1..=32)) => {
            let masked = u32::from(it) & (u32::MAX << (32 - length));
            format!("{}{rest}", std::net::Ipv4Addr::from(masked))
        }
        (IpAddr::V6(it), Some(length @ 1..=128)) => {
            let masked = u128::from(it) & (u128::MAX << (128 - length));
            format!("{}{rest}", Ipv6Addr::from(masked))
        }
        (address, _) => format!("{address}{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_an_address_stays() {
        let cipher = Cipher::new(b"key");
        let replaced = |text: &str| replaced(&cipher, text).unwrap();
        assert_eq!(replaced("10.0.0.0/8"), "10.0.0.0/8");
        assert!(replaced("fe80::1%eth0").ends_with("%eth0"));
        let port = replaced("2a00:1450::5:9443");
        assert!(
            port.starts_with("2001:db8:") && port.ends_with(":9443"),
            "{port}"
        );
        assert_eq!(replaced("0:0:0:0:0:0:0:1"), "0:0:0:0:0:0:0:1");
        assert!(super::replaced(&cipher, "no address").is_none());
    }
}
