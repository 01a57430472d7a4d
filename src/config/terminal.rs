//! What the environment says of the terminal.

use super::variable;

/// Whether UTF-8 can be shown: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set decides, as
/// in POSIX. Where none is set (containers, mostly) it can: what shows the text there is elsewhere.
pub fn speaks_utf8() -> bool {
    if variable("TERM").is_some_and(|term| term == "linux") {
        return false;
    }
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(variable)
        .is_none_or(|locale| {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
}
