//! The tables of sockets below `/proc/self/net`, row by row, in the kernel's own words.

use std::os::fd::OwnedFd;

use super::diag;
use super::json::Json;
use super::read::{decimal, fields, file, word};

/// The tables of sockets with addresses, by the names of their files.
pub(super) const INTERNET: [&str; 6] = ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"];

const TABLE_MOST: usize = 256 << 20;

/// Writes `"sockets":[[table, local, remote, state, uid, inode]...]`, `"unix":[[inode, type, path]...]`,
/// `"packet":[[inode, uid, interface]...]`, `"broken":<lines that are none>` and `"tables":{<name>:<why not>}`;
/// gives the inodes that somebody may own, in ascending order.
///
/// `live`: it is the machine's own `/proc`, of which the kernel tells TCP sockets in a faster way.
pub(super) fn write(proc: &OwnedFd, live: bool, json: &mut Json) -> Vec<u64> {
    let mut inodes = Vec::new();
    let mut broken = 0;
    let mut missing = Vec::new();
    let mut text = Vec::new();
    let mut table = |name: &'static str, text: &mut Vec<u8>| {
        text.clear();
        let path = format!("self/net/{name}");
        if let Err(error) = file(proc, path.as_bytes(), TABLE_MOST, text) {
            text.clear();
            missing.push((name, word(error)));
        }
    };
    json.raw("\"sockets\":[");
    let told = if live { diag::sockets() } else { None };
    for row in told.iter().flatten() {
        json.next().raw(if row.is_v6 { "[1" } else { "[0" });
        json.next().string(row.local.as_bytes());
        json.next().string(row.remote.as_bytes());
        json.next().string(format!("{:02X}", row.state).as_bytes());
        json.next().number(row.uid.into());
        json.next().number(row.inode.into()).raw("]");
        inodes.push(row.inode.into());
    }
    let skipped = if told.is_some() { 2 } else { 0 };
    for (number, name) in INTERNET.iter().enumerate().skip(skipped) {
        table(name, &mut text);
        for line in lines(&text) {
            match internet(line) {
                Some(row) => {
                    json.next().raw("[").number(number as u64);
                    for field in [row.local, row.remote, row.state] {
                        json.next().string(field);
                    }
                    json.next().number(row.uid).next().number(row.inode);
                    json.raw("]");
                    inodes.push(row.inode);
                }
                None => broken += 1,
            }
        }
    }
    json.raw("],\"unix\":[");
    table("unix", &mut text);
    for line in lines(&text) {
        match unix(line) {
            Some((_, _, _, false)) => {}
            Some((inode, kind, path, true)) => {
                json.next().raw("[").number(inode).next().string(kind);
                json.next().string(path).raw("]");
                inodes.push(inode);
            }
            None => broken += 1,
        }
    }
    json.raw("],\"packet\":[");
    table("packet", &mut text);
    for line in lines(&text) {
        match packet(line) {
            Some((inode, uid, interface)) => {
                json.next().raw("[").number(inode).next().number(uid);
                json.next().number(interface).raw("]");
                inodes.push(inode);
            }
            None => broken += 1,
        }
    }
    json.raw("],\"broken\":")
        .number(broken)
        .raw(",\"tables\":{");
    for (name, why) in missing {
        json.next()
            .string(name.as_bytes())
            .raw(":")
            .string(why.as_bytes());
    }
    json.raw("}");
    inodes.sort_unstable();
    inodes.dedup();
    // Sockets that belong to nobody any more have the number 0.
    if inodes.first() == Some(&0) {
        inodes.remove(0);
    }
    inodes
}

/// The lines behind the heading.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .skip(1)
        .filter(|line| !line.is_empty())
}

struct Row<'t> {
    local: &'t [u8],
    remote: &'t [u8],
    state: &'t [u8],
    uid: u64,
    inode: u64,
}

fn internet(line: &[u8]) -> Option<Row<'_>> {
    let mut fields = fields(line).skip(1);
    let local = fields.next().filter(|text| is_address(text))?;
    let remote = fields.next().filter(|text| is_address(text))?;
    let state = fields
        .next()
        .filter(|text| text.len() == 2 && is_hex(text))?;
    let uid = decimal(fields.nth(3)?)?;
    let inode = decimal(fields.nth(1)?)?;
    (local.len() == remote.len()).then_some(Row {
        local,
        remote,
        state,
        uid,
        inode,
    })
}

/// `<8 or 32 digits>:<4 digits>`, as the kernel writes addresses.
fn is_address(text: &[u8]) -> bool {
    let colon = text.len().wrapping_sub(5);
    matches!(colon, 8 | 32)
        && text[colon] == b':'
        && is_hex(&text[..colon])
        && is_hex(&text[colon + 1..])
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
        let row = internet(line).unwrap();
        assert_eq!((row.local, row.state), (&b"0100007F:1F90"[..], &b"0A"[..]));
        assert_eq!((row.uid, row.inode), (1000, 4242));
        for line in [
            "",
            "0:",
            "   0: 0100007F:1F9 00000000:0000 0A a b c 1 0 1",
            "0: x y z",
        ] {
            assert!(internet(line.as_bytes()).is_none(), "{line}");
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
