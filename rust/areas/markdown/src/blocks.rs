//! Writes blocks one below the other: blank lines between them, quotes and lists as prefixes of lines.
//! Twin: `blocks.ts`.

use super::Error;
use super::text::units;

/// Lines begin with at most so many characters of prefix; what is nested deeper stays at that depth.
const MOST_PREFIX: usize = 60;
/// The longest result, in UTF-16 units: what a string of V8 can hold.
pub(super) const MAX_UNITS: usize = (1 << 29) - 24;

/// What a hard line break is.
const HARD_BREAK: &str = "\\\n";

/// A list that items are put into.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) ordered: bool,
    /// The number of the next item.
    pub(super) number: u32,
    /// Items that were written.
    items: u32,
    /// Whether its marks differ from those of the list before it.
    other: bool,
}

/// A quote or an item.
struct Frame {
    prefix: usize,
    /// What `first` was before.
    first: Option<String>,
    is_item: bool,
    /// Blocks written before it.
    written: usize,
}

/// A list that ended: itself, how many frames were open, how many blocks written.
struct Closed {
    list: List,
    depth: usize,
    written: usize,
}

/// The text in the making.
#[derive(Default)]
pub(super) struct Blocks {
    out: String,
    frames: Vec<Frame>,
    /// The prefix of lines; each frame has the beginning of it.
    prefix: String,
    /// How the next line begins, where a mark waits for its first line.
    first: Option<String>,
    /// The next block follows without a blank line.
    tight: bool,
    /// The fewest frames that were open since the last block, and how many were then.
    lowest: usize,
    depth: usize,
    written: usize,
    was_paragraph: bool,
    closed: Option<Closed>,
}

impl List {
    /// Whether none of its items was written.
    pub(super) fn is_empty(&self) -> bool {
        self.items == 0
    }
}

impl Blocks {
    /// Whether a mark waits for its first line.
    pub(super) fn is_marked(&self) -> bool {
        self.first.is_some()
    }

    /// Writes a paragraph.
    pub(super) fn paragraph(&mut self, text: &str, broken: bool) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        if broken {
            let mut lines = String::with_capacity(text.len());
            for (index, line) in text.split(HARD_BREAK).enumerate() {
                if index > 0 {
                    lines.push_str(HARD_BREAK);
                }
                push_line(&mut lines, line, index > 0);
            }
            self.write(&lines)?;
        } else if let Some(at) = escape_at(text, false) {
            let mut line = String::with_capacity(text.len() + 1);
            line.push_str(&text[..at]);
            line.push('\\');
            line.push_str(&text[at..]);
            self.write(&line)?;
        } else {
            self.write(text)?;
        }
        self.was_paragraph = true;
        Ok(())
    }

    /// Writes a heading.
    pub(super) fn heading(&mut self, level: usize, text: &str) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        let mut line = "#".repeat(level);
        line.push(' ');
        match text.strip_suffix('#') {
            Some(start) => {
                line.push_str(start);
                line.push_str("\\#");
            }
            None => line.push_str(text),
        }
        self.write(&line)
    }

    /// Writes a line between blocks.
    pub(super) fn rule(&mut self) -> Result<(), Error> {
        self.write(if self.first.is_none() { "---" } else { "___" })
    }

    /// Writes what is Markdown already.
    pub(super) fn markdown(&mut self, text: &str) -> Result<(), Error> {
        self.write(text)
    }

    /// Begins a list; bullets go on with those before them where both stand in a list without an item.
    pub(super) fn list(&self, ordered: bool, start: u32, goes_on: bool) -> List {
        let closed = self.closed.as_ref().filter(|closed| {
            closed.depth == self.frames.len()
                && closed.written == self.written
                && closed.list.ordered == ordered
                && closed.list.items > 0
        });
        if let Some(closed) = closed
            && goes_on
            && !ordered
        {
            return closed.list;
        }
        let other = closed.is_some_and(|closed| !closed.list.other);
        List {
            ordered,
            number: start,
            items: 0,
            other,
        }
    }

    /// Ends it.
    pub(super) fn end_list(&mut self, list: List) {
        if list.items == 0 {
            return;
        }
        self.closed = Some(Closed {
            list,
            depth: self.frames.len(),
            written: self.written,
        });
        self.tight = false;
    }

    /// Begins an item.
    pub(super) fn item(&mut self, list: &mut List) {
        let mark = match (list.ordered, list.other) {
            (true, false) => format!("{}. ", list.number),
            (true, true) => format!("{}) ", list.number),
            (false, false) => "- ".to_owned(),
            (false, true) => "* ".to_owned(),
        };
        if self.first.is_none() {
            let follows = !self.frames.is_empty()
                && self.was_paragraph
                && self.depth == self.frames.len()
                && self.lowest == self.depth;
            self.tight = list.items > 0 || (follows && (!list.ordered || list.number == 1));
        }
        list.number = (list.number + 1).min(999_999_999);
        let prefix = " ".repeat(mark.len());
        self.enter(&mark, &prefix, true);
    }

    /// Goes on with the last item of a list, where a list stands in it without an item; false if it has none.
    pub(super) fn reopen(&mut self, list: &List) -> bool {
        if list.items == 0 || self.first.is_some() {
            return false;
        }
        let mark = format!("{}. ", list.number.saturating_sub(1).max(1));
        let width = if list.ordered { mark.len() } else { 2 };
        self.enter("", &" ".repeat(width), false);
        self.first = None;
        // It follows the item's text at once.
        if self.depth == self.frames.len() {
            self.lowest = self.depth;
        }
        true
    }

    /// Begins the definition of a term.
    pub(super) fn definition(&mut self, list: &List) {
        if self.first.is_none() {
            self.tight = self.written > 0
                && self.lowest == self.frames.len()
                && (list.items > 0 || (self.was_paragraph && self.depth == self.lowest));
        }
        self.enter("- ", "  ", true);
    }

    /// Begins a quote.
    pub(super) fn quote(&mut self) {
        self.enter("> ", "> ", false);
    }

    /// Ends the item or quote that began last; the item's list counts it if it was written.
    pub(super) fn leave(&mut self, list: Option<&mut List>) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        if self.written > frame.written {
            if let Some(list) = list.filter(|_| frame.is_item) {
                list.items += 1;
            }
        } else {
            self.first = frame.first;
        }
        let prefix = self.frames.last().map_or(0, |frame| frame.prefix);
        self.prefix.truncate(prefix);
        self.lowest = self.lowest.min(self.frames.len());
        self.tight = false;
    }

    /// All of it.
    pub(super) fn take(self) -> Result<String, Error> {
        if self.out.len() > MAX_UNITS && units(&self.out) > MAX_UNITS {
            return Err(Error::TooLong);
        }
        Ok(self.out)
    }

    fn enter(&mut self, mark: &str, prefix: &str, is_item: bool) {
        let first = self.first.clone();
        let fits = self.prefix.len() + prefix.len() <= MOST_PREFIX;
        if fits {
            let line = self.first.get_or_insert_with(|| self.prefix.clone());
            line.push_str(mark);
            self.prefix.push_str(prefix);
        }
        self.frames.push(Frame {
            prefix: self.prefix.len(),
            first,
            is_item,
            written: self.written,
        });
    }

    fn write(&mut self, text: &str) -> Result<(), Error> {
        // No character has fewer than a third as many units as bytes.
        if self.out.len() + text.len() > 3 * MAX_UNITS {
            return Err(Error::TooLong);
        }
        let needed = text.len() + 2 * self.prefix.len() + 8;
        if self.out.capacity() - self.out.len() < needed {
            self.out.try_reserve(needed.max(self.out.len()))?;
        }
        if self.written > 0 {
            self.out.push('\n');
            if !self.tight {
                let common = match self.lowest {
                    0 => 0,
                    lowest => self.frames[lowest - 1].prefix,
                };
                self.out.push_str(self.prefix[..common].trim_end());
                self.out.push('\n');
            }
        }
        let prefix = &self.prefix;
        self.out.push_str(self.first.as_ref().unwrap_or(prefix));
        if prefix.is_empty() {
            self.out.push_str(text);
        } else {
            let blank = prefix.trim_end();
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    self.out.push('\n');
                    self.out
                        .push_str(if line.is_empty() { blank } else { prefix });
                }
                self.out.push_str(line);
            }
        }
        self.first = None;
        self.tight = false;
        self.written += 1;
        self.depth = self.frames.len();
        self.lowest = self.depth;
        self.was_paragraph = false;
        Ok(())
    }
}

/// Appends a line of a paragraph with what would make another block of it escaped.
fn push_line(out: &mut String, line: &str, goes_on: bool) {
    let at = escape_at(line, goes_on);
    let at = at.unwrap_or(line.len());
    out.push_str(&line[..at]);
    if at < line.len() {
        out.push('\\');
        out.push_str(&line[at..]);
    }
}

/// Where a line of a paragraph needs a backslash to remain one; `goes_on` if it is not the first.
fn escape_at(line: &str, goes_on: bool) -> Option<usize> {
    let bytes = line.as_bytes();
    let ends_mark = |at: usize| bytes.get(at).is_none_or(|&byte| byte == b' ');
    let run = |from: usize, is: fn(&u8) -> bool| {
        from + bytes[from..].iter().take_while(|byte| is(byte)).count()
    };
    match *bytes.first()? {
        b'#' => {
            let end = run(0, |&byte| byte == b'#');
            (end <= 6 && ends_mark(end)).then_some(0)
        }
        b'+' => ends_mark(1).then_some(0),
        b'-' => (goes_on || ends_mark(1) || bytes[1] == b'-').then_some(0),
        b'>' => Some(0),
        b'=' | b'|' | b':' => goes_on.then_some(0),
        b'0'..=b'9' => {
            let end = run(0, u8::is_ascii_digit);
            let is_mark = end <= 9 && matches!(bytes.get(end), Some(b'.' | b')'));
            (is_mark && ends_mark(end + 1)).then_some(end)
        }
        _ => None,
    }
}
