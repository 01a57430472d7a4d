//! `GET /`, to tell an HTTP server from others.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::wait::{Ended, wait};
use crate::evidence::HttpAnswer;
use crate::probe::Deadline;

/// Longest wait for the head of an answer.
const LIMIT: Duration = Duration::from_secs(5);

/// Longest head that is read.
const MAX_HEAD: usize = 16 * 1024;

/// How much of a body is read, and how long it is waited for: it names what the head does not.
const BODY: usize = 2 * 1024;
const BODY_LIMIT: Duration = Duration::from_millis(300);

/// Asks for `/` as `host` and reads the head of the answer and the beginning of its body. The bytes
/// that came are returned as well: they may be another service's. Nothing at all in time is an error.
pub(super) async fn get(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    host: &str,
    deadline: &Deadline,
) -> Result<(Option<HttpAnswer>, Vec<u8>), Ended> {
    let host: String = host.chars().filter(char::is_ascii_graphic).collect();
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: crosscheck/{}\r\nAccept: */*\r\n\
         Connection: close\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    );
    let mut bytes = Vec::new();
    let exchange = async {
        // A peer that has closed its side may still have said something.
        let _ = stream.write_all(request.as_bytes()).await;
        let _ = stream.flush().await;
        let mut chunk = [0; 2048];
        while bytes.len() < MAX_HEAD && !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut chunk).await {
                Ok(count) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
                _ => break,
            }
            if !b"HTTP/".starts_with(&bytes[..bytes.len().min(5)]) {
                break;
            }
        }
    };
    match wait(deadline, LIMIT, exchange).await {
        Err(ended) if bytes.is_empty() => return Err(ended),
        Err(_) => {}
        Ok(()) => {
            let most = bytes.len().min(MAX_HEAD) + BODY;
            let rest = async {
                let mut chunk = [0; 1024];
                while bytes.len() < most {
                    match stream.read(&mut chunk).await {
                        Ok(count) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
                        _ => break,
                    }
                }
            };
            // What is there by then is what tells.
            let _ = wait(deadline, BODY_LIMIT, rest).await;
        }
    }
    Ok((parse(&bytes), bytes))
}

/// Reads the head of an HTTP answer, complete or not.
pub(super) fn parse(bytes: &[u8]) -> Option<HttpAnswer> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut response = httparse::Response::new(&mut headers);
    response.parse(bytes).ok()?;
    let status = response.code?;
    let find = |name: &str, wanted: &[u8]| {
        response.headers.iter().any(|header| {
            header.name.eq_ignore_ascii_case(name)
                && header.value.to_ascii_lowercase().starts_with(wanted)
        })
    };
    let product = ["kbn-name", "server"].iter().find_map(|name| {
        let header = response
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))?;
        let value = super::printable(header.value);
        Some(if *name == "kbn-name" {
            format!("Kibana {value}")
        } else {
            value
        })
    });
    Some(HttpAnswer {
        status,
        // A 401 comes without the product header.
        elasticsearch: find("x-elastic-product", b"elasticsearch")
            || find("www-authenticate", b"basic realm=\"security\"")
            || contains(bytes, b"\"You Know, for Search\""),
        server: product,
    })
}

/// Nodes before 7.14 name themselves in the body only.
fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_real_servers() {
        // Recorded from the HTTP port of 9.4.3: the 401 to `GET /`, the 400 to a ClientHello.
        let refused = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"security\", \
            charset=\"UTF-8\"\r\nWWW-Authenticate: ApiKey\r\ncontent-length: 405\r\n\r\n{";
        let bad = b"HTTP/1.0 400 Bad Request\r\nX-elastic-product: Elasticsearch\r\ncontent-";
        for (bytes, status) in [(&refused[..], 401), (&bad[..], 400)] {
            let answer = parse(bytes).unwrap();
            assert_eq!((answer.status, answer.elasticsearch), (status, true));
        }
        let nginx = parse(b"HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22\r\n\r\n").unwrap();
        assert_eq!(nginx.server.as_deref(), Some("nginx/1.22"));
        assert!(!nginx.elasticsearch);
        assert!(parse(b"SSH-2.0-x\r\n").is_none());
        assert!(parse(b"").is_none());
    }
}
