//! What a probe could not find out, and why.

use crate::evidence::{
    Attempt, Endpoint, Fact, Gap, TcpOutcome, Tls, TlsOutcome, TransportOutcome, path,
};

/// The gaps of one endpoint under its key in [`crate::evidence::Evidence::endpoints`], once
/// [`super::derive_trust`] is done.
///
/// What is not asked because it does not matter (`http`, `plaintext` of a healthy port) has none.
pub fn gaps(key: &str, endpoint: &Endpoint) -> Vec<Gap> {
    let mut gaps = Gaps {
        key,
        probe: format!("probe {}", endpoint.address),
        found: Vec::new(),
    };
    if endpoint.port == 0 {
        let reason = format!("\"{}\" is no host:port", endpoint.address);
        gaps.add(&[], &reason, "Correct the address.");
        return gaps.found;
    }
    gaps.if_unknown(&endpoint.dns, &["dns"], CUT_SHORT, MORE_TIME);
    gaps.if_unknown(
        &endpoint.host_resolution,
        &["host_resolution"],
        CUT_SHORT,
        MORE_TIME,
    );
    gaps.if_unknown(&endpoint.attempts, &["attempts"], CUT_SHORT, MORE_TIME);
    gaps.if_unknown(
        &endpoint.idle,
        &["idle"],
        "Elasticsearch did not answer there, or the run ended before the idle time",
        "Repair the connection first, then run again.",
    );
    let attempts = endpoint.attempts.known().into_iter().flatten();
    for (index, attempt) in attempts.enumerate() {
        gaps.add_attempt(&index.to_string(), attempt);
    }
    gaps.found
}

const CUT_SHORT: &str = "the run ended before there was an answer";
const MORE_TIME: &str = "Run again with a longer --timeout.";
const REACH: &str = "Make the address reachable from here, or run this from a node of the local \
                     cluster.";

struct Gaps<'a> {
    key: &'a str,
    probe: String,
    found: Vec<Gap>,
}

impl Gaps<'_> {
    fn add_attempt(&mut self, index: &str, attempt: &Attempt) {
        let at = |name| ["attempts", index, name];
        if attempt.tcp.outcome != TcpOutcome::Connected {
            let reason = format!("{} could not be connected to", attempt.address);
            self.if_unknown(&attempt.tls, &at("tls"), &reason, REACH);
            return;
        }
        self.if_unknown(&attempt.tls, &at("tls"), CUT_SHORT, MORE_TIME);
        let Some(tls) = attempt.tls.known() else {
            return;
        };
        self.add_tls(index, tls);
        self.if_unknown(&attempt.listener, &at("listener"), CUT_SHORT, MORE_TIME);
        if tls.chain.is_known() {
            self.if_unknown(
                &attempt.trust,
                &at("trust"),
                "which certificates the local nodes trust is not known, or it is the roots of their JDK",
                "Give --server-ca, or a user of the local cluster with the privilege monitor.",
            );
        }
        if tls.chain.is_known() {
            let reason = if attempt.undecided.is_empty() {
                "a certificate that was presented cannot be read".to_owned()
            } else {
                attempt.undecided.join("; ")
            };
            self.if_unknown(
                &attempt.refusals,
                &at("refusals"),
                &reason,
                "Look into the logs of the local nodes for what they say of the certificate.",
            );
        }
        if tls.outcome == TlsOutcome::TimedOut {
            self.if_unknown(
                &attempt.large_record,
                &at("large_record"),
                "nothing was answered, whatever the size",
                "Repair what keeps it from answering first, then run again.",
            );
        }
        if tls.outcome != TlsOutcome::Completed {
            self.if_unknown(
                &attempt.transport,
                &at("transport"),
                "the TLS handshake was not completed",
                "Repair the TLS handshake first, then run again.",
            );
            return;
        }
        self.if_unknown(&attempt.transport, &at("transport"), CUT_SHORT, MORE_TIME);
        if let Some(transport) = attempt.transport.known()
            && transport.outcome == TransportOutcome::Answered
        {
            self.if_unknown(
                &attempt.large_record,
                &at("large_record"),
                "the node did not answer pings",
                "Run again; if it stays so, something between answers in the node's place.",
            );
            self.if_unknown(
                &transport.port_kind,
                &["attempts", index, "transport", "port_kind"],
                "the node did not tell which of its ports it is",
                "Compare the port with remote_cluster.port and transport.port of the remote nodes.",
            );
        }
    }

    fn add_tls(&mut self, index: &str, tls: &Tls) {
        let at = |name| ["attempts", index, "tls", name];
        self.if_unknown(
            &tls.chain,
            &at("chain"),
            "no certificate came",
            "Repair what ended the TLS handshake first, then run again.",
        );
        if tls.chain.is_known() {
            self.if_unknown(
                &tls.publicly_trusted,
                &at("publicly_trusted"),
                "no root certificates could be read on this machine",
                "Install the package ca-certificates, or give --server-ca.",
            );
        }
    }

    fn if_unknown<T>(&mut self, fact: &Fact<T>, below: &[&str], reason: &str, remedy: &str) {
        if fact.is_unknown() {
            self.add(below, reason, remedy);
        }
    }

    fn add(&mut self, below: &[&str], reason: &str, remedy: &str) {
        let segments = ["endpoints", self.key];
        self.found.push(Gap {
            path: path(segments.into_iter().chain(below.iter().copied())),
            probe: self.probe.clone(),
            reason: reason.to_owned(),
            remedy: remedy.to_owned(),
        });
    }
}
