//! Echo requests without privileges. There is no twin: Deno opens no such socket.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use agent_ffi::Failure;
use serde_json::{Value, json};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;

/// Sends each address an echo request (ICMP, ICMPv6) over a datagram socket, `rate` of them a second, until all
/// were asked or `limit` is over. The answer is `refused` (why a family's socket could not be had; else null) and `answers` (address and rttMs).
pub async fn echo(
    addresses: Vec<IpAddr>,
    timeout: Duration,
    rate: f64,
    limit: Duration,
) -> Result<Vec<u8>, Failure> {
    let ends = Instant::now() + limit;
    let mut answers = Vec::new();
    let mut refused = None;
    for is_v6 in [false, true] {
        let family: Vec<_> = addresses
            .iter()
            .filter(|address| address.is_ipv6() == is_v6)
            .copied()
            .collect();
        if family.is_empty() {
            continue;
        }
        match echo_family(&family, is_v6, timeout, rate, ends).await {
            Ok(found) => answers.extend(found),
            Err(error) => refused = Some(error.to_string()),
        }
    }
    Ok(json!({ "refused": refused, "answers": answers })
        .to_string()
        .into_bytes())
}

async fn echo_family(
    addresses: &[IpAddr],
    is_v6: bool,
    timeout: Duration,
    rate: f64,
    ends: Instant,
) -> io::Result<Vec<Value>> {
    let (domain, protocol, kind) = if is_v6 {
        (Domain::IPV6, Protocol::ICMPV6, 128)
    } else {
        (Domain::IPV4, Protocol::ICMPV4, 8)
    };
    let socket = Socket::new(domain, Type::DGRAM, Some(protocol))?;
    socket.set_nonblocking(true)?;
    let socket = UdpSocket::from_std(socket.into())?;
    let pause = Duration::from_secs_f64(1.0 / rate.max(1.0));
    let mut sent: HashMap<IpAddr, Instant> = HashMap::new();
    let mut answers = Vec::new();
    let mut reply = [0; 256];
    for (at, address) in addresses.iter().enumerate() {
        if Instant::now() >= ends {
            break;
        }
        let sequence = (at as u16).to_be_bytes();
        // Kind, code, checksum and identifier (both the kernel's), sequence, and eight bytes to come back.
        let mut request = [0; 16];
        request[0] = kind;
        request[6..8].copy_from_slice(&sequence);
        if !is_v6 {
            let sum = checksum(&request).to_be_bytes();
            request[2..4].copy_from_slice(&sum);
        }
        sent.insert(*address, Instant::now());
        // One that cannot be sent (no route, a host that is known to be away) goes unanswered.
        let _ = socket.send_to(&request, SocketAddr::new(*address, 0)).await;
        let is_last = at + 1 == addresses.len();
        let until = (Instant::now() + if is_last { timeout } else { pause }).min(ends);
        while !sent.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            match tokio::time::timeout(left, socket.recv_from(&mut reply)).await {
                Err(_) => break,
                // An error report about one of the requests.
                Ok(Err(_)) => {}
                Ok(Ok((_, from))) => {
                    if let Some(started) = sent.remove(&from.ip()) {
                        let ms = started.elapsed().as_secs_f64() * 1e3;
                        answers.push(json!([from.ip().to_string(), ms]));
                    }
                }
            }
        }
    }
    Ok(answers)
}

/// The Internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0)))
        .sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_a_request_makes_its_sum_zero() {
        let mut request = [8u8, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0];
        let sum = checksum(&request).to_be_bytes();
        request[2..4].copy_from_slice(&sum);
        assert_eq!(checksum(&request), 0);
    }
}
