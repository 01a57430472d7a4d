//! JSON as people save it: an answer alone, with the head of `curl -i`, or several with their
//! requests, as Kibana's console shows them.

use std::io::{self, BufRead, Read as _};

use serde::de::DeserializeSeed;
use serde_json::Value;

use super::keep::{Keep, Kept, whole};
use crate::scrub;

/// Most answers of one file.
const MOST: usize = 256;

/// Bytes of a line beside the JSON.
const LINE: u64 = 64 << 10;

/// One document of a file.
#[derive(Debug)]
pub(super) struct Saved {
    /// HTTP status, where it was saved as well.
    pub(super) status: Option<u16>,
    /// Method and path of the request, where they were saved as well.
    pub(super) request: Option<String>,
    /// What is kept of the document.
    pub(super) value: Value,
}

/// Why a file could not be read as JSON.
#[derive(Debug, thiserror::Error)]
pub(super) enum JsonError {
    /// It has none.
    #[error("it is empty")]
    Empty,
    /// The reader failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is no JSON, or not all of it.
    #[error("it is no JSON ({0})")]
    Syntax(String),
}

/// Reads every document of a file.
pub(super) fn documents(reader: &mut dyn BufRead, keep: &Keep) -> Result<Vec<Saved>, JsonError> {
    let mut found = Vec::new();
    let left = whole();
    while let Some((status, request)) = beside(reader)? {
        let mut deserializer = serde_json::Deserializer::from_reader(&mut *reader);
        match Kept::new(keep, &left).deserialize(&mut deserializer) {
            Ok(value) => found.push(Saved {
                status,
                request,
                value: value.unwrap_or(Value::Null),
            }),
            Err(error) if error.is_io() => return Err(JsonError::Io(error.into())),
            Err(error) if error.is_eof() => {
                return Err(JsonError::Syntax(format!("it ends too early: {error}")));
            }
            Err(error) => return Err(JsonError::Syntax(error.to_string())),
        }
        if found.len() == MOST {
            break;
        }
    }
    if found.is_empty() {
        return Err(JsonError::Empty);
    }
    Ok(found)
}

type Beside = (Option<u16>, Option<String>);

/// Passes over lines that are no JSON and remembers what they tell; `None` at the end.
fn beside(reader: &mut dyn BufRead) -> Result<Option<Beside>, JsonError> {
    let (mut status, mut request) = (None, None);
    loop {
        let Some(next) = reader.fill_buf()?.first().copied() else {
            return Ok(None);
        };
        match next {
            b'{' | b'[' | b'"' => return Ok(Some((status, request))),
            it if it.is_ascii_whitespace() => reader.consume(1),
            _ => {
                let mut line = Vec::new();
                (&mut *reader).take(LINE).read_until(b'\n', &mut line)?;
                let line = String::from_utf8_lossy(&line);
                let known = line_status(&line)
                    .map(|it| status = Some(it))
                    .or_else(|| line_request(&line).map(|it| request = Some(it)))
                    .is_some();
                let head = status.is_some() && line.contains(':');
                let comment = line.starts_with('#') || line.starts_with("//");
                if !known && !head && !comment {
                    let start = scrub::beginning(line.trim(), 40);
                    return Err(JsonError::Syntax(format!("it has the line \"{start}\"")));
                }
            }
        }
    }
}

/// The status of `HTTP/1.1 200 OK`, or of `# GET /_license 200 OK`.
fn line_status(line: &str) -> Option<u16> {
    let code = |text: &str| text.parse().ok().filter(|it| (100..600).contains(it));
    if line.starts_with("HTTP/") {
        return code(line.split_whitespace().nth(1)?);
    }
    let words = line.strip_prefix('#')?.split_whitespace();
    words.filter(|it| it.len() == 3).find_map(code)
}

/// The request of `# GET _license`, `GET /_license`, `> GET /_license HTTP/1.1`.
fn line_request(line: &str) -> Option<String> {
    let mut words = line
        .trim_start_matches(['#', '>', '*', ' '])
        .split_whitespace();
    let method = words.next()?;
    let path = words.next()?.trim_start_matches('/');
    matches!(method, "GET" | "POST" | "PUT").then(|| format!("{method} /{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Saved>, JsonError> {
        documents(&mut text.as_bytes(), &Keep::All)
    }

    #[test]
    fn heads_and_requests_are_read_along() {
        let curl =
            read("HTTP/1.1 403 Forbidden\r\nX-elastic-product: Elasticsearch\r\n\r\n{\"a\":1}\n")
                .unwrap();
        assert_eq!(curl[0].status, Some(403));
        assert_eq!(curl[0].value["a"], 1);
        let console = read("# GET _license 200 OK\n{\"a\": 1}\n# GET _remote/info\n{}\n").unwrap();
        assert_eq!(console.len(), 2);
        assert_eq!(console[0].status, Some(200));
        assert_eq!(console[1].request.as_deref(), Some("GET /_remote/info"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let says = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(says(" \n"), "it is empty");
        assert!(says("{\"a\": 1").contains("ends too early"));
        assert!(says("<html>").contains("<html>"));
        assert!(says("{\"a\": nope}").contains("line 1 column"));
    }
}
