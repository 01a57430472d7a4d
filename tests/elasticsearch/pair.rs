//! A local and a remote cluster of one node each, and everything that is changed on them to break their link.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{
    certificates::{Certificates, Flaw, served},
    install::{Account, Install},
    keystore::Entries,
    node::{Node, PASSWORD},
    plans::{ODD, local_plan, remote_plan, transport_tls},
};

/// The alias of the link.
pub(crate) const ALIAS: &str = "bee";
/// The keystore entry of the link.
pub(crate) const ENTRY: &str = "cluster.remote.bee.credentials";
/// Settings that make an alias disappear: removing what is not there is no error.
const NO_REMOTES: &str = "cluster.remote.*";

/// Indices that cases add on b.
const EXTRA_INDICES: &str = "/logs-closed,logs-lost?ignore_unavailable=true&expand_wildcards=all";

/// The long-lived pair: `a` queries `b`.
pub(crate) struct Pair {
    pub(crate) a: Node,
    pub(crate) b: Node,
    pub(crate) folder: PathBuf,
    /// A key that may search `logs*`.
    pub(crate) key: Key,
    install: Install,
    account: Account,
    certificates: Certificates,
    /// What a's keystore file holds.
    stored: Entries,
    /// True if a's nodes have not been told of that yet.
    unread: bool,
    served: Flaw,
    spare: Option<Spare>,
    spares: u32,
    /// True if a trusts more than its own remote's authority.
    trusts_more: bool,
    odd: Option<Node>,
}

/// Two more nodes of the same version, for what cannot be changed while a node runs. Both have mutual TLS on their
/// transport ports, from the authority that signed the remote cluster servers' certificates too.
pub(crate) struct Spare {
    /// Local cluster without a credential; its own remote cluster server is disabled.
    pub(crate) d: Node,
    /// Remote cluster.
    pub(crate) c: Node,
    /// What is wrong with the certificate of d, and with that of c.
    served: [Flaw; 2],
}

/// An API key as it was created.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) encoded: String,
    /// The whole answer of the creating call.
    pub(crate) answer: Value,
}

impl Pair {
    /// Starts both nodes side by side under `folder` and links them.
    pub(crate) fn start(install: &Install, account: Account, folder: &Path) -> Result<Self> {
        let certificates = Certificates::new()?;
        let mut b = Node::start(install, account, folder, &remote_plan("b", &certificates)?)?;
        let mut a = Node::start(
            install,
            account,
            folder,
            &local_plan("a", &certificates, &[]),
        )?;
        b.wait()?;
        a.wait()?;
        furnish(&b)?;
        create_users(&a)?;
        let key = create_key(&b, &search_logs())?;
        let mut pair = Self {
            a,
            b,
            folder: folder.to_owned(),
            key,
            install: install.clone(),
            account,
            certificates,
            stored: Entries::new(),
            unread: false,
            served: Flaw::None,
            spare: None,
            spares: 0,
            trusts_more: false,
            odd: None,
        };
        pair.reset()?;
        Ok(pair)
    }

    /// Undoes every fault: the good key, the good certificate, one healthy link `bee`.
    pub(crate) fn reset(&mut self) -> Result<()> {
        self.serve(Flaw::None)?;
        self.serve_between([Flaw::None; 2])?;
        if self.trusts_more {
            self.trust_own()?;
        }
        self.filter_at_odd(None)?;
        self.b.must("DELETE", EXTRA_INDICES, None)?;
        self.clear_remotes()?;
        let good = self.key.encoded.clone();
        self.store(ENTRY, good.as_bytes())?;
        self.reload()?;
        let address = self.address();
        self.connect(&json!({ "proxy_address": address }))?;
        self.until_connected(ALIAS)
    }

    /// Makes a trust another authority for its remotes.
    pub(crate) fn trust(&mut self, authority: &str) -> Result<()> {
        self.a.write_config("remote-ca.crt", authority)?;
        self.trusts_more = true;
        // Nothing tells when the file is in use; nodes look every second.
        std::thread::sleep(Duration::from_millis(2500));
        Ok(())
    }

    /// Makes a trust its own remote's authority again.
    pub(crate) fn trust_own(&mut self) -> Result<()> {
        let own = self.certificates.authority_pem().to_owned();
        self.trust(&own)?;
        self.trusts_more = false;
        Ok(())
    }

    /// What a trusts, and an authority that has expired, in one file.
    pub(crate) fn several_authorities(&self) -> String {
        self.certificates.with_expired_pem()
    }

    /// Where b's remote cluster server listens.
    pub(crate) fn address(&self) -> String {
        format!("localhost:{}", self.b.remote)
    }

    /// What a trusts, as PEM.
    pub(crate) fn authority_pem(&self) -> &str {
        self.certificates.authority_pem()
    }

    /// Puts one entry, and no other, into a's keystore file; [`Pair::reload`] makes a read it.
    pub(crate) fn store(&mut self, name: &str, value: &[u8]) -> Result<()> {
        self.store_all(Entries::from([(name.to_owned(), value.to_vec())]))
    }

    pub(crate) fn store_all(&mut self, entries: Entries) -> Result<()> {
        if entries != self.stored {
            self.a.write_keystore(&entries)?;
            self.stored = entries;
            self.unread = true;
        }
        Ok(())
    }

    /// Names in a's keystore, as `elasticsearch-keystore list` prints them.
    pub(crate) fn keystore_list(&self) -> String {
        let mut names: Vec<&str> = self.stored.keys().map(String::as_str).collect();
        names.extend(["bootstrap.password", "keystore.seed"]);
        names.sort_unstable();
        names.join("\n") + "\n"
    }

    /// Makes a read its keystore, if that changed.
    pub(crate) fn reload(&mut self) -> Result<()> {
        if !self.unread {
            return Ok(());
        }
        let answer = self
            .a
            .must("POST", "/_nodes/reload_secure_settings", Some(&json!({})))?;
        if answer.to_string().contains("reload_exception") {
            bail!("{} cannot read its keystore: {answer}", self.a.name);
        }
        self.unread = false;
        Ok(())
    }

    /// Stores a credential for the link, makes a read it, and connects anew with it.
    pub(crate) fn use_credential(&mut self, value: &[u8]) -> Result<()> {
        self.clear_remotes()?;
        self.store(ENTRY, value)?;
        self.reload()?;
        let address = self.address();
        self.connect(&json!({ "proxy_address": address }))
    }

    /// Configures the link anew; what is not given has the default of proxy mode.
    pub(crate) fn connect(&self, settings: &Value) -> Result<()> {
        connect(&self.a, ALIAS, settings)
    }

    /// Removes every remote of a.
    pub(crate) fn clear_remotes(&self) -> Result<()> {
        clear_remotes(&self.a)
    }

    /// Replaces b's server certificate and waits until b serves it.
    pub(crate) fn serve(&mut self, flaw: Flaw) -> Result<()> {
        if flaw == self.served {
            return Ok(());
        }
        let certificate = self.certificates.server(flaw)?;
        self.b.write_config("server.crt", &certificate.pem())?;
        self.served = flaw;
        // `GET /_ssl/certificates` reads the file anew and so speaks of it before it is in use.
        until("b to serve the new certificate", || {
            Ok(served(self.b.remote)? == *certificate.der())
        })
    }

    /// Serves a flawed certificate and connects anew, so that the flaw is met.
    pub(crate) fn reconnect_with(&mut self, flaw: Flaw) -> Result<()> {
        self.clear_remotes()?;
        self.serve(flaw)?;
        let address = self.address();
        self.connect(&json!({ "proxy_address": address }))
    }

    pub(crate) fn until_connected(&self, alias: &str) -> Result<()> {
        until_connected(&self.a, alias)
    }

    /// A key of b.
    pub(crate) fn create_key(&self, body: &Value) -> Result<Key> {
        create_key(&self.b, body)
    }

    /// The spare nodes, started when first asked for.
    pub(crate) fn spare(&mut self) -> Result<&Spare> {
        if self.spare.is_none() {
            let tls = transport_tls();
            self.spares += 1;
            let folder = self.folder.join(format!("spare-{}", self.spares));
            let mut plan = remote_plan("c", &self.certificates)?;
            plan.settings
                .retain(|line| !line.starts_with("xpack.security.transport"));
            plan.settings.extend(tls.clone());
            let mut c = Node::start(&self.install, self.account, &folder, &plan)?;
            let mut plan = local_plan("d", &self.certificates, &[]);
            plan.settings
                .retain(|line| !line.starts_with("xpack.security.transport"));
            plan.settings.extend(tls);
            plan.files
                .push(("server.crt", self.certificates.server(Flaw::None)?.pem()));
            plan.files.push(("server.key", self.certificates.key_pem()));
            let mut d = Node::start(&self.install, self.account, &folder, &plan)?;
            c.wait()?;
            d.wait()?;
            furnish(&c)?;
            furnish(&d)?;
            self.spare = Some(Spare {
                d,
                c,
                served: [Flaw::None; 2],
            });
        }
        self.spare
            .as_ref()
            .context("the spare nodes were just started")
    }

    /// Takes the spare nodes away: they cannot be healed after some faults.
    pub(crate) fn take_spare(&mut self) -> Option<Spare> {
        self.spare.take()
    }

    /// Gives the spare nodes d and c certificates, and waits until they serve them. Nothing happens where there are no
    /// spare nodes.
    pub(crate) fn serve_between(&mut self, flaws: [Flaw; 2]) -> Result<()> {
        let Some(spare) = &mut self.spare else {
            return Ok(());
        };
        for (node, (served_now, flaw)) in [&spare.d, &spare.c]
            .into_iter()
            .zip(spare.served.iter_mut().zip(flaws))
        {
            if *served_now == flaw {
                continue;
            }
            let certificate = self.certificates.server(flaw)?;
            node.write_config("server.crt", &certificate.pem())?;
            *served_now = flaw;
            until("a spare node to serve the new certificate", || {
                Ok(served(node.transport)? == *certificate.der())
            })?;
        }
        Ok(())
    }

    /// Makes the odd node deny an address at its remote cluster server, or nobody. Nothing happens where it does not
    /// run yet and nobody is to be denied.
    pub(crate) fn filter_at_odd(&mut self, denied: Option<&str>) -> Result<()> {
        if denied.is_some() {
            self.odd()?;
        }
        let Some(node) = &self.odd else {
            return Ok(());
        };
        let body = json!({ "persistent": { "xpack.security.remote_cluster.filter.deny": denied } });
        node.must("PUT", "/_cluster/settings", Some(&body))
            .map(drop)
    }

    /// A cluster of one node with odd settings. As a local cluster it lacks the role `remote_cluster_client`; its
    /// remote cluster server demands client certificates, its transport port takes everybody, and its IP filters spare
    /// no address of its own.
    pub(crate) fn odd(&mut self) -> Result<&Node> {
        if self.odd.is_none() {
            let keystore =
                Entries::from([(ENTRY.to_owned(), self.key.encoded.clone().into_bytes())]);
            let mut plan = local_plan("e", &self.certificates, ODD);
            plan.settings
                .retain(|line| line != "xpack.security.transport.ssl.enabled: false");
            plan.keystore = keystore;
            plan.files
                .push(("server.crt", self.certificates.server(Flaw::None)?.pem()));
            plan.files.push(("server.key", self.certificates.key_pem()));
            let mut node = Node::start(&self.install, self.account, &self.folder, &plan)?;
            node.wait()?;
            furnish(&node)?;
            self.odd = Some(node);
        }
        self.odd.as_ref().context("the node was just started")
    }
}

/// Configures a remote cluster in proxy mode, or in what `settings` says.
pub(crate) fn connect(local: &Node, alias: &str, settings: &Value) -> Result<()> {
    let mut body = json!({ "mode": "proxy" });
    for (name, value) in settings.as_object().context("settings must be an object")? {
        body[name] = value.clone();
    }
    let body = json!({ "persistent": { "cluster": { "remote": { alias: body } } } });
    local
        .must("PUT", "/_cluster/settings", Some(&body))
        .map(drop)
}

/// Removes every remote cluster.
pub(crate) fn clear_remotes(local: &Node) -> Result<()> {
    let body = json!({ "persistent": { NO_REMOTES: null } });
    local
        .must("PUT", "/_cluster/settings", Some(&body))
        .map(drop)
}

pub(crate) fn until_connected(local: &Node, alias: &str) -> Result<()> {
    let mut seen = Value::Null;
    until("the healthy link to connect", || {
        (_, seen) = local.get(&format!("/_resolve/cluster/{alias}:*"))?;
        Ok(seen[alias]["connected"] == true && seen[alias].get("error").is_none())
    })
    .with_context(|| format!("last answer: {seen}\n{}", local.log_end()))
}

/// Waits until something is so, for 30 seconds.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_so()? {
        if Instant::now() > end {
            bail!("waited 30 s for {what}");
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// A cross-cluster key, or a key for the REST API where the body has no `access`.
pub(crate) fn create_key(node: &Node, body: &Value) -> Result<Key> {
    let path = if body.get("access").is_some() {
        "/_security/cross_cluster/api_key"
    } else {
        "/_security/api_key"
    };
    let answer = node.must("POST", path, Some(body))?;
    let text = |name: &str| {
        answer[name]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("no `{name}` in {answer}"))
    };
    Ok(Key {
        id: text("id")?,
        secret: text("api_key")?,
        encoded: text("encoded")?,
        answer: answer.clone(),
    })
}

/// The body that creates the usual key.
pub(crate) fn search_logs() -> Value {
    json!({ "name": "cross", "access": { "search": [{ "names": ["logs*"] }] } })
}

/// An index of one document, named `logs`, and one beside it.
fn furnish(remote: &Node) -> Result<()> {
    for index in ["logs", "metrics"] {
        let body = json!({ "settings": { "number_of_replicas": 0 } });
        remote.must("PUT", &format!("/{index}"), Some(&body))?;
        let path = format!("/{index}/_doc/1?refresh=true");
        remote.must("PUT", &path, Some(&json!({ "message": "hello" })))?;
    }
    Ok(())
}

/// `reader` may search through the link; `stranger` may search here, but not through the link; `watcher`
/// may see its state and search nothing.
fn create_users(local: &Node) -> Result<()> {
    let remote = json!([{ "clusters": ["*"], "names": ["logs*"], "privileges": ["read", "view_index_metadata"] }]);
    for (name, role) in [
        (
            "reader",
            json!({ "cluster": ["monitor"], "remote_indices": remote }),
        ),
        (
            "stranger",
            json!({ "cluster": ["monitor"], "indices": [{ "names": ["logs*"], "privileges": ["read"] }] }),
        ),
        ("watcher", json!({ "cluster": ["monitor"] })),
    ] {
        local.must("PUT", &format!("/_security/role/{name}"), Some(&role))?;
        let user = json!({ "password": PASSWORD, "roles": [name] });
        local.must("PUT", &format!("/_security/user/{name}"), Some(&user))?;
    }
    Ok(())
}
