//! Elasticsearch versions: order, and which pairs work together.

use serde_json::Value as Json;

use super::text;

/// `major.minor.patch`; a suffix such as `-SNAPSHOT` does not count, so that 8.14.0-SNAPSHOT is "at
/// least 8.14.0", as Elasticsearch's own `Version` has it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Version {
    major: u16,
    minor: u16,
    patch: u16,
}

impl Version {
    fn read(value: &Json) -> Result<Self, String> {
        let text = text(value)?;
        let number = text.split(['-', '+']).next().unwrap_or_default();
        let mut parts = number.split('.').map(str::parse);
        let mut next = |required: bool| match parts.next() {
            Some(Ok(part)) => Ok(part),
            None if !required => Ok(0),
            _ => Err(format!("{text:?} is no version")),
        };
        Ok(Self {
            major: next(true)?,
            minor: next(true)?,
            patch: next(false)?,
        })
    }

    fn line(self) -> (u16, u16) {
        (self.major, self.minor)
    }
}

pub(super) fn at_least(arguments: &[Json]) -> Result<Json, String> {
    Ok((Version::read(&arguments[0])? >= Version::read(&arguments[1])?).into())
}

pub(super) fn before(arguments: &[Json]) -> Result<Json, String> {
    Ok((Version::read(&arguments[0])? < Version::read(&arguments[1])?).into())
}

pub(super) fn same_minor(arguments: &[Json]) -> Result<Json, String> {
    Ok((Version::read(&arguments[0])?.line() == Version::read(&arguments[1])?.line()).into())
}

/// Whether nodes of the two versions accept each other's transport handshake: every version of one
/// major, and the last minor of a major with all of the next (7.17 with 8.x; 8.18 and 8.19 with
/// 9.x, as `minimum_wire_compatibility_version` of 9.x says).
pub(super) fn wire_compatible(arguments: &[Json]) -> Result<Json, String> {
    let (one, other) = (Version::read(&arguments[0])?, Version::read(&arguments[1])?);
    let (older, newer) = (one.min(other), one.max(other));
    let across = match (older.major, newer.major) {
        (7, 8) => older.minor >= 17,
        (8, 9) => older.minor >= 18,
        _ => false,
    };
    Ok((older.major == newer.major || across).into())
}

/// The published table of pairs for cross-cluster search, read cell by cell; newer minors of one
/// major than the table knows follow its prose: the same, one back, any newer.
pub(super) fn ccs_supported(arguments: &[Json]) -> Result<Json, String> {
    let (local, remote) = (Version::read(&arguments[0])?, Version::read(&arguments[1])?);
    let supported = match (local.line(), remote.line()) {
        // The published row of 8.18 has one cell too few, and ends with 9.0.
        ((7, 17) | (8, 0), (7, 17) | (8, _))
        | ((8, 18), (9, 0))
        | ((8, 19), (9, _))
        | ((9, 0), (8, 18)) => true,
        ((local_major, local_minor), (remote_major, remote_minor)) => {
            local_major == remote_major && local_major >= 7 && remote_minor + 1 >= local_minor
        }
    };
    Ok(supported.into())
}

/// Whether a follower may replicate from a leader: compatible and the same version or newer, patch
/// included.
pub(super) fn ccr_supported(arguments: &[Json]) -> Result<Json, String> {
    let (follower, leader) = (Version::read(&arguments[0])?, Version::read(&arguments[1])?);
    let compatible = match (leader.line(), follower.major) {
        ((7, 17), 8) => true,
        ((7, 17), 9) => follower.minor == 0,
        ((8, _), 9) => leader.minor >= 18,
        ((major, _), of_follower) => major == of_follower,
    };
    Ok((compatible && follower >= leader).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ask(function: fn(&[Json]) -> Result<Json, String>, one: &str, other: &str) -> bool {
        function(&[json!(one), json!(other)]).unwrap() == json!(true)
    }

    #[test]
    fn order_versions_by_number() {
        assert!(ask(at_least, "8.14.0", "8.14.0"));
        assert!(ask(at_least, "8.14.0-SNAPSHOT", "8.14.0"));
        assert!(!ask(at_least, "8.9.2", "8.14.0"));
        assert!(ask(before, "8.9.2", "8.10"));
        assert!(ask(same_minor, "9.4.1", "9.4.3"));
        assert!(!ask(same_minor, "9.4.1", "8.4.1"));
        assert!(at_least(&[json!("nine"), json!("8.14.0")]).is_err());
        assert!(at_least(&[json!(null), json!("8.14.0")]).is_err());
    }

    #[test]
    fn nodes_that_can_talk() {
        for (one, other, talk) in [
            ("9.4.3", "8.19.13", true),
            ("8.18.0", "9.0.0", true),
            ("8.14.1", "9.4.3", false),
            ("8.17.9", "9.0.0", false),
            ("7.17.28", "8.0.0", true),
            ("7.16.0", "8.0.0", false),
            ("7.17.28", "9.0.0", false),
            ("8.0.0", "8.19.0", true),
        ] {
            assert_eq!(ask(wire_compatible, one, other), talk, "{one} {other}");
            assert_eq!(ask(wire_compatible, other, one), talk, "{other} {one}");
        }
    }

    #[test]
    fn pairs_that_may_search() {
        for (local, remote, supported) in [
            ("7.17.5", "7.17.5", true),
            ("7.17.5", "8.19.0", true),
            ("8.0.1", "7.17.5", true),
            ("8.1.0", "7.17.5", false),
            ("8.14.1", "8.13.0", true),
            ("8.14.1", "8.12.0", false),
            ("8.14.1", "8.19.0", true),
            ("8.17.0", "9.0.0", false),
            ("8.18.0", "9.0.0", true),
            ("8.18.0", "9.1.0", false),
            ("8.19.0", "9.3.0", true),
            ("9.0.0", "8.18.0", true),
            ("9.0.0", "8.19.0", false),
            ("9.1.0", "8.19.0", false),
            ("9.1.0", "9.0.0", true),
            ("9.3.0", "9.1.0", false),
            ("9.4.3", "9.4.3", true),
        ] {
            assert_eq!(
                ask(ccs_supported, local, remote),
                supported,
                "{local} {remote}"
            );
        }
    }

    #[test]
    fn pairs_that_may_replicate() {
        for (follower, leader, supported) in [
            ("8.14.1", "8.14.1", true),
            ("8.14.0", "8.14.1", false),
            ("8.15.0", "7.17.0", true),
            ("9.0.0", "7.17.0", true),
            ("9.1.0", "7.17.0", false),
            ("9.0.0", "8.17.0", false),
            ("9.4.3", "8.19.0", true),
            ("8.0.0", "7.16.0", false),
        ] {
            assert_eq!(
                ask(ccr_supported, follower, leader),
                supported,
                "{follower} {leader}"
            );
        }
    }
}
