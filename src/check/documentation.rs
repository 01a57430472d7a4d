//! Documentation of the version that the reader runs: pages of elastic.co speak of the newest one.

/// Root of all pages.
const DOCS: &str = "https://www.elastic.co/docs/";

/// Root of the reference of the versions before 9.0, one folder for each minor version.
const GUIDE: &str = "https://www.elastic.co/guide/en/elasticsearch/reference/";

/// Last minor version of 8.x and of 7.x, whose folders are the last of the old reference.
const LAST_8: u16 = 19;
const LAST_7: u16 = 17;

/// A page, its name in the old reference, and the first minor version of 8.x that has it there; 0 for
/// pages that 7.17 has as well.
const PAGES: &[(&str, &str, u16)] = &[
    ("deploy-manage/remote-clusters", "remote-clusters", 0),
    (
        "deploy-manage/remote-clusters/remote-clusters-api-key",
        "remote-clusters-api-key",
        10,
    ),
    (
        "deploy-manage/remote-clusters/remote-clusters-cert",
        "remote-clusters-cert",
        10,
    ),
    (
        "deploy-manage/remote-clusters/remote-clusters-migrate",
        "remote-clusters-migrate",
        10,
    ),
    (
        "deploy-manage/remote-clusters/remote-clusters-settings",
        "remote-clusters-settings",
        1,
    ),
    (
        "deploy-manage/security/secure-settings",
        "secure-settings",
        0,
    ),
    (
        "deploy-manage/tools/cross-cluster-replication",
        "xpack-ccr",
        0,
    ),
    (
        "explore-analyze/cross-cluster-search",
        "modules-cross-cluster-search",
        0,
    ),
    (
        "reference/elasticsearch/command-line-tools/elasticsearch-keystore",
        "elasticsearch-keystore",
        0,
    ),
    (
        "reference/elasticsearch/configuration-reference/networking-settings",
        "modules-network",
        0,
    ),
    (
        "reference/elasticsearch/configuration-reference/remote-clusters",
        "remote-clusters-settings",
        1,
    ),
    (
        "solutions/search/cross-cluster-search",
        "modules-cross-cluster-search",
        0,
    ),
    (
        "troubleshoot/elasticsearch/remote-clusters",
        "remote-clusters-troubleshooting",
        10,
    ),
];

/// The page for a cluster of a version: that of its minor version, where there is one, else the page
/// as it is. An API page is that of the major version.
pub(crate) fn pinned(link: &str, version: Option<&str>) -> String {
    let of_version = || {
        let mut numbers = version?.split('.').map(str::parse::<u16>);
        let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        let page = link.strip_prefix(DOCS)?;
        if let Some(operation) = page.strip_prefix("api/doc/elasticsearch/operation/") {
            return (major == 8)
                .then(|| format!("{DOCS}api/doc/elasticsearch/v8/operation/{operation}"));
        }
        let (_, old, since) = PAGES.iter().find(|(new, _, _)| *new == page)?;
        let minor = match major {
            8 if minor >= *since => minor.min(LAST_8),
            7 if minor == LAST_7 && *since == 0 => minor,
            _ => return None,
        };
        Some(format!("{GUIDE}{major}.{minor}/{old}.html"))
    };
    of_version().unwrap_or_else(|| link.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &str =
        "https://www.elastic.co/docs/deploy-manage/remote-clusters/remote-clusters-api-key";

    #[test]
    fn pages_are_those_of_the_version() {
        for (version, page) in [
            ("8.14.1", "reference/8.14/remote-clusters-api-key.html"),
            ("8.25.0", "reference/8.19/remote-clusters-api-key.html"),
            (
                "9.4.3",
                "docs/deploy-manage/remote-clusters/remote-clusters-api-key",
            ),
            (
                "8.9.0",
                "docs/deploy-manage/remote-clusters/remote-clusters-api-key",
            ),
            (
                "7.17.29",
                "docs/deploy-manage/remote-clusters/remote-clusters-api-key",
            ),
            (
                "nonsense",
                "docs/deploy-manage/remote-clusters/remote-clusters-api-key",
            ),
        ] {
            let link = pinned(KEYS, Some(version));
            assert!(link.ends_with(page), "{version}: {link}");
        }
        assert_eq!(pinned(KEYS, None), KEYS);
    }

    #[test]
    fn apis_are_those_of_the_major_version() {
        let api = "https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-x";
        assert!(pinned(api, Some("8.19.0")).contains("/elasticsearch/v8/operation/"));
        assert_eq!(pinned(api, Some("9.1.0")), api);
        assert_eq!(
            pinned("https://example.org/8", Some("8.19.0")),
            "https://example.org/8"
        );
    }
}
