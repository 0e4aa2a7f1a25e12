//! TCP sockets from the kernel's `sock_diag`, which goes through its table once for both versions of
//! IP, where the two files go through it once each: on a machine with much memory that is most of the
//! work. What comes is the same as in the files, and is given in their words.

use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};

/// A row: 4 or 6, local address, remote address, state, user, inode.
pub(super) struct Row {
    pub(super) is_v6: bool,
    pub(super) local: String,
    pub(super) remote: String,
    pub(super) state: u8,
    pub(super) uid: u32,
    pub(super) inode: u32,
}

// Of <linux/netlink.h> and <linux/inet_diag.h>.
const HEADER: usize = 16;
const REQUEST: usize = HEADER + 60;
const MESSAGE: usize = HEADER + 72;
const TCPDIAG_GETSOCK: u16 = 18;
const FLAGS: u16 = 0x1 | 0x100 | 0x200;
const INTERRUPTED: u16 = 0x10;
const DONE: u16 = 3;
/// All states that the files show.
const STATES: u32 = 0xfff << 1;
const BUFFER: usize = 128 << 10;

/// All TCP sockets of the name space; none where the kernel does not answer this, or not consistently.
pub(super) fn sockets() -> Option<Vec<Row>> {
    let socket = rustix::net::socket_with(
        AddressFamily::NETLINK,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC,
        Some(netlink::SOCK_DIAG),
    )
    .ok()?;
    let mut request = [0_u8; REQUEST];
    request[0..4].copy_from_slice(&(REQUEST as u32).to_ne_bytes());
    request[4..6].copy_from_slice(&TCPDIAG_GETSOCK.to_ne_bytes());
    request[6..8].copy_from_slice(&FLAGS.to_ne_bytes());
    request[HEADER + 52..HEADER + 56].copy_from_slice(&STATES.to_ne_bytes());
    rustix::net::send(&socket, &request, SendFlags::empty()).ok()?;
    answers(&socket)
}

fn answers(socket: &OwnedFd) -> Option<Vec<Row>> {
    let mut rows = Vec::new();
    let mut buffer = vec![0_u8; BUFFER];
    loop {
        let (_, length) = rustix::net::recv(socket, &mut buffer[..], RecvFlags::TRUNC).ok()?;
        let mut rest = buffer
            .get(..length)
            .filter(|datagram| !datagram.is_empty())?;
        while rest.len() >= HEADER {
            let size = number(rest, 0) as usize;
            let message = rest.get(..size).filter(|message| message.len() >= HEADER)?;
            let kind = u16::from_ne_bytes([message[4], message[5]]);
            let flags = u16::from_ne_bytes([message[6], message[7]]);
            if flags & INTERRUPTED != 0 {
                return None;
            }
            match kind {
                DONE => return Some(rows),
                TCPDIAG_GETSOCK => rows.extend(row(message)),
                // An error: the kernel was built without this.
                _ => return None,
            }
            rest = rest.get(size.next_multiple_of(4)..).unwrap_or_default();
        }
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn row(message: &[u8]) -> Option<Row> {
    let body = message.get(HEADER..MESSAGE)?;
    let is_v6 = body[0] == 10;
    let port = |at: usize| u16::from_be_bytes([body[at], body[at + 1]]);
    let address = |at: usize, port: u16| {
        let words = if is_v6 { 4 } else { 1 };
        let mut text = String::with_capacity(8 * words + 5);
        for word in 0..words {
            hex(&mut text, number(body, at + 4 * word), 8);
        }
        text.push(':');
        hex(&mut text, port.into(), 4);
        text
    };
    Some(Row {
        is_v6,
        local: address(8, port(4)),
        remote: address(24, port(6)),
        state: body[1],
        uid: number(body, 64),
        inode: number(body, 68),
    })
}

fn hex(text: &mut String, number: u32, digits: u32) {
    for digit in (0..digits).rev() {
        let value = (number >> (4 * digit)) & 15;
        text.push(char::from(b"0123456789ABCDEF"[value as usize]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_of_ours_is_told_in_the_words_of_the_files() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let Some(rows) = sockets() else {
            // A kernel without sock_diag: the files are read instead.
            return;
        };
        let local = format!("0100007F:{port:04X}");
        let found = rows
            .iter()
            .find(|row| row.local == local && row.state == 10)
            .unwrap();
        assert_eq!(found.remote, "00000000:0000");
        let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
        let line = table.lines().find(|line| line.contains(&local)).unwrap();
        let inode = line.split_ascii_whitespace().nth(9).unwrap();
        assert_eq!(inode, found.inode.to_string());
    }
}
