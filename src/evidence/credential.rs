//! The shape of a credential, never the credential.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Authentication, Fact};

/// What can be said of a cross-cluster API key without showing it.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Credential {
    /// Which form the given text has.
    pub form: CredentialForm,
    /// What is wrong with the form, in words that hold no part of the secret; `null` where nothing.
    pub defect: Option<String>,
    /// The key's id, where the form shows it.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub id: Fact<String>,
    /// How the remote cluster's REST API took the key (`GET /_security/_authenticate` with it).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub rest_answer: Fact<RestAnswer>,
    /// How the remote cluster server took the key: the answer of the first of the link's addresses, in the
    /// order in which nodes use them, that was asked ([`super::Attempt::authentication`]).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub wire_answer: Fact<Authentication>,
}

/// Form of a text that was given as a credential. Only `encoded` works.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialForm {
    /// Nothing.
    Empty,
    /// Base64 of `id:secret`, the secret of 22 characters: the `encoded` of the answer that made it.
    Encoded,
    /// Encoded twice.
    EncodedTwice,
    /// `id:secret`, not encoded.
    IdColonSecret,
    /// The whole JSON answer.
    Json,
    /// The secret alone.
    RawSecret,
    /// Right, but with white space inside or behind it.
    SurroundedByWhitespace,
    /// Base64 of `secret:id`.
    Swapped,
    /// Base64 of `id:secret` with a secret of another length.
    Truncated,
    /// Something else.
    Unrecognised,
    /// Right, but with `ApiKey ` in front.
    WithScheme,
}

/// How the REST API took the key. It cannot exclude expiry: the type is looked at before that.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestAnswer {
    /// 401 that names type `cross_cluster`: id and secret are right, the key is not invalidated.
    CrossCluster,
    /// 200: it is a REST key.
    Rest,
    /// 401 without a type: unknown id, wrong secret, or invalidated.
    Refused,
}
