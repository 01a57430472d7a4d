//! What must not be met again: secrets, and identifiers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(crate) const PASSWORD: &str = "Canary-Passw0rd!";
pub(crate) const KEY_ID: &str = "5IFlCqIBFsqsHzwCggPH";
pub(crate) const KEY_SECRET: &str = "3kXw-0_9Tt2b8Yq1ZcVnMQ";
const PEM_BODY: &str = "MHcCAQEEIBcanaryCANARYcanary0123456789canaryCANARYoAoGCCqGSM49";

/// Secrets: what it is, the text as it is repeated, and the part that must not be met.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn secrets() -> Vec<(&'static str, String, String)> {
    let own = STANDARD.encode(format!("{KEY_ID}:{KEY_SECRET}"));
    let foreign = STANDARD.encode("aaaaBBBBcccc1111dddd:eeeeFFFFgggg2222hhhh33");
    let basic = STANDARD.encode(format!("elastic:{PASSWORD}"));
    let same = |what, text: &str| (what, text.to_owned(), text.to_owned());
    let within = |what, text: String, secret: &str| (what, text, secret.to_owned());
    vec![
        same("password of the login", PASSWORD),
        same("encoded credential", &own),
        within(
            "pair of the credential",
            format!("{KEY_ID}:{KEY_SECRET}"),
            KEY_SECRET,
        ),
        same("secret of the credential", KEY_SECRET),
        same("encoded key of somebody else", &foreign),
        same(
            "pair of somebody else",
            "aaaaBBBBcccc1111dddd:eeeeFFFFgggg2222hhhh33",
        ),
        within(
            "Basic header of the login",
            format!("Basic {basic}"),
            &basic,
        ),
        within(
            "Authorization header",
            "Authorization: Custom canary-header-value".into(),
            "canary-header-value",
        ),
        within(
            "bearer token",
            "Bearer canary0bearer1token2value".into(),
            "canary0bearer1token2value",
        ),
        within("ApiKey header", format!("ApiKey {foreign}"), &foreign),
        within(
            "private key",
            format!("-----BEGIN PRIVATE KEY-----\n{PEM_BODY}\n-----END PRIVATE KEY-----"),
            PEM_BODY,
        ),
        within(
            "encrypted private key",
            format!("-----BEGIN ENCRYPTED PRIVATE KEY-----\n{PEM_BODY}"),
            PEM_BODY,
        ),
        within(
            "password in a URL",
            "https://svc:canary-url-pass@db.acmecorp.com/x".into(),
            "canary-url-pass",
        ),
        within(
            "password of a proxy",
            "http://proxyuser:canary-proxy-pass@proxy.acmecorp.com:3128".into(),
            "canary-proxy-pass",
        ),
        within(
            "password of a keystore",
            "xpack.security.http.ssl.keystore.secure_password=canary-keystore".into(),
            "canary-keystore",
        ),
        within(
            "bind password",
            "bind_password=\"canary-bind\"".into(),
            "canary-bind",
        ),
        within(
            "client secret",
            "\"rp.client_secret\": \"canary-oidc\"".into(),
            "canary-oidc",
        ),
        within(
            "SAML signing secret",
            "signing.secure_key_passphrase=canary-saml".into(),
            "canary-saml",
        ),
        same("AWS access key", "AKIACANARYCANARY0123"),
        within(
            "AWS secret key",
            "aws_secret_access_key=canary/aws+secret0".into(),
            "canary/aws+secret0",
        ),
        within(
            "GCS key",
            format!(
                "\"private_key\": \"-----BEGIN PRIVATE KEY-----\\n{PEM_BODY}\\n-----END PRIVATE KEY-----\""
            ),
            PEM_BODY,
        ),
        same(
            "web token",
            "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiJ5ZXMifQ.Y2FuYXJ5LXNpZw",
        ),
        within(
            "cookie",
            "Set-Cookie: sid=Fe26.2canarycookie; Path=/".into(),
            "Fe26.2canarycookie",
        ),
        same(
            "token of a service account",
            "AAEAAWVsYXN0aWMvZmxlZXQtc2VydmVyL2NhbmFyeTo",
        ),
        same(
            "token of a code host",
            "ghp_canaryCANARYcanaryCANARY0123456789",
        ),
    ]
}

/// Identifiers: what it is, and the text.
pub(crate) const IDENTIFIERS: &[(&str, &str)] = &[
    ("user name", "harriet.vane"),
    ("full name", "Harriet Vane"),
    ("mail address", "harriet@wimsey-publishing.co.uk"),
    ("host name", "zugspitze07"),
    ("qualified host name", "es07.frankfurt.acmecorp.com"),
    ("private IPv4 address", "10.47.11.8"),
    ("public IPv4 address", "198.51.100.77"),
    ("IPv6 address", "2a02:8070:d81:99::17"),
    ("MAC address", "52:54:00:ab:cd:ef"),
    ("cluster name", "orders-frankfurt"),
    ("cluster uuid", "Qm9vVGhlQ2FuYXJ5MTIzNA"),
    ("remote cluster name", "orders-dublin"),
    ("node name", "zugspitze07-warm"),
    ("node id", "nOdE1dCaNaRy0123456789"),
    ("alias", "dublin_orders"),
    ("index", "invoices-acmecorp"),
    ("key name", "dublin-to-frankfurt"),
    ("key id", KEY_ID),
    ("role", "invoice_auditors"),
    ("realm", "wimseyldap"),
    ("organisation", "Acmecorp Holding"),
    ("loaded subject", "Wimsey Issuing"),
    ("serial number", "deadbeefcafe0123456789ab"),
    ("fingerprint", "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c"),
    ("deployment id", "a1b2c3d4e5f60718293a4b5c6d7e8f90"),
    ("UUID", "7f3e2d1c-9b8a-4765-8432-10fedcba9876"),
    (
        "cloud id",
        "payroll:ZnJhbmtmdXJ0LmFjbWVjb3JwLmNvbSRhYmNkZWYkMTIzNDU2",
    ),
    ("Kubernetes namespace", "payroll-prod"),
    ("path", "/srv/wimsey/elastic/ca.crt"),
    ("licensee", "Wimsey Publishing Ltd"),
    ("rack", "hall7-row3"),
];

pub(crate) fn of(kind: &str) -> &'static str {
    IDENTIFIERS.iter().find(|it| it.0 == kind).unwrap().1
}
