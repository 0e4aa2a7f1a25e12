//! Text inside text: what a string of JSON, JavaScript or a shell, a URL, HTML or a terminal stands for, with
//! the way back to the places in the text as it is written. Twin: `src/text/redact/view.ts`, which says why.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr3_iter, memmem};

use super::chars::{CLASS, WORD};
use super::escapes::{Decoder, ESCAPE, Escape};

/// How far before a plus sign the equals sign of a form may be, in characters; behind it all begins that the
/// plus is of.
const FORM_MAX: usize = 64;
/// What begins behind a plus sign begins so near to it: `+b"..."`.
const BEHIND_MAX: usize = 4;

/// Where an escape is.
#[derive(Clone, Copy)]
struct Place {
    /// Where it begins in the view.
    at: usize,
    /// How many bytes it is there.
    width: usize,
    /// Where it begins in the written text, and where it ends.
    from: usize,
    to: usize,
}

/// A text as it reads, and where its characters stand in the text as it is written.
pub struct View<'t> {
    written: &'t [u8],
    /// What is read.
    pub text: Cow<'t, [u8]>,
    /// Up to here the written text is part of it; behind that an escape is not complete.
    pub limit: usize,
    /// Where this reading is another than the first, in order; none for anywhere.
    pub near: Option<Vec<(usize, usize)>>,
    places: Vec<Place>,
}

impl<'t> View<'t> {
    /// The last place for which a test holds, which holds for all before it.
    fn last(&self, test: impl Fn(&Place) -> bool) -> Option<&Place> {
        let behind = self.places.partition_point(test);
        behind.checked_sub(1).map(|k| &self.places[k])
    }

    /// Where a byte of the view begins in the written text.
    pub fn written(&self, at: usize) -> usize {
        match self.last(|place| place.at <= at) {
            None => at,
            Some(place) if at - place.at < place.width => place.from,
            Some(place) => place.to + (at - place.at) - place.width,
        }
    }

    /// Where what ends at a place of the view ends in the written text.
    pub fn written_end(&self, end: usize) -> usize {
        let at = end - 1;
        match self.last(|place| place.at <= at) {
            None => end,
            Some(place) if at - place.at < place.width => place.to,
            Some(place) => place.to + (at - place.at) - place.width + 1,
        }
    }

    /// The first byte of the view that begins at a place of the written text or behind it.
    pub fn read(&self, at: usize) -> usize {
        let n = self.text.len();
        match self.last(|place| place.from <= at) {
            None => at.min(n),
            Some(place) if at == place.from => place.at,
            Some(place) if at < place.to => (place.at + place.width).min(n),
            Some(place) => (place.at + place.width + at - place.to).min(n),
        }
    }

    /// The beginning of the escape that a place of the written text is within; else the place itself.
    pub fn floor(&self, at: usize) -> usize {
        match self.last(|place| place.from <= at) {
            Some(place) if at < place.to => place.from,
            _ => at,
        }
    }

    /// The end of the escape that a place of the written text is within; else the place itself.
    pub fn ceil(&self, at: usize) -> usize {
        match self.last(|place| place.from < at) {
            Some(place) if at < place.to => place.to,
            _ => at,
        }
    }

    /// How much of the written text a character of the view takes that begins at `at`.
    pub fn length_at(&self, at: usize) -> usize {
        self.written_end(at + 1) - self.written(at)
    }

    /// Whether a character of the view is written with a percent sign.
    pub fn is_percent(&self, at: usize) -> bool {
        self.length_at(at) > 1 && self.written[self.written(at)] == b'%'
    }

    /// The same places with another text of the same length, or a little shorter, which differs near some places.
    fn reread(&self, text: Vec<u8>, near: Vec<(usize, usize)>) -> View<'t> {
        View {
            written: self.written,
            limit: match text.len() < self.text.len() {
                true => self.written(text.len()),
                false => self.limit,
            },
            text: Cow::Owned(text),
            near: Some(near),
            places: self.places.clone(),
        }
    }

    /// The reading in which a plus sign between words is a space, as in what a form sends.
    fn form(&self, ended: bool) -> Option<View<'t>> {
        let text = &self.text;
        let is_word = |p: usize| CLASS[usize::from(text[p])] & WORD != 0;
        let mut filled: Option<Vec<u8>> = None;
        let mut near = Vec::new();
        let mut signs = memchr_iter(b'=', text).peekable();
        // The last equals sign before a plus sign; most are far away.
        let mut sign = None;
        for at in memchr_iter(b'+', text) {
            while let Some(next) = signs.next_if(|&next| next < at) {
                sign = Some(next);
            }
            let is_near = sign.is_some_and(|sign| at - sign <= 4 * FORM_MAX);
            if !is_near || !is_word(at - 1) {
                continue;
            }
            let Some(equals) = equals_before(text, at) else {
                continue;
            };
            if at + 1 == text.len() {
                if !ended {
                    let mut shorter = filled.unwrap_or_else(|| text.to_vec());
                    shorter.truncate(at);
                    add_near(&mut near, equals, at);
                    return Some(self.reread(shorter, near));
                }
                continue;
            }
            if is_word(at + 1) {
                filled.get_or_insert_with(|| text.to_vec())[at] = b' ';
                add_near(&mut near, equals, at);
            }
        }
        filled.map(|text| self.reread(text, near))
    }

    /// The reading in which a colour parts words.
    fn parted(&self) -> View<'t> {
        let mut text = Vec::with_capacity(self.text.len() + self.places.len());
        let mut done = 0;
        let mut places = Vec::with_capacity(self.places.len());
        for place in &self.places {
            text.extend_from_slice(&self.text[done..place.at]);
            done = place.at;
            places.push(Place {
                at: text.len(),
                width: place.width.max(1),
                ..*place
            });
            if place.width == 0 {
                text.push(ESCAPE as u8);
            }
        }
        text.extend_from_slice(&self.text[done..]);
        // A private key goes on over colours, however far.
        let long = memmem::find(self.written, b"PRIVATE KEY").is_some();
        View {
            written: self.written,
            near: (!long).then(|| near_colours(&text, &places)),
            text: Cow::Owned(text),
            limit: self.limit,
            places,
        }
    }
}

/// What a colour can matter to begins so far before it, or in a word that begins earlier; and so far behind it.
const COLOUR_BEFORE: usize = 4800;
const COLOUR_BEHIND: usize = 1200;

/// The surroundings of colours; those that touch are one.
fn near_colours(text: &[u8], places: &[Place]) -> Vec<(usize, usize)> {
    let mut near: Vec<(usize, usize)> = Vec::new();
    for place in places {
        if place.width != 1 || text[place.at] != ESCAPE as u8 {
            continue;
        }
        let covered = near.last().map_or(0, |&(_, end)| end);
        let mut start = place.at.saturating_sub(COLOUR_BEFORE);
        while start > covered && text[start - 1] > 32 {
            start -= 1;
        }
        while start > 0 && text[start] & 0xc0 == 0x80 {
            start -= 1;
        }
        let end = place.at + COLOUR_BEHIND;
        match near.last_mut() {
            Some(last) if start <= covered => last.1 = end,
            _ => near.push((start, end)),
        }
    }
    near
}

/// Where the equals sign of a form is before a plus sign.
fn equals_before(text: &[u8], at: usize) -> Option<usize> {
    let mut left = FORM_MAX;
    for (p, &byte) in text[..at].iter().enumerate().rev() {
        match byte {
            b'=' => return Some(p),
            0..=32 => return None,
            _ => left -= usize::from(byte & 0xc0 != 0x80),
        }
        if left == 0 {
            return None;
        }
    }
    None
}

/// Adds the surroundings of a plus sign to stretches; those that touch become one.
fn add_near(near: &mut Vec<(usize, usize)>, start: usize, at: usize) {
    match near.last_mut() {
        Some((_, end)) if *end >= start => *end = at + BEHIND_MAX,
        _ => near.push((start, at + BEHIND_MAX)),
    }
}

/// A view as it is made.
struct Reading<'t> {
    decoder: Decoder<'t>,
    text: Vec<u8>,
    places: Vec<Place>,
    done: usize,
    limit: usize,
    colours: bool,
}

impl Reading<'_> {
    /// Takes the escape that may begin at `p`; false where the text ended before that could be said.
    fn take(&mut self, p: usize) -> bool {
        let written = self.decoder.bytes;
        match self.decoder.escape_at(p) {
            Escape::None => {}
            Escape::More => {
                self.limit = p;
                return false;
            }
            Escape::Of(value, length) => {
                if self.places.is_empty() {
                    self.text.reserve(written.len());
                }
                self.text.extend_from_slice(&written[self.done..p]);
                let at = self.text.len();
                if value == ESCAPE {
                    // A colour is nothing in the first reading.
                    self.colours = true;
                } else {
                    let mut buffer = [0; 4];
                    let bytes = value.encode_utf8(&mut buffer).as_bytes();
                    self.text.extend_from_slice(bytes);
                }
                self.done = p + length;
                self.places.push(Place {
                    at,
                    width: self.text.len() - at,
                    from: p,
                    to: self.done,
                });
            }
        }
        true
    }
}

/// Reads a text: its readings, none where the text is what it says.
pub fn read_text(written: &[u8], ended: bool) -> Vec<View<'_>> {
    let n = written.len();
    let mut reading = Reading {
        decoder: Decoder {
            bytes: written,
            ended,
        },
        text: Vec::new(),
        places: Vec::new(),
        done: 0,
        limit: n,
        colours: false,
    };
    let mut marks = memchr3_iter(b'\\', b'%', b'&', written);
    let mut escapes = memchr_iter(ESCAPE as u8, written);
    let mut mark = marks.next();
    let mut escape = escapes.next();
    loop {
        let p = match (mark, escape) {
            (Some(mark), Some(escape)) => mark.min(escape),
            (one, other) => match one.or(other) {
                Some(p) => p,
                None => break,
            },
        };
        if p >= reading.done && !reading.take(p) {
            break;
        }
        if mark == Some(p) {
            mark = marks.next();
        } else {
            escape = escapes.next();
        }
    }
    let Reading {
        mut text,
        places,
        done,
        limit,
        colours,
        ..
    } = reading;
    if done == 0 && limit == n {
        if memchr(b'+', written).is_none() {
            return Vec::new();
        }
        let plain = View {
            written,
            text: Cow::Borrowed(written),
            limit,
            near: None,
            places,
        };
        return match plain.form(ended) {
            Some(form) => vec![plain, form],
            None => Vec::new(),
        };
    }
    text.extend_from_slice(&written[done..limit]);
    let first = View {
        written,
        text: Cow::Owned(text),
        limit,
        near: None,
        places,
    };
    let parted = colours.then(|| first.parted());
    let form = first.form(ended);
    let mut views = vec![first];
    views.extend(parted);
    views.extend(form);
    views
}
