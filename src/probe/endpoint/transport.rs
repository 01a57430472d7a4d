//! The Elasticsearch handshake, over whatever connection.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::tls::alert_of;
use super::wait::{Ended, wait};
use super::way;
use crate::evidence::{Fact, PortKind, Transport, TransportOutcome};
use crate::probe::Deadline;
use crate::wire::{self, Frame, FrameError, Hello, HelloForm, PortAnswer};

/// Longest wait for an answer to the handshake.
const LIMIT: Duration = Duration::from_secs(10);

/// Longest wait for an answer to the question which port it is.
const QUESTION_LIMIT: Duration = Duration::from_secs(5);

/// Most that is read of a foreign answer, and how long one that has begun is waited for.
const BANNER: usize = 512;
const BANNER_LIMIT: Duration = Duration::from_millis(300);

/// Bytes that are read at once.
const CHUNK: usize = 4096;

const HELLO_ID: i64 = 1;
const QUESTION_ID: i64 = 2;
const RELEASE_ID: i64 = 3;

/// How a peer took the handshake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Greeting {
    /// Elasticsearch answered.
    Hello(Hello),
    /// A TLS alert came, by its name.
    Alert(String),
    /// It closed without a word.
    Closed,
    /// It reset the connection.
    Reset,
    /// It answered with an error, of these words.
    Refused(String),
    /// Nothing came.
    Silent,
    /// These bytes of something else came.
    Foreign(Vec<u8>),
}

/// A connection to a node with what was read and not yet used.
#[derive(Debug)]
pub(super) struct Conversation<S> {
    stream: S,
    buffer: Vec<u8>,
}

/// Which port it is, and the exact release, as far as a node told.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Answers {
    pub release: Option<String>,
    pub port: Option<PortAnswer>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Conversation<S> {
    pub(super) fn new(stream: S) -> Self {
        let buffer = Vec::new();
        Self { stream, buffer }
    }

    /// The connection itself, between two answers.
    pub(super) fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Sends the handshake in one of its forms. `None` where the run ended first.
    pub(super) async fn greet(&mut self, form: HelloForm, deadline: &Deadline) -> Option<Greeting> {
        let request = wire::hello(form, HELLO_ID);
        match wait(deadline, LIMIT, self.exchange(&request)).await {
            Ok(Ok(frame)) => Some(match decode_hello(&frame) {
                Some(hello) => Greeting::Hello(hello),
                None => refusal(&frame),
            }),
            Ok(Err(stop)) => Some(self.ended(stop, deadline).await),
            Err(Ended::Silent) if self.buffer.is_empty() => Some(Greeting::Silent),
            Err(Ended::Silent) => Some(Greeting::Foreign(std::mem::take(&mut self.buffer))),
            Err(Ended::CutShort) => None,
        }
    }

    /// Asks which port it is and, where the node can tell and has not, its exact release.
    pub(super) async fn ask(&mut self, hello: &Hello, deadline: &Deadline) -> Answers {
        let questions = Questions::to(hello);
        // Where it cannot be sent, no answer comes.
        let _ = wait(deadline, QUESTION_LIMIT, self.send(&questions.request)).await;
        self.answers(questions, deadline).await
    }

    /// The same behind pings, without waiting for these in between. Returns the milliseconds of a ping
    /// with the answers; where pings do not come back, nothing else is waited for.
    pub(super) async fn ping_and_ask(
        &mut self,
        hello: &Hello,
        deadline: &Deadline,
    ) -> Option<(f64, Answers)> {
        let questions = Questions::to(hello);
        let trip = way::ping_through(&mut self.stream, &questions.request, deadline).await?;
        Some((trip, self.answers(questions, deadline).await))
    }

    async fn answers(&mut self, questions: Questions, deadline: &Deadline) -> Answers {
        let Questions {
            mut wants_release,
            mut answers,
            ..
        } = questions;
        let reading = async {
            while wants_release || answers.port.is_none() {
                let bytes = self.frame().await?;
                let Ok(frame) = Frame::decode(&bytes) else {
                    break;
                };
                match frame.header.request_id {
                    RELEASE_ID => {
                        wants_release = false;
                        let hello = wire::decode_hello(frame).ok();
                        answers.release = hello.and_then(|hello| hello.release);
                    }
                    QUESTION_ID => answers.port = Some(wire::decode_port_answer(frame)),
                    _ => {}
                }
            }
            Ok::<_, Stop>(())
        };
        // What had come by the end is what is known.
        let _ = wait(deadline, QUESTION_LIMIT, reading).await;
        answers
    }

    /// Asks which port it is and nothing else.
    pub(super) async fn ask_port(&mut self, hello: &Hello, deadline: &Deadline) -> Answers {
        let known = Hello {
            release: Some(String::new()),
            ..hello.clone()
        };
        let port = self.ask(&known, deadline).await.port;
        Answers {
            release: None,
            port,
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, Stop> {
        self.send(request).await?;
        self.frame().await
    }

    pub(super) async fn send(&mut self, request: &[u8]) -> Result<(), Stop> {
        let sent = async {
            self.stream.write_all(request).await?;
            self.stream.flush().await
        };
        let Err(error) = sent.await else {
            return Ok(());
        };
        // The peer's last words (an alert, a banner) may still be there to read.
        match self.fill().await {
            Err(stop @ (Stop::Closed | Stop::Error(_))) if alert_in(&stop).is_some() => Err(stop),
            _ if !self.buffer.is_empty() => Ok(()),
            _ => Err(Stop::Error(error)),
        }
    }

    /// Reads one frame.
    pub(super) async fn frame(&mut self) -> Result<Vec<u8>, Stop> {
        loop {
            match wire::frame_length(&self.buffer) {
                Ok(length) if self.buffer.len() >= length => {
                    return Ok(self.buffer.drain(..length).collect());
                }
                Ok(_) | Err(FrameError::Incomplete) => self.fill().await?,
                Err(_) => return Err(Stop::Foreign),
            }
        }
    }

    async fn fill(&mut self) -> Result<(), Stop> {
        // Not by way of an array, which would be part of the future, of every one around it, and of a
        // thousand endpoints.
        self.buffer.reserve(CHUNK);
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) => Err(Stop::Closed),
            Ok(_) => Ok(()),
            Err(error) => Err(Stop::Error(error)),
        }
    }

    async fn ended(&mut self, stop: Stop, deadline: &Deadline) -> Greeting {
        if let Some(alert) = alert_in(&stop) {
            return Greeting::Alert(alert);
        }
        if let Stop::Foreign = stop {
            let rest = async { while self.buffer.len() < BANNER && self.fill().await.is_ok() {} };
            let _ = wait(deadline, BANNER_LIMIT, rest).await;
        }
        if !self.buffer.is_empty() {
            self.buffer.truncate(BANNER);
            return Greeting::Foreign(std::mem::take(&mut self.buffer));
        }
        match stop {
            Stop::Error(error) if error.kind() != io::ErrorKind::UnexpectedEof => Greeting::Reset,
            _ => Greeting::Closed,
        }
    }
}

/// What a node that said hello is asked, and what it has told. All goes out at once; the last question
/// may end the connection.
struct Questions {
    request: Vec<u8>,
    wants_release: bool,
    answers: Answers,
}

impl Questions {
    fn to(hello: &Hello) -> Self {
        let mut request = Vec::new();
        let tells_release = hello.transport_version >= wire::FIRST_WITH_RELEASE;
        let wants_release = hello.release.is_none() && tells_release;
        if wants_release {
            request.extend(wire::hello(HelloForm::V8, RELEASE_ID));
        }
        request.extend(wire::port_question(QUESTION_ID, hello.transport_version));
        Self {
            request,
            wants_release,
            answers: Answers {
                release: hello.release.clone(),
                port: None,
            },
        }
    }
}

/// Why no frame came.
#[derive(Debug)]
pub(super) enum Stop {
    Closed,
    Error(io::Error),
    /// What came is no frame; it is in the buffer.
    Foreign,
}

fn alert_in(stop: &Stop) -> Option<String> {
    match stop {
        Stop::Error(error) => alert_of(error),
        _ => None,
    }
}

fn decode_hello(bytes: &[u8]) -> Option<Hello> {
    let frame = Frame::decode(bytes).ok()?;
    (frame.header.request_id == HELLO_ID).then_some(())?;
    wire::decode_hello(frame).ok()
}

/// No frame is kept: only the messages in it.
fn refusal(bytes: &[u8]) -> Greeting {
    let frame = Frame::decode(bytes).ok();
    let error = frame.filter(|frame| frame.header.status.is_error());
    let chain = error.and_then(|frame| wire::Exception::decode(frame.body).ok());
    let messages = chain.into_iter().flatten().filter_map(|it| it.message);
    let words: Vec<_> = messages.map(|it| super::printable(it.as_bytes())).collect();
    Greeting::Refused(words.join(": "))
}

/// The greeting as evidence, without what only the answers tell.
pub(super) fn evidence(greeting: &Greeting) -> Transport {
    let (outcome, detail) = match greeting {
        Greeting::Hello(_) => (TransportOutcome::Answered, None),
        Greeting::Alert(name) => (
            TransportOutcome::Alert,
            Some(format!("the peer sent the fatal alert {name}")),
        ),
        Greeting::Closed => (
            TransportOutcome::Closed,
            Some("the peer closed the connection without an answer".to_owned()),
        ),
        Greeting::Reset => (
            TransportOutcome::Reset,
            Some("the peer reset the connection".to_owned()),
        ),
        Greeting::Refused(words) => (
            TransportOutcome::Closed,
            Some(format!("the node refused the handshake: {words}")),
        ),
        Greeting::Silent => (
            TransportOutcome::TimedOut,
            Some("nothing came in time".to_owned()),
        ),
        Greeting::Foreign(bytes) if bytes.starts_with(b"HTTP/") => {
            (TransportOutcome::Http, Some(super::printable(bytes)))
        }
        Greeting::Foreign(bytes) => (
            TransportOutcome::NotElasticsearch,
            Some(super::printable(bytes)),
        ),
    };
    let hello = match greeting {
        Greeting::Hello(hello) => Some(hello),
        _ => None,
    };
    let version = hello.map(|hello| hello.transport_version);
    Transport {
        outcome,
        detail,
        transport_version: version.into(),
        version_line: version.and_then(wire::release_line).into(),
        release: hello.and_then(|hello| hello.release.clone()).into(),
        port_kind: Fact::Unknown,
    }
}

/// Adds what the answers tell.
pub(super) fn add(transport: &mut Transport, answers: Answers) {
    transport.release = Fact::from(answers.release).or(std::mem::take(&mut transport.release));
    transport.port_kind = match answers.port {
        Some(PortAnswer::RemoteClusterServer) => Fact::Known(PortKind::RemoteClusterServer),
        Some(PortAnswer::Transport) => Fact::Known(PortKind::Transport),
        Some(PortAnswer::Unknown) | None => Fact::Unknown,
    };
}
