//! Signs between pieces of text that the page shows by their height. In TypeScript it is in `inline.ts`.

use super::{Inline, Pending};

impl Inline<'_> {
    /// A mark between two pieces of text, such as that of an exponent; it must not be one of Markdown's.
    pub(crate) fn glue(&mut self, mark: &str, style: u32) {
        let (Some(first), Some(last)) = (mark.chars().next(), mark.chars().next_back()) else {
            return;
        };
        self.turn(style, first);
        if let Some(code) = &mut self.code {
            code.push_str(mark);
        } else {
            if first == '_' && mark != "_" {
                self.text.push('\\');
            }
            self.text.push_str(mark);
        }
        if let Some(compared) = &mut self.compared {
            compared.push_str(mark);
        }
        self.last = last;
        self.closed_star = false;
    }

    /// The character that the next text would stand beside.
    pub(crate) fn beside(&self) -> Option<char> {
        (self.pending == Pending::Nothing && !self.is_empty()).then_some(self.last)
    }
}
