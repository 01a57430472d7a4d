//! Log files that a reader names.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::scan;
use crate::check::Signatures;
use crate::evidence::{Gap, Sighting};

/// What several logs say.
#[derive(Debug, Default)]
pub struct Logs {
    /// What was found, file by file.
    pub sightings: Vec<Sighting>,
    /// What could not be read, and why.
    pub gaps: Vec<Gap>,
    /// When the last of them ends; `None` where none has a time.
    pub last: Option<Timestamp>,
}

/// Why logs that a reader named cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// There is nothing of that name, or it may not be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// What was named.
        path: PathBuf,
        /// Why it could not be read.
        source: io::Error,
    },
    /// A folder without any log.
    #[error(
        "no log in {}: expected files whose name has .log, .json or .txt in it, such as \
         CLUSTER.log or CLUSTER_server.json",
        .0.display()
    )]
    Empty(PathBuf),
}

/// Searches files, and all logs of folders. What is named must be there; what breaks off while it is
/// read becomes a gap.
pub fn read(paths: &[PathBuf], signatures: &Signatures) -> Result<Logs, LogError> {
    let mut logs = Logs::default();
    for named in paths {
        let unreadable = |source| LogError::Unreadable {
            path: named.clone(),
            source,
        };
        let is_folder = fs::metadata(named).map_err(unreadable)?.is_dir();
        if !is_folder {
            logs.add(named, File::open(named).map_err(unreadable)?, signatures);
            continue;
        }
        let files = files(named).map_err(unreadable)?;
        if files.is_empty() {
            return Err(LogError::Empty(named.clone()));
        }
        for file in files {
            match File::open(&file) {
                Ok(open) => logs.add(&file, open, signatures),
                Err(error) => logs.gaps.push(gap(&file, &error)),
            }
        }
    }
    Ok(logs)
}

impl Logs {
    fn add(&mut self, path: &Path, file: File, signatures: &Signatures) {
        let scan = scan(file, &path.display().to_string(), signatures);
        self.sightings.extend(scan.sightings);
        self.last = self.last.max(scan.last);
        if let Some(problem) = scan.problem {
            let line = scan.lines + 1;
            let problem = io::Error::new(problem.kind(), format!("{problem} (in line {line})"));
            self.gaps.push(gap(path, &problem));
        }
    }
}

fn gap(path: &Path, error: &io::Error) -> Gap {
    Gap {
        path: "sightings".to_owned(),
        probe: format!("--logs {}", path.display()),
        reason: format!("{} could not be read to its end: {error}", path.display()),
        remedy: "copy the file again, whole, and name it with --logs".to_owned(),
    }
}

/// The logs of a folder and of those in it, in order. Links in it are not followed.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let path = entry.path();
        if kind.is_dir() {
            found.extend(files(&path)?);
        } else if kind.is_file() && is_log(&entry.file_name().to_string_lossy()) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// `a.log`, `a_server.json`, `a-2026-11-25-1.json.gz`, `logs.txt`; not the JVM's `gc.log`.
fn is_log(name: &str) -> bool {
    let named = [".log", ".json", ".txt"]
        .iter()
        .any(|end| name.contains(end));
    named && !name.starts_with("gc.log") && !name.starts_with('.')
}
