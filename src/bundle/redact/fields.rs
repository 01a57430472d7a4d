//! What every text of the evidence document is: an identifier of some kind, a word that stays, or
//! free text. A test fails where a field is in no row.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a text is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Class {
    /// The address of an endpoint, `host:port`, and its key in the document.
    Address,
    /// An alias; of a probed endpoint its address.
    Alias,
    /// A distinguished name.
    DistinguishedName,
    /// A path in the document.
    DocumentPath,
    /// What is left out: the certificates themselves.
    Dropped,
    /// A fingerprint, serial number or key identifier in hexadecimal.
    Fingerprint,
    /// Free text: the known identifiers in it are replaced, and what looks like one.
    Free,
    /// A host name or an IP address.
    Host,
    /// An identity such as a cluster's UUID.
    Id,
    /// The name of an index, or a pattern.
    Index,
    /// The name of a cluster.
    Cluster,
    /// The name of a node.
    Node,
    /// Another name: of a key, a role, an attribute.
    Name,
    /// A file.
    Path,
    /// Path and query of a call.
    RequestPath,
    /// The name of a setting, which may hold an alias.
    SettingName,
    /// The value of a setting, by its name.
    SettingValue,
    /// A URL.
    Url,
    /// The name of a user.
    User,
    /// A version, a state, a moment: it identifies nobody.
    Word,
}

use Class as C;

/// `Type.field`; `{key}` for the keys of a map and `{}` for its values.
const FIELDS: &[(Class, &[&str])] = &[
    (
        C::Address,
        &[
            "Attempt.address",
            "DeclaredRemote.seed",
            "Endpoint.address",
            "Evidence.endpoints{key}",
            "Link.endpoints",
            "Link.proxy_address",
            "Link.seeds",
            "Node.http_publish_address",
            "Node.transport_publish_address",
            "PublishedNode.address",
            "RemoteClusterServer.bound_addresses",
            "RemoteClusterServer.publish_address",
            "Sighting.address",
        ],
    ),
    (
        C::Alias,
        &[
            "DeclaredRemote.alias",
            "ElasticsearchResource.issued_keys{key}",
            "ElasticsearchResource.managed_aliases",
            "Cluster.aliases",
            "Cluster.followed_remotes",
            "Cluster.remote_stats{key}",
            "Evidence.links{key}",
            "Link.alias",
            "ManagedRemote.alias",
            "RemoteIndices.clusters",
            "Sighting.alias",
        ],
    ),
    (
        C::DistinguishedName,
        &[
            "Certificate.issuer",
            "Certificate.subject",
            "NameTrial.subject",
            "LoadedCertificate.issuer",
            "LoadedCertificate.subject",
            "NodeTrust.missing_subject",
            "NodeTrust.trusted_subjects",
            "Refusal.subject",
            "Sighting.issuer",
            "Sighting.subject",
            "Tls.accepted_client_cas",
        ],
    ),
    (C::DocumentPath, &["Gap.path"]),
    (C::Dropped, &["Certificate.der"]),
    (
        C::Fingerprint,
        &[
            "Certificate.authority_key_id",
            "Certificate.serial",
            "Certificate.sha1",
            "Certificate.sha256",
            "Certificate.subject_key_id",
            "NameTrial.sha256",
            "LoadedCertificate.serial",
            "NodeTrust.missing_key_id",
            "TrustedCertificate.fingerprint",
        ],
    ),
    (
        C::Free,
        &[
            "ResourceEvent.message",
            "Listener.name",
            "ApiAccess.detail",
            "Attempt.undecided",
            "Authentication.detail",
            "AutoFollowError.error",
            "ErrorLevel.reason",
            "Follower.fatal_exception",
            "Follower.read_exceptions",
            "Gap.probe",
            "Gap.reason",
            "Gap.remedy",
            "HttpAnswer.server",
            "IndexAnswer.error",
            "NodeView.error",
            "Plaintext.banner",
            "Refusal.detail",
            "Reload.exception",
            "Resolution.detail",
            "Resolve.error",
            "Sighting.text",
            "Tcp.detail",
            "Tls.detail",
            "Tls.webpki_error",
            "Transport.detail",
        ],
    ),
    (
        C::Host,
        &[
            "Service.addresses",
            "Certificate.common_name",
            "Certificate.dns_names",
            "Certificate.ip_addresses",
            "Certificate.other_names",
            "Deployment.endpoints",
            "Endpoint.host",
            "Endpoint.illegal_server_name",
            "Endpoint.server_name",
            "Link.server_name",
            "NameTrial.server_name",
            "NetworkRule.source",
            "Resolution.addresses",
            "Sighting.host",
            "Vantage.addresses",
            "Vantage.host",
        ],
    ),
    (
        C::Id,
        &[
            "ElasticsearchResource.kubernetes_id",
            "IssuedKey.id",
            "AcceptedKey.id",
            "Authentication.key_id",
            "Cluster.api_keys{key}",
            "Cluster.uuid",
            "Credential.id",
            "Deployment.elasticsearch_id",
            "Deployment.id",
            "Deployment.organization_id",
            "ManagedRemote.deployment_id",
            "NetworkPolicy.id",
            "NetworkRule.remote_cluster_id",
            "NetworkRule.remote_cluster_org_id",
            "Node.id",
            "RemoteStats.uuid",
            "Sibling.elasticsearch_id",
            "Sibling.id",
            "Sighting.cluster_uuid",
            "Sighting.key",
            "TrustedEnvironment.allowed",
            "TrustedEnvironment.id",
        ],
    ),
    (
        C::Index,
        &[
            "AcceptedKey.replication",
            "AcceptedKey.search",
            "ApiKey.replication",
            "ApiKey.search",
            "AutoFollowError.leader_index",
            "AutoFollowPattern.excluded_patterns",
            "AutoFollowPattern.follow_pattern",
            "AutoFollowPattern.leader_patterns",
            "Cluster.leaders{key}",
            "Follower.index",
            "Follower.leader_index",
            "IndexAnswer.index",
            "Link.indices",
            "Privileges.indices",
            "RemoteIndices.names",
            "SearchAnswer.expression",
            "Sighting.index",
        ],
    ),
    (
        C::Cluster,
        &[
            "DeclaredRemote.name",
            "ElasticsearchResource.name",
            "IssuedKey.name",
            "Authentication.cluster_name",
            "Call.cluster",
            "Cluster.name",
            "Evidence.clusters{key}",
            "Link.local",
            "Link.remote",
            "Sighting.cluster",
            "Sighting.cluster_name",
            "Source.cluster",
        ],
    ),
    (
        C::Node,
        &[
            "Authentication.node_name",
            "Call.node",
            "Cluster.nodes{key}",
            "Cluster.reload{key}",
            "Link.file_settings{key}",
            "Link.nodes{key}",
            "PublishedNode.name",
            "Sighting.node",
            "TrustedEnvironment.node_names",
        ],
    ),
    (
        C::Name,
        &[
            "DeclaredRemote.namespace",
            "ElasticsearchResource.namespace",
            "ElasticsearchResource.trusted_authorities",
            "IssuedKey.namespace",
            "NodeSet.name",
            "PodPolicy.name",
            "SecureSettings.secret_name",
            "Service.name",
            "Service.node_sets",
            "TrafficRule.namespaces",
            "AcceptedKey.name",
            "ApiKey.certificate_identity",
            "ApiKey.name",
            "AutoFollowPattern.name",
            "Caller.roles",
            "Deployment.name",
            "NetworkPolicy.name",
            "Node.attributes{key}",
            "Sibling.name",
            "TrustedEnvironment.name",
        ],
    ),
    (
        C::Path,
        &["LoadedCertificate.path", "Sighting.file", "Source.file"],
    ),
    (C::RequestPath, &["Call.path"]),
    (
        C::SettingName,
        &[
            "NodeSet.settings{key}",
            "SecureSettings.names",
            "Cluster.keystore",
            "Cluster.settings{key}",
            "KeystoreEntry.name",
            "Link.file_settings{}{key}",
            "Link.settings{key}",
            "Node.settings{key}",
            "Reload.secure_setting_names",
        ],
    ),
    (
        C::SettingValue,
        &[
            "NodeSet.settings{}",
            "Cluster.settings{}",
            "Link.file_settings{}{}",
            "Link.settings{}",
            "Node.attributes{}",
            "Node.settings{}",
        ],
    ),
    (C::Url, &["Cluster.url"]),
    (
        C::User,
        &[
            "AcceptedKey.owner",
            "ApiKey.username",
            "Caller.username",
            "Sighting.user",
        ],
    ),
    (
        C::Word,
        &[
            "ElasticsearchResource.health",
            "ElasticsearchResource.operator_license",
            "ElasticsearchResource.operator_version",
            "ElasticsearchResource.phase",
            "ElasticsearchResource.running_version",
            "ElasticsearchResource.version",
            "NodeSet.roles",
            "ResourceEvent.last",
            "ResourceEvent.reason",
            "Service.type",
            "ServicePort.name",
            "AcceptedKey.type",
            "ApiKey.created_at",
            "ApiKey.expiration",
            "ApiKey.invalidated_at",
            "ApiKey.type",
            "Authentication.release",
            "AutoFollowError.at",
            "Call.method",
            "Caller.authentication_type",
            "Certificate.extended_key_usage",
            "Certificate.key",
            "Certificate.not_after",
            "Certificate.not_before",
            "Certificate.signature_algorithm",
            "Cluster.build_flavor",
            "Cluster.features_used",
            "Cluster.minimum_wire_compatibility_version",
            "Cluster.version",
            "Credential.defect",
            "Deployment.ref_id",
            "Deployment.region",
            "Deployment.status",
            "Deployment.versions",
            "ErrorLevel.type",
            "Evidence.collected_at",
            "Evidence.schema",
            "Evidence.version",
            "License.expiry",
            "License.status",
            "License.type",
            "LoadedCertificate.not_after",
            "NetworkPolicy.region",
            "NetworkPolicy.type",
            "Node.roles",
            "Node.started_at",
            "Node.version",
            "Privileges.cluster",
            "PublishedNode.release",
            "PublishedNode.roles",
            "Reload.keystore_last_modified",
            "RemoteIndices.privileges",
            "RemoteStats.status",
            "RemoteStats.versions",
            "Resolve.version",
            "SearchAnswer.cluster_status",
            "Sighting.context",
            "Sighting.first",
            "Sighting.last",
            "Sighting.pattern",
            "Sighting.signature",
            "Source.collected_at",
            "Source.tool",
            "Tls.alert",
            "Tls.cipher_suite",
            "Tls.protocol",
            "Transport.release",
            "Transport.version_line",
            "TrustedCertificate.valid_to",
        ],
    ),
];

/// What the text at a place is. What is in no row is free text, which is safe.
pub(super) fn class(place: &str) -> Class {
    row(place).unwrap_or(C::Free)
}

/// What the text at a place is, if it is in a row.
pub(super) fn row(place: &str) -> Option<Class> {
    static ROWS: LazyLock<HashMap<&str, Class>> = LazyLock::new(|| {
        let rows = FIELDS.iter();
        rows.flat_map(|(class, places)| places.iter().map(|it| (*it, *class)))
            .collect()
    });
    ROWS.get(place).copied()
}
