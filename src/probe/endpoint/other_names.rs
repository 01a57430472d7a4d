//! The same address with other server names: a router that picks its backend by the name shows by it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::join_all;
use rustls::pki_types::ServerName;

use super::address::Names;
use super::{Dial, tcp, tls, verdict};
use crate::evidence::{NameTrial, Tls, TlsOutcome};

/// Most other names that are tried.
const MOST: usize = 3;

/// Whether another name may tell more: TLS ended before a certificate came, or the certificate is
/// for none of the names by which a node would accept it.
pub(super) fn worth_it(tls: &Tls, dial: &Dial<'_>) -> bool {
    match tls.outcome {
        TlsOutcome::Closed | TlsOutcome::Reset | TlsOutcome::Alert => tls.chain.is_unknown(),
        TlsOutcome::Completed => {
            let leaf = tls.chain.known().and_then(|chain| chain.first());
            let der = leaf.and_then(|leaf| BASE64_STANDARD.decode(&leaf.der).ok());
            der.is_some_and(|der| verdict::name_error(&der.into(), dial).is_some())
        }
        _ => false,
    }
}

/// Shakes hands once for each other name, side by side. Trials that the run cut short are left out.
pub(super) async fn try_all(dial: &Dial<'_>) -> Vec<NameTrial> {
    let trials = candidates(dial).into_iter().map(|sent| async move {
        let names = Names {
            sent,
            ..dial.names.clone()
        };
        let dial = Dial {
            names: &names,
            ..*dial
        };
        let (_, stream) = tcp::connect(dial.address, dial.deadline).await?;
        let tls = tls::handshake(stream?, &dial).await?.tls;
        let leaf = tls.chain.known().and_then(|chain| chain.first());
        Some(NameTrial {
            server_name: names.sent_text(),
            outcome: tls.outcome,
            subject: leaf.map(|it| it.subject.clone()),
            sha256: leaf.map(|it| it.sha256.clone()),
        })
    });
    join_all(trials).await.into_iter().flatten().collect()
}

/// Names other than the one that was sent: those of the remote cluster's own addresses, the host, none.
fn candidates(dial: &Dial<'_>) -> Vec<Option<ServerName<'static>>> {
    let others = dial.identity.other_names.iter().map(String::as_str);
    let mut found = Vec::new();
    for name in others.chain([dial.host]) {
        let name = Names::of(dial.host, Some(name)).sent;
        if name.is_some() && name != dial.names.sent && !found.contains(&name) {
            found.push(name);
        }
    }
    if dial.names.sent.is_some() {
        found.push(None);
    }
    found.truncate(MOST);
    found
}
