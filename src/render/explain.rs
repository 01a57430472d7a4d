//! What a check or a pasted text means, to read: `explain`.

use super::sheet::{BOLD, DIM, Sheet, styled};
use super::text::{Width, plain};
use super::word;
use crate::check::{Explanation, Meaning, Writer};
use crate::report::{Certainty, Fix, Stage};

/// The page of one check. With `detail`, how it decides as well.
pub fn explanation(it: &Explanation, width: Width, in_ascii: bool, detail: bool) -> String {
    let mut sheet = Sheet::new(width);
    sheet.line(&format!(
        "{}   {}, {}, {}",
        styled(&plain(&it.code), BOLD),
        word(&it.severity),
        word(&it.kind),
        word(&it.stage)
    ));
    section(&mut sheet, "Healthy", &it.title);
    section(&mut sheet, "Failing", &it.message);
    section(&mut sheet, "Why", &it.why);
    section(&mut sheet, "Sure", &sure(it));
    if !it.reads.is_empty() {
        sheet.note(&format!("decided by {}", it.reads.join(", ")));
    } else if let Some(text) = it.texts.first() {
        sheet.note(&format!("decided by texts of a log, such as “{text}”"));
    }
    if let Some(otherwise) = &it.otherwise {
        section(&mut sheet, "Or", otherwise);
    }
    for (index, fix) in it.fixes.iter().enumerate() {
        if index == 0 {
            sheet.blank();
            sheet.label("Fix");
        }
        write_fix(fix, &mut sheet);
    }
    related(
        &mut sheet,
        "After",
        &it.explained_by,
        "it follows where this fails:",
    );
    related(
        &mut sheet,
        "Before",
        &it.explains,
        "it explains why this fails:",
    );
    if detail {
        decision(&mut sheet, it);
    }
    if !it.links.is_empty() {
        sheet.blank();
        sheet.label("Docs");
        it.links.iter().for_each(|link| sheet.text(link));
    }
    sheet.finish(in_ascii)
}

/// The page of a pasted text: what it says, the best explanation in full, the others in a line each,
/// and what to run next.
pub fn meaning(
    best: &Meaning,
    others: &[Meaning],
    width: Width,
    in_ascii: bool,
    detail: bool,
) -> String {
    /// Most other explanations that are named.
    const OTHERS: usize = 4;
    let it = &best.explanation;
    let mut sheet = Sheet::new(width);
    sheet.line(&format!(
        "{}   {}, {}, {}",
        styled(&plain(&it.code), BOLD),
        word(&it.severity),
        word(&it.kind),
        word(&it.stage)
    ));
    section(&mut sheet, "Says", &format!("{}.", best.says));
    let sure = match best.certainty {
        Certainty::Hint => "a hint only",
        Certainty::Proof | Certainty::Strong => "strong evidence",
    };
    let whose = match best.by {
        Writer::Either => "",
        Writer::Local => ", in the log of the local cluster (the one that queries or follows)",
        Writer::Remote => {
            ", in the log of the remote cluster (the one that is queried or followed)"
        }
    };
    sheet.note(&format!("{sure}{whose}"));
    section(&mut sheet, "Why", &it.why);
    for (index, fix) in it.fixes.iter().enumerate() {
        if index == 0 {
            sheet.blank();
            sheet.label("Fix");
        }
        write_fix(fix, &mut sheet);
    }
    for (index, other) in others.iter().take(OTHERS).enumerate() {
        if index == 0 {
            sheet.blank();
            sheet.label("Also");
        }
        sheet.text(&format!("{} ({})", other.says, other.explanation.code));
    }
    sheet.blank();
    sheet.label("Next");
    next(best, others, &mut sheet);
    if detail && !best.covers.is_empty() {
        sheet.note(&format!("covers {}", best.covers.join(", ")));
    }
    if !it.links.is_empty() {
        sheet.blank();
        sheet.label("Docs");
        it.links.iter().for_each(|link| sheet.text(link));
    }
    sheet.finish(in_ascii)
}

/// What to run, with the alias and the address that the text names.
fn next(best: &Meaning, others: &[Meaning], sheet: &mut Sheet) {
    let value = |name: &str| {
        let mut all = std::iter::once(best).chain(others);
        all.find_map(|it| it.values.get(name))
    };
    let alias = value("alias").map_or_else(String::new, |alias| format!(" {alias}"));
    sheet.text("See whether it is still so, and what else is the matter:");
    let remote = match best.explanation.stage {
        Stage::Authentication | Stage::Licence | Stage::Authorisation => {
            " --remote https://REMOTE:9200"
        }
        _ => "",
    };
    sheet.command(&format!(
        "crosscheck diagnose{alias} --local https://LOCAL:9200{remote}"
    ));
    if let Some(address) = value("address").and_then(|address| dialled(address)) {
        sheet.text("From a node of the local cluster:");
        sheet.command(&format!("crosscheck probe {address}"));
    }
    if best.certainty == Certainty::Hint {
        sheet.text("More of the log makes it certain:");
        sheet.command(&format!(
            "crosscheck diagnose{alias} --local https://LOCAL:9200 --logs FOLDER"
        ));
    }
}

/// `b.example.org:9443` of `b.example.org/10.0.2.21:9443`; `None` where there is no port.
fn dialled(address: &str) -> Option<String> {
    let (host, port) = address.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    let host = match host.split_once('/') {
        Some(("", ip)) => ip,
        Some((name, _)) => name,
        None => host,
    };
    Some(format!("{host}:{port}"))
}

pub(super) fn section(sheet: &mut Sheet, label: &str, text: &str) {
    if !text.is_empty() {
        sheet.blank();
        sheet.label(label);
        sheet.text(text);
    }
}

fn write_fix(fix: &Fix, sheet: &mut Sheet) {
    let names = super::environments(&fix.environments);
    if names.is_empty() {
        sheet.text(&fix.text);
    } else {
        sheet.text(&format!("{} ({})", fix.text, names.join(", ")));
    }
    fix.commands.iter().for_each(|it| sheet.command(it));
}

fn related(sheet: &mut Sheet, label: &str, checks: &[(String, String)], says: &str) {
    for (index, (code, title)) in checks.iter().enumerate() {
        if index == 0 {
            sheet.blank();
            sheet.label(label);
            sheet.text(says);
        }
        sheet.text(&format!("{code}: {title}"));
    }
}

/// How sure a failure is, in words.
fn sure(it: &Explanation) -> String {
    let afar = match it.certainty_from_afar {
        None => "",
        Some(Certainty::Hint) => {
            " Seen from a machine that is no node of the local cluster it is a hint only: run \
             crosscheck on a node."
        }
        Some(Certainty::Strong | Certainty::Proof) => {
            " Seen from a machine that is no node of the local cluster it is less sure: nodes may have \
             another resolver, route or clock."
        }
    };
    let words = match (it.certainty, it.otherwise.is_some()) {
        (Certainty::Proof, _) => "Proof: what was read settles it.",
        (Certainty::Strong, true) => {
            "Strong evidence: it is so unless what stands below as “Or” is."
        }
        (Certainty::Strong, false) => "Strong evidence: rarely anything else shows the same.",
        (Certainty::Hint, _) => "A hint only: other causes show the same.",
    };
    format!("{words}{afar}")
}

/// How it decides: the expressions, what they read, the rows of the catalogue.
fn decision(sheet: &mut Sheet, it: &Explanation) {
    sheet.blank();
    sheet.label("Decides");
    if let Some(when) = &it.when {
        sheet.text(&format!("applies when {}", one_line(when)));
    }
    if let Some(ok) = &it.ok {
        sheet.text(&format!("is well when {}", one_line(ok)));
    }
    for text in &it.texts {
        sheet.indented(&format!("is told by “{text}”"), 0, DIM);
    }
    for source in &it.from {
        sheet.indented(&format!("tested with {source}"), 0, DIM);
    }
    if !it.covers.is_empty() {
        sheet.note(&format!("covers {}", it.covers.join(", ")));
    }
    if !it.aliases.is_empty() {
        sheet.note(&format!("was called {}", it.aliases.join(", ")));
    }
}

fn one_line(expression: &str) -> String {
    expression.split_whitespace().collect::<Vec<_>>().join(" ")
}
