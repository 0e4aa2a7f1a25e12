//! The stop words of twenty languages, read at compile time from the pure twin's own file, so that the
//! lists cannot drift apart.

use std::collections::HashMap;
use std::sync::OnceLock;

const SOURCE: &str = include_str!("../../../../src/shared/stop_words.ts");

/// Languages with a list; a set of them is a mask of bits.
pub(super) const LANGUAGES: usize = 20;

/// In which languages each word is a stop word.
pub(super) fn stop_words() -> &'static HashMap<&'static str, u32> {
    static LISTS: OnceLock<HashMap<&'static str, u32>> = OnceLock::new();
    LISTS.get_or_init(|| {
        let mut lists = HashMap::new();
        // The lists stand between the first and the last backtick; "xx:" begins a language.
        let text = SOURCE
            .split_once('`')
            .and_then(|(_, rest)| rest.rsplit_once('`'));
        let mut languages = 0;
        for word in text.map_or("", |(text, _)| text).split_ascii_whitespace() {
            if word.len() == 3 && word.ends_with(':') {
                languages += 1;
            } else if (1..=LANGUAGES).contains(&languages) {
                *lists.entry(word).or_insert(0) |= 1 << (languages - 1);
            }
        }
        lists
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_list() {
        let lists = stop_words();
        let languages = SOURCE
            .lines()
            .filter(|line| line.as_bytes().get(2) == Some(&b':'))
            .count();
        assert_eq!(languages, LANGUAGES);
        for (language, word) in [
            "the", "und", "avec", "pero", "della", "não", "het", "что", "och", "jeg", "ikke",
            "että", "się", "jsou", "için", "sunt", "hogy", "και", "який", "yang",
        ]
        .into_iter()
        .enumerate()
        {
            assert!(lists[word] >> language & 1 == 1, "{word}");
        }
        assert!(lists.keys().all(|word| !word.contains(['`', ':', '\''])));
    }
}
