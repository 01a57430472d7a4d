//! Name constraints (RFC 5280 §4.2.1.10) as `NameConstraintsExtension.verify` applies them.

use std::net::IpAddr;

use x509_parser::asn1_rs::{FromDer, Sequence};
use x509_parser::extensions::GeneralName;

use super::parsed::{Name, Parsed, elements, general_names, is_context};

/// Subtrees that names below a CA must or must not be in.
pub(super) struct Constraints {
    permitted: Vec<Form>,
    excluded: Vec<Form>,
    /// Whether one of them is of a form that cannot be compared.
    odd: bool,
    /// Whether one of them has a minimum or maximum, which Java does not support.
    limited: bool,
}

/// What of a name counts.
#[derive(Clone, Debug)]
enum Form {
    Dns(String),
    Directory(Name),
    /// Four or sixteen octets; twice as many as a subtree, with a mask.
    Ip(Vec<u8>),
    Mail(String),
    Uri(String),
    Other,
}

/// What Java says of a certificate's names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Permitted {
    Yes,
    No,
    Unknown,
}

/// How a name lies to a subtree (`GeneralNameInterface`).
#[derive(Clone, Copy, Eq, PartialEq)]
enum Lies {
    Inside,
    Outside,
    OtherForm,
    Unknown,
}

impl Constraints {
    /// Reads the extension's value; `None` where it is malformed.
    pub(super) fn of(value: &[u8]) -> Option<Self> {
        let (_, sequence) = Sequence::from_der(value).ok()?;
        let mut constraints = Self {
            permitted: Vec::new(),
            excluded: Vec::new(),
            odd: false,
            limited: false,
        };
        for list in elements(&sequence.content)? {
            let is_permitted = is_context(&list, 0);
            for subtree in elements(list.data)? {
                let parts = elements(subtree.data)?;
                let (base, limits) = parts.split_first()?;
                let form = GeneralName::try_from(base.clone()).ok();
                let form = form.map_or(Form::Other, |name| Form::of(&name));
                let zero = |it: &_| is_context(it, 0) && it.data == [0];
                constraints.odd |= matches!(form, Form::Other);
                constraints.limited |= !limits.iter().all(zero);
                if is_permitted {
                    constraints.permitted.push(form);
                } else {
                    constraints.excluded.push(form);
                }
            }
        }
        Some(constraints)
    }

    /// Whether all names of a certificate are permitted: its subject, its alternative names, and its
    /// common name where that could serve as the name of a host and no such name is there.
    pub(super) fn permit(&self, certificate: &Parsed<'_>) -> Permitted {
        if self.limited {
            return Permitted::No;
        }
        if self.odd {
            return Permitted::Unknown;
        }
        let mut all = Permitted::Yes;
        for name in names(certificate) {
            match self.permits(&name) {
                Permitted::No => return Permitted::No,
                Permitted::Unknown => all = Permitted::Unknown,
                Permitted::Yes => {}
            }
        }
        all
    }

    fn permits(&self, name: &Form) -> Permitted {
        let lies: Vec<_> = self.excluded.iter().map(|tree| tree.holds(name)).collect();
        if lies.contains(&Lies::Inside) {
            return Permitted::No;
        }
        let unknown = lies.contains(&Lies::Unknown);
        let lies: Vec<_> = self.permitted.iter().map(|tree| tree.holds(name)).collect();
        if !lies.contains(&Lies::Inside) {
            if lies.contains(&Lies::Unknown) {
                return Permitted::Unknown;
            }
            if lies.contains(&Lies::Outside) {
                return Permitted::No;
            }
        }
        if unknown {
            Permitted::Unknown
        } else {
            Permitted::Yes
        }
    }
}

fn names(certificate: &Parsed<'_>) -> Vec<Form> {
    let general = general_names(&certificate.x509);
    let mut names: Vec<Form> = general.iter().map(Form::of).collect();
    if let Some(common) = &certificate.shown.common_name {
        let common = common_name(common);
        let present = |form: &Form| {
            matches!(
                (form, &common),
                (Form::Dns(_), Some(Form::Dns(_))) | (Form::Ip(_), Some(Form::Ip(_)))
            )
        };
        if !names.iter().any(present) {
            names.extend(common);
        }
    }
    if !certificate.subject.is_empty() {
        names.push(Form::Directory(certificate.subject.clone()));
    }
    names
}

/// A common name as the host that it could be: an IP address, or a name of letters, digits and
/// hyphens (`DNSName`).
fn common_name(text: &str) -> Option<Form> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some(Form::Ip(octets(ip)));
    }
    let is_host = text.split('.').all(|label| {
        label.starts_with(|first: char| first.is_ascii_alphanumeric())
            && label
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || it == '-')
    });
    is_host.then(|| Form::Dns(text.to_lowercase()))
}

fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

impl Form {
    fn of(name: &GeneralName<'_>) -> Self {
        match name {
            GeneralName::DNSName(name) => Self::Dns(name.to_lowercase()),
            GeneralName::DirectoryName(name) => Self::Directory(Name::of(name)),
            GeneralName::IPAddress(octets) => Self::Ip(octets.to_vec()),
            GeneralName::RFC822Name(name) => Self::Mail(name.to_lowercase()),
            GeneralName::URI(uri) => Self::Uri(host_of(&uri.to_lowercase()).to_owned()),
            _ => Self::Other,
        }
    }

    /// How a name lies to this subtree.
    fn holds(&self, name: &Self) -> Lies {
        let inside = match (self, name) {
            // Measured with Java 17 and 25: an empty subtree neither permits nor excludes anything.
            (Self::Dns(tree), Self::Dns(_)) if tree.is_empty() => return Lies::OtherForm,
            (Self::Dns(tree), Self::Dns(name)) => dns_holds(tree, name),
            (Self::Directory(tree), Self::Directory(name)) => name.is_within(tree),
            (Self::Ip(tree), Self::Ip(name)) => {
                if tree.len() != 2 * name.len() {
                    return Lies::Outside;
                }
                let (network, mask) = tree.split_at(name.len());
                let octets = name.iter().zip(network).zip(mask);
                octets
                    .into_iter()
                    .all(|((name, network), mask)| name & mask == *network)
            }
            (Self::Mail(tree), Self::Mail(name)) => mail_holds(tree, name),
            (Self::Uri(tree), Self::Uri(name)) => {
                name == tree || (tree.starts_with('.') && dns_holds(tree, name))
            }
            (Self::Other, Self::Other) => return Lies::Unknown,
            _ => return Lies::OtherForm,
        };
        if inside { Lies::Inside } else { Lies::Outside }
    }
}

/// `DNSName.constrains`: equal, or below it at a dot, which the subtree may bring itself.
fn dns_holds(tree: &str, name: &str) -> bool {
    if name == tree {
        return true;
    }
    let Some(before) = name.strip_suffix(tree) else {
        return false;
    };
    before.ends_with('.') != tree.starts_with('.')
}

/// `RFC822Name.constrains`: an address, a host, or a domain with a leading dot.
fn mail_holds(tree: &str, name: &str) -> bool {
    if name == tree {
        return true;
    }
    if tree.contains('@') {
        return false;
    }
    let Some(before) = name.strip_suffix(tree) else {
        return false;
    };
    tree.starts_with('.') || before.ends_with('@')
}

fn host_of(uri: &str) -> &str {
    let Some((_, rest)) = uri.split_once("://") else {
        return uri;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host.split(':').next().unwrap_or(host)
}
