//! Finds what must not be seen: built-in rules, literals and patterns in one merged search. The replacing
//! is TypeScript's. Twin: `src/text/redact/pure.ts`, which defines what is found.
#![forbid(unsafe_code)]

mod api_key;
mod around;
mod automaton;
mod blocks;
mod built_in;
mod cells;
mod chars;
mod columns;
mod context;
mod dialogue;
mod email;
mod escapes;
mod finder;
mod fold;
mod given;
mod ip;
mod lines;
mod literals;
mod marks;
mod names;
mod numbers;
mod options;
mod patterns;
mod pem;
mod phone;
mod phrase;
mod settings;
mod shapes;
mod stored;
mod sweep;
mod table;
#[cfg(test)]
mod tests;
mod token;
mod url;
mod value;
mod view;
mod whole;
mod words;

use std::sync::{Mutex, PoisonError};

use built_in::{BuiltInFinder, Rules, rule};
use chars::Text;
use context::ContextFinder;
use email::EmailFinder;
use finder::{Finder, NearFinder, ReadingFinder, Sought, WrittenFinder, merge};
use fold::Fold;
use literals::{LiteralFinder, Literals};
use patterns::{PatternFinder, Patterns};
pub use table::TableState;
use table::Tables;
use view::{View, read_text};
use whole::{Whole, WholeFinder};

/// Why an engine cannot be made: what was given is not what the TypeScript side makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(pub String);

/// A prepared search.
pub struct Engine {
    rules: u32,
    literals: Vec<Literals>,
    whole: Vec<Whole>,
    /// Patterns make their states while they search.
    patterns: Option<Mutex<Patterns>>,
    pattern_base: u32,
    rule_base: u32,
}

impl Engine {
    /// Prepares a search: bits of built-in rules; distinct literals, of which so many are exact, in any case
    /// of ASCII letters, in any case of letters, and of whole words the same; the program of `patterns`
    /// patterns (empty for none).
    pub fn new<'a>(
        rules: u32,
        groups: &[u32],
        literals: impl ExactSizeIterator<Item = &'a str> + Clone,
        patterns: u32,
        program: &[u32],
    ) -> Result<Self, Error> {
        if rules >> rule::COUNT != 0 {
            return Err(Error(format!("The rules {rules:#x} are not all known")));
        }
        if literals.clone().any(str::is_empty) {
            return Err(Error("A literal is empty".to_owned()));
        }
        let count = literals.len() as u32;
        let all = groups
            .iter()
            .try_fold(0u32, |all, &one| all.checked_add(one));
        if groups.len() > 6 || all != Some(count) {
            return Err(Error("The groups of literals do not fit".to_owned()));
        }
        let mut base = 0;
        let mut contained = Vec::new();
        let mut whole = Vec::new();
        for (&size, group) in groups.iter().zip(0..) {
            let part = literals.clone().skip(base as usize).take(size as usize);
            let fold = [Fold::Exact, Fold::Ascii, Fold::Letters][group % 3];
            if size > 0 && group < 3 {
                contained.push(Literals::new(part, base, fold)?);
            } else if size > 0 {
                whole.push(Whole::new(part, base, fold));
            }
            base += size;
        }
        Ok(Self {
            rules,
            literals: contained,
            whole,
            patterns: match program {
                [] => None,
                _ => Some(Mutex::new(Patterns::new(program)?)),
            },
            pattern_base: count,
            rule_base: count.saturating_add(patterns),
        })
    }

    /// Finds all matches from byte `from` on; what is before is context only. `last` says whether the
    /// text ends here; headings of tables are looked for from `since` on, which is in `table`. Reports rule
    /// id, first byte and last, exclusive, in order; gives the byte up to which everything is decided, the one
    /// from where on the text is context of what follows, and the table that the first is in.
    pub fn scan(
        &self,
        text: &str,
        from: usize,
        last: bool,
        since: usize,
        table: TableState,
        report: impl FnMut(u32, usize, usize),
    ) -> (usize, usize, TableState) {
        let text = Text {
            bytes: text.as_bytes(),
            last,
        };
        let views = read_text(text.bytes, last);
        let mut guard = self
            .patterns
            .as_ref()
            .map(|patterns| patterns.lock().unwrap_or_else(PoisonError::into_inner));
        let patterns = guard
            .as_mut()
            .map(|patterns| PatternFinder::new(patterns, self.pattern_base));
        let mut made: Vec<Box<dyn Finder + '_>> = Vec::new();
        // Most texts are what they say, and most of those short: what they need is on the stack.
        let mut plain = match views.first() {
            None => {
                let mut take = Plain(&mut made);
                self.own(&mut take, text.bytes);
                if let Some(patterns) = patterns {
                    take.take(patterns);
                }
                self.ruled(None, Some(Tables::new(since, table)))
            }
            Some(view) => {
                let mut take = Written {
                    finders: &mut made,
                    view,
                };
                self.own(&mut take, text.bytes);
                if let Some(patterns) = patterns {
                    take.take(patterns);
                }
                Ruled::default()
            }
        };
        for (view, first) in views.iter().zip((0..).map(|k| k == 0)) {
            let mut take = Read {
                finders: &mut made,
                view,
            };
            self.own(&mut take, &view.text);
            let tables = first.then(|| {
                let at = view.read(table.at);
                Tables::new(view.read(since), TableState { at, ..table })
            });
            let ruled = self.ruled(Some(view), tables);
            match &view.near {
                None => ruled.give(&mut take),
                Some(near) => ruled.give(&mut Near { take, near }),
            }
        }
        let mut finders: Vec<Sought<'_>> = Vec::with_capacity(made.len() + 3);
        finders.extend(made.iter_mut().map(|finder| Sought::new(&mut **finder)));
        plain.seek_with(&mut finders);
        let hold = merge(&mut finders, text, from, report);
        // Behind the end of a text nothing follows.
        let keep = match last {
            true => hold,
            false => keep_from(views.first(), text.bytes, hold),
        };
        let table = finders.iter().find_map(|finder| finder.table_at(hold));
        let table = table.unwrap_or_default();
        let keep = match table.form {
            0 => keep,
            _ => keep.min(table.at),
        };
        (hold, keep, table)
    }

    /// The finders of the literals.
    fn own<'f>(&'f self, take: &mut impl Take<'f>, text: &'f [u8]) {
        for literals in &self.literals {
            take.take(LiteralFinder::new(literals, text));
        }
        for whole in &self.whole {
            take.take(WholeFinder::new(whole, text));
        }
    }

    /// The finders of the built-in rules.
    fn ruled<'f>(&self, view: Option<&'f View<'f>>, tables: Option<Tables>) -> Ruled<'f> {
        let rules = Rules::new(self.rules, self.rule_base);
        let words = rules.any(!(rule::CONTEXTS | 1 << rule::EMAIL)) || rules.has(rule::US_SSN);
        let email = rules.has(rule::EMAIL);
        Ruled {
            built_in: words.then(|| BuiltInFinder::new(rules)),
            email: email.then(|| EmailFinder::new(rules.id(rule::EMAIL))),
            context: rules
                .any(rule::CONTEXTS)
                .then(|| ContextFinder::new(rules, view, tables)),
        }
    }
}

/// The finders of the built-in rules that hold.
#[derive(Default)]
struct Ruled<'f> {
    built_in: Option<BuiltInFinder>,
    email: Option<EmailFinder>,
    context: Option<ContextFinder<'f>>,
}

impl<'f> Ruled<'f> {
    fn give(self, take: &mut impl Take<'f>) {
        if let Some(finder) = self.built_in {
            take.take(finder);
        }
        if let Some(finder) = self.email {
            take.take(finder);
        }
        if let Some(finder) = self.context {
            take.take(finder);
        }
    }

    fn seek_with<'s>(&'s mut self, finders: &mut Vec<Sought<'s>>) {
        finders.extend(self.built_in.as_mut().map(|finder| Sought::new(finder)));
        finders.extend(self.email.as_mut().map(|finder| Sought::new(finder)));
        finders.extend(self.context.as_mut().map(|finder| Sought::new(finder)));
    }
}

/// Takes finders.
trait Take<'f> {
    fn take(&mut self, finder: impl Finder + 'f);
}

/// Those that look at the text itself.
struct Plain<'l, 'f>(&'l mut Vec<Box<dyn Finder + 'f>>);

impl<'f> Take<'f> for Plain<'_, 'f> {
    fn take(&mut self, finder: impl Finder + 'f) {
        self.0.push(Box::new(finder));
    }
}

/// Those that look at the text where a view has read it otherwise.
struct Written<'l, 'f> {
    finders: &'l mut Vec<Box<dyn Finder + 'f>>,
    view: &'f View<'f>,
}

impl<'f> Take<'f> for Written<'_, 'f> {
    fn take(&mut self, finder: impl Finder + 'f) {
        let view = self.view;
        self.finders.push(Box::new(WrittenFinder {
            inner: finder,
            view,
        }));
    }
}

/// Those that look at a view.
struct Read<'l, 'f> {
    finders: &'l mut Vec<Box<dyn Finder + 'f>>,
    view: &'f View<'f>,
}

impl<'f> Take<'f> for Read<'_, 'f> {
    fn take(&mut self, finder: impl Finder + 'f) {
        let view = self.view;
        self.finders.push(Box::new(ReadingFinder {
            inner: finder,
            view,
        }));
    }
}

/// Those that look at a view near some places.
struct Near<'f, T> {
    take: T,
    near: &'f [(usize, usize)],
}

impl<'f, T: Take<'f>> Take<'f> for Near<'f, T> {
    fn take(&mut self, finder: impl Finder + 'f) {
        self.take.take(NearFinder {
            inner: finder,
            near: self.near,
        });
    }
}

/// Rules look at so many characters before a match at most.
const CONTEXT: usize = 160;

/// From where on a text is context of what is still held: a border between escapes.
fn keep_from(view: Option<&View<'_>>, text: &[u8], hold: usize) -> usize {
    let (read, at) = match view {
        None => (text, hold),
        Some(view) => (&view.text[..], view.read(hold)),
    };
    let mut at = at;
    for _ in 0..CONTEXT {
        at = at.saturating_sub(1);
        while at > 0 && read.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
            at -= 1;
        }
        if at == 0 {
            break;
        }
    }
    view.map_or(at, |view| view.written(at).min(hold))
}
