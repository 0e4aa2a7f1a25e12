//! The terms of a text as keywords are made of them: without stop words, plurals with their singulars, each with a number.
//! Twin: `src/text/keywords/vocabulary.ts`.

use std::collections::{HashMap, HashSet};

use agent_shared::{Control, Error, check, lowercase};
use unicode_normalization::UnicodeNormalization;

use super::keywords::Request;
use super::stop_words::{LANGUAGES, stop_words};
use super::words::{Word, Words};

/// Words looked at to guess the languages.
const SAMPLE: usize = 2_000;
/// Different terms kept.
const TERMS: usize = 1 << 20;
/// Terms that take part in the ranking: the most frequent.
const VERTICES: usize = 1_024;
/// Words read between two looks at the control.
const WORDS: usize = 8_192;
/// Languages whose plurals end in s: English, French, Spanish, Portuguese.
const PLURAL_LANGUAGES: u32 = 0b10_1101;
/// Words that are no plural of what they look like.
const NO_PLURALS: [&str; 7] = [
    "news",
    "means",
    "series",
    "species",
    "physics",
    "mathematics",
    "hers",
];

/// What is left out of keywords.
struct Exclusions<'a> {
    /// A bit for each language whose stop words are left out.
    languages: u32,
    /// Whether the text is in capitals, so that they say nothing.
    is_shouted: bool,
    stop_words: HashSet<&'a str>,
}

/// A word as it is looked up: lower case, composed, one kind of apostrophe and of hyphen, none that is soft.
fn normal(word: &str, buffer: &mut String) {
    buffer.clear();
    if word.is_ascii() {
        buffer.push_str(word);
        buffer.make_ascii_lowercase();
    } else {
        buffer.extend(
            lowercase(word)
                .nfc()
                .filter_map(|character| match character {
                    '\u{2019}' => Some('\''),
                    '\u{2010}' | '\u{2011}' => Some('-'),
                    '\u{ad}' => None,
                    _ => Some(character),
                }),
        );
    }
}

/// Whether a word is written in two capitals or more and no small letter: of ASCII.
fn is_shouted(word: &str) -> bool {
    let bytes = word.as_bytes();
    !bytes
        .iter()
        .any(|byte| byte.is_ascii_lowercase() || *byte >= 0x7f)
        && bytes
            .iter()
            .filter(|byte| byte.is_ascii_uppercase())
            .count()
            > 1
}

impl<'a> Exclusions<'a> {
    /// Which stop lists fit the text, by the different stop words among its first words.
    fn of(text: &str, stop_words_given: &'a [&'a str]) -> Self {
        let lists = stop_words();
        let mut found: HashMap<&'static str, (u32, bool)> = HashMap::new();
        let (mut words, mut shouted) = (0usize, 0usize);
        let mut lower = String::new();
        let spaced = Words::new(text).filter_map(|word| match word {
            Word::Spaced(word) => Some(word),
            Word::Cjk(_) | Word::Dropped => None,
        });
        for word in spaced.take(SAMPLE) {
            words += 1;
            let is_shouted = is_shouted(word);
            shouted += usize::from(is_shouted);
            normal(word, &mut lower);
            if let Some((&stop, &mask)) = lists.get_key_value(lower.as_str()) {
                // In small letters somewhere, it is no name made of initials.
                found.entry(stop).or_insert((mask, true)).1 &= is_shouted;
            }
        }
        let is_shouted = shouted * 2 > words;
        let kept = found.values().filter(|(_, only)| is_shouted || !only);
        let masks: Vec<u32> = kept.map(|&(mask, _)| mask).collect();
        Self {
            languages: languages(&masks),
            is_shouted,
            stop_words: stop_words_given.iter().copied().collect(),
        }
    }

    fn is_stop(&self, word: &str, is_name: bool) -> bool {
        let listed = || stop_words().get(word).copied().unwrap_or(0) & self.languages != 0;
        self.stop_words.contains(word) || !is_name && listed()
    }

    /// What is left of a word without the stop words at its apostrophes; nothing if that does not count.
    fn strip<'w>(&self, word: &'w str, is_name: bool, min_length: usize) -> Option<&'w str> {
        let mut rest = word;
        while let Some((first, after)) = rest.split_once('\'') {
            if !self.is_stop(first, is_name) {
                break;
            }
            rest = after;
        }
        while let Some((before, last)) = rest.rsplit_once('\'') {
            if !self.is_stop(last, is_name) {
                break;
            }
            rest = before;
        }
        let short =
            rest.len() < min_length || !rest.is_ascii() && rest.chars().count() < min_length;
        // "est-ce" and its like.
        let stops = |rest: &str| {
            rest.split(['\'', '-'])
                .all(|piece| self.is_stop(piece, is_name))
        };
        if rest.contains('-') && stops(rest) {
            return None;
        }
        // "e.g" and its like.
        let single = |piece: &str| piece.chars().count() == 1;
        let abbreviated = !is_name && rest.contains('.') && rest.split('.').all(single);
        (!short && !abbreviated && !self.is_stop(rest, is_name)).then_some(rest)
    }
}

/// The language with the most different stop words, and those with about as many of their own beside it.
fn languages(masks: &[u32]) -> u32 {
    let count = |holds: &dyn Fn(u32) -> bool| masks.iter().filter(|&&mask| holds(mask)).count();
    let (mut best, mut most) = (0, 0);
    for language in 0..LANGUAGES {
        let hits = count(&|mask| mask >> language & 1 == 1);
        if hits > most {
            (best, most) = (language, hits);
        }
    }
    if most == 0 {
        return 0;
    }
    let mut used = 1 << best;
    for language in 0..LANGUAGES {
        let own = count(&|mask| mask >> language & 1 == 1 && mask >> best & 1 == 0);
        let theirs = count(&|mask| mask >> language & 1 == 0 && mask >> best & 1 == 1);
        if own > 2 && own * 2 >= theirs {
            used |= 1 << language;
        }
    }
    used
}

/// The terms of a text, each by its number in the order of first occurrence.
pub(super) struct Sequence {
    pub(super) terms: Vec<String>,
    pub(super) counts: Vec<u32>,
    pub(super) kept: Vec<u32>,
    /// Whether something stands between a term and the one before it.
    pub(super) breaks: Vec<bool>,
}

impl Sequence {
    pub(super) fn read(
        text: &str,
        request: Request<'_>,
        control: &dyn Control,
    ) -> Result<Self, Error> {
        let exclusions = Exclusions::of(text, request.stop_words);
        let min_length = request.min_length;
        let mut sequence = Self {
            terms: Vec::new(),
            counts: Vec::new(),
            kept: Vec::new(),
            breaks: Vec::new(),
        };
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut lower = String::new();
        let mut words = Words::new(text);
        let mut read = 0usize;
        // Whether something was left out behind the last term.
        let mut is_break = true;
        while let Some(word) = words.next() {
            read += 1;
            if read.is_multiple_of(WORDS) {
                check(control)?;
                control.progress(words.at(), text.len());
            }
            is_break |= words.apart();
            match word {
                Word::Spaced(word) => {
                    normal(word, &mut lower);
                    let is_name = !exclusions.is_shouted && is_shouted(word);
                    is_break = match exclusions.strip(&lower, is_name, min_length) {
                        Some(term) => !sequence.keep(&mut numbers, term, is_break)?,
                        None => true,
                    };
                }
                Word::Cjk(run) => {
                    let starts = run.char_indices().map(|(at, _)| at);
                    let ends = run.char_indices().map(|(at, _)| at).skip(2);
                    let single = run.chars().nth(1).is_none();
                    let mut take = |term: &str| -> Result<(), Error> {
                        if !exclusions.stop_words.contains(term) {
                            sequence.keep(&mut numbers, term, true)?;
                        }
                        Ok(())
                    };
                    if single && min_length <= 1 {
                        take(run)?;
                    } else if !single {
                        for (start, end) in starts.zip(ends.chain([run.len()])) {
                            take(&run[start..end])?;
                        }
                    }
                    is_break = true;
                }
                Word::Dropped => is_break = true,
            }
        }
        if exclusions.languages == 0 || exclusions.languages & PLURAL_LANGUAGES != 0 {
            sequence.join_plurals(&numbers);
        }
        Ok(sequence)
    }

    /// Adds a term at the end; false if there is no room for it.
    fn keep(
        &mut self,
        numbers: &mut HashMap<String, u32>,
        term: &str,
        is_break: bool,
    ) -> Result<bool, Error> {
        let number = match numbers.get(term) {
            Some(&number) => number,
            None if self.terms.len() < TERMS => {
                let number = self.terms.len() as u32;
                numbers.insert(term.to_owned(), number);
                self.terms.push(term.to_owned());
                self.counts.push(0);
                number
            }
            None => return Ok(false),
        };
        self.counts[number as usize] += 1;
        if self.kept.len() == self.kept.capacity() {
            self.kept.try_reserve(self.kept.len().max(64))?;
            self.breaks.try_reserve(self.kept.len().max(64))?;
        }
        self.kept.push(number);
        self.breaks.push(is_break);
        Ok(true)
    }

    /// Counts plurals and singulars that both occur as one term, under the more frequent of them.
    fn join_plurals(&mut self, numbers: &HashMap<String, u32>) {
        fn root(parents: &[u32], mut number: u32) -> u32 {
            while parents[number as usize] != number {
                number = parents[number as usize];
            }
            number
        }
        let mut parents: Vec<u32> = (0..self.terms.len() as u32).collect();
        let mut joined = false;
        for (number, term) in self.terms.iter().enumerate() {
            for plural in plurals_of(term) {
                if NO_PLURALS.contains(&plural.as_str()) {
                    continue;
                }
                if let Some(&other) = numbers.get(&plural) {
                    let (one, two) = (root(&parents, number as u32), root(&parents, other));
                    parents[one.max(two) as usize] = one.min(two);
                    joined = true;
                }
            }
        }
        if !joined {
            return;
        }
        let mut names: Vec<u32> = (0..self.terms.len() as u32).collect();
        for number in 0..self.terms.len() {
            let root = root(&parents, number as u32) as usize;
            if self.counts[number] > self.counts[names[root] as usize] {
                names[root] = number as u32;
            }
        }
        let spelt: Vec<String> = names
            .iter()
            .map(|&name| self.terms[name as usize].clone())
            .collect();
        for number in 0..self.terms.len() {
            let root = root(&parents, number as u32) as usize;
            if root != number {
                self.counts[root] += self.counts[number];
                self.counts[number] = 0;
            }
        }
        self.terms = spelt;
        for number in &mut self.kept {
            *number = root(&parents, *number);
        }
    }

    /// The most frequent terms, in the order of first occurrence.
    pub(super) fn vertices(&self) -> Vec<u32> {
        let mut terms: Vec<u32> = (0..self.terms.len() as u32).collect();
        terms.retain(|&term| self.counts[term as usize] > 0);
        if terms.len() > VERTICES {
            let rank = |&term: &u32| (std::cmp::Reverse(self.counts[term as usize]), term);
            terms.select_nth_unstable_by_key(VERTICES - 1, rank);
            terms.truncate(VERTICES);
            terms.sort_unstable();
        }
        terms
    }
}

/// How the plurals of a word may be spelt.
fn plurals_of(term: &str) -> Vec<String> {
    let hisses = term.ends_with("ss");
    if term.chars().take(3).count() < 3 || term.ends_with('s') && !hisses {
        return Vec::new();
    }
    let mut plurals = Vec::new();
    if !hisses {
        plurals.push(format!("{term}s"));
    }
    plurals.push(format!("{term}es"));
    if let Some(stem) = term.strip_suffix('y') {
        plurals.push(format!("{stem}ies"));
    }
    plurals
}
