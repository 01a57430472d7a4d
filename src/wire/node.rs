//! Nodes as the protocol describes them (`DiscoveryNode`), and releases (`Version`).

use std::net::{IpAddr, SocketAddr};

use super::primitive::{Reader, Truncated};

/// First transport version whose nodes also name the least and the greatest index version.
const WITH_INDEX_VERSIONS: u32 = 8_080_099;

/// First transport version whose nodes also name the least index version that they can read.
const WITH_READ_ONLY_VERSION: u32 = 8_810_000;

/// First transport version whose nodes have an external id, by the first release whose remote
/// cluster server can be asked (8.10).
const WITH_EXTERNAL_ID: u32 = 8_500_061;

/// A node of a remote cluster.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its id, which it keeps over restarts.
    pub id: String,
    /// The address that it publishes for the port that was asked about.
    pub address: SocketAddr,
    /// Names of its roles.
    pub roles: Vec<String>,
    /// Its release, such as `9.4.3`.
    pub release: String,
}

impl Node {
    /// Reads a node as one of this transport version writes it. `read_only` says whether it names
    /// three index versions; see [`Node::names_three`].
    pub(super) fn read(
        reader: &mut Reader<'_>,
        version: u32,
        read_only: bool,
    ) -> Result<Self, Truncated> {
        let name = reader.string()?;
        let id = reader.string()?;
        reader.skip_string()?; // ephemeral id
        reader.skip_string()?; // host name
        reader.skip_string()?; // host address
        let address = read_address(reader)?;
        for _ in 0..reader.count()? {
            reader.skip_string()?; // attribute
            reader.skip_string()?; // its value
        }
        let mut roles = Vec::new();
        for _ in 0..reader.count()? {
            roles.push(reader.string()?);
            reader.skip_string()?; // abbreviation
            reader.boolean()?; // whether it can hold data
        }
        let release = read_release(reader)?;
        let index_versions = match version {
            ..WITH_INDEX_VERSIONS => 0,
            _ if read_only => 3,
            _ => 2,
        };
        for _ in 0..index_versions {
            reader.v_int()?;
        }
        if version >= WITH_EXTERNAL_ID {
            reader.skip_string()?;
        }
        Ok(Self {
            name,
            id,
            address,
            roles,
            release,
        })
    }

    /// Whether nodes of this transport version name three index versions.
    pub(super) fn names_three(version: u32) -> bool {
        version >= WITH_READ_ONLY_VERSION
    }
}

/// Reads a release number, such as 9040399 for 9.4.3.
pub(super) fn read_release(reader: &mut Reader<'_>) -> Result<String, Truncated> {
    let id = reader.v_int()?;
    Ok(format!(
        "{}.{}.{}",
        id / 1_000_000,
        id / 10_000 % 100,
        id / 100 % 100
    ))
}

/// Reads a `TransportAddress`.
fn read_address(reader: &mut Reader<'_>) -> Result<SocketAddr, Truncated> {
    let ip: IpAddr = match reader.byte()? {
        4 => <[u8; 4]>::try_from(reader.bytes(4)?)
            .map_err(|_| Truncated)?
            .into(),
        16 => <[u8; 16]>::try_from(reader.bytes(16)?)
            .map_err(|_| Truncated)?
            .into(),
        _ => return Err(Truncated),
    };
    reader.skip_string()?; // host
    let port = u16::try_from(reader.int()?).map_err(|_| Truncated)?;
    Ok(SocketAddr::new(ip, port))
}
