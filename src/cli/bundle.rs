//! `bundle`: what a run saw, packed to be sent to somebody else; `bundle verify`: what is in one.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::output::{complain, print_and, tell, warn, write_private, write_whole};
use super::{DiagnoseArgs, Exit, LookOptions, PreflightArgs, collect};
use crate::bundle::{self, Contents, Map, PackError, Packed, Tokens, Verified};

const BUNDLE: &str = "The bundle";

/// Arguments of `bundle`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct BundleArgs {
    /// What to do with a bundle that is there.
    #[command(subcommand)]
    pub command: Option<BundleCommand>,
    #[command(flatten)]
    pub packing: PackingOptions,
    #[command(flatten)]
    pub run: DiagnoseArgs,
}

/// How a bundle is made.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = BUNDLE)]
pub struct PackingOptions {
    /// The bundle, a zip.
    #[arg(short, long, value_name = "FILE", required = true)]
    pub output: Option<PathBuf>,
    /// Also write the key and what each token stands for, for yourself; the key of one that is there
    /// is used again, so that both bundles have the same tokens.
    #[arg(long, value_name = "FILE", conflicts_with = "no_redact")]
    pub map: Option<PathBuf>,
    /// Leave names, addresses and identities as they are. Secrets are taken out all the same.
    #[arg(long)]
    pub no_redact: bool,
    /// The link is only planned: collect as preflight does.
    #[arg(long, conflicts_with = "aliases")]
    pub preflight: bool,
}

/// What to do with a bundle that is there.
#[derive(Debug, Subcommand)]
pub enum BundleCommand {
    /// Searches a bundle for secrets, and with --map for every identifier that was replaced.
    Verify {
        /// The bundle.
        file: PathBuf,
        /// The map that was written with it.
        #[arg(long, value_name = "FILE")]
        map: Option<PathBuf>,
    },
}

pub(super) fn bundle(args: &BundleArgs, look: LookOptions) -> Exit {
    if let Some(BundleCommand::Verify { file, map }) = &args.command {
        return verify(file, map.as_deref(), look);
    }
    let packing = match Packing::of(&args.packing) {
        Ok(packing) => packing,
        Err(complaint) => {
            complain(&complaint);
            return Exit::Usage;
        }
    };
    let run = &args.run;
    if args.packing.preflight {
        let planned = PreflightArgs {
            clusters: run.clusters.clone(),
            link: run.link.clone(),
            collect: run.collect.clone(),
            judge: run.judge.clone(),
            output: run.output.clone(),
        };
        collect::preflight_into(&planned, look, Some(&packing))
    } else {
        collect::diagnose_into(run, look, Some(&packing))
    }
}

/// Where a bundle goes, and by which key its tokens are made. Whatever can fail before the first
/// call has been tried by then.
#[derive(Debug)]
pub(super) struct Packing {
    output: PathBuf,
    map: Option<PathBuf>,
    earlier: Option<Map>,
    redact: bool,
}

impl Packing {
    fn of(options: &PackingOptions) -> Result<Self, String> {
        let output = options.output.clone().unwrap_or_default();
        can_be_written("--output", &output)?;
        let mut earlier = None;
        if let Some(map) = &options.map {
            if *map == output {
                return Err("--map and --output name the same file".into());
            }
            can_be_written("--map", map)?;
            if fs::metadata(map).is_ok_and(|it| it.len() > 0) {
                earlier = Some(Map::read(map).map_err(|error| {
                    format!("--map: {error}; name a file that is not there yet")
                })?);
            }
        }
        Ok(Self {
            output,
            map: options.map.clone(),
            earlier,
            redact: !options.no_redact,
        })
    }

    /// Makes the bundle and writes it whole or not at all.
    pub(super) fn write(&self, contents: &Contents<'_>, look: LookOptions) -> Result<(), Exit> {
        let tokens = match &self.earlier {
            _ if !self.redact => Tokens::None,
            Some(map) => Tokens::Of(map),
            None => Tokens::Fresh,
        };
        let packed = bundle::pack(contents, &tokens).map_err(|error| {
            complain(&format!("no bundle was written: {error}"));
            if let PackError::Survived(survivors) = &error {
                for it in survivors.iter().skip(1).take(9) {
                    complain(&format!(
                        "also in {} at byte {}: {}",
                        it.file, it.offset, it.what
                    ));
                }
            }
            Exit::Internal
        })?;
        // The map first: without it the tokens of a bundle lead nowhere.
        if let (Some(path), Some(map)) = (&self.map, &packed.map) {
            write_private(path, &map.to_bytes()).map_err(|error| cannot_write(path, &error))?;
        }
        write_whole(&self.output, &packed.bytes)
            .map_err(|error| cannot_write(&self.output, &error))?;
        self.report(&packed, look);
        Ok(())
    }

    fn report(&self, packed: &Packed, look: LookOptions) {
        let changed = &packed.manifest.redaction.changed_findings;
        if !changed.is_empty() {
            warn(&format!(
                "the tokens change what these checks say, so the bundle tells less than the report \
                 above: {}",
                changed.join(", ")
            ));
        }
        if look.quiet {
            return;
        }
        let files = packed.manifest.files.len() + 1;
        let kib = packed.bytes.len().div_ceil(1024);
        tell(&format!(
            "Wrote {} ({files} files, {kib} KiB). {}",
            self.output.display(),
            self.said(packed)
        ));
        if let Some(map) = &self.map {
            tell(&format!(
                "{} leads every token back; keep it to yourself.",
                map.display()
            ));
        }
    }

    fn said(&self, packed: &Packed) -> String {
        if !self.redact {
            return "Names and addresses stand in it as they are; secrets do not.".into();
        }
        let replaced = &packed.manifest.redaction.replaced;
        let distinct: u64 = replaced.values().map(|it| it.distinct).sum();
        let mut said = format!(
            "{distinct} names, addresses and identities are replaced by tokens, and searching it \
             finds none of them"
        );
        if packed.ordinary > 0 {
            let _ = write!(
                said,
                "; {} more are ordinary words, replaced where they stand as names",
                packed.ordinary
            );
        }
        said.push('.');
        said
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Exit {
    complain(&format!("cannot write {}: {error}", path.display()));
    Exit::Usage
}

/// Whether a file can be made there, as far as it shows without making it.
fn can_be_written(option: &str, path: &Path) -> Result<(), String> {
    if path.file_name().is_none() || path.is_dir() {
        return Err(format!(
            "{option}: {} is a folder; name a file in it, such as bundle.zip",
            path.display()
        ));
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            Err(format!("{option}: there is no folder {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn verify(file: &Path, map: Option<&Path>, look: LookOptions) -> Exit {
    let usage = |text: String| {
        complain(&text);
        Exit::Usage
    };
    let map = match map.map(Map::read).transpose() {
        Ok(map) => map,
        Err(error) => return usage(format!("--map: {error}")),
    };
    let opened = match File::open(file) {
        Ok(opened) => opened,
        Err(error) => return usage(format!("cannot read {}: {error}", file.display())),
    };
    match bundle::verify(BufReader::new(opened), map.as_ref()) {
        Err(error) => usage(format!("{}: {error}", file.display())),
        Ok(verified) => {
            let exit = if verified.is_clean() {
                Exit::Clean
            } else {
                Exit::Findings
            };
            print_and(described(&verified, map.is_some()).as_bytes(), look, exit)
        }
    }
}

fn described(verified: &Verified, with_map: bool) -> String {
    let mut text = String::new();
    for it in &verified.damage {
        let _ = writeln!(text, "damaged   {it}");
    }
    for it in &verified.survivors {
        let _ = writeln!(
            text,
            "survived  {}, byte {}: {}",
            it.file, it.offset, it.what
        );
    }
    let files = verified.files;
    if verified.damage.is_empty() {
        let _ = writeln!(text, "{files} files, as the manifest lists them.");
    } else {
        let _ = writeln!(text, "{files} files, not as the manifest lists them.");
    }
    let secrets = "searched for secrets by their shape";
    if with_map {
        let _ = writeln!(
            text,
            "Every file was {secrets}, and for {} identifiers of the map, also in Base64, hexadecimal, \
             UTF-16 and percent-encoded.",
            verified.identifiers
        );
        if verified.ordinary > 0 {
            let _ = writeln!(
                text,
                "{} more are ordinary words, which cannot be told from the words around them.",
                verified.ordinary
            );
        }
    } else {
        let _ = writeln!(
            text,
            "Every file was {secrets}. What was replaced can be searched for with --map."
        );
    }
    text.push_str(match verified.survivors.len() {
        0 => "Nothing survived.\n",
        _ => "Do not send it.\n",
    });
    text
}
