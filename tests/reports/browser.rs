//! A headless Chromium, asked over the Chrome `DevTools` Protocol.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

const PATIENCE: Duration = Duration::from_mins(1);

/// A browser that ends with the value.
pub(crate) struct Browser {
    process: Child,
    socket: WebSocket<TcpStream>,
    last_id: u64,
    events: Vec<Value>,
    _profile: TempDir,
}

/// A page of it.
pub(crate) struct Tab {
    session: String,
}

/// Where a browser is, unless `CROSSCHECK_CHROMIUM` is `skip`. With `require` its absence is a
/// failure.
pub(crate) fn installed() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test's own switch, no configuration of the tool"
    )]
    let (wanted, path) = (
        std::env::var("CROSSCHECK_CHROMIUM").unwrap_or_default(),
        std::env::var_os("PATH").unwrap_or_default(),
    );
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|it| it.is_file());
    if found.is_none() || wanted == "skip" {
        assert_ne!(
            wanted, "require",
            "CROSSCHECK_CHROMIUM=require, and there is no Chromium"
        );
        super::skipped("no look at the HTML report: no Chromium (package chromium)");
        return None;
    }
    found
}

impl Browser {
    pub(crate) fn start(program: &Path) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let process = Command::new(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
                // Nothing is looked up, whatever a page asks for.
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let place = profile.path().join("DevToolsActivePort");
        let start = Instant::now();
        let (port, path) = loop {
            let text = fs::read_to_string(&place).unwrap_or_default();
            if let Some((port, path)) = text.trim().split_once('\n') {
                break (port.to_owned(), path.to_owned());
            }
            assert!(start.elapsed() < PATIENCE, "the browser does not start");
            std::thread::sleep(Duration::from_millis(50));
        };
        let stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let address = format!("ws://127.0.0.1:{port}{path}");
        let (socket, _) = tungstenite::client(address, stream).unwrap();
        Self {
            process,
            socket,
            last_id: 0,
            events: Vec::new(),
            _profile: profile,
        }
    }

    fn call(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        let mut message = json!({"id": id, "method": method, "params": parameters});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        self.socket
            .send(Message::text(message.to_string()))
            .unwrap();
        loop {
            let answer = self.read();
            if answer["id"] == id {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    fn read(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// A page of a width, in a colour scheme, that shows a file.
    pub(crate) fn open(&mut self, file: &Path, width: u32, scheme: &str) -> Tab {
        let target = self.call(None, "Target.createTarget", &json!({"url": "about:blank"}));
        let parameters = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.call(None, "Target.attachToTarget", &parameters);
        let tab = Tab {
            session: attached["sessionId"].as_str().unwrap().to_owned(),
        };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.ask(&tab, &format!("{domain}.enable"), &json!({}));
        }
        let metrics =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.ask(&tab, "Emulation.setDeviceMetricsOverride", &metrics);
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.ask(&tab, "Emulation.setEmulatedMedia", &features);
        self.events.clear();
        let address = format!("file://{}", file.display());
        self.ask(&tab, "Page.navigate", &json!({"url": address}));
        while !self
            .events
            .iter()
            .any(|it| it["method"] == "Page.loadEventFired")
        {
            let event = self.read();
            self.events.push(event);
        }
        tab
    }

    pub(crate) fn ask(&mut self, tab: &Tab, method: &str, parameters: &Value) -> Value {
        self.call(Some(&tab.session), method, parameters)
    }

    /// The value of a JavaScript expression, waited for.
    pub(crate) fn value(&mut self, tab: &Tab, expression: &str) -> Value {
        let parameters =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.ask(tab, "Runtime.evaluate", &parameters);
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression:.100}: {answer:#}"
        );
        answer["result"]["value"].clone()
    }

    /// Whatever the page complained of or asked the network for since it was opened.
    pub(crate) fn complaints(&self, file: &Path) -> Vec<&Value> {
        let own = format!("file://{}", file.display());
        let events = self.events.iter();
        events
            .filter(|it| match it["method"].as_str().unwrap_or_default() {
                "Log.entryAdded"
                | "Runtime.consoleAPICalled"
                | "Runtime.exceptionThrown"
                | "Page.javascriptDialogOpening" => true,
                "Network.requestWillBeSent" => it["params"]["request"]["url"] != own.as_str(),
                _ => false,
            })
            .collect()
    }

    /// A picture of the whole page, as PNG in Base64.
    pub(crate) fn picture(&mut self, tab: &Tab) -> String {
        let parameters = json!({"format": "png", "captureBeyondViewport": true});
        let answer = self.ask(tab, "Page.captureScreenshot", &parameters);
        answer["data"].as_str().unwrap().to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The profile can only be removed once the process is gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
