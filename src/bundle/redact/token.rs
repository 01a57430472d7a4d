//! What stands for an identifier, and of which kind that is.

use super::fields::Class;

/// Kinds of identifiers, as the manifest and the map name them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::bundle) enum Kind {
    Alias,
    Cluster,
    DistinguishedName,
    Fingerprint,
    Host,
    Id,
    Index,
    IpAddress,
    Mail,
    Name,
    Node,
    Path,
    Setting,
    User,
}

impl Kind {
    pub(in crate::bundle) fn name(self) -> &'static str {
        match self {
            Self::Alias => "alias",
            Self::Cluster => "cluster-name",
            Self::DistinguishedName => "distinguished-name",
            Self::Fingerprint => "serial-or-fingerprint",
            Self::Host => "host",
            Self::Id => "id",
            Self::Index => "index",
            Self::IpAddress => "ip-address",
            Self::Mail => "mail-address",
            Self::Name => "name",
            Self::Node => "node-name",
            Self::Path => "path",
            Self::Setting => "setting-value",
            Self::User => "user",
        }
    }

    pub(super) fn of(class: Class) -> Option<Self> {
        Some(match class {
            Class::Address | Class::Host | Class::Url => Self::Host,
            Class::Alias => Self::Alias,
            Class::Cluster => Self::Cluster,
            Class::DistinguishedName => Self::DistinguishedName,
            Class::Fingerprint => Self::Fingerprint,
            Class::Id => Self::Id,
            Class::Index => Self::Index,
            Class::Name => Self::Name,
            Class::Node => Self::Node,
            Class::Path => Self::Path,
            Class::User => Self::User,
            Class::DocumentPath
            | Class::Dropped
            | Class::Free
            | Class::RequestPath
            | Class::SettingName
            | Class::SettingValue
            | Class::Word => return None,
        })
    }
}

/// What became of an identifier.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::bundle) struct Token {
    pub(in crate::bundle) kind: Kind,
    pub(in crate::bundle) text: String,
    /// In how many places it was replaced.
    pub(in crate::bundle) places: u64,
}
