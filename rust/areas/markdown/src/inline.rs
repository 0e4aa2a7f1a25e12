//! Writes the inside of one block: text with its white space collapsed and what Markdown would take for
//! marks escaped, emphasis, code, links and images. Delimiters are written only where CommonMark (0.31.2,
//! section 6.2) takes them for what they are; elsewhere the text goes without. Twin: `inline.ts`.

mod glue;

use super::characters::{
    CHARACTERS, Class, MARK, PLAIN, class_of, must_escape, white_at, white_before,
};
use super::link::{is_autolink, push_destination};
use super::links::Links;
use super::text::{longest_run, units};
use super::tree::{CODE, EM, EM_OUTSIDE, LINK_SHIFT, STRIKE, STRONG};

/// What is to come before the next text.
#[derive(Clone, Copy, PartialEq)]
enum Pending {
    Nothing,
    Space,
    Break,
}

/// What a line break is written as.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum LineBreak {
    /// A backslash and a line end.
    Hard,
    /// `<br>`, in cells.
    Cell,
    /// A space, where there are no lines.
    Space,
}

/// An open link, beside the style bits.
const LINK: u32 = 32;
/// Of a link's text so much is compared with its address.
const MOST_COMPARED: usize = 2048;

fn mark_of(kind: u32) -> &'static str {
    match kind {
        STRONG => "**",
        EM => "*",
        _ => "~~",
    }
}

/// A delimiter that is open, and where its mark stands.
#[derive(Clone, Copy)]
struct Open {
    kind: u32,
    at: usize,
}

/// The writer of one block after the other.
pub(super) struct Inline<'t> {
    pub(super) links: Links<'t>,
    pub(super) line_break: LineBreak,
    /// Whether a line break was written.
    pub(super) broken: bool,
    text: String,
    /// Marks that are to be left out after all: where, and how long.
    left_out: Vec<(usize, usize)>,
    open: Vec<Open>,
    style: u32,
    pending: Pending,
    /// The last character written.
    last: char,
    closed_star: bool,
    code: Option<String>,
    open_link: u32,
    compared: Option<String>,
}

impl<'t> Inline<'t> {
    pub(super) fn new(links: Links<'t>) -> Self {
        Self {
            links,
            line_break: LineBreak::Hard,
            broken: false,
            text: String::new(),
            left_out: Vec::new(),
            open: Vec::new(),
            style: 0,
            pending: Pending::Nothing,
            last: '\n',
            closed_star: false,
            code: None,
            open_link: 0,
            compared: None,
        }
    }

    /// Whether nothing is written yet.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.code.is_none()
    }

    /// Whether a line break waits for text.
    pub(super) fn is_breaking(&self) -> bool {
        self.pending == Pending::Break
    }

    /// White space.
    pub(super) fn space(&mut self) {
        if self.pending == Pending::Nothing {
            self.pending = Pending::Space;
        }
    }

    /// A line break, if text follows.
    pub(super) fn line_break(&mut self) {
        if !self.is_empty() {
            self.pending = match self.line_break {
                LineBreak::Space => Pending::Space,
                LineBreak::Hard | LineBreak::Cell => Pending::Break,
            };
        }
    }

    /// Text in a style.
    pub(super) fn text(&mut self, text: &str, style: u32) {
        let bytes = text.as_bytes();
        let mut at = 0;
        loop {
            let white = white_at(bytes, at);
            if white == 0 {
                break;
            }
            at += white;
        }
        if at > 0 {
            // White space between two pieces of code belongs to neither.
            if self.code.is_some() && style & CODE == 0 {
                self.end_code();
                self.style &= !CODE;
            }
            self.space();
        }
        if at == bytes.len() {
            return;
        }
        let mut end = bytes.len();
        loop {
            let white = white_before(bytes, end);
            if white == 0 {
                break;
            }
            end -= white;
        }
        let inner = &text[at..end];
        let (Some(first), Some(last)) = (inner.chars().next(), inner.chars().next_back()) else {
            return;
        };
        self.turn(style, first);
        self.write(inner);
        self.last = last;
        self.closed_star = false;
        if end < bytes.len() {
            self.pending = Pending::Space;
        }
    }

    /// A piece that is Markdown already and begins with punctuation.
    pub(super) fn markdown(&mut self, piece: &str, style: u32) {
        self.turn(style & !CODE, '!');
        self.guard();
        self.text.push_str(piece);
        self.compared = None;
        self.last = '.';
        self.closed_star = false;
    }

    /// Ends the block.
    pub(super) fn end(&mut self) -> String {
        self.pending = Pending::Nothing;
        self.turn(0, '\n');
        self.last = '\n';
        self.closed_star = false;
        let text = std::mem::take(&mut self.text);
        if self.left_out.is_empty() {
            return text;
        }
        let mut left_out = std::mem::take(&mut self.left_out);
        left_out.sort_unstable();
        let mut kept = String::with_capacity(text.len());
        let mut from = 0;
        for (at, length) in left_out {
            kept.push_str(&text[from..at]);
            from = at + length;
        }
        kept.push_str(&text[from..]);
        kept
    }

    /// An exclamation mark before a bracket would make an image of it.
    fn guard(&mut self) {
        if self.last == '!' && self.text.ends_with('!') {
            self.text.pop();
            self.text.push_str("\\!");
        }
    }

    fn write(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let in_link = self.open_link != 0;
        let escaping = self.code.is_none();
        let out = self.code.as_mut().unwrap_or(&mut self.text);
        let (mut at, mut plain) = (0, 0);
        while at < bytes.len() {
            let kind = CHARACTERS[bytes[at] as usize];
            if kind == PLAIN {
                at += 1;
                continue;
            }
            if kind == MARK {
                if escaping && must_escape(bytes, at, in_link) {
                    out.push_str(&text[plain..at]);
                    out.push('\\');
                    if let Some(compared) = &mut self.compared {
                        compared.push_str(&text[plain..at]);
                    }
                    plain = at;
                }
                at += 1;
                continue;
            }
            let mut end = at + white_at(bytes, at);
            if end == at {
                at += 1;
                continue;
            }
            loop {
                let white = white_at(bytes, end);
                if white == 0 {
                    break;
                }
                end += white;
            }
            if bytes[at] != b' ' || end != at + 1 {
                out.push_str(&text[plain..at]);
                out.push(' ');
                if let Some(compared) = &mut self.compared {
                    compared.push_str(&text[plain..at]);
                    compared.push(' ');
                }
                plain = end;
            }
            at = end;
        }
        out.push_str(&text[plain..]);
        if let Some(compared) = &mut self.compared {
            compared.push_str(&text[plain..]);
            // More units than these cannot be fewer bytes.
            if compared.len() > 3 * MOST_COMPARED {
                self.compared = None;
            }
        }
    }

    /// Brings the delimiters to a style, then writes what is pending; `next` is the character that follows.
    fn turn(&mut self, style: u32, next: char) {
        if style == self.style {
            if self.pending != Pending::Nothing {
                self.write_pending();
            }
            return;
        }
        let was_empty = self.is_empty();
        let link = style >> LINK_SHIFT;
        if self.code.is_some() {
            // Code that follows code is the same piece, whatever its style.
            if style & CODE != 0 && link == self.open_link {
                if self.pending != Pending::Nothing {
                    self.write_pending();
                }
                return;
            }
            self.end_code();
        }
        let kept = self
            .open
            .iter()
            .take_while(|open| {
                if open.kind == LINK {
                    self.open_link == link
                } else {
                    style & open.kind != 0
                }
            })
            .count();
        let class = if style & CODE != 0 {
            Class::Punctuation
        } else {
            class_of(next)
        };
        let after = if link != 0 && link != self.open_link {
            Class::Punctuation
        } else if self.pending != Pending::Nothing {
            Class::White
        } else {
            class
        };
        self.close(kept, after);
        self.style = style;
        if was_empty {
            self.pending = Pending::Nothing;
        } else if self.pending != Pending::Nothing {
            self.write_pending();
        }
        self.open(style, link, class);
        if style & CODE != 0 {
            self.code = Some(String::new());
        }
    }

    fn push_break(&mut self) {
        self.text.push_str(match self.line_break {
            LineBreak::Hard => "\\\n",
            LineBreak::Cell => "<br>",
            LineBreak::Space => " ",
        });
    }

    fn write_pending(&mut self) {
        let breaks = self.pending == Pending::Break;
        self.pending = Pending::Nothing;
        if self.is_empty() {
            return;
        }
        if let Some(code) = &mut self.code {
            if !breaks {
                code.push(' ');
                return;
            }
            self.end_code();
            self.push_break();
            self.code = Some(String::new());
        } else if breaks {
            self.push_break();
        } else {
            self.text.push(' ');
        }
        if let Some(compared) = &mut self.compared {
            compared.push(' ');
        }
        if breaks {
            self.broken = true;
        }
        self.last = ' ';
        self.closed_star = false;
    }

    /// Closes the delimiters above some; `after` is the class of what follows them.
    fn close(&mut self, kept: usize, after: Class) {
        let mut before = class_of(self.last);
        let mut run = None;
        while self.open.len() > kept {
            let Some(Open { kind, at }) = self.open.pop() else {
                return;
            };
            if kind == LINK {
                self.end_link(at);
                before = Class::Punctuation;
                run = None;
                continue;
            }
            let mark = mark_of(kind);
            let character = if kind == STRIKE { '~' } else { '*' };
            if run.is_some_and(|run| run != character) {
                before = Class::Punctuation;
            }
            // Marks of outer styles may yet be left out, so they do not count as what follows.
            let link_follows = self.open[kept..].iter().any(|open| open.kind == LINK);
            let follower = if link_follows {
                Class::Punctuation
            } else {
                after
            };
            if before == Class::White || (before == Class::Punctuation && follower == Class::Other)
            {
                self.left_out.push((at, mark.len()));
                continue;
            }
            self.text.push_str(mark);
            run = Some(character);
            self.last = character;
            self.closed_star = character == '*';
        }
    }

    fn is_open(&self, kind: u32) -> bool {
        self.open.iter().any(|open| open.kind == kind)
    }

    fn open(&mut self, style: u32, link: u32, next: Class) {
        if link != 0 && !self.is_open(LINK) {
            self.guard();
            self.push(LINK, "[");
            self.open_link = link;
            self.compared = Some(String::new());
            self.last = '[';
            self.closed_star = false;
        }
        let wanted = style & (STRONG | EM | STRIKE);
        if wanted == 0 {
            return;
        }
        let before = class_of(self.last);
        if next == Class::White || (next == Class::Punctuation && before == Class::Other) {
            return;
        }
        let order = if style & EM_OUTSIDE != 0 {
            [STRIKE, EM, STRONG]
        } else {
            [STRIKE, STRONG, EM]
        };
        let stars = wanted & (STRONG | EM);
        // Within emphasis, marks that could close as well as open would close what is around them.
        let ambiguous = before != Class::White
            && (before != Class::Punctuation || next != Class::Other)
            && (self.is_open(STRONG) || self.is_open(EM));
        for kind in order {
            if wanted & kind == 0 || self.is_open(kind) {
                continue;
            }
            if kind == STRIKE {
                // Marks come between it and the text.
                if stars != 0 && before == Class::Other {
                    continue;
                }
                self.closed_star = false;
            } else if self.closed_star || ambiguous {
                continue;
            }
            self.push(kind, mark_of(kind));
            self.last = if kind == STRIKE { '~' } else { '*' };
        }
    }

    fn push(&mut self, kind: u32, mark: &str) {
        self.open.push(Open {
            kind,
            at: self.text.len(),
        });
        self.text.push_str(mark);
        if kind != LINK {
            self.compared = None;
        }
    }

    fn end_link(&mut self, at: usize) {
        let link = std::mem::take(&mut self.open_link);
        self.links.written.push(link);
        let compared = self.compared.take();
        let mut title = String::new();
        let untitled = self.links.push_title(&mut title, link);
        let url = self.links.url(link);
        let same = compared.filter(|compared| {
            untitled
                && units(compared) <= MOST_COMPARED
                && (compared == url || url.strip_prefix("mailto:") == Some(compared))
                && is_autolink(url)
        });
        if let Some(compared) = same {
            self.text.truncate(at);
            self.text.push('<');
            self.text.push_str(&compared);
            self.text.push('>');
            self.last = '>';
        } else {
            self.text.push_str("](");
            push_destination(&mut self.text, url);
            self.text.push_str(&title);
            self.text.push(')');
            self.last = ')';
        }
        self.closed_star = false;
    }

    fn end_code(&mut self) {
        let code = self.code.take().unwrap_or_default();
        let fence = longest_run(&code) + 1;
        let pad = code.starts_with('`') || code.ends_with('`');
        let push_fence = |text: &mut String| text.extend(std::iter::repeat_n('`', fence));
        push_fence(&mut self.text);
        if pad {
            self.text.push(' ');
        }
        self.text.push_str(&code);
        if pad {
            self.text.push(' ');
        }
        push_fence(&mut self.text);
        self.compared = None;
        self.last = '`';
        self.closed_star = false;
    }
}
