//! Finds what must not be seen: built-in rules, literals and patterns in one merged search. The replacing
//! is TypeScript's. Twin: `src/text/redact/pure.ts`, which defines what is found.
#![forbid(unsafe_code)]

mod api_key;
mod automaton;
mod built_in;
mod chars;
mod email;
mod finder;
mod ip;
mod literals;
mod numbers;
mod patterns;
mod pem;
mod phone;
#[cfg(test)]
mod tests;
mod token;

use std::sync::{Mutex, PoisonError};

use built_in::{BuiltInFinder, Rules, rule};
use chars::Text;
use finder::{Finder, merge};
use literals::{LiteralFinder, Literals};
use patterns::{PatternFinder, Patterns};

/// Why an engine cannot be made: what was given is not what the TypeScript side makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(pub String);

/// A prepared search.
pub struct Engine {
    rules: u32,
    literals: Option<Literals>,
    /// Patterns make their states while they search.
    patterns: Option<Mutex<Patterns>>,
    pattern_base: u32,
    rule_base: u32,
}

impl Engine {
    /// Prepares a search: bits of built-in rules, distinct literals, the program of `patterns` patterns
    /// (empty for none).
    pub fn new<'a>(
        rules: u32,
        ignore_case: bool,
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
        Ok(Self {
            rules,
            literals: match count {
                0 => None,
                _ => Some(Literals::new(literals, ignore_case)?),
            },
            patterns: match program {
                [] => None,
                _ => Some(Mutex::new(Patterns::new(program)?)),
            },
            pattern_base: count,
            rule_base: count.saturating_add(patterns),
        })
    }

    /// Finds all matches from byte `from` on; what is before is context only. `last` says whether the
    /// text ends here. Reports rule id, first byte and last, exclusive, in order; gives the byte up to
    /// which everything is decided.
    pub fn scan(
        &self,
        text: &str,
        from: usize,
        last: bool,
        report: impl FnMut(u32, usize, usize),
    ) -> usize {
        let text = Text {
            bytes: text.as_bytes(),
            last,
        };
        let mut literals = self
            .literals
            .as_ref()
            .map(|literals| LiteralFinder::new(literals, text.bytes));
        let mut guard = self
            .patterns
            .as_ref()
            .map(|patterns| patterns.lock().unwrap_or_else(PoisonError::into_inner));
        let mut patterns = guard
            .as_mut()
            .map(|patterns| PatternFinder::new(patterns, self.pattern_base));
        let mut built_in =
            (self.rules != 0).then(|| BuiltInFinder::new(Rules::new(self.rules, self.rule_base)));
        let mut finders: Vec<&mut dyn Finder> = Vec::with_capacity(3);
        finders.extend(literals.as_mut().map(|finder| finder as &mut dyn Finder));
        finders.extend(patterns.as_mut().map(|finder| finder as &mut dyn Finder));
        finders.extend(built_in.as_mut().map(|finder| finder as &mut dyn Finder));
        merge(&mut finders, text, from, report)
    }
}
