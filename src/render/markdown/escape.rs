//! Foreign text in Markdown that shows as it is: nothing in it formats, links, mentions or ends a
//! table cell (GitHub Flavored Markdown 0.29 §2.4 backslash escapes, §6.3 code spans, §6.9
//! autolinks; GitHub itself turns `@name` and `#1` of the rendered text into mentions).

use crate::render::text::plain;

/// A sentence. Words that hold more than letters and figures (addresses, settings, paths, names of
/// users) become code: no renderer touches those.
pub(in crate::render) fn prose(text: &str) -> String {
    let text = plain(text);
    let mut words: Vec<String> = text.split_whitespace().map(word).collect();
    if let Some(first) = words.first_mut()
        && let Some(escaped) = list_number(first)
    {
        *first = escaped;
    }
    words.join(" ")
}

/// A word between punctuation.
fn word(word: &str) -> String {
    let start = word.len() - word.trim_start_matches(LEADING).len();
    let (before, rest) = word.split_at(start);
    let end = rest.trim_end_matches(TRAILING).len();
    let (middle, after) = rest.split_at(end);
    let middle = if is_technical(middle) {
        code(middle)
    } else {
        escaped(middle)
    };
    format!("{}{middle}{}", escaped(before), escaped(after))
}

const LEADING: &[char] = &['(', '"', '\'', '“', '‘', '['];
const TRAILING: &[char] = &[
    ')', '"', '\'', '”', '’', ']', '.', ',', ';', ':', '!', '?', '…',
];

/// Whether it is no word of a language, and a renderer could take it for something else: `b:9443`,
/// `_all`, `<b>`, `@all`, `--local`.
fn is_technical(word: &str) -> bool {
    let is_number = |c: char| c.is_ascii_digit() || ".,:-%+".contains(c);
    let is_plain = |c: char| c.is_alphanumeric() || "-'’(),–—→·".contains(c);
    let is_option = word.starts_with("--") && word.len() > 2;
    is_option || (!word.chars().all(is_number) && !word.chars().all(is_plain))
}

/// A text in a code span, whose fence is longer than any run of backticks in it. A pipe would end a
/// table's cell even there.
pub(super) fn code(text: &str) -> String {
    let text = plain(text);
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let gap = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{gap}{}{gap}{fence}", text.replace('|', "\\|"))
}

/// Lines in a fenced block, as they are.
pub(in crate::render) fn block(lines: &str, language: &str) -> String {
    let lines: Vec<String> = lines.lines().map(plain).collect();
    let lines = lines.join("\n");
    let fence = "`".repeat(longest_run(&lines).max(2) + 1);
    format!("{fence}{language}\n{lines}\n{fence}\n")
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`');
    runs.map(str::len).max().unwrap_or(0)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // What is harmless inside of a sentence stays readable in the raw text.
        if c.is_ascii_punctuation() && !"().,;:'\"?!%-".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    if out == "-" {
        // A list, if it happens to be the first word of a line.
        return "\\-".to_owned();
    }
    out
}

/// `1.` or `2)`, which begin a list as the first word of a line.
fn list_number(word: &str) -> Option<String> {
    let figures = word.strip_suffix(['.', ')'])?;
    let is_number = !figures.is_empty() && figures.chars().all(|c| c.is_ascii_digit());
    is_number.then(|| format!("{figures}\\{}", &word[figures.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_stay_readable() {
        assert_eq!(
            prose("The API key 5IFl_x of bee has expired: it ran until 2026-11-21 09:14 UTC."),
            "The API key `5IFl_x` of bee has expired: it ran until 2026-11-21 09:14 UTC."
        );
        assert_eq!(
            prose("GET /_license (403) said \"no *such* thing\"; see 10.0.0.5:9443, please"),
            "GET `/_license` (403) said \"no `*such*` thing\"; see 10.0.0.5:9443, please"
        );
    }

    #[test]
    fn nothing_foreign_is_obeyed() {
        for (text, shown) in [
            ("@everyone", "`@everyone`"),
            ("fixes #12", "fixes `#12`"),
            ("<script>alert(1)</script>", "`<script>alert(1)</script>`"),
            ("[x](javascript:alert(1))", "\\[`x](javascript:alert(1`))"),
            ("a|b", "`a\\|b`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("- x", "\\- x"),
            ("1. x 2. y", "1\\. x 2. y"),
            ("2) x", "2\\) x"),
            ("--- --local", "`---` `--local`"),
            ("# x", "`#` x"),
            ("> x", "`>` x"),
            ("one\n\n# two", "`one\\n\\n#` two"),
            ("![x](http://evil)", "`![x](http://evil`)"),
            ("\u{202e}abc", "`\\u{202e}abc`"),
        ] {
            assert_eq!(prose(text), shown, "{text}");
        }
        assert_eq!(block("a\n```\n# b", "sh"), "````sh\na\n```\n# b\n````\n");
    }
}
