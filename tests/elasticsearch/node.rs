//! One Elasticsearch node: its folder, its process, and talking to it over HTTP.

use std::{
    fs::{self, File},
    io::Read,
    net::{Ipv4Addr, TcpListener},
    os::unix::{fs::PermissionsExt, fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::{
    install::{Account, Install},
    keystore::{self, Entries},
};

/// Password of `elastic` on every node.
pub(crate) const PASSWORD: &str = "correct-horse-battery";

/// Runs the tests' own HTTP requests.
pub(crate) static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Runtime::new().expect("a runtime for the tests' own requests"));

static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_mins(1))
        .build()
        .expect("a client without options")
});

/// A running node. Dropping it kills it.
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) http: u16,
    pub(crate) transport: u16,
    /// Port of the remote cluster server, whether that is enabled or not.
    pub(crate) remote: u16,
    folder: PathBuf,
    install: Install,
    account: Account,
    process: Option<Process>,
}

/// What a node is to be.
pub(crate) struct Plan<'a> {
    /// Name of the cluster; the node is NAME-node.
    pub(crate) name: &'a str,
    /// Lines of `elasticsearch.yml` beyond the common ones.
    pub(crate) settings: Vec<String>,
    /// Files of the configuration folder beyond the common ones.
    pub(crate) files: Vec<(&'a str, String)>,
    /// Entries of the keystore beyond the common ones.
    pub(crate) keystore: Entries,
}

/// The launcher and the server under it: one process group.
struct Process {
    child: Child,
}

impl Node {
    /// Writes the node's folder under `parent` and starts it; [`Node::wait`] tells when it answers.
    pub(crate) fn start(
        install: &Install,
        account: Account,
        parent: &Path,
        plan: &Plan<'_>,
    ) -> Result<Self> {
        let [http, transport, remote] = free_ports()?;
        let mut node = Self {
            name: plan.name.to_owned(),
            http,
            transport,
            remote,
            folder: parent.join(plan.name),
            install: install.clone(),
            account,
            process: None,
        };
        for folder in ["config", "data", "logs", "tmp"] {
            fs::create_dir_all(node.folder.join(folder))?;
        }
        node.write_config("jvm.options", JVM_OPTIONS)?;
        node.write_config("log4j2.properties", LOGGING)?;
        for (name, text) in &plan.files {
            node.write_config(name, text)?;
        }
        node.write_settings(&plan.settings)?;
        node.write_keystore(&plan.keystore)?;
        node.own(&node.folder)?;
        node.launch()?;
        Ok(node)
    }

    /// Waits until the node answers, has security at work and its licence.
    pub(crate) fn wait(&mut self) -> Result<()> {
        let end = Instant::now() + Duration::from_mins(3);
        loop {
            if let Ok((200, licence)) = self.get("/_license")
                && licence["license"]["status"] == "active"
                && matches!(self.get("/_cluster/health"), Ok((200, _)))
            {
                return Ok(());
            }
            if let Some(process) = &mut self.process
                && let Some(status) = process.child.try_wait()?
            {
                bail!("{} stopped, {status}:\n{}", self.name, self.log_end());
            }
            if Instant::now() > end {
                bail!("{} does not answer:\n{}", self.name, self.log_end());
            }
            std::thread::sleep(Duration::from_millis(250));
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }

    pub(crate) fn get(&self, path: &str) -> Result<(u16, Value)> {
        self.ask("GET", path, None)
    }

    /// A request that must succeed.
    pub(crate) fn must(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let (status, answer) = self.ask(method, path, body)?;
        if !(200..300).contains(&status) {
            bail!("{method} {path} on {}: {status} {answer}", self.name);
        }
        Ok(answer)
    }

    /// Any request, with whatever status it is answered.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value)> {
        request(&self.url(), "elastic", method, path, body)
    }

    /// Replaces a file of the configuration folder in one step, as nodes watch those files.
    pub(crate) fn write_config(&self, name: &str, text: &str) -> Result<()> {
        self.write_config_bytes(name, text.as_bytes())
    }

    /// Replaces the keystore; the node's own two entries are added.
    pub(crate) fn write_keystore(&self, entries: &Entries) -> Result<()> {
        let mut entries = entries.clone();
        entries.insert("keystore.seed".to_owned(), b"0123456789abcdefghij".to_vec());
        entries.insert(
            "bootstrap.password".to_owned(),
            PASSWORD.as_bytes().to_vec(),
        );
        self.write_config_bytes("elasticsearch.keystore", &keystore::encode(&entries)?)
    }

    fn write_config_bytes(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join("config").join(name);
        let part = path.with_extension("part");
        fs::write(&part, bytes).with_context(|| format!("cannot write {}", part.display()))?;
        fs::set_permissions(&part, fs::Permissions::from_mode(0o660))?;
        self.own(&part)?;
        fs::rename(&part, &path).with_context(|| format!("cannot write {}", path.display()))
    }

    fn write_settings(&self, more: &[String]) -> Result<()> {
        let folder = self.folder.display();
        let Self {
            name,
            http,
            transport,
            remote,
            ..
        } = self;
        let mut text = format!(
            "cluster.name: {name}\n\
             node.name: {name}-node\n\
             path.data: {folder}/data\n\
             path.logs: {folder}/logs\n\
             network.host: 127.0.0.1\n\
             http.port: {http}\n\
             transport.port: {transport}\n\
             remote_cluster.port: {remote}\n\
             discovery.type: single-node\n\
             transport.connect_timeout: 2s\n\
             resource.reload.interval.high: 1s\n\
             cluster.routing.allocation.disk.threshold_enabled: false\n\
             xpack.license.self_generated.type: trial\n\
             xpack.security.enabled: true\n\
             xpack.security.autoconfiguration.enabled: false\n\
             xpack.security.http.ssl.enabled: false\n"
        );
        // A full distribution would download databases; a trimmed one lacks the module and refuses the setting.
        if self.install.home.join("modules/ingest-geoip").exists() {
            text.push_str("ingest.geoip.downloader.enabled: false\n");
        }
        for line in more {
            text.push_str(line);
            text.push('\n');
        }
        self.write_config("elasticsearch.yml", &text)
    }

    fn launch(&mut self) -> Result<()> {
        let home = self.home()?;
        let java = self.install.java.join("bin/java");
        // Since 9.4 a launcher of its own starts the server; before that the launcher of all tools.
        let (libraries, main) = if home.join("lib/tools/server-launcher").exists() {
            (
                format!("{0}/lib/tools/server-launcher/*", home.display()),
                "org.elasticsearch.server.launcher.ServerLauncher",
            )
        } else {
            (
                format!("{0}/lib/*:{0}/lib/cli-launcher/*", home.display()),
                "org.elasticsearch.launcher.CliToolLauncher",
            )
        };
        // The shell's child kills the process group as soon as its standard input ends: the nodes die with the
        // tests however those die.
        let mut command = self.unprivileged("sh");
        command
            .args(["-c", "exec 3<&0; (cat <&3 >/dev/null; kill -KILL 0) 2>/dev/null & exec \"$@\" </dev/null", "sh"])
            .arg(&java)
            .args(["-Xms4m", "-Xmx64m", "-XX:+UseSerialGC"])
            .args(["-Dcli.name=server", "-Dcli.libs=lib/tools/server-cli"])
            .arg(format!("-Dcli.script={}/bin/elasticsearch", home.display()))
            .arg(format!("-Des.path.home={}", home.display()))
            .arg(format!("-Des.path.conf={}/config", self.folder.display()))
            .args(["-Des.distribution.type=tar", "-Des.java.type=bundled"])
            .args(["-cp", &libraries, main])
            .current_dir(&home)
            .env_remove("JAVA_TOOL_OPTIONS")
            .env("ES_HOME", &home)
            .env("ES_PATH_CONF", self.folder.join("config"))
            .env("ES_TMPDIR", self.folder.join("tmp"))
            .env("ES_DISTRIBUTION_TYPE", "tar")
            .env("ES_JAVA_HOME", &self.install.java)
            .env("JAVA_HOME", &self.install.java)
            .env("JAVA", &java)
            .env("JAVA_TYPE", "bundled")
            .stdin(Stdio::piped())
            .stdout(File::create(self.log_path())?)
            .stderr(Stdio::null())
            .process_group(0);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", java.display()))?;
        self.process = Some(Process { child });
        Ok(())
    }

    /// The Elasticsearch folder where the node's account can read it: a copy by hard links, if it is in root's home.
    fn home(&self) -> Result<PathBuf> {
        let readable = self
            .unprivileged("test")
            .arg("-r")
            .arg(self.install.home.join("lib"))
            .status()?
            .success();
        if readable {
            return Ok(self.install.home.clone());
        }
        let copy = self
            .folder
            .parent()
            .context("the node's folder has no parent")?
            .join(format!("home-{}", self.install.version));
        if !copy.exists() {
            for how in ["-al", "-a"] {
                let _ = fs::remove_dir_all(&copy);
                let status = Command::new("cp")
                    .arg(how)
                    .arg(&self.install.home)
                    .arg(&copy)
                    .status()?;
                if status.success() {
                    break;
                }
            }
        }
        Ok(copy)
    }

    /// A command that runs as the node's account.
    fn unprivileged(&self, program: &str) -> Command {
        if !self.account.change {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command
            .arg(format!("--reuid={}", self.account.user))
            .arg(format!("--regid={}", self.account.group))
            .arg("--clear-groups")
            .arg(program);
        command
    }

    /// Gives a file, or a folder and what is in it, to the node's account.
    fn own(&self, path: &Path) -> Result<()> {
        if !self.account.change {
            return Ok(());
        }
        chown(path, Some(self.account.user), Some(self.account.group))
            .with_context(|| format!("cannot give {} away", path.display()))?;
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                self.own(&entry?.path())?;
            }
        }
        Ok(())
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("node.log")
    }

    /// The end of what the node logged.
    pub(crate) fn log_end(&self) -> String {
        let mut text = Vec::new();
        if let Ok(mut file) = File::open(self.log_path()) {
            let _ = file.read_to_end(&mut text);
        }
        let text = String::from_utf8_lossy(&text);
        let from = text
            .char_indices()
            .rev()
            .nth(6_000)
            .map_or(0, |(position, _)| position);
        text[from..].to_owned()
    }
}

/// A request as a user of [`PASSWORD`].
pub(crate) fn request(
    url: &str,
    user: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<(u16, Value)> {
    let mut request = CLIENT
        .request(method.parse()?, format!("{url}{path}"))
        .basic_auth(user, Some(PASSWORD));
    if let Some(body) = body {
        request = request.json(body);
    }
    RUNTIME.block_on(async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok((status, body))
    })
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take()); // its end kills the group
        let _ = self.child.wait();
    }
}

fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let mut listeners = Vec::new();
    for _ in 0..N {
        listeners.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
    }
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

/// Half a gigabyte of heap, quick to start; no paths relative to the home folder.
const JVM_OPTIONS: &str = "\
-Xms512m
-Xmx512m
-XX:+UseSerialGC
-XX:TieredStopAtLevel=1
-Djava.io.tmpdir=${ES_TMPDIR}
";

const LOGGING: &str = "\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] [%node_name]%marker %m%consoleException%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
";
