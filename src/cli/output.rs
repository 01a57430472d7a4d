//! Where text goes: standard output, standard error, files that are written whole or not at all.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};

use super::{Color, Exit, LookOptions};
use crate::render::plain;

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// Writes text to standard output. A reader that has gone away (`| head`) is no fault.
pub(super) fn print(text: &[u8], look: LookOptions) -> io::Result<()> {
    let mut out = AutoStream::new(io::stdout(), look.color.into()).lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// The same, and how the program ends by it.
pub(super) fn print_and(text: &[u8], look: LookOptions, exit: Exit) -> Exit {
    match print(text, look) {
        Ok(()) => exit,
        Err(error) => {
            complain(&format!("cannot write to standard output: {error}"));
            Exit::Usage
        }
    }
}

/// One line on standard error that says what is wrong.
pub(super) fn complain(text: &str) {
    say("error", text);
}

/// One line on standard error that does not stop anything.
pub(super) fn warn(text: &str) {
    say("warning", text);
}

/// One line on standard error that tells how it went.
pub(super) fn tell(text: &str) {
    // Nothing is left to do where standard error is gone.
    let _ = writeln!(io::stderr(), "{}", plain(text));
}

fn say(label: &str, text: &str) {
    let mut all = String::new();
    for (index, line) in text.lines().enumerate() {
        all.push_str(if index == 0 { label } else { "  " });
        all.push_str(if index == 0 { ": " } else { "" });
        all.push_str(&plain(line));
        all.push('\n');
    }
    // Nothing is left to do where standard error is gone.
    let _ = io::stderr().write_all(all.as_bytes());
}

/// Writes a file whole or not at all: into a neighbour first, which is then renamed.
pub(super) fn write_whole(path: &Path, contents: &[u8]) -> io::Result<()> {
    write(path, contents, false)
}

/// The same, and nobody but its owner may read it.
pub(super) fn write_private(path: &Path, contents: &[u8]) -> io::Result<()> {
    write(path, contents, true)
}

fn write(path: &Path, contents: &[u8], private: bool) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|it| !it.is_file()) {
        // A pipe or a device such as /dev/stdout cannot be replaced.
        return fs::OpenOptions::new()
            .write(true)
            .open(path)?
            .write_all(contents);
    }
    let mut name = OsString::from(".");
    name.push(path.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    name.push(format!(".{}.tmp", std::process::id()));
    let neighbour: PathBuf = path.with_file_name(name);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let written = options.open(&neighbour).and_then(|mut file| {
        file.write_all(contents)?;
        file.sync_all()?;
        fs::rename(&neighbour, path)
    });
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&neighbour);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_whole(&folder.path().join("no/report.json"), b"x").is_err());
        assert!(write_whole(folder.path(), b"x").is_err());
    }
}
