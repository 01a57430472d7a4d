//! Transport version ids and the releases that they belong to (`TransportVersions.csv`).

/// First transport version (8.18.0) whose nodes also understand the handshake that tells their
/// exact release.
pub const FIRST_WITH_RELEASE: u32 = 8_840_000;

/// First ids of the release lines. Below 8.9 the id is the release number itself.
const LINES: [(u32, &str); 17] = [
    (8_500_020, "8.9"),
    (8_500_061, "8.10"),
    (8_512_001, "8.11"),
    (8_560_000, "8.12"),
    (8_595_000, "8.13"),
    (8_636_000, "8.14"),
    (8_702_000, "8.15"),
    (8_772_000, "8.16"),
    (8_797_000, "8.17"),
    (8_840_000, "8.18"),
    (8_841_000, "8.19"),
    (9_000_000, "9.0"),
    (9_112_000, "9.1"),
    (9_185_000, "9.2"),
    (9_250_000, "9.3"),
    (9_348_000, "9.4"),
    (u32::MAX, ""),
];

/// Release line of a transport version id, such as `9.4`; `None` for one between two lines
/// (development and serverless builds) or newer than those known.
///
/// By range, because each patch release may move the last digits.
pub fn release_line(id: u32) -> Option<String> {
    if (7_000_000..8_500_000).contains(&id) {
        // 7.17.29 is 7172999.
        return Some(format!("{}.{}", id / 1_000_000, id / 10_000 % 100));
    }
    LINES
        .windows(2)
        .find(|pair| (pair[0].0..pair[1].0).contains(&id))
        .filter(|pair| id - pair[0].0 < 1_000)
        .map(|pair| pair[0].1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_released_versions() {
        for (id, line) in [
            (7_170_099, "7.17"),
            (7_172_999, "7.17"),
            (8_000_099, "8.0"),
            (8_080_299, "8.8"),
            (8_500_020, "8.9"),
            (8_500_061, "8.10"),
            (8_512_001, "8.11"),
            (8_560_001, "8.12"),
            (8_595_001, "8.13"),
            (8_636_001, "8.14"),
            (8_702_003, "8.15"),
            (8_772_006, "8.16"),
            (8_797_010, "8.17"),
            (8_840_010, "8.18"),
            (8_841_084, "8.19"),
            (9_000_016, "9.0"),
            (9_112_007, "9.1"),
            (9_185_021, "9.2"),
            (9_250_005, "9.3"),
            (9_348_007, "9.4"),
        ] {
            assert_eq!(release_line(id).as_deref(), Some(line), "{id}");
        }
    }

    #[test]
    fn ids_between_lines_and_newer_ones_are_not_guessed() {
        for id in [
            0,
            6_080_099,
            8_700_000,
            9_225_000,
            9_500_000,
            99_000_099,
            u32::MAX,
        ] {
            assert_eq!(release_line(id), None, "{id}");
        }
    }
}
