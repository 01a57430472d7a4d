//! What the machine offers: unpacked Elasticsearch versions, Java, and a user that is not root.

use std::{
    fmt, fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, anyhow, bail};

/// Versions of the matrix where `CROSSCHECK_ES_VERSIONS` names none.
const VERSIONS: &str = "8.14.1,9.4.3";

/// An Elasticsearch that can be started.
#[derive(Clone, Debug)]
pub(crate) struct Install {
    pub(crate) version: Version,
    pub(crate) home: PathBuf,
    pub(crate) java: PathBuf,
}

/// A version number, such as 8.14.1.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Version {
    pub(crate) major: u32,
    pub(crate) minor: u32,
    pub(crate) patch: u32,
}

/// A column of the matrix: can be run, or why not.
pub(crate) struct Column {
    pub(crate) version: String,
    pub(crate) install: Result<Install, String>,
}

/// The numeric user and group that nodes run as.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
    /// True if the tests run as root and so must change to that account.
    pub(crate) change: bool,
}

/// Reads the environment: the one place of these tests that does.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var_os(name)
        .and_then(|value| value.into_string().ok())
        .filter(|value| !value.is_empty())
}

/// Every version asked for, in order.
pub(crate) fn columns() -> Vec<Column> {
    if let Some(home) = environment("CROSSCHECK_ES_HOME") {
        let home = PathBuf::from(home);
        let version = version_of(&home);
        return vec![Column {
            version: version
                .as_ref()
                .map_or_else(|_| "CROSSCHECK_ES_HOME".to_owned(), Version::to_string),
            install: version
                .and_then(|version| install(version, &home))
                .map_err(|error| format!("{error:#}")),
        }];
    }
    environment("CROSSCHECK_ES_VERSIONS")
        .as_deref()
        .unwrap_or(VERSIONS)
        .split(',')
        .map(|version| Column {
            version: version.trim().to_owned(),
            install: cached(version.trim()).map_err(|error| format!("{error:#}")),
        })
        .collect()
}

fn cached(version: &str) -> Result<Install> {
    let home = cache()?.join(version);
    let found = version_of(&home).with_context(|| {
        format!("no Elasticsearch; get it with tests/elasticsearch/fetch.sh {version}")
    })?;
    install(found, &home)
}

fn cache() -> Result<PathBuf> {
    if let Some(cache) = environment("CROSSCHECK_ES_CACHE") {
        return Ok(cache.into());
    }
    let base = match environment("XDG_CACHE_HOME") {
        Some(base) => PathBuf::from(base),
        None => PathBuf::from(environment("HOME").context("HOME is not set")?).join(".cache"),
    };
    Ok(base.join("crosscheck-elasticsearch"))
}

fn install(version: Version, home: &Path) -> Result<Install> {
    Ok(Install {
        version,
        home: home.canonicalize()?,
        java: java_for(version)?,
    })
}

/// The version that `lib/elasticsearch-VERSION.jar` names.
fn version_of(home: &Path) -> Result<Version> {
    let lib = home.join("lib");
    for entry in fs::read_dir(&lib).with_context(|| format!("cannot read {}", lib.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(version) = name
            .strip_prefix("elasticsearch-")
            .and_then(|rest| rest.strip_suffix(".jar"))
            .and_then(Version::parse)
        {
            return Ok(version);
        }
    }
    bail!("{} holds no elasticsearch-VERSION.jar", lib.display())
}

/// `JAVA_HOME` if this version runs on it, else the newest installed JDK that does: 8.x needs the security manager, which is gone since 24.
fn java_for(version: Version) -> Result<PathBuf> {
    let (least, most) = match version.major {
        ..=8 => (17, 23),
        _ => (21, u32::MAX),
    };
    let suits =
        |home: &PathBuf| java_major(home).is_some_and(|major| (least..=most).contains(&major));
    let own = environment("JAVA_HOME").map(PathBuf::from);
    own.filter(suits)
        .or_else(|| {
            let homes = java_homes().into_iter().filter(suits);
            homes.max_by_key(|home| java_major(home))
        })
        .ok_or_else(|| match most {
            u32::MAX => {
                anyhow!("no Java {least} or later; looked at JAVA_HOME, PATH, /usr/lib/jvm, /opt")
            }
            _ => {
                anyhow!("no Java {least} to {most}; looked at JAVA_HOME, PATH, /usr/lib/jvm, /opt")
            }
        })
}

fn java_homes() -> Vec<PathBuf> {
    let mut homes = Vec::new();
    for folder in ["/usr/lib/jvm", "/opt"] {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            homes.push(entry.path());
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    for folder in std::env::split_paths(&path) {
        if let Ok(java) = folder.join("java").canonicalize()
            && let Some(home) = java.parent().and_then(Path::parent)
        {
            homes.push(home.to_owned());
        }
    }
    homes.retain(|home| home.join("bin/java").exists());
    homes
}

/// The major version in the JDK's `release` file, else what `java -version` says.
fn java_major(home: &Path) -> Option<u32> {
    let text = fs::read_to_string(home.join("release"))
        .ok()
        .filter(|text| text.contains("JAVA_VERSION="))
        .or_else(|| {
            let output = Command::new(home.join("bin/java"))
                .arg("-version")
                .output()
                .ok()?;
            String::from_utf8(output.stderr).ok()
        })?;
    let quoted = text
        .lines()
        .find(|line| line.starts_with("JAVA_VERSION=") || line.contains(" version \""))?
        .split('"')
        .nth(1)?;
    quoted.split(['.', '-', '+', '_']).next()?.parse().ok()
}

impl Version {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(str::parse);
        let version = Self {
            major: parts.next()?.ok()?,
            minor: parts.next()?.ok()?,
            patch: parts.next()?.ok()?,
        };
        parts.next().is_none().then_some(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Account {
    /// The caller's own account; for root `nobody`, because Elasticsearch refuses to run as root.
    pub(crate) fn choose() -> Result<Self> {
        let own = fs::metadata("/proc/self").context("cannot read /proc/self")?;
        if own.uid() != 0 {
            return Ok(Self {
                user: own.uid(),
                group: own.gid(),
                change: false,
            });
        }
        let users = fs::read_to_string("/etc/passwd")?;
        let mut nobody = users
            .lines()
            .find_map(|line| line.strip_prefix("nobody:"))
            .context("running as root, and there is no user `nobody` that nodes could run as")?
            .split(':')
            .skip(1);
        let mut number = || nobody.next().and_then(|text| text.parse().ok());
        Ok(Self {
            user: number().context("no user id for `nobody`")?,
            group: number().context("no group id for `nobody`")?,
            change: true,
        })
    }
}
