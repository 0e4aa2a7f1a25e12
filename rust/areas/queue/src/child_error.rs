//! The error of a parent whose child came to nothing. Its twin is `childError` of `src/queue/flow.ts`, which says how it
//! is written.

/// It has at most so many UTF-16 units.
const MOST: usize = 1_000;

/// Writes it; without an error of its own the child was cancelled.
pub(crate) fn child_error(id: &str, error: Option<&str>) -> String {
    let Some(error) = error else {
        return format!("Child {id} was cancelled");
    };
    let (path, rest) = path_of(error);
    cut(format!("Child {id} failed: {path}{rest}"))
}

/// What is said of the levels between the child and the last two, and what follows it.
fn path_of(error: &str) -> (String, &str) {
    let Some(first) = after_level(error) else {
        return (String::new(), error);
    };
    if let Some((levels, rest)) = after_gap(first) {
        return (gap(levels + 1), rest);
    }
    match after_level(first).and_then(after_level) {
        Some(_) => (gap(1), first),
        None => (String::new(), error),
    }
}

fn gap(levels: u32) -> String {
    let word = if levels == 1 { "level" } else { "levels" };
    format!("[{levels} {word} down] ")
}

/// What follows a child that is named.
fn after_level(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("Child ")?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))?;
    rest[end..].strip_prefix(" failed: ").filter(|_| end > 0)
}

/// How many children are left out, and what follows.
fn after_gap(text: &str) -> Option<(u32, &str)> {
    let rest = text.strip_prefix('[')?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let levels = rest[..end].parse().ok().filter(|_| end <= 9)?;
    let rest = &rest[end..];
    let rest = rest
        .strip_prefix(" levels down] ")
        .or_else(|| rest.strip_prefix(" level down] "))?;
    Some((levels, rest))
}

fn cut(mut text: String) -> String {
    // A character has no more units than bytes.
    if text.len() <= MOST || text.encode_utf16().count() <= MOST {
        return text;
    }
    let mut units = 0;
    let fits = |(_, c): &(usize, char)| {
        units += c.len_utf16();
        units > MOST - 3
    };
    let end = text.char_indices().find(fits).map_or(0, |(at, _)| at);
    text.truncate(end);
    text.push_str("...");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_keeps_its_ends_and_its_length() {
        let mut error = "broken".to_owned();
        let mut seen = Vec::new();
        for level in 1..=20_000 {
            error = child_error(&format!("c{level}"), Some(&error));
            assert!(error.len() <= 90, "{error}");
            if level < 6 {
                seen.push(error.clone());
            }
        }
        assert_eq!(
            seen,
            [
                "Child c1 failed: broken",
                "Child c2 failed: Child c1 failed: broken",
                "Child c3 failed: Child c2 failed: Child c1 failed: broken",
                "Child c4 failed: [1 level down] Child c2 failed: Child c1 failed: broken",
                "Child c5 failed: [2 levels down] Child c2 failed: Child c1 failed: broken",
            ]
        );
        let end =
            "Child c20000 failed: [19997 levels down] Child c2 failed: Child c1 failed: broken";
        assert_eq!(error, end);
        assert_eq!(child_error("c", None), "Child c was cancelled");
    }

    #[test]
    fn a_long_cause_is_cut_between_characters() {
        for fill in ["a", "\u{e9}", "\u{20ac}", "\u{1f600}"] {
            let mut error = fill.repeat(4_000);
            for level in 0..10 {
                error = child_error(&format!("c{level}"), Some(&error));
                let units = error.encode_utf16().count();
                assert!((MOST - 1..=MOST).contains(&units), "{units}");
                assert!(error.ends_with("..."));
            }
        }
    }

    #[test]
    fn words_of_a_handler_that_look_alike_do_no_harm() {
        for odd in [
            "Child  failed: x",
            "Child a failed:x",
            "Child a failed: [x levels down] y",
            "Child a failed: [4294967296 levels down] y",
            "Child a failed: [] ",
            "Child",
            "",
        ] {
            assert_eq!(
                child_error("i", Some(odd)),
                format!("Child i failed: {odd}")
            );
        }
    }
}
