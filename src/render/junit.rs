//! For CI servers: `JUnit` XML as Jenkins' xUnit plugin defines it (`junit-10.xsd`), which GitLab,
//! Azure and others read as well. A suite for each link, a test case for each finding.

use std::io;

use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::writer::Writer;

use super::story::{Story, clusters, connection, stories, subject};
use super::text::{clip, plain, plain_lines};
use super::{Page, Render, word};
use crate::report::{Finding, Outcome, Severity};

/// Most characters of one text.
const MOST_TEXT: usize = 10_000;

/// The form for CI servers.
#[derive(Clone, Copy, Debug)]
pub struct Junit {
    /// Least severity that fails a test case, so that a build fails exactly where the exit code
    /// does.
    pub threshold: Severity,
}

impl Render for Junit {
    fn render(&self, page: &Page<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let stories = stories(page);
        let counts = stories.iter().map(|it| self.counts(&it.findings));
        let all = counts.fold(Counts::default(), Counts::and);
        let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        xml.create_element("testsuites")
            .with_attribute(("name", "crosscheck"))
            .with_attribute(("tests", all.tests.to_string().as_str()))
            .with_attribute(("failures", all.failures.to_string().as_str()))
            .with_attribute(("errors", all.errors.to_string().as_str()))
            .write_inner_content(|xml| {
                for story in &stories {
                    self.suite(page, story, xml)?;
                }
                Ok(())
            })?;
        let mut text = xml.into_inner();
        text.push(b'\n');
        out.write_all(&text)
    }
}

type Xml = Writer<Vec<u8>>;

/// How many test cases there are, and how they end.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn and(self, other: Self) -> Self {
        Self {
            tests: self.tests + other.tests,
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl Junit {
    fn suite(self, page: &Page<'_>, story: &Story<'_>, xml: &mut Xml) -> io::Result<()> {
        let name = story.link.map_or("crosscheck", |it| it.alias.as_str());
        let name = clip(name, MOST_TEXT);
        let counts = self.counts(&story.findings);
        // ISO 8601 without a zone, as Ant writes it.
        let timestamp = page.evidence.collected_at.strftime("%FT%T").to_string();
        let mut suite = xml
            .create_element("testsuite")
            .with_attribute(("name", plain(&name).as_str()))
            .with_attribute(("tests", counts.tests.to_string().as_str()))
            .with_attribute(("failures", counts.failures.to_string().as_str()))
            .with_attribute(("errors", counts.errors.to_string().as_str()))
            .with_attribute(("skipped", counts.skipped.to_string().as_str()))
            .with_attribute(("timestamp", timestamp.as_str()));
        if let Some(host) = page.evidence.vantage.host.known() {
            suite = suite.with_attribute(("hostname", plain(host).as_str()));
        }
        suite
            .write_inner_content(|xml| {
                properties(page, story, xml)?;
                for finding in &story.findings {
                    self.case(&name, finding, xml)?;
                }
                Ok(())
            })
            .map(drop)
    }

    fn case(self, suite: &str, finding: &Finding, xml: &mut Xml) -> io::Result<()> {
        // The same in every run, so that a server can tell how often it failed.
        let name = match (&finding.subject.endpoint, &finding.subject.cluster) {
            (Some(it), _) | (None, Some(it)) => format!("{} [{}]", finding.code, clip(it, 200)),
            (None, None) => finding.code.clone(),
        };
        let case = xml
            .create_element("testcase")
            .with_attribute(("name", plain(&name).as_str()))
            .with_attribute((
                "classname",
                plain(&format!("{suite}.{}", finding.area)).as_str(),
            ));
        let end = self.end(finding);
        if end == End::Passed {
            return case.write_empty().map(drop);
        }
        case.write_inner_content(|xml| {
            let (element, kind) = match end {
                End::Failed => ("failure", word(&finding.severity)),
                End::Wrong => ("error", "broken check".to_owned()),
                End::Skipped => ("skipped", word(&finding.outcome)),
                End::Passed | End::Noted => {
                    return xml
                        .create_element("system-out")
                        .write_text_content(BytesText::new(&whole(finding)))
                        .map(drop);
                }
            };
            let message = match finding.outcome {
                Outcome::Skip => "does not apply",
                _ => &finding.message,
            };
            let element = xml
                .create_element(element)
                .with_attribute(("type", kind.as_str()))
                .with_attribute(("message", plain(&clip(message, MOST_TEXT)).as_str()));
            if end == End::Skipped {
                element.write_empty().map(drop)
            } else {
                element
                    .write_text_content(BytesText::new(&whole(finding)))
                    .map(drop)
            }
        })
        .map(drop)
    }

    fn end(self, finding: &Finding) -> End {
        match finding.outcome {
            // Severities are ordered from the worst.
            Outcome::Fail if finding.severity <= self.threshold => End::Failed,
            Outcome::Fail => End::Noted,
            Outcome::Broken => End::Wrong,
            Outcome::Skip | Outcome::Unknown => End::Skipped,
            Outcome::Pass => End::Passed,
        }
    }

    fn counts(self, findings: &[&Finding]) -> Counts {
        let count = |end: End| findings.iter().filter(|it| self.end(it) == end).count();
        Counts {
            tests: findings.len(),
            failures: count(End::Failed),
            errors: count(End::Wrong),
            skipped: count(End::Skipped),
        }
    }
}

/// How a test case ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Passed,
    /// A failure below the threshold: passed, with what was found beside it.
    Noted,
    Skipped,
    Failed,
    /// The check itself is wrong.
    Wrong,
}

fn properties(page: &Page<'_>, story: &Story<'_>, xml: &mut Xml) -> io::Result<()> {
    let mut all = vec![("crosscheck", page.report.version.clone())];
    if let Some(link) = story.link {
        all.push(("verdict", word(&link.verdict)));
        all.push(("clusters", clusters(link)));
        all.push(("connection", connection(link)));
        all.push(("root cause", link.root_cause.clone().unwrap_or_default()));
    }
    all.retain(|(_, value)| !value.is_empty());
    xml.create_element("properties")
        .write_inner_content(|xml| {
            for (name, value) in &all {
                xml.create_element("property")
                    .with_attribute(("name", *name))
                    .with_attribute(("value", plain(&clip(value, MOST_TEXT)).as_str()))
                    .write_empty()?;
            }
            Ok(())
        })
        .map(drop)
}

/// All that a failure says.
fn whole(finding: &Finding) -> String {
    let mut parts = vec![
        format!(
            "{}, {}, {}",
            finding.code,
            word(&finding.severity),
            word(&finding.certainty)
        ),
        finding.message.clone(),
        finding.why.clone(),
    ];
    let about = subject(finding);
    if !about.is_empty() {
        parts.push(format!("About: {about}"));
    }
    if let Some(cause) = &finding.explained_by {
        parts.push(format!("It follows from {cause}."));
    }
    for fix in &finding.fixes {
        let commands = fix.commands.iter().map(|it| format!("\n    {it}"));
        parts.push(format!("Fix: {}{}", fix.text, commands.collect::<String>()));
    }
    parts.extend(finding.links.first().cloned());
    parts.retain(|it| !it.is_empty());
    let parts: Vec<String> = parts
        .iter()
        .map(|it| plain_lines(&clip(it, MOST_TEXT)))
        .collect();
    format!("\n{}\n", parts.join("\n\n"))
}
