//! Raw answers of Elasticsearch, which have no schema: what a text is shows by the name of its
//! entry, and what is not known to be harmless is replaced.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use super::document::Visitor;
use super::fields::Class;
use super::words;

/// Replaces every text of an answer by what the visitor makes of it.
pub(super) fn walk(answer: &mut Value, visitor: &mut dyn Visitor) {
    // The entries of a list that is the whole answer are fields, not a map by name.
    let mut place = answer
        .as_array()
        .map_or_else(Vec::new, |_| vec!["[]".to_owned()]);
    value(answer, &mut place, visitor);
}

fn value(it: &mut Value, place: &mut Vec<String>, visitor: &mut dyn Visitor) {
    match it {
        Value::String(text) => {
            let setting = setting_at(place);
            let class = match &setting {
                Some(_) => Class::SettingValue,
                // The roles of a node are Elasticsearch's own, those of a user are not.
                None if place.last().is_some_and(|it| it == "roles")
                    && place.first().is_some_and(|it| it == "nodes") =>
                {
                    Class::Word
                }
                // Headers of an answer that an error repeats.
                None if place.iter().any(|it| it == "header") => Class::Free,
                None => class(place.last().map_or("", String::as_str), text),
            };
            *text = visitor.text(class, setting.as_deref(), text);
        }
        Value::Array(list) => list.iter_mut().for_each(|it| value(it, place, visitor)),
        Value::Object(map) => object(map, place, visitor),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn object(map: &mut Map<String, Value>, place: &mut Vec<String>, visitor: &mut dyn Visitor) {
    for (name, mut inner) in std::mem::take(map) {
        let class = name_class(place, &name);
        place.push(name);
        value(&mut inner, place, visitor);
        let name = place.pop().unwrap_or_default();
        map.insert(visitor.text(class, None, &name), inner);
    }
}

/// Name of the setting at a place within `settings`, `persistent` or `transient`.
fn setting_at(place: &[String]) -> Option<String> {
    let start = place
        .iter()
        .position(|it| matches!(it.as_str(), "settings" | "persistent" | "transient"))?;
    Some(place[start + 1..].join("."))
}

/// What the name of an entry is.
fn name_class(place: &[String], name: &str) -> Class {
    if let Some(outer) = setting_at(place) {
        return match outer.as_str() {
            "" => Class::SettingName,
            "cluster.remote" if name != "initial_connect_timeout" => Class::Alias,
            "node.attr" | "transport.profiles" => Class::Name,
            _ if outer.starts_with("xpack.security.authc.realms.")
                && outer.matches('.').count() == 4 =>
            {
                Class::Name
            }
            _ => Class::Word,
        };
    }
    match place.last().map(String::as_str) {
        // Some answers are maps by alias or index.
        None if !is_field(name) => Class::Name,
        Some("nodes") => Class::Id,
        Some("clusters" | "details") => Class::Alias,
        Some("attributes" | "metadata") => Class::Name,
        // Of a deployment's keystore.
        Some("secrets") => Class::SettingName,
        _ => Class::Word,
    }
}

/// Names of the entries that answers begin with.
fn is_field(name: &str) -> bool {
    const FIELDS: &[&str] = &[
        "name",
        "cluster_name",
        "cluster_uuid",
        "version",
        "tagline",
        "license",
        "features",
        "nodes",
        "_nodes",
        "persistent",
        "transient",
        "defaults",
        "error",
        "status",
        "username",
        "roles",
        "full_name",
        "email",
        "metadata",
        "enabled",
        "authentication_realm",
        "lookup_realm",
        "authentication_type",
        "token",
        "api_key",
        "api_keys",
        "cluster",
        "global",
        "indices",
        "applications",
        "run_as",
        "remote_indices",
        "remote_cluster",
        "took",
        "_shards",
        "_clusters",
        "hits",
        "ccs",
        "follow_stats",
        "auto_follow_stats",
        "follower_indices",
        "patterns",
        // Of the control plane.
        "alias",
        "deployments",
        "errors",
        "healthy",
        "id",
        "observability",
        "resources",
        "rulesets",
        "secrets",
        "settings",
    ];
    FIELDS.contains(&name) || matches!(name, "timed_out" | "num_reduce_phases" | "(local)")
}

/// What a text is, by the name of its entry.
fn class(name: &str, text: &str) -> Class {
    match name {
        "cluster_name" => Class::Cluster,
        "cluster_uuid" | "uid" | "uuid" | "id" | "_id" => Class::Id,
        "username" | "run_as" => Class::User,
        "host" | "ip" | "publish_address" | "bound_address" | "transport_address"
        | "proxy_address" | "server_name" | "seeds" => Class::Address,
        "subject_dn" => Class::DistinguishedName,
        "issuer" | "issued_to" if text.contains('=') => Class::DistinguishedName,
        "serial_number" => Class::Fingerprint,
        "path" => Class::Path,
        "names"
        | "clusters"
        | "expression"
        | "index"
        | "follower_index"
        | "leader_index"
        | "leader_index_patterns"
        | "leader_index_exclusion_patterns"
        | "follow_index_pattern"
        | "provided_name" => Class::Index,
        "remote_cluster" => Class::Alias,
        "reason"
        | "error"
        | "exception"
        | "suppressed"
        | "details"
        | "message"
        | "additional_unsuccessful_credentials"
        | "body" => Class::Free,
        "tagline" => Class::Word,
        // Of realms, keys, errors: a word of Elasticsearch.
        "type" | "authentication_type"
            if text.bytes().all(|it| it.is_ascii_lowercase() || it == b'_') =>
        {
            Class::Word
        }
        _ if is_harmless(text) => Class::Word,
        _ => Class::Name,
    }
}

/// Words of Elasticsearch, numbers, versions and moments.
fn is_harmless(text: &str) -> bool {
    static HARMLESS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(?:[0-9]+(?:\.[0-9]+)*(?:-SNAPSHOT|-alpha[0-9]+|-beta[0-9]+|-rc[0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|[0-9.]+(?:nanos|micros|ms|s|m|h|d)|PEM|PKCS12|jks|[a-z_]+_exception|(?:indices|cluster):[a-z/_\[\]*]+|::es_redacted::)?$",
        )
        .expect("a constant pattern")
    });
    HARMLESS.is_match(text) || words::is_built_in(text) || words::is_ordinary(text)
}
