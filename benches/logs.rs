//! The log that the benchmarks search, and what a search program would look for in it.
//!
//! `logs FOLDER MEBIBYTES` writes `node.log`, as a busy node of 9.4 writes it in plain form, to the
//! folder, and `patterns`: all texts of the checks as one regular expression.
#![expect(clippy::cast_possible_truncation, reason = "remainders")]

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use crosscheck::check::CheckSet;

/// What a node writes that has nothing to do with links; `#` is a number.
const EVERYDAY: [&str; 12] = [
    "[INFO ][o.e.c.m.MetadataCreateIndexService] [node-#] [.ds-logs-app-default-2026.11.25-00000#] creating index, cause [rollover_data_stream], templates [provided in request], shards [1]/[1]",
    "[INFO ][o.e.c.r.a.AllocationService] [node-#] current.health=\"GREEN\" message=\"Cluster health status changed from [YELLOW] to [GREEN] (reason: [shards started [[.ds-logs-app-default-2026.11.25-00000#][0]]]).\" previous.health=\"YELLOW\" reason=\"shards started [[.ds-logs-app-default-2026.11.25-00000#][0]]\"",
    "[INFO ][o.e.m.j.JvmGcMonitorService] [node-#] [gc][#] overhead, spent [#ms] collecting in the last [1s]",
    "[INFO ][o.e.x.i.IndexLifecycleTransition] [node-#] moving index [.ds-metrics-host-default-00000#] from [{\"phase\":\"hot\",\"action\":\"rollover\",\"name\":\"check-rollover-ready\"}] to [{\"phase\":\"hot\",\"action\":\"rollover\",\"name\":\"attempt-rollover\"}] in policy [metrics]",
    "[INFO ][o.e.s.SnapshotsService   ] [node-#] snapshot [nightly:nightly-snap-2026.11.25-#/mH4xq_0mS4m] started",
    "[INFO ][o.e.c.s.ClusterApplierService] [node-#] added {{node-#}{J60YdkOqRXaCZ0Ge5yra8Q}{2L9vq}{node-#}{10.0.4.#}{10.0.4.#:9300}{cdfhilmrstw}{9.4.3}{8000099-9040399}}, term: 12, version: #, reason: Publication{term=12, version=#}",
    "[WARN ][o.e.c.s.MasterService    ] [node-#] took [10.#s/10#ms] to compute cluster state update for [ilm-move-to-step], which exceeds the warn threshold of [10s]",
    "[INFO ][o.e.t.LoggingTaskListener] [node-#] # finished with response BulkByScrollResponse[took=#ms,timed_out=false,sliceId=null,updated=0,created=#,deleted=0,batches=1,versionConflicts=0,noops=0,retries=0,throttledUntil=0s,bulk_failures=[],search_failures=[]]",
    "[DEPRECATION][o.e.d.r.RestDeprecated] [node-#] [types removal] Specifying types in search requests is deprecated, data_stream.dataset=elasticsearch.deprecation, x-opaque-id=#",
    "[INFO ][o.e.x.s.a.RealmsAuthenticator] [node-#] Authentication of [metrics-#] was terminated by realm [reserved] - failed to authenticate user [metrics-#]",
    "[WARN ][o.e.x.m.e.l.LocalExporter] [node-#] unexpected error while indexing monitoring document",
    "[WARN ][o.e.a.b.TransportShardBulkAction] [node-#] [[logs-#][0]] failed to perform indices:data/write/bulk[s] on replica [logs-#][0], node[n#], [R], s[STARTED], a[id=x#]",
];

/// Frames of a stack trace.
const FRAMES: [&str; 6] = [
    "org.elasticsearch.transport.RemoteTransportException: [node-#][10.0.4.#:9300][indices:data/write/bulk[s][r]]",
    "Caused by: org.elasticsearch.index.shard.IndexShardClosedException: CurrentState[CLOSED] operations only allowed when shard state is one of [POST_RECOVERY, STARTED]",
    "\tat org.elasticsearch.server@9.4.3/org.elasticsearch.index.shard.IndexShard.ensureWriteAllowed(IndexShard.java:2198)",
    "\tat org.elasticsearch.server@9.4.3/org.elasticsearch.action.support.replication.TransportReplicationAction$AsyncReplicaAction.doRun(TransportReplicationAction.java:705)",
    "\tat org.elasticsearch.server@9.4.3/org.elasticsearch.common.util.concurrent.ThreadContext$ContextPreservingAbstractRunnable.doRun(ThreadContext.java:1044)",
    "\tat java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1090)",
];

/// What a node writes about a link that does not work.
const FAILURES: [&str; 3] = [
    "[WARN ][o.e.t.ProxyConnectionStrategy] [node-#] failed to open any proxy connections to cluster [bee]\norg.elasticsearch.transport.ConnectTransportException: [][10.1.0.7:9443] connect_exception\n\tat org.elasticsearch.server@9.4.3/org.elasticsearch.transport.TcpTransport$ChannelsConnectedListener.onFailure(TcpTransport.java:1145)\nCaused by: io.netty.channel.AbstractChannel$AnnotatedConnectException: Connection refused: b.example.org/10.1.0.7:9443",
    "[WARN ][o.e.c.s.DiagnosticTrustManager] [node-#] failed to establish trust with server at [b.example.org]; the server provided a certificate with subject name [CN=b]; the certificate is issued by [CN=b-ca] but the server did not provide a copy of the issuing certificate in the certificate chain",
    "[WARN ][o.e.t.RemoteClusterService] [node-#] failed to update remote cluster connection [bee]",
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, size] = arguments.as_slice() else {
        return Err("logs FOLDER MEBIBYTES".into());
    };
    let folder = Path::new(folder);
    let size: u64 = size.parse::<u64>()? << 20;
    fs::write(
        folder.join("patterns"),
        CheckSet::embedded().signatures().alternation(),
    )?;
    let mut log = Log {
        file: BufWriter::with_capacity(1 << 20, File::create(folder.join("node.log"))?),
        random: 1,
        milliseconds: 0,
        written: 0,
    };
    while log.written < size {
        log.event()?;
    }
    log.file.flush()?;
    Ok(())
}

struct Log {
    file: BufWriter<File>,
    random: u64,
    milliseconds: u64,
    written: u64,
}

impl Log {
    /// One event in 400 is about a link, one in 16 has a stack trace.
    fn event(&mut self) -> std::io::Result<()> {
        self.milliseconds += self.random(400);
        let (seconds, rest) = (self.milliseconds / 1000, self.milliseconds % 1000);
        let (day, hour) = (seconds / 86_400 % 28 + 1, seconds / 3600 % 24);
        let (minute, second) = (seconds / 60 % 60, seconds % 60);
        self.line(&format!(
            "[2026-11-{day:02}T{hour:02}:{minute:02}:{second:02},{rest:03}]"
        ))?;
        let (texts, end): (&[&str], _) = match self.random(400) {
            0 => (&FAILURES, "\n"),
            _ => (&EVERYDAY, "\n"),
        };
        let text = texts[self.random(texts.len() as u64) as usize];
        self.line(text)?;
        self.line(end)?;
        if self.random(16) == 0 {
            for _ in 0..3 {
                for frame in FRAMES {
                    self.line(frame)?;
                    self.line("\n")?;
                }
            }
        }
        Ok(())
    }

    /// Writes a text with other numbers.
    fn line(&mut self, text: &str) -> std::io::Result<()> {
        for (index, part) in text.split('#').enumerate() {
            if index > 0 {
                let number = self.random(100_000).to_string();
                self.written += number.len() as u64;
                self.file.write_all(number.as_bytes())?;
            }
            self.written += part.len() as u64;
            self.file.write_all(part.as_bytes())?;
        }
        Ok(())
    }

    /// Below `end`, the same in every run (xorshift64).
    fn random(&mut self, end: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % end
    }
}
