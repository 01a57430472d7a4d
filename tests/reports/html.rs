//! The HTML report, looked at in a real browser where there is one: `CROSSCHECK_CHROMIUM=require`
//! makes its absence a failure. Pictures are left in `target/screenshots`.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crosscheck::render::Html;
use serde_json::json;

use super::browser::{Browser, installed};
use super::{
    HOSTILE, Sample, blocked, endless, healthy, hostile, is_obeyed, samples, two_links, unsure,
};

const WIDTHS: [u32; 2] = [1280, 390];
const SCHEMES: [&str; 2] = ["light", "dark"];

#[test]
fn it_is_one_file_that_loads_nothing() {
    for (name, sample) in samples() {
        let text = sample.render(&Html);
        assert!(!text.contains(is_obeyed), "{name}");
        assert_eq!(text.matches("<script>").count(), 1, "{name}");
        assert_eq!(text.matches("<style>").count(), 1, "{name}");
        for loading in [
            "@import", "url(", "<link", "<iframe", "<img", "<object", " style=",
        ] {
            assert!(!text.contains(loading), "{name}: {loading}");
        }
        assert!(text.contains("default-src &#39;none&#39;"), "{name}");
        assert!(text.len() < 1_000_000, "{name}: {} bytes", text.len());
    }
}

#[test]
fn it_says_what_breaks_and_how_to_mend_it() {
    let text = blocked().render(&Html);
    for part in [
        "<title>BLOCKED – bee: The API key KR9SCqIBrM0sh3NpDLnA of bee has expired</title>",
        "aria-label=\"The connection from a to b breaks at: API key.\"",
        "<li class=\"bad\"><span class=\"hop\">API key</span> <span class=\"state\">breaks here</span>",
        "<h4>Fix</h4>",
        "POST /_security/cross_cluster/api_key",
        "<code>keys/expired</code>",
        "Calls to the clusters' APIs (2)",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    let text = healthy().render(&Html);
    assert!(text.contains("works at every step"), "{text}");
    assert!(!text.contains("breaks here"));
    let text = unsure().render(&Html);
    assert!(text.contains("<h3>Not known ("), "{text}");
    assert!(text.contains("give the user of --remote the cluster privilege monitor"));
}

#[test]
fn a_page_of_many_links_stays_small() {
    let mut sample = blocked();
    let link = sample.report.links[0].clone();
    sample.report.links = (0..1_000)
        .map(|index| {
            let mut link = link.clone();
            link.alias = format!("link-{index}");
            link.root_cause = None;
            link
        })
        .collect();
    for (index, finding) in sample.report.findings.iter_mut().enumerate() {
        finding.subject.link = Some(format!("link-{index}"));
    }
    let text = sample.render(&Html);
    assert!(text.len() < 10_000_000, "{} bytes", text.len());
    assert!(text.contains("Of so many links"));
}

/// A file with the page.
fn saved(sample: &Sample, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("report-{name}.html"));
    fs::write(&path, sample.render(&Html)).unwrap();
    path
}

const FITS: &str = "document.documentElement.scrollWidth <= innerWidth";
const OPEN_ALL: &str = "document.querySelectorAll('details').forEach(it => { it.open = true; })";

#[test]
fn it_looks_well_in_a_browser() {
    let Some(program) = installed() else { return };
    let mut browser = Browser::start(&program);
    let pictures = Path::new("target/screenshots");
    fs::create_dir_all(pictures).unwrap();
    let axe = axe();
    for (name, sample) in [
        ("blocked", blocked()),
        ("unsure", unsure()),
        ("two-links", two_links()),
    ] {
        let file = saved(&sample, name);
        for (width, scheme) in WIDTHS
            .iter()
            .flat_map(|it| SCHEMES.map(|scheme| (*it, scheme)))
        {
            let tab = browser.open(&file, width, scheme);
            let place = format!("{name}, {width}, {scheme}");
            assert_eq!(browser.value(&tab, FITS), true, "{place}: scrolls sideways");
            let picture = STANDARD.decode(browser.picture(&tab)).unwrap();
            fs::write(
                pictures.join(format!("{name}-{width}-{scheme}.png")),
                picture,
            )
            .unwrap();
            structure(&mut browser, &tab, &place);
            browser.value(&tab, OPEN_ALL);
            assert_eq!(
                browser.value(&tab, FITS),
                true,
                "{place}: scrolls sideways when unfolded"
            );
            assert_eq!(
                browser.complaints(&file),
                Vec::<&serde_json::Value>::new(),
                "{place}"
            );
            if let Some(axe) = &axe {
                accessible(&mut browser, &tab, axe, &place);
            }
        }
    }
}

#[test]
fn what_was_found_is_printed_and_not_all_that_was_looked_at() {
    let Some(program) = installed() else { return };
    let mut browser = Browser::start(&program);
    let file = saved(&blocked(), "printed");
    let tab = browser.open(&file, 800, "light");
    let folded = "(() => {
        const closed = which => document.querySelectorAll(which + ':not([open])').length;
        return [closed('.warnings'), closed('.cause details'), closed('.area'), closed('.checks details')];
    })()";
    let before = browser.value(&tab, folded);
    browser.value(&tab, "dispatchEvent(new Event('beforeprint'))");
    let printed = browser.value(&tab, folded);
    assert_eq!((&printed[0], &printed[1]), (&json!(0), &json!(0)));
    assert_eq!((&printed[2], &printed[3]), (&before[2], &before[3]));
    assert!(
        before[1].as_u64().unwrap() > 0 && before[3].as_u64().unwrap() > 0,
        "{before}"
    );
    browser.value(&tab, "dispatchEvent(new Event('afterprint'))");
    assert_eq!(browser.value(&tab, folded), before);
}

fn structure(browser: &mut Browser, tab: &super::browser::Tab, place: &str) {
    let seen = browser.value(
        tab,
        "({
            levels: [...document.querySelectorAll('h1,h2,h3,h4')].map(it => Number(it.tagName[1])),
            landmarks: ['header', 'main', 'footer'].map(it => document.querySelectorAll('body > ' + it).length),
            ids: [...document.querySelectorAll('[id]')].map(it => it.id),
            buttons: document.querySelectorAll('.command button').length,
            commands: document.querySelectorAll('.command').length,
            language: document.documentElement.lang,
            background: getComputedStyle(document.body).backgroundColor,
        })",
    );
    let levels: Vec<u64> = seen["levels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_u64().unwrap())
        .collect();
    assert_eq!(levels[0], 1, "{place}");
    assert_eq!(levels.iter().filter(|it| **it == 1).count(), 1, "{place}");
    for pair in levels.windows(2) {
        assert!(
            pair[1] <= pair[0] + 1,
            "{place}: a level is left out: {levels:?}"
        );
    }
    assert_eq!(seen["landmarks"], json!([1, 1, 1]), "{place}");
    let mut ids: Vec<&str> = seen["ids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "{place}: an id stands twice");
    assert_eq!(seen["buttons"], seen["commands"], "{place}");
    assert_eq!(seen["language"], "en");
    // The scheme of the reader is heeded.
    let is_dark = place.ends_with("dark");
    assert_eq!(
        seen["background"] == "rgb(18, 22, 28)",
        is_dark,
        "{place}: {seen}"
    );
    // The first thing that the keyboard reaches leads past everything else.
    for kind in ["keyDown", "keyUp"] {
        let key = json!({"type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9});
        browser.ask(tab, "Input.dispatchKeyEvent", &key);
    }
    assert_eq!(
        browser.value(tab, "document.activeElement.className"),
        "skip",
        "{place}"
    );
}

/// The source of axe-core, where `npm install --prefix target/axe axe-core` put it.
fn axe() -> Option<String> {
    let source = fs::read_to_string("target/axe/node_modules/axe-core/axe.min.js").ok();
    if source.is_none() {
        #[expect(
            clippy::disallowed_methods,
            reason = "a test's own switch, no configuration of the tool"
        )]
        let required = std::env::var("CROSSCHECK_AXE").is_ok_and(|it| it == "require");
        assert!(
            !required,
            "CROSSCHECK_AXE=require, and there is no target/axe"
        );
        super::skipped("no rules of accessibility: no axe-core in target/axe");
    }
    source
}

fn accessible(browser: &mut Browser, tab: &super::browser::Tab, axe: &str, place: &str) {
    browser.value(tab, &format!("{axe}; 0"));
    let found = browser.value(
        tab,
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
            .then(it => it.violations.map(it => [it.id, it.help, it.nodes.slice(0, 3).map(it => it.html + ' ' + it.failureSummary)]))",
    );
    assert_eq!(found, json!([]), "{place}: {found:#}");
}

#[test]
fn nothing_in_it_is_obeyed_by_a_browser() {
    let Some(program) = installed() else { return };
    let mut browser = Browser::start(&program);
    let texts = HOSTILE.iter().map(|text| hostile(text, usize::MAX));
    for (index, sample) in texts.chain([endless()]).enumerate() {
        let file = saved(&sample, &format!("hostile-{index}"));
        let tab = browser.open(&file, 390, "light");
        browser.value(&tab, OPEN_ALL);
        let seen = browser.value(
            &tab,
            "({
                fits: document.documentElement.scrollWidth <= innerWidth,
                scripts: document.scripts.length,
                foreign: document.querySelectorAll('img,iframe,object,embed,form,input,b b,svg svg').length,
                handlers: [...document.querySelectorAll('*')].filter(it => [...it.attributes].some(it => it.name.startsWith('on') || it.value.trim().toLowerCase().startsWith('javascript:'))).length,
                sections: document.querySelectorAll('main > section').length,
            })",
        );
        let wanted =
            json!({"fits": true, "scripts": 1, "foreign": 0, "handlers": 0, "sections": 2});
        assert_eq!(seen, wanted, "{index}");
        assert_eq!(
            browser.complaints(&file),
            Vec::<&serde_json::Value>::new(),
            "{index}"
        );
    }
}
