use serde_json::{Value, json};

use super::*;
use crate::archive::manifests;
use crate::evidence::{PodPolicy, PortRange, Service, ServicePort};

/// The resources of the operator's own recipe, and what the operator makes around them.
const PAIR: &str = include_str!("../../../tests/kubernetes/pair.yaml");

fn name(namespace: &str, name: &str) -> ResourceName {
    ResourceName {
        namespace: namespace.into(),
        name: name.into(),
    }
}

fn pair() -> Told {
    let mut told = Told {
        by: ToldBy::Manifests,
        ..Told::default()
    };
    for document in manifests::parse(PAIR).unwrap() {
        manifests::add(&mut told, document, None);
    }
    told
}

fn known(told: &Told, name: &ResourceName) -> ElasticsearchResource {
    match read(told, name).resource {
        Fact::Known(Some(resource)) => resource,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_recipe_is_read() {
    let told = pair();
    let local = known(&told, &name("ns1", "cluster1"));
    assert_eq!(local.managed_aliases, ["to-cluster2"]);
    let declared = &local.remote_clusters[0];
    assert!(declared.api_key && declared.namespace == "ns2" && declared.name == "cluster2");
    let issued = local.issued_keys.known().unwrap();
    assert_eq!(issued["to-cluster2"].id, "KR9SCqIBrM0sh3NpDLnA");
    assert_eq!(local.operator_version, Fact::Known("3.3.0".into()));
    assert_eq!(local.operator_license, Fact::Known("enterprise".into()));
    assert!(local.makes_certificates && !local.remote_cluster_server);
    let remote = known(&told, &name("ns2", "cluster2"));
    assert!(remote.remote_cluster_server);
    assert_eq!(remote.phase, Fact::Known("Ready".into()));
    let service = Service {
        name: "cluster2-es-remote-cluster".into(),
        kind: "ClusterIP".into(),
        addresses: Vec::new(),
        node_sets: vec!["default".into()],
        ports: vec![ServicePort {
            name: Some("rcs".into()),
            port: 9443,
            target: Some(9443),
        }],
    };
    assert_eq!(remote.services, Fact::Known(vec![service]));
    assert_eq!(remote.events, Fact::Unknown);
    assert!(!format!("{told:?}").contains("Y2FuYXJ5"));
}

#[test]
fn what_files_do_not_hold_is_a_gap_with_the_command_for_it() {
    let gaps = read(&pair(), &name("ns2", "cluster2")).gaps;
    let events = gaps.iter().find(|it| it.field == "events").unwrap();
    assert!(
        events.remedy.contains("kubectl get event -n ns2"),
        "{events:?}"
    );
    let absent = read(&pair(), &name("ns2", "other"));
    assert_eq!(absent.resource, Fact::Unknown);
    assert_eq!(absent.gaps[0].field, "");
}

#[test]
fn entries_of_secrets_are_named_by_their_managers() {
    // As `kubectl create secret generic` leaves it (metadata alone, as the API is asked for it).
    let mut told = pair();
    told.objects.push(json!({
        "kind": "Secret", "apiVersion": "meta.k8s.io/v1",
        "metadata": {"name": "extra", "namespace": "ns3", "managedFields": [
            {"manager": "kubectl-create", "fieldsV1": {
                "f:data": {".": {}, "f:cluster.remote.bee.credentials": {}}, "f:type": {}
            }}
        ]}
    }));
    told.objects.push(json!({
        "kind": "Elasticsearch", "apiVersion": "elasticsearch.k8s.elastic.co/v1",
        "metadata": {"name": "c", "namespace": "ns3"},
        "spec": {"version": "9.4.3", "secureSettings": [
            {"secretName": "extra"},
            {"secretName": "mapped", "entries": [{"key": "a", "path": "b"}, {"key": "c"}]},
            {"secretName": "gone"}
        ]}
    }));
    told.complete.insert(("Secret".into(), "ns3".into()));
    let resource = known(&told, &name("ns3", "c"));
    let names = |at: usize| resource.secure_settings[at].names.known().cloned();
    assert_eq!(names(0).unwrap(), ["cluster.remote.bee.credentials"]);
    assert_eq!(names(1).unwrap(), ["b", "c"]);
    assert_eq!(names(2), None);
    assert_eq!(resource.secure_settings[2].exists, Fact::Known(false));
}

#[test]
fn services_lead_to_the_nodes_that_their_selectors_name() {
    let mut told = pair();
    let resource = told.objects.iter_mut();
    let mut resource = resource.filter(|it| it["metadata"]["name"] == "cluster2");
    resource.next().unwrap()["spec"]["nodeSets"] = json!([
        {"name": "masters", "count": 3, "config": {"node.roles": ["master"]}},
        {"name": "data", "count": 3, "config": {"node": {"roles": ["data", "ingest"]}}}
    ]);
    let service = |name: &str, selector: Value, ports: Value| {
        json!({
            "kind": "Service", "apiVersion": "v1", "metadata": {"name": name, "namespace": "ns2"},
            "spec": {"type": "LoadBalancer", "selector": selector, "ports": ports},
            "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}, {"hostname": "lb.example.org"}]}}
        })
    };
    let cluster = "elasticsearch.k8s.elastic.co/cluster-name";
    told.objects.push(service(
        "all",
        json!({cluster: "cluster2"}),
        json!([{"port": 443}, {"port": 9443, "targetPort": "transport"}, {"port": 1, "targetPort": "x"}]),
    ));
    told.objects.push(service(
        "data",
        json!({cluster: "cluster2", "elasticsearch.k8s.elastic.co/node-data": "true"}),
        json!([]),
    ));
    told.objects
        .push(service("other", json!({cluster: "cluster3"}), json!([])));
    let remote = known(&told, &name("ns2", "cluster2"));
    let services = remote.services.known().unwrap();
    let found = |name: &str| services.iter().find(|it| it.name == name);
    assert_eq!(found("all").unwrap().node_sets, ["masters", "data"]);
    assert_eq!(
        found("all").unwrap().addresses,
        ["192.0.2.7", "lb.example.org"]
    );
    let targets: Vec<_> = found("all")
        .unwrap()
        .ports
        .iter()
        .map(|it| it.target)
        .collect();
    assert_eq!(targets, [Some(443), Some(9300), None]);
    assert_eq!(found("data").unwrap().node_sets, ["data"]);
    assert_eq!(found("other"), None);
}

fn policy(spec: &Value) -> Option<PodPolicy> {
    let mut told = pair();
    told.objects.push(json!({
        "kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1",
        "metadata": {"name": "p", "namespace": "ns2"}, "spec": spec
    }));
    told.complete.insert(("NetworkPolicy".into(), "ns2".into()));
    let remote = known(&told, &name("ns2", "cluster2"));
    remote.network_policies.into_known().unwrap().pop()
}

#[test]
fn policies_are_read_as_kubernetes_means_them() {
    // From the documentation of Kubernetes: "default deny all ingress", and one of each peer.
    let deny = policy(&json!({"podSelector": {}, "policyTypes": ["Ingress"]})).unwrap();
    assert_eq!(deny.applies, Fact::Known(true));
    assert_eq!(deny.ingress, Some(Vec::new()));
    assert_eq!(deny.egress, None);
    let rule = |from: Value| {
        let spec = json!({"podSelector": {}, "ingress": [{
            "from": from, "ports": [{"port": 9443, "endPort": 9445}, {"port": 53, "protocol": "UDP"}]
        }]});
        policy(&spec).unwrap().ingress.unwrap().remove(0)
    };
    let ns1 = json!({"matchLabels": {"kubernetes.io/metadata.name": "ns1"}});
    let ports = Some(vec![PortRange {
        from: 9443,
        to: 9445,
    }]);
    let both = rule(json!([{"namespaceSelector": ns1}, {"podSelector": {}}]));
    assert_eq!(both.ports, ports);
    assert_eq!(
        both.namespaces,
        Fact::Known(Some(vec!["ns1".into(), "ns2".into()]))
    );
    for (from, namespaces) in [
        (json!([{"namespaceSelector": {}}]), Fact::Known(None)),
        (
            json!([{"ipBlock": {"cidr": "0.0.0.0/0"}}]),
            Fact::Known(None),
        ),
        (json!([{"ipBlock": {"cidr": "10.0.0.0/8"}}]), Fact::Unknown),
        (
            json!([{"namespaceSelector": {"matchLabels": {"team": "a"}}}]),
            Fact::Unknown,
        ),
        (json!([]), Fact::Known(None)),
    ] {
        assert_eq!(rule(from.clone()).namespaces, namespaces, "{from}");
    }
    let other =
        json!({"podSelector": {"matchLabels": {"elasticsearch.k8s.elastic.co/cluster-name": "x"}}});
    assert_eq!(policy(&other), None);
    let own = policy(&json!({"podSelector": {"matchLabels": {"app": "x"}}})).unwrap();
    assert_eq!(own.applies, Fact::Unknown);
}

#[test]
fn hostile_objects_are_survived() {
    for resource in [
        json!({}),
        json!({"spec": [], "status": 7}),
        json!({"spec": {"nodeSets": {"a": 1}, "remoteClusters": [3, {"name": 1}], "secureSettings": "x"}}),
        json!({"spec": {"nodeSets": [{"config": [[1]], "count": -1}], "transport": {"tls": 3}}}),
    ] {
        let mut object = json!({
            "kind": "Elasticsearch", "apiVersion": "elasticsearch.k8s.elastic.co/v1",
            "metadata": {"name": "c", "namespace": "n", "annotations": 3}
        });
        object
            .as_object_mut()
            .unwrap()
            .extend(resource.as_object().unwrap().clone());
        let told = Told {
            objects: vec![object, json!(3), json!({"kind": "Service", "metadata": []})],
            ..Told::default()
        };
        known(&told, &name("n", "c"));
    }
}
