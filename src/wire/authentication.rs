//! What a remote cluster server says of the API key that it accepted: the `Authentication` in the
//! headers of its answer. With it, whoever holds a key learns what the key may do, without any
//! other access to the remote cluster.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::frame::Frame;
use super::primitive::{Reader, Truncated};

/// Its header (`AuthenticationField.AUTHENTICATION_KEY`).
const HEADER: &str = "_xpack_security_authentication";

/// First transport version whose metadata are written entry by entry.
const WITH_ENTRIES: u32 = 8_080_099;

/// Deepest nesting of values that is followed.
const MAX_DEPTH: usize = 8;

/// An API key that was accepted, and what it may do.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeyAuthentication {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its type, such as `cross_cluster`.
    pub kind: Option<String>,
    /// The user that made it.
    pub owner: String,
    /// Index patterns that it may search.
    pub search: Vec<String>,
    /// Index patterns that it may replicate.
    pub replication: Vec<String>,
    /// Whether what it may search is narrowed to some documents or fields.
    pub document_or_field_security: bool,
}

impl KeyAuthentication {
    /// Takes it out of an answer; `None` where the answer has none, or none that can be read.
    pub fn of(frame: &Frame<'_>) -> Option<Self> {
        let header = frame.thread_header(HEADER).ok()??;
        Self::decode(&header)
    }

    /// Decodes the value of the header.
    pub fn decode(header: &str) -> Option<Self> {
        Self::from_bytes(&STANDARD.decode(header).ok()?)
    }

    /// The same, without its Base64.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.v_int().ok()?;
        if version < WITH_ENTRIES {
            return None;
        }
        let mut key = Self {
            owner: read_subject(&mut reader).ok()?,
            ..Self::default()
        };
        // Entries have no fixed order; one that cannot be read hides those behind it.
        let entries = read_metadata(&mut reader, &mut key);
        let complete = entries.is_ok();
        (complete && !key.id.is_empty()).then_some(key)
    }

    fn set(&mut self, name: &str, value: Value) -> Result<(), Truncated> {
        match (name, value) {
            ("_security_api_key_id", Value::Text(text)) => self.id = text,
            ("_security_api_key_name", Value::Text(text)) => self.name = Some(text),
            ("_security_api_key_type", Value::Text(text)) => self.kind = Some(text),
            ("_security_api_key_role_descriptors", Value::Bytes(json)) => {
                self.set_access(&json)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn set_access(&mut self, json: &[u8]) -> Result<(), Truncated> {
        let roles: std::collections::BTreeMap<String, Role> =
            serde_json::from_slice(json).map_err(|_| Truncated)?;
        let groups = roles.into_values().flat_map(|role| role.indices);
        for group in groups {
            let grants = |privilege: &str| group.privileges.iter().any(|it| it == privilege);
            if grants("read") {
                add(&mut self.search, &group.names);
                self.document_or_field_security |= group.query.is_some_and(|it| !it.is_null())
                    || group.field_security.is_some_and(|it| !it.is_null());
            }
            if grants("cross_cluster_replication") {
                add(&mut self.replication, &group.names);
            }
        }
        Ok(())
    }
}

fn add(list: &mut Vec<String>, names: &[String]) {
    for name in names {
        if !list.contains(name) {
            list.push(name.clone());
        }
    }
}

/// The role descriptor that access to search and replication is turned into when a key is made
/// (`CrossClusterApiKeyRoleDescriptorBuilder`).
#[derive(Deserialize)]
struct Role {
    #[serde(default)]
    indices: Vec<IndexGroup>,
}

#[derive(Deserialize)]
struct IndexGroup {
    names: Vec<String>,
    privileges: Vec<String>,
    query: Option<serde_json::Value>,
    field_security: Option<serde_json::Value>,
}

/// A subject without the leading version, up to its kind of authentication; answers the user's name.
fn read_subject(reader: &mut Reader<'_>) -> Result<String, Truncated> {
    let name = read_user(reader, 0)?;
    read_realm(reader)?;
    if reader.boolean()? {
        read_realm(reader)?; // looked up
    }
    reader.v_int()?; // kind of authentication
    Ok(name)
}

fn read_user(reader: &mut Reader<'_>, depth: usize) -> Result<String, Truncated> {
    let internal = reader.boolean()?;
    let name = reader.string()?;
    if internal {
        return Ok(name);
    }
    for _ in 0..reader.count()? {
        reader.skip_string()?; // role
    }
    read_value(reader, 0)?; // metadata
    reader.optional_string()?; // full name
    reader.optional_string()?; // e-mail
    reader.boolean()?; // enabled
    if reader.boolean()? {
        // On whose behalf; only one level is ever written.
        if depth > 0 {
            return Err(Truncated);
        }
        read_user(reader, depth + 1)?;
    }
    Ok(name)
}

fn read_realm(reader: &mut Reader<'_>) -> Result<(), Truncated> {
    reader.skip_string()?; // node
    reader.skip_string()?; // name
    reader.skip_string()?; // type
    if reader.boolean()? {
        reader.skip_string()?; // domain
        for _ in 0..reader.count()? {
            reader.skip_string()?; // type of a realm in it
            reader.skip_string()?; // its name
        }
    }
    Ok(())
}

fn read_metadata(reader: &mut Reader<'_>, key: &mut KeyAuthentication) -> Result<(), Truncated> {
    for _ in 0..reader.count()? {
        let name = reader.string()?;
        match name.as_str() {
            // These two have no byte that tells their type.
            "_security_cross_cluster_access_authentication" => {
                read_subject(reader)?;
                for _ in 0..reader.count()? {
                    reader.skip_string()?;
                    read_value(reader, 0)?;
                }
            }
            "_security_cross_cluster_access_role_descriptors" => {
                for _ in 0..reader.count()? {
                    reader.bytes_reference()?;
                }
            }
            name => {
                let value = read_value(reader, 0)?;
                key.set(name, value)?;
            }
        }
    }
    Ok(())
}

/// A value with its type in front (`StreamInput.readGenericValue`), as far as it matters here.
enum Value {
    Text(String),
    Bytes(Vec<u8>),
    Other,
}

fn read_value(reader: &mut Reader<'_>, depth: usize) -> Result<Value, Truncated> {
    if depth > MAX_DEPTH {
        return Err(Truncated);
    }
    let fixed = match reader.byte()? {
        0xff => 0,
        0 => return reader.string().map(Value::Text),
        5 | 11 => 1,
        16 => 2,
        1 | 3 => 4,
        2 | 4 | 12 => 8,
        6 | 14 => return Ok(Value::Bytes(reader.bytes_reference()?.to_vec())),
        // Lists, arrays and sets.
        7 | 8 | 24 | 25 => {
            for _ in 0..reader.count()? {
                read_value(reader, depth + 1)?;
            }
            0
        }
        // Maps, with and without order.
        9 | 10 => {
            for _ in 0..reader.count()? {
                read_value(reader, depth + 1)?;
                read_value(reader, depth + 1)?;
            }
            0
        }
        _ => return Err(Truncated),
    };
    reader.bytes(fixed)?;
    Ok(Value::Other)
}
