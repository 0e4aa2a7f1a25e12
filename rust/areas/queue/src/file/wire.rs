//! How requests and answers cross the boundary: numbers (f64) and strings, each in order. The other side is
//! `src/queue/file/native/wire.ts`.

use agent_ffi::{Columns, Failure, payload};
use agent_shared::{Packed, PackedBuf, Strings};

use super::error::FileError;

/// The kinds of requests, in the order of `KINDS` in `wire.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Add,
    Take,
    Complete,
    Fail,
    Release,
    Report,
    Cancel,
    Get,
    List,
    Retry,
    Purge,
    Pause,
    Paused,
    Counts,
    News,
    Held,
    Wait,
}

const KINDS: [Kind; 17] = [
    Kind::Add,
    Kind::Take,
    Kind::Complete,
    Kind::Fail,
    Kind::Release,
    Kind::Report,
    Kind::Cancel,
    Kind::Get,
    Kind::List,
    Kind::Retry,
    Kind::Purge,
    Kind::Pause,
    Kind::Paused,
    Kind::Counts,
    Kind::News,
    Kind::Held,
    Kind::Wait,
];

impl Kind {
    /// Whether it only looks.
    pub(crate) fn looks_only(self) -> bool {
        matches!(
            self,
            Kind::Get | Kind::List | Kind::Paused | Kind::Counts | Kind::News | Kind::Held
        )
    }

    /// Whether it looks at jobs, which are then to stand as they are at that moment.
    pub(crate) fn is_exact(self) -> bool {
        !matches!(self, Kind::News | Kind::Held)
    }
}

/// A job to be added.
pub(crate) struct NewJob<'a> {
    pub(crate) priority: i64,
    pub(crate) run_at: i64,
    pub(crate) retries: i64,
    pub(crate) backoff: i64,
    pub(crate) timeout: i64,
    pub(crate) children: i64,
    pub(crate) tolerant: bool,
    pub(crate) id: &'a str,
    pub(crate) data: &'a str,
    pub(crate) key: &'a str,
    pub(crate) group: &'a str,
    pub(crate) parent: &'a str,
    pub(crate) repeat: &'a str,
}

/// One request.
pub(crate) struct Unit<'a> {
    pub(crate) kind: Kind,
    numbers: &'a [f64],
    strings: (usize, usize),
    packed: &'a Packed<'a>,
}

impl<'a> Unit<'a> {
    /// A number of it.
    pub(crate) fn number(&self, at: usize) -> f64 {
        self.numbers.get(at).copied().unwrap_or(0.0)
    }

    /// A whole number of it.
    pub(crate) fn whole(&self, at: usize) -> i64 {
        self.number(at) as i64
    }

    /// A string of it.
    pub(crate) fn text(&self, at: usize) -> &'a str {
        if at < self.strings.1 {
            self.packed.get(self.strings.0 + at)
        } else {
            ""
        }
    }

    /// All strings of it.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &'a str> + '_ {
        (0..self.strings.1).map(|at| self.text(at))
    }

    /// The jobs of a request that adds.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = NewJob<'a>> + '_ {
        (0..self.strings.1 / 6).map(|at| NewJob {
            priority: self.whole(7 * at),
            run_at: self.whole(7 * at + 1),
            retries: self.whole(7 * at + 2),
            backoff: self.whole(7 * at + 3),
            timeout: self.whole(7 * at + 4),
            children: self.whole(7 * at + 5),
            tolerant: self.whole(7 * at + 6) != 0,
            id: self.text(6 * at),
            data: self.text(6 * at + 1),
            key: self.text(6 * at + 2),
            group: self.text(6 * at + 3),
            parent: self.text(6 * at + 4),
            repeat: self.text(6 * at + 5),
        })
    }
}

/// Requests, copied out of JavaScript's buffers. Each is kind, count of numbers, count of strings, the numbers.
pub struct Units {
    numbers: Vec<f64>,
    strings: PackedBuf,
}

impl Units {
    /// Checks and keeps them.
    pub fn new(numbers: &[u8], strings: PackedBuf) -> Result<Self, Failure> {
        let (numbers, rest) = numbers.as_chunks::<8>();
        let units = Self {
            numbers: numbers
                .iter()
                .map(|bytes| f64::from_le_bytes(*bytes))
                .collect(),
            strings,
        };
        let packed = units.strings.packed()?;
        let read = units.read(&packed)?;
        let held = read.iter().map(|unit| unit.strings.1).sum::<usize>();
        if !rest.is_empty() || held != packed.len() {
            return Err(Failure::invalid("The requests are cut short"));
        }
        drop(read);
        drop(packed);
        Ok(units)
    }

    /// What they hold in memory.
    pub fn bytes(&self) -> usize {
        8 * self.numbers.len() + self.strings.bytes()
    }

    /// Their strings.
    pub(crate) fn packed(&self) -> Result<Packed<'_>, Failure> {
        Ok(self.strings.packed()?)
    }

    /// The requests, in order.
    pub(crate) fn read<'a>(&'a self, packed: &'a Packed<'a>) -> Result<Vec<Unit<'a>>, Failure> {
        let mut units = Vec::new();
        let mut rest = self.numbers.as_slice();
        let mut at = 0usize;
        while let [kind, count, texts, tail @ ..] = rest {
            let (count, texts) = (*count as usize, *texts as usize);
            let kind = KINDS.get(*kind as usize);
            let (Some(kind), Some((numbers, tail))) = (kind, tail.split_at_checked(count)) else {
                return Err(Failure::invalid("The requests are cut short"));
            };
            if at.saturating_add(texts) > packed.len() {
                return Err(Failure::invalid("The requests are cut short"));
            }
            units.push(Unit {
                kind: *kind,
                numbers,
                strings: (at, texts),
                packed,
            });
            at += texts;
            rest = tail;
        }
        if rest.is_empty() {
            Ok(units)
        } else {
            Err(Failure::invalid("The requests are cut short"))
        }
    }
}

/// Answers on their way out.
#[derive(Default)]
pub(crate) struct Reply {
    pub(crate) numbers: Vec<f64>,
    strings: Strings,
}

impl Reply {
    /// Appends a number.
    pub(crate) fn number(&mut self, number: impl Into<f64>) {
        self.numbers.push(number.into());
    }

    /// Appends a whole number.
    pub(crate) fn whole(&mut self, number: i64) {
        self.numbers.push(number as f64);
    }

    /// Appends what is true or not.
    pub(crate) fn flag(&mut self, flag: bool) {
        self.numbers.push(f64::from(u8::from(flag)));
    }

    /// Appends a string.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), FileError> {
        self.strings
            .push(text)
            .map_err(|_| FileError::Sqlite(rusqlite::ffi::SQLITE_NOMEM, "out of memory".to_owned()))
    }

    /// Appends why a request was not done.
    pub(crate) fn failure(&mut self, error: &FileError) -> Result<(), FileError> {
        let (kind, code, message) = error.parts();
        self.flag(false);
        self.number(code);
        self.text(kind)?;
        self.text(&message)
    }

    /// Appends all of another.
    pub(crate) fn append(&mut self, other: &Reply) {
        if !self.strings.lengths.is_empty() && !other.strings.lengths.is_empty() {
            self.strings.text.push('\n');
        }
        self.strings.text.push_str(&other.strings.text);
        self.strings.lengths.extend(&other.strings.lengths);
        self.numbers.extend(&other.numbers);
    }

    /// The payload: the counts of numbers and strings (u32), the numbers, the strings' lengths in UTF-16 units, the
    /// strings with a line feed between two.
    pub(crate) fn payload(&self) -> Result<Vec<u8>, Failure> {
        let Self { numbers, strings } = self;
        let size = 8 + 8 * numbers.len() + 4 * strings.lengths.len() + strings.text.len();
        let mut out = payload(size)?;
        out.u32s([numbers.len() as u32, strings.lengths.len() as u32].into_iter());
        out.f64s(numbers.iter().copied());
        out.u32s(strings.lengths.iter().copied());
        out.bytes(strings.text.as_bytes());
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(strings: &[&str]) -> PackedBuf {
        let lengths: Vec<u32> = strings.iter().map(|text| text.len() as u32).collect();
        PackedBuf::new(&strings.join("\n"), &lengths).unwrap()
    }

    fn bytes(numbers: &[f64]) -> Vec<u8> {
        numbers
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect()
    }

    #[test]
    fn requests_are_read_in_order() {
        let numbers = bytes(&[1.0, 1.0, 0.0, 16.0, 2.0, 1.0, 2.0, 7.0]);
        let units = Units::new(&numbers, packed(&["id", "result"])).unwrap();
        let packed = units.packed().unwrap();
        let units = units.read(&packed).unwrap();
        assert_eq!((units[0].kind, units[0].whole(0)), (Kind::Take, 16));
        assert_eq!((units[1].kind, units[1].whole(0)), (Kind::Complete, 7));
        assert_eq!(units[1].texts().collect::<Vec<_>>(), ["id", "result"]);
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        for numbers in [
            vec![1.0, 1.0, 0.0],
            vec![99.0, 0.0, 0.0],
            vec![1.0, 1.0],
            vec![2.0, 1.0, 3.0, 7.0],
            vec![2.0, 1.0, 1.0, 7.0],
            vec![f64::NAN, f64::INFINITY, 0.0],
        ] {
            assert!(Units::new(&bytes(&numbers), packed(&["id", "result"])).is_err());
        }
        assert!(Units::new(&[0; 7], packed(&[])).is_err());
    }
}
