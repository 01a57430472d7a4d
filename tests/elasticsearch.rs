//! The fault matrix on real Elasticsearch nodes: each test breaks a link between two running clusters in one way,
//! runs the built binary as a user would, and looks at its verdict.
//!
//!     tests/elasticsearch/fetch.sh 8.14.1 9.4.3
//!     CROSSCHECK_ES=1 cargo test --test elasticsearch
//!
//! | variable | meaning |
//! |---|---|
//! | `CROSSCHECK_ES` | `1`: run; `require`: and fail where a version or Java is missing |
//! | `CROSSCHECK_ES_HOME` | an unpacked Elasticsearch to run on, instead of fetched versions |
//! | `CROSSCHECK_ES_VERSIONS` | fetched versions, by default `8.14.1,9.4.3` |
//! | `CROSSCHECK_ES_CACHE` | where `fetch.sh` puts them |
//! | `CROSSCHECK_ES_BINARY` | the binary to examine, instead of the one just built |
//! | `CROSSCHECK_ES_RESULTS` | a folder that keeps every report of the tool |
//! | `CROSSCHECK_ES_NODES_ONLY` | break the links and ask the nodes, but not the tool |
//! | `CROSSCHECK_ES_FOLDER` | where the nodes live, and their logs stay; else a temporary folder |
//! | `CROSSCHECK_LAB_KEEP` | no tests: break the link of each version as the case of that name does (`1`: leave it healthy) and keep the nodes running to try by hand |

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test programme of its own speaks to whoever runs it"
)]

#[path = "elasticsearch/cases.rs"]
mod cases;
#[path = "elasticsearch/certificates.rs"]
mod certificates;
#[path = "elasticsearch/identity.rs"]
mod identity;
#[path = "elasticsearch/install.rs"]
mod install;
#[path = "elasticsearch/keystore.rs"]
mod keystore;
#[path = "elasticsearch/matrix.rs"]
mod matrix;
#[path = "elasticsearch/node.rs"]
mod node;
#[path = "elasticsearch/pair.rs"]
mod pair;
#[path = "elasticsearch/peers.rs"]
mod peers;
#[path = "elasticsearch/plans.rs"]
mod plans;
#[path = "elasticsearch/privileges.rs"]
mod privileges;
#[path = "elasticsearch/probes.rs"]
mod probes;
#[path = "elasticsearch/tool.rs"]
mod tool;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // An error means that another provider was installed, which would do as well.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    if let Some(case) = install::environment("CROSSCHECK_LAB_KEEP") {
        return match matrix::keep_running(&case) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error:#}");
                ExitCode::FAILURE
            }
        };
    }
    // Two, because there are two versions: tests of one version wait for each other.
    arguments.test_threads.get_or_insert(2);
    let trials = matrix::trials();
    libtest_mimic::run(&arguments, trials).exit_code()
}
