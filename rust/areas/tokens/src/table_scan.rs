//! Cuts text into pieces by tables: for each stage a table whose matches are pieces, and what lies between two of them;
//! the pieces of a stage are cut by the next one. Twin: `src/text/tokens/table_scan.ts`; the tables are made by
//! `src/text/tokens/tokenizer/automaton.ts`.

/// Where texts may be cut: a bit for each two ASCII characters.
pub const CUT_BYTES: usize = 128 * 128 / 8;

/// The tables of a tokenizer file.
pub struct TableScanner {
    /// Classes of characters, and one more for the end.
    columns: usize,
    /// Twice the next state (0: none), and 1 more if a match ends before the character; by state and class.
    tables: Vec<Vec<u16>>,
    classes: Vec<u8>,
    ascii: [u8; 128],
    cuts: Vec<u8>,
}

/// Where a stage stands.
#[derive(Clone, Copy, Default)]
struct Stage {
    /// The end of its piece.
    end: usize,
    /// The end of the match that begins there; 0 if none was looked for.
    matched: usize,
}

impl TableScanner {
    /// Takes checked tables: every state is one, every class under `columns - 1`.
    pub fn new(columns: usize, tables: Vec<Vec<u16>>, classes: Vec<u8>, cuts: Vec<u8>) -> Self {
        let mut ascii = [0; 128];
        ascii.copy_from_slice(&classes[..128]);
        Self {
            columns,
            tables,
            classes,
            ascii,
            cuts,
        }
    }

    /// Calls `piece` with the borders of each piece, in order.
    pub fn pieces(&self, bytes: &[u8], mut piece: impl FnMut(usize, usize)) {
        let mut stages = vec![Stage::default(); self.tables.len()];
        let mut at = 0;
        while at < bytes.len() {
            let mut limit = bytes.len();
            for (stage, table) in stages.iter_mut().zip(&self.tables) {
                if stage.end <= at {
                    self.step(stage, table, &bytes[..limit], at);
                }
                limit = stage.end;
            }
            piece(at, limit);
            at = limit;
        }
    }

    /// The next piece of a stage, which begins at `at`.
    fn step(&self, stage: &mut Stage, table: &[u16], bytes: &[u8], mut at: usize) {
        let mut matched = if stage.end == at { stage.matched } else { 0 };
        if matched == 0 {
            matched = self.matched(table, bytes, at);
        }
        if matched > at {
            *stage = Stage {
                end: matched,
                matched: 0,
            };
            return;
        }
        // No match begins here: the piece goes to the next one.
        loop {
            at += self.see(bytes, at).1;
            if at >= bytes.len() {
                matched = 0;
                break;
            }
            matched = self.matched(table, bytes, at);
            if matched != 0 {
                break;
            }
        }
        *stage = Stage { end: at, matched };
    }

    /// The end of the match that begins at `at`; 0 if there is none.
    #[inline]
    fn matched(&self, table: &[u16], bytes: &[u8], mut at: usize) -> usize {
        let (mut last, mut state) = (0, 1);
        while state != 0 {
            let row = &table[state * self.columns..(state + 1) * self.columns];
            let Some(&byte) = bytes.get(at) else {
                return if row[self.columns - 1] & 1 == 1 {
                    at
                } else {
                    last
                };
            };
            let (class, width) = if byte < 128 {
                (self.ascii[usize::from(byte)], 1)
            } else {
                self.see(bytes, at)
            };
            let step = row[usize::from(class)];
            if step & 1 == 1 {
                last = at;
            }
            state = usize::from(step >> 1);
            at += width;
        }
        last
    }

    /// The class of a character and its width in bytes.
    fn see(&self, bytes: &[u8], at: usize) -> (u8, usize) {
        let tail = |offset: usize| usize::from(bytes.get(at + offset).copied().unwrap_or(0) & 0x3f);
        let first = usize::from(bytes[at]);
        let (code, width) = match first {
            ..0x80 => (first, 1),
            0x80..0xe0 => ((first & 0x1f) << 6 | tail(1), 2),
            0xe0..0xf0 => ((first & 0x0f) << 12 | tail(1) << 6 | tail(2), 3),
            _ => (
                (first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3),
                4,
            ),
        };
        (self.classes.get(code).copied().unwrap_or(0), width)
    }

    /// The first place at or behind `from` where the text can be cut without changing a token, or its end.
    pub fn safe_cut(&self, bytes: &[u8], from: usize) -> usize {
        (from.max(1)..bytes.len())
            .find(|&at| {
                let (before, behind) = (usize::from(bytes[at - 1]), usize::from(bytes[at]));
                let bit = before << 7 | behind;
                (before | behind) < 128 && self.cuts[bit >> 3] >> (bit & 7) & 1 == 1
            })
            .unwrap_or(bytes.len())
    }
}
