//! What is printed where the program itself is at fault.

use std::any::Any;
use std::io::Write as _;
use std::panic;

/// Makes a panic say what to report and nothing secret.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let text = describe(info.payload(), &place);
        // Nothing is left to do where standard error is gone, too.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }));
}

fn describe(payload: &(dyn Any + Send), place: &str) -> String {
    format!(
        "crosscheck: internal error: {what} at {place}\n\
         This is a bug in crosscheck, not in your clusters. Please report it with this text, the\n\
         output of crosscheck --version, the command line, and, if it can be shared, the file that\n\
         --save-evidence FILE writes.\n",
        what = harmless(payload)
    )
}

/// The fixed part of a panic's message. What was formatted into it may come from the network or
/// from a secret, so it ends at the first colon.
fn harmless(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.split(':').next().unwrap_or("panic")
    } else {
        "panic"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_keeps_its_secrets() {
        let caught = panic::catch_unwind(|| {
            let parsed = "canary".parse::<u8>().map_err(|_| "canary".to_owned());
            parsed.expect("the port was checked")
        });
        let payload = caught.unwrap_err();
        let text = describe(payload.as_ref(), "src/x.rs:1:2");
        assert!(
            text.contains("the port was checked at src/x.rs:1:2"),
            "{text}"
        );
        assert!(!text.contains("canary"), "{text}");
    }
}
