//! Archives that are broken, and such as are made to harm.

use std::io::{Cursor, Write as _};

use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use super::build::{self, Files, Side, below, gzip, tar, write, zip};
use super::{evidence, read};

fn files() -> Files {
    build::answers("9.4.3", "healthy", Side::Local)
}

/// The one problem that was told, in words.
fn told(bytes: &[u8]) -> (usize, Vec<String>) {
    let temporary = TempDir::new().unwrap();
    let path = write(temporary.path(), "d.bin", bytes);
    let intake = read(&[&path]);
    let told = intake.problems.iter().chain(&intake.refused);
    (
        intake.diagnostics.len(),
        told.map(ToString::to_string).collect(),
    )
}

fn says(told: &[String], words: &str) {
    assert!(
        told.iter()
            .any(|it| it.contains(words) && it.contains("d.bin")),
        "{words}: {told:?}"
    );
}

#[test]
fn of_a_truncated_archive_what_is_there_is_used() {
    let root = below("api-diagnostics-20261123-230000", &files());
    let whole = zip(&root, false);
    let (found, problems) = told(&whole[..whole.len() / 2]);
    assert_eq!(found, 1);
    says(&problems, "cut off or damaged");
    let whole = gzip(&tar(&root));
    let (found, problems) = told(&whole[..whole.len() * 2 / 3]);
    assert_eq!(found, 1);
    says(&problems, "cut off");
}

#[test]
fn a_damaged_entry_is_named_and_the_rest_used() {
    let files = build::answers("9.4.3", "address_with_scheme", Side::Local);
    let mut bytes = zip(&files, false);
    let name = b"licenses.json";
    let at = bytes.windows(name.len()).position(|it| it == name).unwrap();
    for byte in &mut bytes[at + name.len() + 10..at + name.len() + 14] {
        *byte ^= 0x55;
    }
    let temporary = TempDir::new().unwrap();
    let path = write(temporary.path(), "d.bin", &bytes);
    let intake = read(&[&path]);
    let problem = intake.problems[0].to_string();
    assert!(problem.contains("licenses.json"), "{problem}");
    let evidence = evidence(&[&path]);
    assert!(evidence.clusters["a"].nodes.is_known());
    let gap = evidence
        .gaps
        .iter()
        .find(|it| it.path == "clusters.a.license");
    assert!(gap.unwrap().reason.contains("licenses.json"), "{gap:?}");
}

#[test]
fn names_that_lead_outside_are_passed_over() {
    let mut builder = tar::Builder::new(Vec::new());
    for name in [
        "../../nodes.json",
        "/tmp/version.json",
        "x/../../licenses.json",
    ] {
        let mut header = tar::Header::new_gnu();
        // The library that writes refuses such names.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(2);
        header.set_cksum();
        builder.append(&header, &b"{}"[..]).unwrap();
    }
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder
        .append_link(&mut header, "d/nodes.json", "/etc/passwd")
        .unwrap();
    let (found, problems) = told(&builder.into_inner().unwrap());
    assert_eq!(found, 0);
    says(&problems, "leads out of the archive");
    says(&problems, "it is a link");
}

#[test]
fn a_bomb_is_given_up() {
    // 80 MiB of spaces in the JSON, squeezed a thousandfold.
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .start_file("nodes.json", SimpleFileOptions::default())
        .unwrap();
    writer.write_all(b"{\"nodes\":").unwrap();
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..80 {
        writer.write_all(&chunk).unwrap();
    }
    let bomb = writer.finish().unwrap().into_inner();
    let (_, problems) = told(&bomb);
    says(&problems, "larger than 64 MiB");
    // A tar must be read to its end, whatever is in it.
    let zeros = vec![0; 80 << 20];
    let bomb = gzip(&gzip(&tar(&vec![("x/core.dump".into(), zeros)])));
    let (_, problems) = told(&bomb);
    says(&problems, "only archive bombs do");
}

#[test]
fn archives_in_archives_come_to_an_end() {
    let mut bytes = zip(&files(), false);
    for _ in 0..6 {
        bytes = zip(&vec![("inner.zip".into(), bytes)], false);
    }
    let (found, problems) = told(&bytes);
    assert_eq!(found, 0);
    says(&problems, "archives deep");
}

#[test]
fn foreign_and_empty_files_are_named() {
    let (_, problems) = told(b"7z\xbc\xaf\x27\x1c\0\x04");
    says(&problems, "7-Zip");
    let (_, problems) = told(b"\x28\xb5\x2f\xfd....");
    says(&problems, "zstd");
    for bytes in [
        &b""[..],
        b"hello",
        b"\0\0\0\0",
        b"{}",
        b"[1, 2",
        b"PK\x03\x04",
    ] {
        let (found, problems) = told(bytes);
        assert_eq!(found, 0);
        assert!(!problems.is_empty(), "{bytes:?}");
    }
}

#[test]
fn every_cut_of_an_archive_is_survived() {
    for whole in [zip(&files(), true), gzip(&tar(&files()))] {
        for part in 0..40 {
            told(&whole[..whole.len() * part / 40]);
        }
    }
}

#[test]
fn a_key_that_was_saved_is_not_used() {
    let made = br#"{"id":"x","name":"cross","api_key":"geheim","encoded":"eDpnZWhlaW0="}"#;
    let (found, problems) = told(made);
    assert_eq!(found, 0);
    says(&problems, "holds its secret");
    assert!(problems.iter().all(|it| !it.contains("geheim")));
}
