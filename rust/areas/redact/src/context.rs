//! Secrets by what stands before them: URLs with credentials, headers, and values behind names. Twin:
//! `src/text/redact/scan/context.ts`.

use std::sync::LazyLock;

use memchr::memmem;

use super::around::{
    Place, SPACES_MAX, Scene, credential_at, is_blank, is_closer, is_line_end, is_quote, is_value,
    name_start, named, named_by,
};
use super::built_in::{Rules, rule};
use super::chars::{Answer, DIGIT, LOWER, Text, UPPER, WORD};
use super::dialogue::{dialogue_at, is_dialogue, prompt_at};
use super::finder::{Finder, Found};
use super::given::{echo, piped_at};
use super::marks::{Mark, Marks};
use super::names::{NAME_MAX, Promise, is_name, may_promise, promise_of};
use super::numbers::ssn_digits;
use super::options::option_at;
use super::phrase::{attribute_at, content_at, passe, phrase_at, said_of, senha};
use super::settings::{changed_at, is_foreign, pair_at};
use super::stored::stored_at;
use super::table::{TableState, Tables};
use super::url::url_at;
use super::view::View;

/// Names and signs lie so far before a value at most.
const REACH: usize = 120;
const BEARER_LEAST: usize = 16;
/// So far behind a value its name may be.
const AHEAD_MAX: usize = 90;
/// The longest type between a name and its value.
const TYPE_MAX: usize = 32;

static BEARER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"earer "));

/// Finds secrets by their context in one text.
pub struct ContextFinder<'v> {
    rules: Rules,
    view: Option<&'v View<'v>>,
    marks: Marks,
    bearer: Mark,
    senha: Mark,
    passe: Mark,
    echo: Mark,
    /// Marks before this were looked at; what they gave and was not passed.
    at: usize,
    pending: Vec<Found>,
    until: usize,
    /// None in other readings than the first.
    tables: Option<Tables>,
}

impl<'v> ContextFinder<'v> {
    /// A finder for one text, which a view may have read, and that reads tables perhaps.
    pub fn new(rules: Rules, view: Option<&'v View<'v>>, tables: Option<Tables>) -> Self {
        Self {
            rules,
            view,
            marks: Marks::new(),
            bearer: Mark(None),
            senha: Mark(None),
            passe: Mark(None),
            echo: Mark(None),
            at: 0,
            pending: Vec::new(),
            until: usize::MAX,
            tables,
        }
    }
}

impl Finder for ContextFinder<'_> {
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found {
        let bytes = text.bytes;
        let scene = Scene {
            text,
            rules: self.rules,
            view: self.view,
        };
        let stop = text.len().min(self.until);
        let mut found: Option<Found> = None;
        self.pending.retain(|place| place.start >= from);
        for &place in &self.pending {
            take(&mut found, place);
        }
        if let Some(row) = self.tables.as_ref().and_then(|tables| tables.open) {
            take(&mut found, Found::none(row.max(from)));
        }
        let mut at = from.saturating_sub(REACH).max(self.at);
        loop {
            if let Some(tables) = &mut self.tables
                && tables.next < found.map_or(stop, |found| found.start.min(stop))
            {
                let row = tables.next;
                let rule = self.rules.id(rule::ASSIGNED_SECRET);
                tables.read(scene, |start, end| {
                    if start >= from {
                        let place = Found { start, end, rule };
                        self.pending.push(place);
                        take(&mut found, place);
                    }
                });
                if tables.open.is_some() {
                    take(&mut found, Found::none(row.max(from)));
                }
                continue;
            }
            let bearer = self.bearer.from(bytes, at, |bytes| BEARER.find(bytes));
            let senha = self.senha.from(bytes, at, senha);
            let passe = self.passe.from(bytes, at, passe);
            let echo = self.echo.from(bytes, at, echo);
            let least = bearer.min(senha).min(passe).min(echo);
            let p = self.marks.next(bytes, at, least);
            // What a later mark gives may begin before what an earlier one gave.
            if p >= found.map_or(stop, |found| found.start.min(stop)) {
                return found.unwrap_or(Found::none(text.len()));
            }
            at = p + 1;
            self.at = at;
            let place = match text.byte(p) {
                _ if p == bearer => bearer_at(scene, p),
                _ if p == senha || p == passe => said_of(scene, p),
                _ if p == echo => piped_at(scene, p + 5, false),
                b'-' => option_at(scene, p),
                b'>' => element_at(scene, p),
                b':' if bytes[p + 1..].starts_with(b"//") => url_at(scene, p),
                b'=' | b':' => assignment_at(scene, p),
                b',' | b';' | b'|' | b')' | b'\t' | b'\n' => self
                    .tables
                    .as_mut()
                    .and_then(|tables| tables.head_at(scene, p)),
                _ if is_dialogue(bytes, p) => dialogue_at(scene, p),
                _ => phrase_at(scene, p),
            };
            let Some((rule, start, end)) = place else {
                continue;
            };
            if start < from || start - p > REACH {
                continue;
            }
            let rule = self.rules.id(rule);
            let place = Found { start, end, rule };
            self.pending.push(place);
            take(&mut found, place);
        }
    }

    fn until(&mut self, end: usize) {
        self.until = end;
    }

    fn table_at(&self, place: usize) -> Option<TableState> {
        self.tables.as_ref().map(|tables| tables.state_at(place))
    }
}

/// Takes what a mark gave if it is the first match, and of those that begin there the longest.
fn take(found: &mut Option<Found>, place: Found) {
    match found {
        Some(known) if place.start > known.start => {}
        Some(known) if place.start == known.start => {
            if known.end == 0 || place.end == 0 {
                known.end = 0;
            } else if place.end > known.end {
                *known = place;
            }
        }
        _ => *found = Some(place),
    }
}

/// `Bearer` and a credential, wherever.
fn bearer_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    if !scene.has(rule::AUTHORIZATION) || text.before(p) | 32 != b'b' {
        return None;
    }
    if p > 1 && text.is(p - 2, WORD) {
        return None;
    }
    credential_at(text, scene.skip(p + 6), BEARER_LEAST)
}

/// `<password>hunter2</password>`
fn element_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    if p > 0
        && (text.byte(p + 1) == b' ' || text.before(p) == b' ')
        && let Some(place) = prompt_at(scene, p)
    {
        return Some(place);
    }
    if !is_name(text.before(p)) || !may_promise(text, p) || !scene.has(rule::ASSIGNED_SECRET) {
        return None;
    }
    let s = name_start(text, p);
    if !matches!(text.before(s), b'<' | b':') {
        return None;
    }
    let promise = promise_of(text, s, p).filter(|&promise| is_value(promise))?;
    content_at(scene, promise, p + 1)
}

/// A name, a sign and a value.
fn assignment_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let sign = text.byte(p);
    // Comparisons and the like; the second of two signs.
    if matches!(
        text.before(p),
        b':' | b'=' | b'<' | b'!' | b'>' | b'+' | b'-'
    ) {
        return None;
    }
    let next = text.byte(p + 1);
    let mut behind = p + 1;
    let mut compared = false;
    match (sign, next) {
        (b'=', b'>') | (b':', b'=') => behind += 1,
        (b'=', b'=') => {
            compared = true;
            behind += if text.byte(behind + 1) == b'=' { 2 } else { 1 };
        }
        (b':', b':') => return stored_at(scene, p),
        _ => {}
    }
    if !compared && let Some(place) = stored_at(scene, p) {
        return Some(place);
    }
    // The name, and what may stand between it and the sign.
    let mut e = p;
    while e + SPACES_MAX > p && is_blank(text.before(e)) {
        e -= 1;
    }
    let spaced = e < p && sign == b'=';
    if matches!(text.before(e), b'?' | b'|') {
        e -= 1;
    }
    for _ in 0..3 {
        if is_closer(text.before(e)) {
            e -= 1;
        }
    }
    if text.before(e) == b'[' && text.byte(e) == b']' {
        e -= 1;
    }
    // A name of another language.
    let last = text.bytes[..e].iter().rev().take(2);
    if last.copied().any(|byte| byte > 127) && is_foreign(text, e) {
        let from = scene.skip(behind);
        return match scene.has(rule::ASSIGNED_SECRET) {
            true => scene.value(Promise::Password, from, p, spaced, false, false),
            false => None,
        };
    }
    if !is_name(text.before(e)) {
        return None;
    }
    if sign == b':'
        && e == p
        && scene.has(rule::ASSIGNED_SECRET)
        && let Some(place) = changed_at(scene, p)
    {
        return Some(place);
    }
    let attribute = sign == b'=' && is_quote(next) && e == p;
    if !may_promise(text, e) {
        return match attribute {
            true => attribute_of(scene, p),
            false => None,
        };
    }
    let s = name_start(text, e);
    let mut promise = promise_of(text, s, e);
    if promise == Some(Promise::Value) {
        promise = named(text, s);
        if promise.is_none() {
            return ahead(scene, scene.skip(behind));
        }
    } else if attribute && let Some(place) = attribute_of(scene, p) {
        return Some(place);
    }
    let promise = promise?;
    // **password:** x
    if text.starts(behind, b"**") {
        behind += 2;
    }
    let from = scene.skip(behind);
    match promise {
        Promise::Authorization => return scene.header(from),
        Promise::Ssn => return number_at(scene, from),
        _ => {}
    }
    if !scene.has(rule::ASSIGNED_SECRET) {
        return None;
    }
    if promise == Promise::Maybe
        && sign == b'='
        && let Some(place) = pair_at(scene, from)
    {
        return Some(place);
    }
    let option = sign == b'=' && text.starts(s, b"--");
    let listed = matches!(text.before(s), b'?' | b'&' | b';') || option;
    if sign == b':' && matches!(promise, Promise::Password | Promise::Token) {
        if let Some(quote) = typed(scene, from) {
            return scene.quoted(promise, quote, true, false);
        }
        if let Some(place) = on_next_line(scene, promise, from, p) {
            return place;
        }
    }
    let from = behind_tag(scene, from);
    scene.value(promise, from, p, spaced || compared, listed, compared)
}

/// What has the name that an attribute says whose sign is at `p`: `name="password"`.
fn attribute_of(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let before = &text.bytes[..p];
    if !scene.has(rule::ASSIGNED_SECRET) || !(before.ends_with(b"name") || before.ends_with(b"key"))
    {
        return None;
    }
    let s = p + 2;
    let mut e = s;
    while e - s < NAME_MAX && is_name(text.byte(e)) {
        e += 1;
    }
    match e > s && is_quote(text.byte(e)) {
        true => attribute_at(scene, p, s, e),
        false => None,
    }
}

/// The value at `from` whose name follows it: `"value": "hunter2", "name": "password"`.
fn ahead(scene: Scene<'_, '_>, from: usize) -> Place {
    let text = scene.text;
    if text.byte(from) != b'"' {
        return None;
    }
    let open = Some((rule::ASSIGNED_SECRET, from + 1, 0));
    let e = match scene.quote_end(from) {
        Answer::None => return None,
        Answer::More => return open,
        Answer::End(e) => e,
    };
    let mut q = e + 1;
    let stop = q + AHEAD_MAX;
    let mut quotes = 0;
    let mut s = q;
    // A comma, a name in quotation marks, a colon, and another.
    while q < stop && quotes < 4 {
        let byte = text.byte(q);
        if text.open(q) {
            return open;
        }
        if byte == b'"' {
            quotes += 1;
            let before = &text.bytes[..q];
            match quotes {
                2 if !before.ends_with(b"name") && !before.ends_with(b"key") => return None,
                3 => s = q + 1,
                _ => {}
            }
        } else if quotes % 2 == 1 {
            if !is_name(byte) {
                return None;
            }
        } else if byte > b' ' && byte != b',' && byte != b':' {
            return None;
        }
        q += 1;
    }
    if quotes < 4 {
        return None;
    }
    match named_by(text, s, q - 1)? {
        Promise::Authorization => scene.header(from),
        promise if scene.has(rule::ASSIGNED_SECRET) => scene.quoted(promise, from, false, false),
        _ => None,
    }
}

/// Where the quotation mark is of a value whose type is at `from`: `password: &str = "..."`.
fn typed(scene: Scene<'_, '_>, from: usize) -> Option<usize> {
    let text = scene.text;
    let mut q = from + usize::from(text.byte(from) == b'&');
    if !text.is(q, LOWER | UPPER) {
        return None;
    }
    let stop = q + TYPE_MAX;
    while q < stop && is_type(text.byte(q)) {
        q += 1;
    }
    q = scene.skip(q);
    if text.byte(q) != b'=' || text.byte(q + 1) == b'=' {
        return None;
    }
    q = scene.skip(q + 1);
    is_quote(text.byte(q)).then_some(q)
}

/// Whether a character is of the name of a type.
fn is_type(byte: u8) -> bool {
    is_name(byte) || matches!(byte, b'[' | b']' | b'?' | b'<' | b'>')
}

/// The value on the line behind a name's own, of a block perhaps; nothing where there is no such line.
fn on_next_line(scene: Scene<'_, '_>, promise: Promise, from: usize, p: usize) -> Option<Place> {
    let text = scene.text;
    let mut q = from;
    let block = matches!(text.byte(q), b'|' | b'>');
    if block {
        q += 1;
        while q < from + 3 && (matches!(text.byte(q), b'-' | b'+') || text.is(q, DIGIT)) {
            q += 1;
        }
    }
    let s = scene.skip_line(q);
    // What is indented belongs to it.
    if s == q || !is_blank(text.before(s)) {
        return None;
    }
    let place = scene.value(promise, s, p, false, block, false);
    let Some((rule, start, end @ 1..)) = place else {
        return Some(place);
    };
    // All of the line, or it is something else; what the text itself stands in may end.
    let end = end + usize::from(is_quote(text.byte(end)));
    let close = scene.skip(end);
    if text.open(close) {
        return Some(Some((rule, start, 0)));
    }
    let whole = text.at_end(close)
        || is_line_end(text.byte(close))
        || (close == end && text.byte(close) != b',');
    Some(place.filter(|_| whole))
}

/// Behind what YAML says of a value: `!!str`, `&anchor`.
fn behind_tag(scene: Scene<'_, '_>, from: usize) -> usize {
    let text = scene.text;
    let mut q = match (text.byte(from), text.byte(from + 1)) {
        (b'!', b'!') => from + 2,
        (b'&', _) => from + 1,
        _ => return from,
    };
    while q < from + TYPE_MAX && text.is(q, WORD) {
        q += 1;
    }
    match is_blank(text.byte(q)) {
        true => scene.skip(q),
        false => from,
    }
}

/// A social security number behind its name.
fn number_at(scene: Scene<'_, '_>, from: usize) -> Place {
    let text = scene.text;
    if !scene.has(rule::US_SSN) {
        return None;
    }
    let s = from + usize::from(is_quote(text.byte(from)));
    [0, b' ', b'-', b'.']
        .iter()
        .find_map(|&separator| match ssn_digits(text, s, separator) {
            Answer::None => None,
            Answer::More => Some((rule::US_SSN, s, 0)),
            Answer::End(end) => Some((rule::US_SSN, s, end)),
        })
}
