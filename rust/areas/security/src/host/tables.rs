//! The tables of sockets below `/proc/self/net`, row by row, in the kernel's own words.

use std::collections::HashMap;
use std::os::fd::OwnedFd;

use rayon::prelude::*;

use super::diag;
use super::json::Json;
use super::read::{Word, decimal, fields, file, word};

/// The tables of sockets with addresses, by the names of their files.
pub(super) const INTERNET: [&str; 6] = ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"];

/// How many of them are of TCP.
const TCP: usize = 2;

const TABLE_MOST: usize = 256 << 20;

/// The tables: what is soon read, and then the rest.
///
/// `live`: it is the machine's own `/proc`, of which the kernel tells TCP sockets in a faster way: listeners at once, all
/// others once it has gone through a table that is as large as its memory.
#[derive(Default)]
pub(super) struct Tables {
    sockets: Sockets,
    unix: Json,
    packet: Json,
    inodes: Vec<u64>,
    broken: u64,
    missing: Vec<(&'static str, Word)>,
    /// Whether TCP sockets but listeners are still to be read.
    is_partial: bool,
}

impl Tables {
    /// Reads all but, where the kernel has a faster way, TCP sockets that do not listen.
    pub(super) fn read(proc: &OwnedFd, live: bool) -> Self {
        let mut tables = Self::default();
        let listeners = live.then(|| diag::sockets(diag::LISTENERS)).flatten();
        let skipped = if listeners.is_some() { TCP } else { 0 };
        tables.is_partial = listeners.is_some();
        tables.sockets = listeners.unwrap_or_default();
        let names = [&INTERNET[skipped..], &["unix", "packet"]].concat();
        let mut texts = texts(proc, &names).into_iter();
        for (number, name) in INTERNET.iter().enumerate().skip(skipped) {
            let text = tables.text(name, texts.next());
            tables.internet(number, &text);
        }
        let text = tables.text("unix", texts.next());
        for line in lines(&text) {
            match unix(line) {
                Some((_, _, _, false)) => {}
                Some((inode, kind, path, true)) => {
                    tables.unix.next().raw("[").number(inode);
                    tables.unix.next().string(kind).next().string(path).raw("]");
                    tables.inodes.push(inode);
                }
                None => tables.broken += 1,
            }
        }
        let text = tables.text("packet", texts.next());
        for line in lines(&text) {
            match packet(line) {
                Some((inode, uid, interface)) => {
                    let row = &mut tables.packet;
                    row.next().raw("[").number(inode).next().number(uid);
                    row.next().number(interface).raw("]");
                    tables.inodes.push(inode);
                }
                None => tables.broken += 1,
            }
        }
        let rows = tables.sockets.rows.iter().map(|row| row[INODE]);
        tables.inodes.extend(rows);
        tables
    }

    /// Reads the rest; gives the inodes in it.
    pub(super) fn read_rest(&mut self, proc: &OwnedFd) -> Vec<u64> {
        if !self.is_partial {
            return Vec::new();
        }
        let begin = self.sockets.rows.len();
        if let Some(others) = diag::sockets(diag::OTHERS) {
            self.sockets.extend(others);
        } else {
            self.sockets.rows.retain(|row| row[0] >= TCP as u64);
            let texts = texts(proc, &INTERNET[..TCP]);
            for (number, text) in texts.into_iter().enumerate() {
                let text = self.text(INTERNET[number], Some(text));
                self.internet(number, &text);
            }
        }
        let rows = self.sockets.rows.get(begin..).unwrap_or_default();
        let inodes: Vec<_> = rows.iter().map(|row| row[INODE]).collect();
        self.inodes
            .extend(self.sockets.rows.iter().map(|row| row[INODE]));
        inodes
    }

    /// Writes `"sockets":{"ends":[address...],"rows":[table, local, port, remote, port, state, uid, inode, ...]}`,
    /// where `local` and `remote` are places in `ends`, both in ascending order,
    /// `"unix":[[inode, type, path]...]`, `"packet":[[inode, uid, interface]...]`, `"broken":<lines that are none>`
    /// and `"tables":{<name>:<why not>}`; gives the inodes that somebody may own, in ascending order.
    pub(super) fn write(mut self, json: &mut Json) -> Vec<u64> {
        self.sockets.write(json);
        json.raw(",\"unix\":[").raw_of(&self.unix);
        json.raw("],\"packet\":[").raw_of(&self.packet);
        json.raw("],\"broken\":").number(self.broken);
        json.raw(",\"tables\":{");
        for (name, why) in &self.missing {
            json.next()
                .string(name.as_bytes())
                .raw(":")
                .string(why.as_bytes());
        }
        json.raw("}");
        self.inodes.sort_unstable();
        self.inodes.dedup();
        // Sockets that belong to nobody any more have the number 0.
        if self.inodes.first() == Some(&0) {
            self.inodes.remove(0);
        }
        self.inodes
    }

    /// The text of a table; none, which is kept in mind, where it could not be read.
    fn text(&mut self, name: &'static str, text: Option<Result<Vec<u8>, Word>>) -> Vec<u8> {
        match text {
            Some(Ok(text)) => text,
            Some(Err(why)) => {
                self.missing.push((name, why));
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    fn internet(&mut self, number: usize, text: &[u8]) {
        for line in lines(text) {
            match internet(number as u64, line, &mut self.sockets.ends) {
                Some(row) => self.sockets.rows.push(row),
                None => self.broken += 1,
            }
        }
    }
}

/// The texts of tables, which the kernel makes while they are read: several at once.
fn texts(proc: &OwnedFd, names: &[&str]) -> Vec<Result<Vec<u8>, Word>> {
    let text = |name: &&str| {
        let mut text = Vec::new();
        let path = format!("self/net/{name}");
        file(proc, path.as_bytes(), TABLE_MOST, &mut text)
            .map(|()| text)
            .map_err(word)
    };
    names.par_iter().map(text).collect()
}

/// A socket: table, local address (its number in `Ends`) and port, remote address and port, state, user, inode.
pub(super) type Row = [u64; 8];

const INODE: usize = 7;
/// The most digits of an address.
pub(super) const DIGITS: usize = 32;

/// Addresses in hexadecimal, each once.
#[derive(Default)]
pub(super) struct Ends {
    numbers: HashMap<Vec<u8>, u64>,
}

impl Ends {
    /// The number of an address: in the order in which they come.
    pub(super) fn number(&mut self, digits: &[u8]) -> u64 {
        if let Some(number) = self.numbers.get(digits) {
            return *number;
        }
        let number = self.numbers.len() as u64;
        self.numbers.insert(digits.to_vec(), number);
        number
    }
}

/// The sockets of all tables with addresses.
#[derive(Default)]
pub(super) struct Sockets {
    pub(super) ends: Ends,
    pub(super) rows: Vec<Row>,
}

impl Sockets {
    /// Adds those of another dump.
    fn extend(&mut self, other: Self) {
        let mut places = vec![0; other.ends.numbers.len()];
        for (digits, number) in &other.ends.numbers {
            places[*number as usize] = self.ends.number(digits);
        }
        self.rows.extend(other.rows.into_iter().map(|mut row| {
            row[1] = places[row[1] as usize];
            row[3] = places[row[3] as usize];
            row
        }));
    }

    /// Brings addresses and sockets into their order, and writes them.
    fn write(&mut self, json: &mut Json) {
        let mut ends: Vec<_> = self.ends.numbers.iter().collect();
        ends.sort_unstable();
        let mut places = vec![0; ends.len()];
        json.raw("\"sockets\":{\"ends\":[");
        for (place, (digits, number)) in ends.into_iter().enumerate() {
            json.next().string(digits);
            places[*number as usize] = place as u64;
        }
        json.raw("],\"rows\":[");
        for row in &mut self.rows {
            row[1] = places[row[1] as usize];
            row[3] = places[row[3] as usize];
        }
        self.rows
            .sort_unstable_by_key(|[table, local, local_port, rest @ ..]| {
                (*table, *local_port, *local, *rest)
            });
        for field in self.rows.iter().flatten() {
            json.next().number(*field);
        }
        json.raw("]}");
    }
}

/// The lines behind the heading.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .skip(1)
        .filter(|line| !line.is_empty())
}

fn internet(table: u64, line: &[u8], ends: &mut Ends) -> Option<Row> {
    let mut fields = fields(line).skip(1);
    let local = fields.next().and_then(end)?;
    let remote = fields.next().and_then(end)?;
    let state = fields
        .next()
        .filter(|text| text.len() == 2)
        .and_then(hexadecimal)?;
    let uid = decimal(fields.nth(3)?)?;
    let inode = decimal(fields.nth(1)?)?;
    if local.0.len() != remote.0.len() {
        return None;
    }
    Some([
        table,
        ends.number(local.0),
        local.1,
        ends.number(remote.0),
        remote.1,
        state,
        uid,
        inode,
    ])
}

/// Address and port of `<8 or 32 digits>:<4 digits>`, as the kernel writes them.
fn end(text: &[u8]) -> Option<(&[u8], u64)> {
    let colon = text.len().checked_sub(5)?;
    let (address, port) = text.split_at(colon);
    let port = port.strip_prefix(b":").and_then(hexadecimal)?;
    (matches!(colon, 8 | DIGITS) && is_hex(address)).then_some((address, port))
}

/// The number that a few digits are.
fn hexadecimal(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0, |number, byte| {
        is_hex(&[*byte])
            .then(|| number * 16 + u64::from(char::from(*byte).to_digit(16).unwrap_or(0)))
    })
}

fn is_hex(text: &[u8]) -> bool {
    text.iter()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
}

/// Inode, type, path, and whether somebody listens.
fn unix(line: &[u8]) -> Option<(u64, &[u8], &[u8], bool)> {
    let mut found = fields(line).skip(3);
    let flags = found
        .next()
        .filter(|text| text.len() == 8 && is_hex(text))?;
    let kind = found
        .next()
        .filter(|text| text.len() == 4 && is_hex(text))?;
    let number = found.nth(1)?;
    let inode = decimal(number)?;
    // A path may hold spaces: it is all that stands behind the number and one space.
    let begin = number.as_ptr() as usize - line.as_ptr() as usize + number.len() + 1;
    let path = line.get(begin..).unwrap_or_default();
    Some((inode, kind, path, flags == b"00010000"))
}

/// Inode, user and number of the interface.
fn packet(line: &[u8]) -> Option<(u64, u64, u64)> {
    let mut fields = fields(line).skip(4);
    let interface = decimal(fields.next()?)?;
    let uid = decimal(fields.nth(2)?)?;
    let inode = decimal(fields.next()?)?;
    Some((inode, uid, interface))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_what_is_none_is_refused() {
        let line = b"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0 100";
        let mut ends = Ends::default();
        let row = internet(1, line, &mut ends).unwrap();
        assert_eq!(row, [1, 0, 0x1f90, 1, 0, 0x0a, 1000, 4242]);
        assert_eq!(ends.number(b"0100007F"), 0);
        for line in [
            "",
            "0:",
            "   0: 0100007F:1F9 00000000:0000 0A a b c 1 0 1",
            "0: x y z",
        ] {
            assert!(internet(0, line.as_bytes(), &mut ends).is_none(), "{line}");
        }
    }

    #[test]
    fn paths_of_sockets_may_hold_spaces() {
        let line = b"0000000000000000: 00000002 00000000 00010000 0001 01 77 /run/a b";
        assert_eq!(unix(line), Some((77, &b"0001"[..], &b"/run/a b"[..], true)));
        let nameless = b"0000000000000000: 00000003 00000000 00000000 0001 03 78";
        assert_eq!(unix(nameless), Some((78, &b"0001"[..], &b""[..], false)));
    }
}
