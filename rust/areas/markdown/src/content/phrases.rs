//! Phrases that stand above or before what is none of a page's content. Twin:
//! `phrases.ts`.

/// How links to other pages, to readers' opinions and to newsletters are announced.
pub(super) const PHRASES: [&str; 106] = [
    "read more",
    "read also",
    "also read",
    "read next",
    "read on",
    "more on",
    "more from",
    "more in",
    "more stories",
    "related",
    "related posts",
    "related articles",
    "related stories",
    "related content",
    "related topics",
    "recommended",
    "you may also",
    "you might also",
    "most read",
    "most popular",
    "trending",
    "share this",
    "share on",
    "follow us",
    "sign up",
    "subscribe",
    "leave a comment",
    "comments",
    "advertisement",
    "click here",
    "next article",
    "previous article",
    "next post",
    "previous post",
    "filed under",
    "tags",
    "tagged",
    "topics",
    "categories",
    "lesen sie",
    "lies auch",
    "mehr zum thema",
    "mehr zu",
    "mehr aus",
    "mehr von",
    "das könnte",
    "auch interessant",
    "weitere artikel",
    "weitere beiträge",
    "weitere themen",
    "ähnliche",
    "Ähnliche",
    "passend zum thema",
    "schlagworte",
    "schlagwörter",
    "themen",
    "teilen",
    "zurück",
    "zurück zur",
    "anzeige",
    "werbung",
    "newsletter",
    "jetzt teilen",
    "kommentare",
    "à lire",
    "À lire",
    "lire aussi",
    "a lire aussi",
    "lire la suite",
    "sur le même",
    "voir aussi",
    "partager",
    "lea también",
    "lee también",
    "le puede interesar",
    "te puede interesar",
    "ver más",
    "más sobre",
    "noticias relacionadas",
    "leggi anche",
    "leia também",
    "leia mais",
    "veja também",
    "saiba mais",
    "zobacz też",
    "zobacz także",
    "czytaj też",
    "czytaj także",
    "czytaj również",
    "przeczytaj",
    "polecamy",
    "lees ook",
    "lees meer",
    "läs också",
    "les også",
    "číst také",
    "čtěte také",
    "читайте также",
    "Читайте также",
    "по теме",
    "По теме",
    "相关阅读",
    "相关新闻",
    "热门推荐",
    "関連記事",
    "あわせて読みたい",
];

/// What stands above advertisements.
pub(super) const ADVERTISEMENTS: [&str; 10] = [
    "advertisement",
    "advertising",
    "anzeige",
    "werbung",
    "reklama",
    "publicidad",
    "publicidade",
    "publicité",
    "pubblicità",
    "advertentie",
];

fn is_letter(character: char) -> bool {
    character.is_ascii_alphabetic() || character >= '\u{c0}'
}

/// Whether a text is one of some phrases, or begins with one of several words.
pub(super) fn begins_with(text: &str, phrases: &[&str]) -> bool {
    let text = text.trim_start_matches(|character| !is_letter(character));
    phrases.iter().any(|phrase| {
        let start = text.as_bytes().get(..phrase.len());
        if !start.is_some_and(|start| folds_to(start, phrase.as_bytes())) {
            return false;
        }
        let rest = &text[phrase.len()..];
        if rest.starts_with(is_letter) {
            return false;
        }
        if phrase.contains(' ') {
            return true;
        }
        // A single word is the whole of it.
        let rest = rest.trim_start_matches(|character| character <= ' ');
        rest.is_empty() || rest.starts_with(':')
    })
}

/// Whether bytes are those of a phrase, but for the case of ASCII's letters.
fn folds_to(bytes: &[u8], phrase: &[u8]) -> bool {
    let mut pairs = bytes.iter().zip(phrase);
    pairs.all(|(byte, wanted)| byte.to_ascii_lowercase() == *wanted)
}
