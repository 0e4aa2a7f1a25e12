//! The neighbour table of the machine's networks (ARP and its like of IPv6) from the kernel's `rtnetlink`. Twin:
//! `src/security/scan/neighbours.ts`, which has a file for IPv4 alone.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use agent_ffi::{Failure, Status};
use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use serde_json::{Value, json};

// Of <linux/netlink.h>, <linux/rtnetlink.h> and <linux/neighbour.h>.
const HEADER: usize = 16;
const BODY: usize = 12;
const REQUEST: usize = HEADER + BODY;
const RTM_NEWNEIGH: u16 = 28;
const RTM_GETNEIGH: u16 = 30;
/// A request for all of a table.
const FLAGS: u16 = 0x1 | 0x100 | 0x200;
const ERROR: u16 = 2;
const DONE: u16 = 3;
const NDA_DST: u16 = 1;
const NDA_LLADDR: u16 = 2;
/// States in which the hardware address is one: reachable, stale, delay, probe, permanent.
const VALID: u16 = 0x02 | 0x04 | 0x08 | 0x10 | 0x80;
const BUFFER: usize = 64 << 10;

/// The complete entries of the table, as JSON: arrays of address and hardware address.
pub fn neighbours() -> Result<Vec<u8>, Failure> {
    let rows = read().map_err(|error| {
        Failure::new(
            Status::Io,
            format!("The neighbour table cannot be read: {error}"),
        )
        .field("path", "rtnetlink")
        .field("operation", "read")
    })?;
    Ok(Value::Array(rows).to_string().into_bytes())
}

fn read() -> io::Result<Vec<Value>> {
    let socket = rustix::net::socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        // The protocol with the number 0: `NETLINK_ROUTE`.
        None,
    )?;
    let mut request = [0_u8; REQUEST];
    request[0..4].copy_from_slice(&(REQUEST as u32).to_ne_bytes());
    request[4..6].copy_from_slice(&RTM_GETNEIGH.to_ne_bytes());
    request[6..8].copy_from_slice(&FLAGS.to_ne_bytes());
    rustix::net::send(&socket, &request, SendFlags::empty())?;
    answers(&socket)
}

fn answers(socket: &OwnedFd) -> io::Result<Vec<Value>> {
    let mut rows = Vec::new();
    let mut buffer = vec![0_u8; BUFFER];
    loop {
        let (_, length) = rustix::net::recv(socket, &mut buffer[..], RecvFlags::TRUNC)?;
        let mut rest = buffer.get(..length).ok_or_else(broken)?;
        if rest.is_empty() {
            return Err(broken());
        }
        while rest.len() >= HEADER {
            let size = u32::from_ne_bytes([rest[0], rest[1], rest[2], rest[3]]) as usize;
            let message = rest
                .get(..size)
                .filter(|message| message.len() >= HEADER)
                .ok_or_else(broken)?;
            match u16::from_ne_bytes([message[4], message[5]]) {
                DONE => return Ok(rows),
                ERROR => return Err(error(message)),
                RTM_NEWNEIGH => rows.extend(row(&message[HEADER..])),
                _ => {}
            }
            rest = rest.get(size.next_multiple_of(4)..).unwrap_or_default();
        }
    }
}

fn broken() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

/// The kernel's error: a negative number behind the header.
fn error(message: &[u8]) -> io::Error {
    match message.get(HEADER..HEADER + 4) {
        Some(&[a, b, c, d]) => {
            io::Error::from_raw_os_error(i32::from_ne_bytes([a, b, c, d]).wrapping_neg())
        }
        _ => broken(),
    }
}

/// An entry whose hardware address is known: family, pads, interface, state, flags, kind, then attributes.
fn row(message: &[u8]) -> Option<Value> {
    let state = u16::from_ne_bytes([*message.get(8)?, *message.get(9)?]);
    if state & VALID == 0 {
        return None;
    }
    let (mut address, mut hardware) = (None, None);
    let mut rest = message.get(BODY..)?;
    while rest.len() >= 4 {
        let size = usize::from(u16::from_ne_bytes([rest[0], rest[1]]));
        let content = rest.get(4..size)?;
        match u16::from_ne_bytes([rest[2], rest[3]]) {
            NDA_DST => address = address_of(content),
            NDA_LLADDR => hardware = hardware_of(content),
            _ => {}
        }
        rest = rest.get(size.next_multiple_of(4)..).unwrap_or_default();
    }
    Some(json!([address?.to_string(), hardware?]))
}

fn address_of(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into()),
        16 => Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).into()),
        _ => None,
    }
}

/// Six bytes that are not all zero, as loopback's and tunnels' are.
fn hardware_of(bytes: &[u8]) -> Option<String> {
    if bytes.len() != 6 || bytes.iter().all(|byte| *byte == 0) {
        return None;
    }
    let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(pairs.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry as the kernel writes it.
    fn entry(state: u16, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0; BODY];
        bytes[8..10].copy_from_slice(&state.to_ne_bytes());
        for (kind, content) in attributes {
            bytes.extend((content.len() as u16 + 4).to_ne_bytes());
            bytes.extend(kind.to_ne_bytes());
            bytes.extend(*content);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        bytes
    }

    #[test]
    fn entries_with_a_hardware_address_are_rows() {
        let six = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let mac = [2, 0, 0, 0, 0, 0xa];
        let told = |state, attributes: &[(u16, &[u8])]| row(&entry(state, attributes));
        assert_eq!(
            told(2, &[(NDA_DST, &six), (NDA_LLADDR, &mac), (3, &[0; 16])]),
            Some(json!(["2001:db8::1", "02:00:00:00:00:0a"]))
        );
        assert_eq!(
            told(
                0x80,
                &[(9, &[1, 2]), (NDA_LLADDR, &mac), (NDA_DST, &[10, 0, 0, 1])]
            ),
            Some(json!(["10.0.0.1", "02:00:00:00:00:0a"]))
        );
        for (state, attributes) in [
            (0x20, &[(NDA_DST, &six[..]), (NDA_LLADDR, &mac[..])][..]),
            (2, &[(NDA_DST, &six[..])]),
            (2, &[(NDA_LLADDR, &mac[..])]),
            (2, &[(NDA_DST, &six[..3]), (NDA_LLADDR, &mac[..])]),
            (
                0x40,
                &[(NDA_DST, &[127, 0, 0, 1][..]), (NDA_LLADDR, &[0; 6][..])],
            ),
        ] {
            assert_eq!(told(state, attributes), None);
        }
    }

    #[test]
    fn what_is_cut_or_changed_is_no_row_and_no_panic() {
        let whole = entry(
            2,
            &[(NDA_DST, &[10, 0, 0, 1]), (NDA_LLADDR, &[2, 0, 0, 0, 0, 1])],
        );
        for length in 0..whole.len() {
            let _ = row(&whole[..length]);
        }
        for at in 0..whole.len() {
            for value in [0, 1, 3, 4, 5, 255] {
                let mut changed = whole.clone();
                changed[at] = value;
                let _ = row(&changed);
            }
        }
    }

    #[test]
    fn the_table_of_this_machine_is_read() {
        assert!(serde_json::from_slice::<Vec<[String; 2]>>(&neighbours().unwrap()).is_ok());
    }
}
