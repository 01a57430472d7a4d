//! Where the API key goes and where it does not, at simulated remote cluster servers that give recorded
//! answers.

use crosscheck::demo;
use crosscheck::evidence::{Authentication, AuthenticationOutcome, Withheld};
use crosscheck::probe::endpoint::Key;
use rustls::pki_types::pem::PemObject;
use secrecy::SecretString;

use super::*;

/// What became of a key at the only address of a scenario.
async fn try_key(
    scenario: &str,
    anchors: Option<&[CertificateDer<'static>]>,
    typed: bool,
    credential: Option<&str>,
) -> (Option<Authentication>, Option<Withheld>) {
    let mut scenarios = demo::scenarios().iter();
    let scenario = scenarios.find(|it| it.name == scenario).unwrap();
    let pair = demo::start(scenario).await.unwrap();
    let own = CertificateDer::from_pem_slice(pair.server_ca_pem.as_bytes()).unwrap();
    let own = [own];
    let credential = SecretString::from(credential.unwrap_or(&pair.credential).to_owned());
    let identity = Identity {
        server_ca: match anchors {
            Some([]) => Some(&own),
            other => other,
        },
        key: Some(Key {
            credential: &credential,
            typed_for_address: typed,
        }),
        ..Identity::default()
    };
    let endpoint = look_as(&pair.address, None, identity, 20).await;
    let attempt = only(&endpoint).clone();
    (attempt.authentication.into_known(), attempt.key_withheld)
}

/// Stands for the CA that the scenario's local cluster trusts.
const OWN: Option<&[CertificateDer<'static>]> = Some(&[]);

#[tokio::test]
async fn an_accepted_key_tells_itself_and_the_cluster() {
    let (answer, withheld) = try_key("healthy", OWN, false, None).await;
    let answer = answer.unwrap();
    assert_eq!(withheld, None);
    assert_eq!(answer.outcome, AuthenticationOutcome::Accepted);
    assert!(answer.peer_verified);
    assert_eq!(answer.release.known().unwrap(), "9.4.3");
    assert_eq!(answer.cluster_name.known().unwrap(), "b");
    let key = answer.key.known().unwrap();
    assert_eq!(key.id, answer.key_id);
    assert_eq!(
        (&key.search[..], &key.replication[..]),
        (&["logs*".to_owned()][..], &["logs*".to_owned()][..])
    );
    assert_eq!(answer.nodes.known().unwrap()[0].name, "b-node");
}

#[tokio::test]
async fn refusals_are_told_apart() {
    for (scenario, expected) in [
        ("key-unknown", AuthenticationOutcome::UnknownKey),
        ("key-invalidated", AuthenticationOutcome::Invalidated),
        ("key-expired", AuthenticationOutcome::Expired),
        ("key-wrong-secret", AuthenticationOutcome::WrongSecret),
        ("key-rest-type", AuthenticationOutcome::WrongType),
        ("licence-remote", AuthenticationOutcome::Licence),
    ] {
        let (answer, _) = try_key(scenario, OWN, false, None).await;
        let answer = answer.unwrap_or_else(|| panic!("{scenario}: not tried"));
        assert_eq!(answer.outcome, expected, "{scenario}");
        assert!(
            answer.detail.is_some() && answer.key.is_unknown(),
            "{scenario}"
        );
    }
}

#[tokio::test]
async fn a_key_goes_only_to_whom_it_may() {
    let stranger = cas(&Ca::new("stranger"));
    let cases = [
        ("healthy", None, true, None, Ok(false)),
        ("healthy", None, false, None, Err(Withheld::Unverified)),
        (
            "healthy",
            Some(&stranger[..]),
            true,
            None,
            Err(Withheld::UntrustedChain),
        ),
        (
            "ca-same-name",
            OWN,
            true,
            None,
            Err(Withheld::UntrustedChain),
        ),
        ("wrong-name", OWN, true, None, Err(Withheld::WrongName)),
        // An expired certificate is a fault, and still its owner's.
        ("cert-expired", OWN, false, None, Ok(true)),
        (
            "healthy",
            OWN,
            true,
            Some("id:secret"),
            Err(Withheld::NotEncoded),
        ),
    ];
    for (scenario, anchors, typed, credential, expected) in cases {
        let (answer, withheld) = try_key(scenario, anchors, typed, credential).await;
        let verified = answer.map(|it| it.peer_verified);
        assert_eq!(
            (verified, withheld),
            (expected.ok(), expected.err()),
            "{scenario} typed: {typed}"
        );
    }
}

#[tokio::test]
async fn a_key_goes_to_no_other_port() {
    for scenario in ["transport-port", "http-port", "other-service", "silent"] {
        let (answer, withheld) = try_key(scenario, OWN, true, None).await;
        assert_eq!((answer, withheld), (None, None), "{scenario}");
    }
}
