//! Archives of eck-diagnostics: objects of Kubernetes beside the diagnostics of the clusters, as its
//! `internal/diag.go` and `internal/kubectl.go` write them.

use serde_json::Value;

use super::*;

/// A list as `kubectl get` gives it.
fn list(items: &Value) -> Vec<u8> {
    let list = json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}});
    serde_json::to_vec_pretty(&list).unwrap()
}

/// The list of Secrets that the tool makes by itself, which takes the values out.
fn secrets(items: &Value) -> Vec<u8> {
    serde_json::to_vec_pretty(&json!({ "Items": items })).unwrap()
}

fn resource(namespace: &str, name: &str, spec: Value) -> Value {
    let mut spec = spec;
    spec["version"] = "9.4.3".into();
    spec["nodeSets"] = json!([{"name": "default", "count": 3, "config": {"node.roles": ["data"]}}]);
    json!({
        "apiVersion": "elasticsearch.k8s.elastic.co/v1", "kind": "Elasticsearch",
        "metadata": {"name": name, "namespace": namespace,
            "annotations": {"elasticsearch.k8s.elastic.co/managed-remote-clusters": "bee"}},
        "spec": spec, "status": {"phase": "Ready", "health": "green", "version": "9.4.3"},
    })
}

/// Two clusters, the first of which is to have the second as its remote; default-deny stands before that.
fn objects() -> Files {
    let local = json!({"remoteClusters": [{"name": "bee", "apiKey": {"access": {}},
        "elasticsearchRef": {"name": "b", "namespace": "ns2"}}],
        "secureSettings": [{"secretName": "more"}]});
    let remote = json!({"remoteClusterServer": {"enabled": true}});
    let service = json!({"apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "b-es-remote-cluster", "namespace": "ns2"},
        "spec": {"type": "ClusterIP", "clusterIP": "None",
            "selector": {"common.k8s.elastic.co/type": "elasticsearch",
                         "elasticsearch.k8s.elastic.co/cluster-name": "b"},
            "ports": [{"name": "rcs", "port": 9443, "protocol": "TCP", "targetPort": 9443}]}});
    let deny = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "default-deny", "namespace": "ns2"},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"]}});
    let secret = |name: &str, annotations: Value, field: &str| {
        json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {"name": name, "namespace": "ns1", "annotations": annotations, "managedFields": [
                {"manager": "elastic-operator", "operation": "Update", "fieldsV1": {"f:data": {field: {}}}}]}})
    };
    let issued = json!({"bee": {"namespace": "ns2", "name": "b", "id": "x9"}}).to_string();
    let issued = json!({"elasticsearch.k8s.elastic.co/remote-cluster-api-keys": issued});
    let keys = secret(
        "a-es-remote-api-keys",
        issued,
        "f:cluster.remote.bee.credentials",
    );
    // As it stands in the archive after --keep-secret-data.
    let mut more = secret("more", json!({}), "f:s3.client.default.access_key");
    more["data"] = json!({"s3.client.default.access_key": "Y2FuYXJ5LW9mLWEtc2VjcmV0"});
    let event = |kind: &str, message: &str| {
        json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "x", "namespace": "ns1"},
            "involvedObject": {"kind": kind, "name": "a", "namespace": "ns1"}, "type": "Warning",
            "reason": "Unexpected", "message": message, "lastTimestamp": "2026-11-23T22:00:00Z"})
    };
    let operator = json!({"apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"name": "elastic-operator", "namespace": "elastic-system"},
        "spec": {"template": {"spec": {"containers": [
            {"name": "manager", "image": "docker.elastic.co/eck/eck-operator:3.3.0"}]}}}});
    let nodes = json!({"apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"name": "a-es-default", "namespace": "ns1"},
        "spec": {"template": {"spec": {"containers": [{"image": "docker.elastic.co/elasticsearch/elasticsearch:9.4.3"}]}}}});
    let licensing = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "elastic-licensing", "namespace": "elastic-system"},
        "data": {"eck_license_level": "enterprise"}});
    let system = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": "u1"}});
    let manifest = json!({"diagType": "eck-diagnostics", "diagVersion": "1.11.0",
        "collectionDate": "2026-11-23T23:00:00.000000000Z", "includedDiagnostics": []});
    let mut files: Files = Vec::new();
    let mut put = |name: &str, bytes: Vec<u8>| files.push((name.to_owned(), bytes));
    put("namespaces.json", list(&json!([system])));
    put("elastic-system/statefulsets.json", list(&json!([operator])));
    put("elastic-system/configmaps.json", list(&json!([licensing])));
    put("elastic-system/elasticsearch.json", list(&json!([])));
    put("ns1/statefulsets.json", list(&json!([nodes])));
    put(
        "ns1/elasticsearch.json",
        list(&json!([resource("ns1", "a", local)])),
    );
    put("ns1/services.json", list(&json!([])));
    put("ns1/secrets.json", secrets(&json!([keys, more])));
    let events = json!([
        event("Elasticsearch", "Could not update remote clusters"),
        event("Pod", "Back-off")
    ]);
    put("ns1/events.json", list(&events));
    put("ns1/networkpolicies.json", list(&json!([])));
    put(
        "ns2/elasticsearch.json",
        list(&json!([resource("ns2", "b", remote)])),
    );
    put("ns2/services.json", list(&json!([service])));
    put("ns2/secrets.json", secrets(&Value::Null));
    put("ns2/networkpolicies.json", list(&json!([deny])));
    // A call that failed leaves an empty file.
    put("ns2/events.json", Vec::new());
    put("eck-diagnostic-errors.txt", b"events is forbidden: User \"u\" cannot list resource \"events\" in API group \"\" in the namespace \"ns2\"".to_vec());
    put("manifest.json", serde_json::to_vec(&manifest).unwrap());
    files
}

fn gap<'e>(evidence: &'e Evidence, at: &str) -> &'e crosscheck::evidence::Gap {
    let found = evidence.gaps.iter().find(|it| it.path == at);
    found.unwrap_or_else(|| panic!("no gap {at}: {:#?}", evidence.gaps))
}

#[test]
fn resources_tell_of_clusters_that_the_archive_has_no_diagnostics_of() {
    let temporary = TempDir::new().unwrap();
    let path = write(temporary.path(), "eck.zip", &zip(&objects(), false));
    let folder = build::folder(temporary.path(), "unpacked", &objects());
    for path in [&path, &folder] {
        let evidence = evidence(&[path]);
        let told = |name: &str| {
            let resource = evidence.clusters[name].kubernetes.known().unwrap();
            resource.as_ref().unwrap()
        };
        assert_eq!(told("a").kubernetes_id.known().unwrap(), "u1");
        assert_eq!(told("a").operator_version.known().unwrap(), "3.3.0");
        assert_eq!(told("a").issued_keys.known().unwrap()["bee"].id, "x9");
        assert_eq!(told("a").events.known().unwrap().len(), 1);
        let names = told("a").secure_settings[0].names.known().unwrap();
        assert_eq!(names, &["s3.client.default.access_key"]);
        assert_eq!(
            told("b").services.known().unwrap()[0].ports[0].target,
            Some(9443)
        );
        assert!(told("b").issued_keys.known().unwrap().is_empty());
        let text = serde_json::to_string(&evidence).unwrap();
        assert!(!text.contains("Y2FuYXJ5"), "no value of a Secret is kept");
        let link = &evidence.links["bee"];
        assert_eq!(link.remote.known().map(String::as_str), Some("b"));
        assert_eq!(link.intended_model.known(), Some(&Model::ApiKey));
        let events = gap(&evidence, "clusters.b.kubernetes.events");
        assert!(events.reason.contains("events is forbidden"), "{events:?}");
        assert!(
            events
                .remedy
                .contains("list on events in the namespace ns2"),
            "{events:?}"
        );
        let nodes = gap(&evidence, "clusters.b.nodes");
        assert!(
            nodes.reason.contains("no diagnostics of this cluster"),
            "{nodes:?}"
        );
        let report = report(&evidence);
        assert_eq!(
            report.links[0].root_cause.as_deref(),
            Some("kubernetes/network-policy"),
            "{:?}",
            failed(&report)
        );
    }
}

#[test]
fn resources_stand_beside_the_diagnostics_of_their_clusters() {
    let mut files = objects();
    let local = build::answers("9.4.3", "licence_remote_basic", Side::Local);
    let remote = build::answers("9.4.3", "licence_remote_basic", Side::Remote);
    files.extend(below("ns1/elasticsearch/a", &local));
    files.extend(below("ns2/elasticsearch/b", &remote));
    let temporary = TempDir::new().unwrap();
    let path = write(temporary.path(), "eck.zip", &zip(&files, false));
    let intake = read(&[&path]);
    assert_eq!(intake.diagnostics.len(), 2);
    assert!(intake.problems.is_empty(), "{:?}", intake.problems);
    let evidence = joined(&intake);
    assert_eq!(evidence.clusters.len(), 2, "{:?}", evidence.clusters.keys());
    let remote = evidence.links["bee"].remote.known().unwrap();
    let cluster = &evidence.clusters[remote];
    assert!(cluster.license.is_known() && cluster.kubernetes.known().unwrap().is_some());
    let report = report(&evidence);
    let failed = failed(&report);
    for code in ["kubernetes/network-policy", "licence/remote-insufficient"] {
        assert!(failed.contains(&code), "{failed:?}");
    }
}

#[test]
fn a_remote_that_the_operator_was_to_configure_and_has_not_is_explained() {
    let mut files = objects();
    let refused = json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "x", "namespace": "ns1"},
        "involvedObject": {"kind": "Elasticsearch", "name": "a", "namespace": "ns1"},
        "reason": "AssociationError", "message": "Remote cluster association not allowed: ns1/a to ns2/b"});
    files.retain(|(name, _)| name != "ns1/events.json" && name != "ns2/networkpolicies.json");
    files.push(("ns1/events.json".into(), list(&json!([refused]))));
    files.push(("ns2/networkpolicies.json".into(), list(&json!([]))));
    let mut local = build::answers("9.4.3", "healthy", Side::Local);
    for (name, bytes) in &mut local {
        match name.as_str() {
            "remote_cluster_info.json" => *bytes = b"{}".to_vec(),
            "cluster_settings.json" => *bytes = br#"{"persistent": {}, "transient": {}}"#.to_vec(),
            _ => {}
        }
    }
    files.extend(below("ns1/elasticsearch/a", &local));
    let temporary = TempDir::new().unwrap();
    let path = write(temporary.path(), "eck.zip", &zip(&files, false));
    let report = report(&evidence(&[&path]));
    assert!(failed(&report).contains(&"settings/alias-not-configured"));
    assert_eq!(
        report.links[0].root_cause.as_deref(),
        Some("kubernetes/association-refused")
    );
}

#[test]
fn a_link_from_elsewhere_leads_to_the_cluster_whose_service_has_its_address() {
    let service = |name: &str, address: &str| {
        json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": format!("{name}-es-remote-cluster"), "namespace": "ns2"},
            "spec": {"type": "LoadBalancer",
                "selector": {"elasticsearch.k8s.elastic.co/cluster-name": name},
                "ports": [{"name": "rcs", "port": 9443, "targetPort": 9443}]},
            "status": {"loadBalancer": {"ingress": [{"ip": address}]}}})
    };
    let spec = || json!({"remoteClusterServer": {"enabled": true}});
    let mut files = objects();
    files.retain(|(name, _)| !name.starts_with("ns1/") && !name.starts_with("ns2/"));
    let resources = json!([resource("ns2", "b", spec()), resource("ns2", "c", spec())]);
    files.push(("ns2/elasticsearch.json".into(), list(&resources)));
    let services = json!([service("b", "198.51.100.7"), service("c", "198.51.100.8")]);
    files.push(("ns2/services.json".into(), list(&services)));
    let temporary = TempDir::new().unwrap();
    let eck = write(temporary.path(), "eck.zip", &zip(&files, false));
    for (host, remote) in [
        ("198.51.100.8", Some("c")),
        ("b-es-remote-cluster.ns2.svc", Some("b")),
        ("198.51.100.9", None),
    ] {
        let mut local = build::answers("9.4.3", "healthy", Side::Local);
        for (_, bytes) in &mut local {
            let text = String::from_utf8(bytes.clone()).unwrap();
            *bytes = text
                .replace("localhost:21602", &format!("{host}:9443"))
                .into_bytes();
        }
        let local = write(
            temporary.path(),
            &format!("{host}.zip"),
            &zip(&local, false),
        );
        let evidence = evidence(&[&eck, &local]);
        let found = evidence.links["bee"].remote.known().map(String::as_str);
        assert_eq!(found, remote, "{host}");
    }
}

#[test]
fn a_remote_that_the_files_do_not_have_is_named_and_no_other_taken_for_it() {
    let mut files = objects();
    let other = list(&json!([resource("ns2", "other", json!({}))]));
    files.retain(|(name, _)| name != "ns2/elasticsearch.json");
    files.push(("ns2/elasticsearch.json".into(), other));
    let temporary = TempDir::new().unwrap();
    let path = write(temporary.path(), "eck.zip", &zip(&files, false));
    let evidence = evidence(&[&path]);
    assert!(evidence.links["bee"].remote.is_unknown());
    let reason = &gap(&evidence, "links.bee.remote").reason;
    assert!(reason.contains("ns2/b"), "{reason}");
}

#[test]
fn clusters_of_one_name_in_two_namespaces_stay_two() {
    let mut files = objects();
    let remotes = json!({"remoteClusters": [{"name": "bee", "apiKey": {},
        "elasticsearchRef": {"name": "a", "namespace": "ns2"}}]});
    files.retain(|(name, _)| !name.ends_with("/elasticsearch.json"));
    for (namespace, spec) in [("ns1", remotes), ("ns2", json!({}))] {
        let file = format!("{namespace}/elasticsearch.json");
        files.push((file, list(&json!([resource(namespace, "a", spec)]))));
    }
    let temporary = TempDir::new().unwrap();
    let path = write(temporary.path(), "eck.zip", &zip(&files, false));
    let evidence = evidence(&[&path]);
    assert_eq!(evidence.clusters.len(), 2, "{:?}", evidence.clusters.keys());
    let link = &evidence.links["bee"];
    assert_ne!(link.remote.known(), link.local.known());
    assert!(failed(&report(&evidence)).contains(&"kubernetes/server-not-enabled"));
}

#[test]
fn logs_of_pods_are_those_of_their_clusters() {
    let mut files = objects();
    let line = |what: &str| {
        format!("[2026-11-23T22:00:00,000][WARN ][o.e.x.s.a.ApiKeyService] [n] {what}\n")
            .into_bytes()
    };
    let expired = line("Authentication using apikey failed - api key is expired");
    files.push(("ns2/pod/b-es-default-0/logs.txt".into(), expired));
    files.push(("ns1/pod/kb-0/logs.txt".into(), line("nothing")));
    let temporary = TempDir::new().unwrap();
    let path = write(temporary.path(), "eck.zip", &zip(&files, false));
    let evidence = evidence(&[&path]);
    let clusters: Vec<_> = evidence
        .sightings
        .iter()
        .map(|it| it.cluster.known().map(String::as_str))
        .collect();
    assert!(!clusters.is_empty());
    assert!(clusters.iter().all(|it| *it == Some("b")), "{clusters:?}");
    assert!(
        evidence.sources.iter().all(|it| it.tool != "a log"),
        "{:?}",
        evidence.sources
    );
}

#[test]
fn services_of_a_filtered_archive_may_not_be_all() {
    let mut files = objects();
    let printed = "2026/11/23 23:00:00 ECK diagnostics with parameters: {ECKVersion: \
                   Filters:map[elasticsearch:[{Name:b}]] LogFilters:map[]}\n";
    files.push(("eck-diagnostics.log".into(), printed.into()));
    let temporary = TempDir::new().unwrap();
    let path = write(temporary.path(), "eck.zip", &zip(&files, false));
    let evidence = evidence(&[&path]);
    let resource = evidence.clusters["b"].kubernetes.known().unwrap().as_ref();
    assert!(resource.unwrap().services.is_unknown());
    let reason = &gap(&evidence, "clusters.b.kubernetes.services").reason;
    assert!(reason.contains("--filters"), "{reason}");
}

#[test]
fn several_operators_are_not_guessed_between() {
    let mut files = objects();
    let other = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "elastic-operator", "namespace": "operators"},
        "spec": {"template": {"spec": {"containers": [{"image": "docker.elastic.co/eck/eck-operator:2.10.0"}]}}}});
    files.push(("operators/deployments.json".into(), list(&json!([other]))));
    let temporary = TempDir::new().unwrap();
    let path = write(temporary.path(), "eck.zip", &zip(&files, false));
    let evidence = evidence(&[&path]);
    let resource = evidence.clusters["a"].kubernetes.known().unwrap().as_ref();
    assert!(resource.unwrap().operator_version.is_unknown());
    gap(&evidence, "clusters.a.kubernetes.operator_version");
}
