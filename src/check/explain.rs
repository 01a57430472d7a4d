//! What a finding means and how it is decided, without any evidence.

use std::fmt;

use super::CheckSet;
use super::expression::{Expression, Mentioned};
use super::item::Check;
use super::problem::nearest;
use super::template::Template;
use crate::report::{Certainty, Fix, Kind, Severity, Stage};

/// All that can be said of a check. Names stand as `<alias>` where a finding has real ones.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Its code.
    pub code: String,
    /// The healthy state in words.
    pub title: String,
    /// How bad a failure is.
    pub severity: Severity,
    /// What a failure means.
    pub kind: Kind,
    /// The step of connecting at which a failure stops the link.
    pub stage: Stage,
    /// How sure a failure is.
    pub certainty: Certainty,
    /// How sure it is where the run did not look from a node of the local cluster, if that differs.
    pub certainty_from_afar: Option<Certainty>,
    /// What a failure says.
    pub message: String,
    /// Why it matters.
    pub why: String,
    /// When the check applies (CEL); `None` for always.
    pub when: Option<String>,
    /// When all is well (CEL); `None` where texts alone tell of the fault.
    pub ok: Option<String>,
    /// Texts in logs and answers that tell of the fault.
    pub texts: Vec<String>,
    /// The facts that are looked at.
    pub reads: Vec<String>,
    /// Codes and titles of causes that explain this failure if they are there.
    pub explained_by: Vec<(String, String)>,
    /// Codes and titles of failures that this one explains.
    pub explains: Vec<(String, String)>,
    /// What to do, for every environment.
    pub fixes: Vec<Fix>,
    /// Rows of the failure catalogue.
    pub covers: Vec<String>,
    /// Documentation.
    pub links: Vec<String>,
    /// Former codes.
    pub aliases: Vec<String>,
}

/// A code that no check has.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no check has the code {code}{}", hint(.nearest.as_deref()))]
pub struct UnknownCode {
    /// What was asked for.
    pub code: String,
    /// What was probably meant.
    pub nearest: Option<String>,
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; `crosscheck checks list` shows them all".to_owned(),
        |nearest| format!(" (did you mean `{nearest}`?)"),
    )
}

impl CheckSet {
    /// Explains a code; a former code, or a fault's name without its area if only one has it, will
    /// do.
    pub fn explain(&self, code: &str) -> Result<Explanation, UnknownCode> {
        let wanted = code.trim().to_lowercase();
        let former = || {
            let mut all = self.checks();
            all.find(|check| check.file.aliases.contains(&wanted))
        };
        let alone = || {
            let fault = |check: &&Check| check.code.split('/').nth(1) == Some(&wanted);
            let mut all = self.checks().filter(fault);
            all.next().filter(|_| all.next().is_none())
        };
        match self.find(&wanted).or_else(former).or_else(alone) {
            Some(check) => Ok(self.explanation(check)),
            None => Err(UnknownCode {
                code: code.to_owned(),
                nearest: nearest(&wanted, self.checks().map(|check| check.code.as_str()))
                    .map(str::to_owned),
            }),
        }
    }

    pub(crate) fn explanation(&self, check: &Check) -> Explanation {
        let file = &check.file;
        let named = |code: &str| {
            let title = self
                .find(code)
                .map(|check| check.file.title.get_ref().clone());
            (code.to_owned(), title.unwrap_or_default())
        };
        let follows = |other: &&Check| {
            other
                .file
                .consequence_of
                .iter()
                .any(|cause| *cause.get_ref() == check.code)
        };
        let fixes = file.fix.iter().map(|fix| Fix {
            text: in_general(fix.text.get_ref()),
            commands: fix
                .commands
                .iter()
                .map(|command| in_general(command.get_ref()))
                .collect(),
            environments: fix.environments.clone(),
        });
        Explanation {
            code: check.code.clone(),
            title: file.title.get_ref().clone(),
            severity: file.severity,
            kind: file.kind,
            stage: file.stage,
            certainty: file.certainty,
            certainty_from_afar: Some(check.certainty(false))
                .filter(|from_afar| *from_afar != file.certainty),
            message: in_general(file.message.get_ref()),
            why: in_general(file.why.get_ref()),
            when: file.when.as_ref().map(|when| when.get_ref().clone()),
            ok: file.ok.as_ref().map(|ok| ok.get_ref().clone()),
            texts: file
                .log
                .iter()
                .map(|log| log.text.get_ref().clone())
                .collect(),
            reads: reads(check),
            explained_by: file
                .consequence_of
                .iter()
                .map(|code| named(code.get_ref()))
                .collect(),
            explains: self
                .checks()
                .filter(follows)
                .map(|check| named(&check.code))
                .collect(),
            fixes: fixes.collect(),
            covers: file.covers.clone(),
            links: file.links.clone(),
            aliases: file.aliases.clone(),
        }
    }
}

fn in_general(text: &str) -> String {
    Template::parse(text).map_or_else(|_| text.to_owned(), |template| template.in_general())
}

/// The facts that a check looks at, in the order in which they are written.
fn reads(check: &Check) -> Vec<String> {
    let mut reads = Vec::new();
    for text in check.file.when.iter().chain(&check.file.ok) {
        let mentions = Expression::parse(text.get_ref()).map(|parsed| parsed.mentions());
        for mention in mentions.unwrap_or_default() {
            if let Mentioned::Path(path) = mention.what {
                let path = path.to_string();
                if !reads.contains(&path) {
                    reads.push(path);
                }
            }
        }
    }
    reads
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (severity, kind) = (word(self.severity), word(self.kind));
        writeln!(f, "{} · {severity} · {kind}\n", self.code)?;
        paragraph(f, "Healthy", &self.title)?;
        paragraph(f, "Else", &self.message)?;
        paragraph(f, "Why", &self.why)?;
        let mut sure = format!("{} when it fails", word(self.certainty));
        if let Some(from_afar) = self.certainty_from_afar {
            let from_afar = word(from_afar);
            sure = format!("{sure} on a node of the local cluster, {from_afar} from elsewhere");
        }
        paragraph(f, "Sure", &sure)?;
        if let Some(when) = &self.when {
            paragraph(f, "Applies", &format!("where {when}"))?;
        }
        if let Some(ok) = &self.ok {
            paragraph(f, "Decided", &format!("by {ok}"))?;
        }
        for text in &self.texts {
            paragraph(f, "Text", text)?;
        }
        paragraph(f, "Reads", &self.reads.join(", "))?;
        for (label, codes) in [("Or", &self.explained_by), ("Causes", &self.explains)] {
            for (code, title) in codes {
                paragraph(f, label, &format!("{code} (healthy: {title})"))?;
            }
        }
        for fix in &self.fixes {
            let environments: Vec<String> = fix
                .environments
                .iter()
                .map(|environment| word(*environment))
                .collect();
            let text = if environments.is_empty() {
                fix.text.clone()
            } else {
                format!("({}) {}", environments.join(", "), fix.text)
            };
            paragraph(f, "Fix", &text)?;
            for command in &fix.commands {
                writeln!(f, "              {command}")?;
            }
        }
        for link in &self.links {
            writeln!(f, "{:<9} {link}", "Docs")?;
        }
        if !self.covers.is_empty() {
            paragraph(f, "Covers", &self.covers.join(", "))?;
        }
        if !self.aliases.is_empty() {
            paragraph(f, "Formerly", &self.aliases.join(", "))?;
        }
        Ok(())
    }
}

/// A value of an enum as it is written in files.
fn word(value: impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// A label and a text that fit into 80 columns.
fn paragraph(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    const WIDTH: usize = 70;
    let mut label = label;
    let mut line = String::new();
    for word in text.split_whitespace() {
        let length = line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && length > WIDTH {
            writeln!(f, "{label:<9} {line}")?;
            label = "";
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.is_empty() {
        return Ok(());
    }
    writeln!(f, "{label:<9} {line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_explained() {
        let checks = CheckSet::embedded();
        let explanation = checks
            .explain("versions/api-key-model-unsupported")
            .unwrap();
        for path in ["link.model", "local.version", "remote.version"] {
            assert!(explanation.reads.iter().any(|read| read == path), "{path}");
        }
        let text = explanation.to_string();
        assert!(text.contains("The local cluster runs <version>"), "{text}");
        assert!(
            text.lines()
                .all(|line| line.chars().count() <= 80 || line.contains("http"))
        );
        assert!(checks.explain("API-key-model-unsupported").is_ok());
    }

    #[test]
    fn near_codes_are_offered() {
        let unknown = CheckSet::embedded()
            .explain("versions/api-key-model-unsuported")
            .unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "no check has the code versions/api-key-model-unsuported (did you mean \
             `versions/api-key-model-unsupported`?)"
        );
        let nothing = CheckSet::embedded().explain("zzz").unwrap_err();
        assert!(nothing.to_string().contains("checks list"));
    }
}
