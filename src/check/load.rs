//! Reading check files, embedded ones and those of a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::CheckSet;
use super::file::CheckFile;
use super::item::{Check, LazyFile, Source};
use super::problem::{CheckError, Problem, did_you_mean};

/// Of every shipped check its path from `checks/` on, its text, and the same without its tests as JSON,
/// which is read in a tenth of the time (`build.rs`).
static EMBEDDED: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// A file larger than this is no check.
const LARGEST: u64 = 256 * 1024;

impl CheckSet {
    /// The checks that are embedded in the binary.
    #[expect(
        clippy::missing_panics_doc,
        reason = "the tests parse every shipped check"
    )]
    pub fn embedded() -> Self {
        let checks = EMBEDDED.iter().map(|(path, text, json)| {
            let code = code(path.trim_start_matches("checks/"));
            let source = Source {
                path: (*path).into(),
                text: (*text).into(),
            };
            let parse =
                || serde_json::from_str(json).expect("every shipped check was parsed in a test");
            let check = Check::new(code.clone(), LazyFile::new(Box::new(parse)), source);
            (code, Box::new(check))
        });
        Self {
            checks: checks.collect(),
            unreadable: Vec::new(),
        }
    }

    /// The embedded checks and those of a folder; one of the same code replaces the embedded one.
    pub fn with_folder(folder: &Path) -> Result<Self, CheckError> {
        let mut set = Self::embedded();
        let own = Self::folder(folder)?;
        let mut problems = own.unreadable.clone();
        let codes: Vec<String> = own.checks.keys().cloned().collect();
        set.checks.extend(own.checks);
        for code in codes {
            let lint = set.lint_check(&set.checks[&code]);
            problems.extend(lint.into_iter().filter(|problem| problem.breaks));
        }
        if problems.is_empty() {
            Ok(set)
        } else {
            Err(CheckError::Broken(problems))
        }
    }

    /// The checks of a folder alone, with whatever is wrong in them: for `checks lint` and `test`.
    pub fn folder(folder: &Path) -> Result<Self, CheckError> {
        let mut set = Self {
            checks: BTreeMap::new(),
            unreadable: Vec::new(),
        };
        for path in files(folder)? {
            let relative = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy();
            let relative = relative.replace('\\', "/");
            let text = read(&path)?.into();
            let path = path.display().to_string().into();
            set.add(&relative, Source { path, text });
        }
        if set.checks.is_empty() && set.unreadable.is_empty() {
            return Err(CheckError::Empty(folder.to_owned()));
        }
        Ok(set)
    }

    fn add(&mut self, path: &str, source: Source) {
        match toml::from_str::<CheckFile>(&source.text) {
            Ok(file) => {
                let code = code(path);
                let check = Check::new(code.clone(), parsed(file), source);
                self.checks.insert(code, Box::new(check));
            }
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                let message = with_hint(error.message());
                self.unreadable.push(Problem::at(&source, offset, message));
            }
        }
    }
}

/// The code of the check whose file is at this path below `checks/`.
fn code(path: &str) -> String {
    path.trim_end_matches(".toml").to_owned()
}

fn parsed(file: CheckFile) -> LazyFile {
    LazyFile::new(Box::new(move || file))
}

/// Adds what was probably meant to the message "unknown field `x`, expected one of `y`, `z`".
fn with_hint(message: &str) -> String {
    let message = message.trim();
    let mut quoted = message.split('`').skip(1).step_by(2);
    match quoted.next() {
        Some(wanted) if message.starts_with("unknown ") => {
            format!("{message}{}", did_you_mean(wanted, quoted))
        }
        _ => message.to_owned(),
    }
}

/// All TOML files of a folder and its folders, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, CheckError> {
    let unreadable = |source| CheckError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        // Links are not followed: a folder that holds itself would never end.
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "toml")
            && path
                .file_name()
                .is_some_and(|name| name != "not-covered.toml" && name != "catalogue.toml")
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String, CheckError> {
    let unreadable = |source| CheckError::Unreadable {
        path: path.to_owned(),
        source,
    };
    if fs::metadata(path).map_err(unreadable)?.len() > LARGEST {
        let message = format!("larger than {LARGEST} bytes, which no check is");
        return Err(unreadable(std::io::Error::other(message)));
    }
    fs::read_to_string(path).map_err(unreadable)
}
