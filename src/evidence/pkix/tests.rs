//! What tells Java from other verifiers. `tests/jvm.rs` holds far more against real JVMs.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, NameConstraints, date_time_ymd,
};

use super::*;

struct Made {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

fn make(name: &str, parent: Option<&Made>, change: impl FnOnce(&mut CertificateParams)) -> Made {
    let mut params = CertificateParams::new(vec!["b.example.org".to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let der = match parent {
        None => params.self_signed(&key).unwrap(),
        Some(parent) => params.signed_by(&key, &parent.issuer).unwrap(),
    };
    Made {
        certificate: Certificate::from_der(der.der()).unwrap(),
        issuer: Issuer::new(params, key),
    }
}

fn ca(name: &str, parent: Option<&Made>) -> Made {
    make(name, parent, |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    })
}

fn leaf(parent: &Made) -> Made {
    make("server", Some(parent), |_| ())
}

fn expired(params: &mut CertificateParams) {
    params.not_after = date_time_ymd(2026, 5, 1);
}

fn verdict(presented: &[&Made], trusted: &[&Made]) -> (Outcome, Vec<RefusalReason>) {
    let presented: Vec<_> = presented.iter().map(|it| it.certificate.clone()).collect();
    let trusted: Vec<_> = trusted
        .iter()
        .map(|it| Trusted::Known(&it.certificate))
        .collect();
    let verdict = judge(&presented, &trusted, &[], now()).unwrap();
    assert_eq!(verdict.undecided, Vec::<String>::new());
    let reasons = verdict.refusals.iter().map(|it| it.reason).collect();
    (verdict.outcome, reasons)
}

#[test]
fn dates_count_below_the_anchor_only() {
    let root = ca("root", None);
    let old_root = make("root", None, |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        expired(params);
    });
    let old_leaf = make("server", Some(&root), expired);
    assert_eq!(
        verdict(&[&leaf(&old_root)], &[&old_root]),
        (Outcome::Trusted, vec![])
    );
    assert_eq!(
        verdict(&[&old_leaf], &[&root]),
        (Outcome::Trusted, vec![RefusalReason::Expired])
    );
    // A trusted leaf is taken as it is.
    assert_eq!(
        verdict(&[&old_leaf], &[&old_leaf]),
        (Outcome::Trusted, vec![])
    );
    // The root may be what is trusted, the leaf is not.
    assert_eq!(
        verdict(&[&old_leaf, &old_root], &[]),
        (Outcome::NoIssuer(0), vec![RefusalReason::Expired])
    );
}

#[test]
fn purposes_and_constraints_count() {
    let root = ca("root", None);
    let client = make("server", Some(&root), |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    let no_ca = leaf(&root);
    let short = make("short", Some(&root), |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    });
    let below = ca("below", Some(&short));
    let elsewhere = make("elsewhere", Some(&root), |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName("other.org".to_owned())],
            excluded_subtrees: Vec::new(),
        });
    });
    for (chain, reason) in [
        (vec![&client], RefusalReason::ExtendedKeyUsage),
        (vec![&leaf(&no_ca), &no_ca], RefusalReason::NotACa),
        (
            vec![&leaf(&below), &below, &short],
            RefusalReason::PathLength,
        ),
        (
            vec![&leaf(&elsewhere), &elsewhere],
            RefusalReason::NameConstraints,
        ),
    ] {
        assert_eq!(verdict(&chain, &[&root]), (Outcome::Trusted, vec![reason]));
    }
}

#[test]
fn order_does_not_matter_up_to_five_intermediates() {
    let root = ca("root", None);
    let mut chain = vec![root];
    for index in 0..6 {
        let next = ca(&format!("m{index}"), chain.last());
        chain.push(next);
    }
    let root = &chain[0];
    let shuffled = |count: usize| {
        let below = leaf(&chain[count]);
        let middles: Vec<&Made> = chain[1..=count].iter().collect();
        let all: Vec<&Made> = std::iter::once(&below).chain(middles).collect();
        verdict(&all, &[root])
    };
    assert_eq!(shuffled(5), (Outcome::Trusted, vec![]));
    assert_eq!(
        shuffled(6),
        (Outcome::Trusted, vec![RefusalReason::PathLength])
    );
}

#[test]
fn a_name_is_not_a_key() {
    let (one, other) = (ca("root", None), ca("root", None));
    let below = leaf(&one);
    assert_eq!(verdict(&[&below], &[&other]).0, Outcome::OtherKey(0));
    assert_eq!(verdict(&[&below, &one], &[&other]).0, Outcome::OtherKey(1));
    assert_eq!(verdict(&[&below], &[&other, &one]).0, Outcome::Trusted);
    assert_eq!(
        verdict(&[&below], &[&ca("another", None)]).0,
        Outcome::NoIssuer(0)
    );
}

/// Every CA has issued every other one: more paths than anybody can follow.
#[test]
fn absurd_chains_end() {
    let names = ["a", "b", "c", "d", "e", "f"];
    let roots: Vec<Made> = names.iter().map(|name| ca(name, None)).collect();
    let mut crossed = vec![leaf(&roots[0])];
    for name in names {
        for issuer in &roots {
            crossed.push(ca(name, Some(issuer)));
        }
    }
    let presented: Vec<_> = crossed.iter().map(|it| it.certificate.clone()).collect();
    let anchor = ca("f", None);
    let trusted = [Trusted::Known(&anchor.certificate)];
    let started = std::time::Instant::now();
    let verdict = judge(&presented, &trusted, &[], now()).unwrap();
    assert_ne!(verdict.outcome, Outcome::Trusted);
    assert!(!verdict.undecided.is_empty());
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
