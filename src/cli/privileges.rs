//! `privileges`: the least roles, to paste.

use serde_json::json;

use super::output::print_and;
use super::{Exit, LookOptions, PrivilegesArgs, PrivilegesFormat};
use crate::config;
use crate::evidence::Model;
use crate::privileges::{Wish, grants};
use crate::probe::elasticsearch::Line;
use crate::render::{Width, privileges as rendered};

pub(super) fn privileges(args: &PrivilegesArgs, look: LookOptions) -> Exit {
    let grants = grants(&Wish {
        aliases: args.aliases.clone(),
        uses: args.uses.clone(),
        indices: args.index.clone(),
        model: args.model.unwrap_or(Model::ApiKey),
        environment: args.environment,
        local_version: args.local_version,
        reload_secure_settings: args.reload_secure_settings,
    });
    let text = match args.format {
        PrivilegesFormat::Human => rendered(&grants, Width::of_terminal(), !config::speaks_utf8()),
        PrivilegesFormat::Json => format!("{:#}\n", json!({ "grants": grants })),
    };
    print_and(text.as_bytes(), look, Exit::Clean)
}

/// Reads `9.4`, `9.4.3` or `9.4.3-SNAPSHOT`.
pub(super) fn version(text: &str) -> Result<Line, String> {
    let mut parts = text.split(['.', '-']).map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => Err("a version has the form 9.4 or 9.4.3".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_they_are_written() {
        assert_eq!(version("8.14"), Ok((8, 14)));
        assert_eq!(version("9.4.3-SNAPSHOT"), Ok((9, 4)));
        for wrong in ["", "9", "x.y", "9.x"] {
            assert!(version(wrong).is_err(), "{wrong}");
        }
    }
}
