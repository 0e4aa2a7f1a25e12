//! TCP sockets from the kernel's `sock_diag`, which goes through its table once for both versions of
//! IP, where the two files go through it once each: on a machine with much memory that is most of the
//! work. What comes is the same as in the files.

use super::tables::{DIGITS, Ends, Row, Sockets};
use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};

// Of <linux/netlink.h> and <linux/inet_diag.h>.
const HEADER: usize = 16;
const REQUEST: usize = HEADER + 60;
const MESSAGE: usize = HEADER + 72;
const TCPDIAG_GETSOCK: u16 = 18;
const FLAGS: u16 = 0x1 | 0x100 | 0x200;
const INTERRUPTED: u16 = 0x10;
const DONE: u16 = 3;
/// Of the states that the files show, that of listeners: they lie in a table of their own, which is soon read.
pub(super) const LISTENERS: u32 = 1 << 10;
/// All others.
pub(super) const OTHERS: u32 = (0xfff << 1) & !LISTENERS;
const BUFFER: usize = 128 << 10;

/// The TCP sockets of the name space that are in some states; none where the kernel does not answer this, or not
/// consistently.
pub(super) fn sockets(states: u32) -> Option<Sockets> {
    let mut sockets = Sockets::default();
    dump(states, &mut sockets).map(|()| sockets)
}

fn dump(states: u32, into: &mut Sockets) -> Option<()> {
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
    request[HEADER + 52..HEADER + 56].copy_from_slice(&states.to_ne_bytes());
    rustix::net::send(&socket, &request, SendFlags::empty()).ok()?;
    answers(&socket, into)
}

fn answers(socket: &OwnedFd, into: &mut Sockets) -> Option<()> {
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
                DONE => return Some(()),
                TCPDIAG_GETSOCK => {
                    let row = row(message, &mut into.ends);
                    into.rows.extend(row);
                }
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

fn row(message: &[u8], ends: &mut Ends) -> Option<Row> {
    let body = message.get(HEADER..MESSAGE)?;
    let is_v6 = body[0] == 10;
    let port = |at: usize| u64::from(u16::from_be_bytes([body[at], body[at + 1]]));
    let mut address = |at: usize| {
        let mut digits = [0; DIGITS];
        let words = if is_v6 { 4 } else { 1 };
        for word in 0..words {
            hex(&mut digits[8 * word..][..8], number(body, at + 4 * word));
        }
        ends.number(&digits[..8 * words])
    };
    Some([
        u64::from(is_v6),
        address(8),
        port(4),
        address(24),
        port(6),
        body[1].into(),
        number(body, 64).into(),
        number(body, 68).into(),
    ])
}

fn hex(digits: &mut [u8], number: u32) {
    let shifts = (0..8).rev().map(|place| 4 * place);
    for (digit, shift) in digits.iter_mut().zip(shifts) {
        *digit = b"0123456789ABCDEF"[((number >> shift) & 15) as usize];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_of_ours_is_told_in_the_words_of_the_files() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let Some(mut sockets) = sockets(LISTENERS) else {
            // A kernel without sock_diag: the files are read instead.
            return;
        };
        let ours = sockets.ends.number(b"0100007F");
        let nobody = sockets.ends.number(b"00000000");
        let found = sockets
            .rows
            .iter()
            .find(|row| row[..3] == [0, ours, port.into()] && row[5] == 10)
            .unwrap();
        assert_eq!(found[3..5], [nobody, 0]);
        let local = format!("0100007F:{port:04X}");
        let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
        let line = table.lines().find(|line| line.contains(&local)).unwrap();
        let inode = line.split_ascii_whitespace().nth(9).unwrap();
        assert_eq!(inode, found[7].to_string());
    }
}
