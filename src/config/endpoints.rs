//! The endpoints of a probe: as typed, and as read from standard input.

use std::collections::HashSet;
use std::io::{self, Read};

use super::address;
use super::problem::Problems;

/// What stands for standard input among the arguments.
const STANDARD_INPUT: &str = "-";

/// Most bytes that are read of a list: some fifty thousand endpoints.
const LONGEST_LIST: u64 = 1 << 20;

/// Most wrong lines of a list that are told one by one.
const MOST_TOLD: usize = 10;

/// The endpoints in the order given, each once. `-` stands for the list on standard input, which has
/// one `HOST:PORT` a line; what follows a `#`, and empty lines, are left out.
pub(super) fn of_probe(
    typed: &[String],
    standard_input: impl Read,
    problems: &mut Problems,
) -> Vec<String> {
    let mut endpoints = Vec::new();
    let mut standard_input = Some(standard_input);
    for text in typed {
        if text != STANDARD_INPUT {
            endpoints.extend(address::endpoint(text, "probe", problems));
        } else if let Some(input) = standard_input.take() {
            match read(input) {
                Ok(list) => endpoints.extend(of_list(&list, problems)),
                Err(error) => problems.error(
                    "standard input",
                    format!("the list of endpoints cannot be read: {error}"),
                    "give one HOST:PORT a line, or give the endpoints as arguments",
                ),
            }
        }
    }
    let mut seen = HashSet::new();
    endpoints.retain(|it| seen.insert(it.clone()));
    endpoints
}

fn read(input: impl Read) -> io::Result<String> {
    let mut list = String::new();
    input.take(LONGEST_LIST + 1).read_to_string(&mut list)?;
    if list.len() as u64 > LONGEST_LIST {
        let error = format!("it is longer than {LONGEST_LIST} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, error));
    }
    Ok(list)
}

fn of_list(list: &str, problems: &mut Problems) -> Vec<String> {
    let mut endpoints = Vec::new();
    let mut wrong = 0;
    let without_mark = list.strip_prefix('\u{feff}').unwrap_or(list);
    for (index, line) in without_mark.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let mut found = Problems::default();
        let place = format!("standard input, line {}", index + 1);
        match address::endpoint(line, &place, &mut found) {
            Some(endpoint) => endpoints.push(endpoint),
            None => wrong += 1,
        }
        if wrong <= MOST_TOLD {
            problems.errors.append(&mut found.errors);
        }
    }
    if wrong > MOST_TOLD {
        problems.error(
            "standard input",
            format!("{} more lines are no HOST:PORT", wrong - MOST_TOLD),
            "correct them as well",
        );
    } else if wrong == 0 && endpoints.is_empty() {
        problems.error(
            "standard input",
            "there is no endpoint in the list",
            "give one HOST:PORT a line",
        );
    }
    endpoints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(typed: &[&str], input: &[u8]) -> Result<Vec<String>, Vec<String>> {
        let typed: Vec<String> = typed.iter().map(|it| (*it).to_owned()).collect();
        let mut problems = Problems::default();
        let endpoints = of_probe(&typed, input, &mut problems);
        if problems.errors.is_empty() {
            Ok(endpoints)
        } else {
            Err(problems.errors.iter().map(ToString::to_string).collect())
        }
    }

    #[test]
    fn a_list_has_comments_and_empty_lines() {
        let list = b"\xef\xbb\xbf# all of them\r\nb:9443\r\n\n  [::1]:9443  # the second\nb:9443\n";
        assert_eq!(
            endpoints(&["a:9443", "-", "-"], list).unwrap(),
            ["a:9443", "b:9443", "[::1]:9443"]
        );
    }

    #[test]
    fn a_wrong_line_is_named() {
        let errors = endpoints(&["-"], b"b:9443\n\nb\nhttps://c:9443/\n").unwrap_err();
        assert_eq!(errors.len(), 2);
        assert!(errors[0].starts_with("standard input, line 3: \"b\" has no port; write b:9443"));
        assert!(errors[1].starts_with("standard input, line 4: "));
        let errors = endpoints(&["-"], "b\n".repeat(1000).as_bytes()).unwrap_err();
        assert_eq!(errors.len(), MOST_TOLD + 1);
        assert!(errors[MOST_TOLD].contains("990 more lines"));
    }

    #[test]
    fn a_list_that_is_none_is_an_error() {
        for (list, says) in [
            (&b"# nothing\n"[..], "there is no endpoint"),
            (b"\xff\xfe", "cannot be read"),
            (&vec![b'x'; (2 << 20) + 7], "longer than"),
        ] {
            let errors = endpoints(&["-"], list).unwrap_err();
            assert!(errors[0].contains(says), "{errors:?}");
        }
    }
}
