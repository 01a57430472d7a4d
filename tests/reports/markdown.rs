//! Markdown, read by a parser of GitHub's dialect.

use crosscheck::render::Markdown;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{blocked, healthy, is_obeyed, samples, unsure};

/// What a reader would see formatted.
struct Seen {
    headings: usize,
    links: Vec<String>,
    html: Vec<String>,
    images: usize,
    rows: Vec<usize>,
}

fn seen(text: &str) -> Seen {
    let mut seen = Seen {
        headings: 0,
        links: Vec::new(),
        html: Vec::new(),
        images: 0,
        rows: Vec::new(),
    };
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_GFM) {
        match event {
            Event::Start(Tag::Heading { .. }) => seen.headings += 1,
            Event::Start(Tag::Link { dest_url, .. }) => seen.links.push(dest_url.to_string()),
            Event::Start(Tag::Image { .. }) => seen.images += 1,
            Event::Html(html) | Event::InlineHtml(html) => seen.html.push(html.trim().to_owned()),
            Event::Start(Tag::TableRow | Tag::TableHead) => seen.rows.push(0),
            Event::Start(Tag::TableCell) => {
                if let Some(cells) = seen.rows.last_mut() {
                    *cells += 1;
                }
            }
            _ => {}
        }
    }
    seen
}

#[test]
fn it_reads_from_the_verdict_to_what_is_folded() {
    let text = blocked().render(&Markdown);
    let places: Vec<_> = [
        "## `bee`: BLOCKED: The API key ",
        "### Cause",
        "**Why:**",
        "**Fix:**",
        "```sh\nPOST /_security/cross_cluster/api_key",
        "### Also",
        "| Area |",
        "<details><summary>All ",
        "<details><summary>2 calls</summary>",
    ]
    .iter()
    .map(|part| text.find(part).unwrap_or_else(|| panic!("{part}:\n{text}")))
    .collect();
    assert!(places.is_sorted(), "{places:?}");
    let seen = seen(&text);
    assert!(
        seen.links
            .iter()
            .all(|it| it.starts_with("https://www.elastic.co/"))
    );
    assert!(
        seen.rows.iter().all(|cells| [4, 7].contains(cells)),
        "{:?}",
        seen.rows
    );
    let text = unsure().render(&Markdown);
    let gap = "\n- give the user of `--remote` the cluster privilege monitor (GET `/_license`: 403";
    assert!(
        text.contains("### Unknown (") && text.contains(gap),
        "{text}"
    );
    let fine = healthy().render(&Markdown);
    assert!(fine.starts_with("## `bee`: READY\n"), "{fine}");
    assert!(!fine.contains("### Cause"));
}

#[test]
fn it_fits_into_a_ticket_and_nothing_in_it_is_obeyed() {
    let headings = seen(&blocked().render(&Markdown)).headings;
    for (name, sample) in samples() {
        let text = sample.render(&Markdown);
        assert!(text.len() < 32_767, "{name}: {} bytes", text.len());
        assert!(!text.contains(is_obeyed), "{name}");
        let seen = seen(&text);
        assert!(seen.headings <= headings, "{name}:\n{text}");
        assert_eq!(seen.images, 0, "{name}");
        let is_docs = |link: &String| link.starts_with("https://www.elastic.co/");
        assert!(seen.links.iter().all(is_docs), "{name}: {:?}", seen.links);
        assert!(
            seen.rows.iter().all(|cells| [4, 7].contains(cells)),
            "{name}"
        );
        for html in &seen.html {
            let own = ["<details><summary>", "</details>", "<sub>", "</sub>"];
            assert!(own.iter().any(|it| html.starts_with(it)), "{name}: {html}");
            assert!(
                !html.contains("<script") && !html.contains("<img"),
                "{name}: {html}"
            );
        }
    }
}

#[test]
fn nobody_is_mentioned() {
    for (name, sample) in samples() {
        let text = sample.render(&Markdown);
        // GitHub looks for mentions and issues in text, never in code.
        let mut in_code = false;
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES | Options::ENABLE_GFM) {
            match event {
                Event::Start(Tag::CodeBlock(_)) => in_code = true,
                Event::End(TagEnd::CodeBlock) => in_code = false,
                Event::Text(it) if !in_code => {
                    assert!(
                        !it.contains("@everyone") && !it.contains("#1"),
                        "{name}: {it}"
                    );
                }
                _ => {}
            }
        }
    }
}
