//! Failures: what was seen, why it matters, what to do about it.

use anstyle::Style;

use super::Detail;
use crate::evidence::Environment;
use crate::render::environments;
use crate::render::sheet::{Sheet, mark};
use crate::render::story::{distinct, fixes_for, subject};
use crate::report::{Certainty, Finding, Fix, Kind};

/// A failure with its reason and what to do.
pub(super) fn cause(
    label: &str,
    finding: &Finding,
    environment: Option<Environment>,
    sheet: &mut Sheet,
    detail: Detail,
) {
    sheet.label(label);
    sheet.text(&finding.message);
    let mut about = vec![
        finding.code.clone(),
        certainty(finding.certainty).to_owned(),
    ];
    if let Some(endpoint) = &finding.subject.endpoint {
        about.push(format!("at {endpoint}"));
    }
    sheet.note(&about.join(" · "));
    if !finding.explains.is_empty() {
        sheet.note(&format!(
            "explains {}",
            distinct(&finding.explains).join(", ")
        ));
    }
    if !finding.why.is_empty() {
        sheet.blank();
        sheet.label("Why");
        sheet.text(&finding.why);
    }
    fixes(finding, environment, sheet, detail);
}

fn fixes(finding: &Finding, environment: Option<Environment>, sheet: &mut Sheet, detail: Detail) {
    let (shown, elsewhere) = for_reader(&finding.fixes, environment, detail);
    if shown.is_empty() && elsewhere.is_empty() {
        return;
    }
    sheet.blank();
    sheet.label("Fix");
    let several = shown.len() > 1;
    for fix in shown {
        let wanted = environment.is_none() || several;
        let names = environments(&fix.environments);
        let text = if wanted && !names.is_empty() {
            format!("{} ({})", fix.text, names.join(", "))
        } else {
            fix.text.clone()
        };
        sheet.text(&text);
        fix.commands.iter().for_each(|it| sheet.command(it));
    }
    if !elsewhere.is_empty() {
        sheet.note(&format!(
            "It is another fix on {}: add --environment, or run crosscheck explain {}",
            elsewhere.join(", "),
            finding.code
        ));
    }
    if let Some(link) = finding.links.first() {
        sheet.note(&format!("docs: {link}"));
    }
}

fn for_reader(
    fixes: &[Fix],
    environment: Option<Environment>,
    detail: Detail,
) -> (Vec<&Fix>, Vec<&'static str>) {
    if detail == Detail::Full {
        return (fixes.iter().collect(), Vec::new());
    }
    let (shown, elsewhere) = fixes_for(fixes, environment);
    (shown, environments(&elsewhere))
}

/// What will break, hides trouble or could be better. While something else blocks the link, it is
/// named and no more: its fix can wait.
pub(super) fn warnings(
    warnings: &[&Finding],
    environment: Option<Environment>,
    sheet: &mut Sheet,
    advised: bool,
    detail: Detail,
) {
    for (index, finding) in warnings.iter().enumerate() {
        if index == 0 {
            sheet.blank();
            sheet.label("Also");
        }
        let (mark, style) = mark(finding);
        let text = format!(
            "{} ({})",
            finding.message.trim_end_matches('.'),
            finding.code
        );
        sheet.marked(mark, style, &text);
        if (finding.kind == Kind::Risk && advised) || detail == Detail::Full {
            let (shown, _) = for_reader(&finding.fixes, environment, detail);
            for fix in shown {
                sheet.indented(&fix.text, 2, Style::new());
                fix.commands.iter().for_each(|it| sheet.command(it));
            }
        }
    }
}

/// The root cause, seen at other endpoints of the same link as well.
pub(super) fn same_elsewhere(others: &[&Finding], sheet: &mut Sheet) {
    for other in others {
        sheet.text(&format!("Also at {}: {}", subject(other), other.message));
    }
}

fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Proof => "proof",
        Certainty::Strong => "strong evidence",
        Certainty::Hint => "a hint only",
    }
}
