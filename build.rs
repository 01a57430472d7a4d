//! Embeds every `checks/<area>/<fault>.toml`, so that the binary needs no file beside it, and the same as
//! JSON, but for its tests: reading TOML would be most of what a short run does.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=checks");
    let root =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("checks");
    let mut files = Vec::new();
    for area in fs::read_dir(&root)?.collect::<io::Result<Vec<_>>>()? {
        if area.file_type()?.is_dir() {
            println!("cargo::rerun-if-changed={}", area.path().display());
            for file in fs::read_dir(area.path())?.collect::<io::Result<Vec<_>>>()? {
                files.push(file.path());
            }
        }
    }
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "toml")
    });
    files.sort();
    let entries: String = files.iter().map(|file| entry(&root, file)).collect();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("checks.rs");
    fs::write(out, format!("&[\n{entries}]\n"))
}

fn entry(root: &Path, file: &Path) -> String {
    let relative = file
        .strip_prefix(root)
        .expect("it was found below the root");
    let path = relative.to_string_lossy().replace('\\', "/");
    let text = fs::read_to_string(file).expect("it was listed");
    let mut table: toml::Table = toml::from_str(&text)
        .unwrap_or_else(|error| panic!("{} is no TOML: {error}", file.display()));
    table.remove("test");
    let json = serde_json::to_string(&table).expect("keys are strings");
    format!("    (\"checks/{path}\", {text:?}, {json:?}),\n")
}
