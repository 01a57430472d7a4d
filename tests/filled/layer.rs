//! The places of the evidence that a layer of tests fills, kept in `tests/filled/LAYER.txt`, which the
//! checks are held against: no check may read what nothing ever fills.

use std::collections::BTreeSet;
use std::path::Path;

use crosscheck::check::filled;
use crosscheck::evidence::Evidence;

/// Fails where the layer's file names a place that none of the documents fills. With
/// `CROSSCHECK_UPDATE_FILLED` set, writes the file.
pub(crate) fn hold<'e>(layer: &str, documents: impl IntoIterator<Item = &'e Evidence>) {
    let found: BTreeSet<String> = documents.into_iter().flat_map(filled).collect();
    let path = Path::new("tests/filled").join(format!("{layer}.txt"));
    if std::env::var_os("CROSSCHECK_UPDATE_FILLED").is_some() {
        let mut text: String = found.into_iter().collect::<Vec<_>>().join("\n");
        text.push('\n');
        std::fs::write(&path, text).expect("the folder of the package can be written");
        return;
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let lost: Vec<&str> = text.lines().filter(|it| !found.contains(*it)).collect();
    assert!(
        !text.is_empty() && lost.is_empty(),
        "{} names what this layer does not fill: {lost:?}; CROSSCHECK_UPDATE_FILLED=1 writes it anew",
        path.display()
    );
}
