//! Processes as columns of numbers, and their names.

/// How many numbers there are of each process, in the order of `src/monitor/source/raw.ts`.
pub(super) const COLUMNS: usize = 12;

/// A process. Sizes in bytes but for resident pages; what is never negative may be a reason instead.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) pid: u64,
    pub(super) parent: u64,
    pub(super) state: u8,
    pub(super) uid: f64,
    pub(super) ticks: f64,
    pub(super) threads: f64,
    pub(super) start: f64,
    pub(super) virtual_bytes: f64,
    pub(super) resident_pages: f64,
    pub(super) descriptors: f64,
    pub(super) read: f64,
    pub(super) written: f64,
    /// Without NUL.
    pub(super) name: Box<str>,
}

impl Row {
    fn number(&self, column: usize) -> f64 {
        match column {
            0 => self.pid as f64,
            1 => self.parent as f64,
            2 => f64::from(self.state),
            3 => self.uid,
            4 => self.ticks,
            5 => self.threads,
            6 => self.start,
            7 => self.virtual_bytes,
            8 => self.resident_pages,
            9 => self.descriptors,
            10 => self.read,
            _ => self.written,
        }
    }
}

/// Appends the columns one behind the other.
pub(super) fn write_numbers<'r>(rows: impl Iterator<Item = &'r Row> + Clone, into: &mut Vec<u8>) {
    for column in 0..COLUMNS {
        for row in rows.clone() {
            into.extend_from_slice(&row.number(column).to_le_bytes());
        }
    }
}

/// Appends the names with a NUL between two.
pub(super) fn write_names<'r>(rows: impl Iterator<Item = &'r Row>, into: &mut Vec<u8>) {
    for (at, row) in rows.enumerate() {
        if at > 0 {
            into.push(0);
        }
        into.extend_from_slice(row.name.as_bytes());
    }
}
