//! UDP services asked in their own words, and echo requests without privileges. Twin of the first:
//! `src/security/scan/udp_pure.ts`; the second has none, since Deno opens no such socket.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use agent_ffi::{Failure, Status};
use serde_json::{Value, json};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

/// Each question is put so often, evenly over the time for an answer.
const TRIES: u32 = 3;
/// Questions under way at once.
const AT_ONCE: usize = 64;
const MOST: usize = 65_536;

/// One question to one port.
#[derive(Clone, Debug)]
pub struct Question {
    target: SocketAddr,
    payload: Vec<u8>,
}

/// Reads the questions: arrays of address, port and the bytes to send in hexadecimal digits.
pub fn questions(text: &str) -> Result<Vec<Question>, Failure> {
    let wrong = || Failure::invalid("The questions are no arrays of address, port and bytes");
    let values: Vec<(IpAddr, u16, String)> = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(values)) if values.len() <= MOST => values
            .iter()
            .map(|value| {
                Some((
                    value[0].as_str()?.parse().ok()?,
                    u16::try_from(value[1].as_u64()?).ok()?,
                    value[2].as_str()?.to_owned(),
                ))
            })
            .collect::<Option<_>>()
            .ok_or_else(wrong)?,
        _ => return Err(wrong()),
    };
    values
        .into_iter()
        .map(|(address, port, hex)| {
            let digits: Vec<u8> = hex
                .chars()
                .map(|digit| digit.to_digit(16).map(|value| value as u8))
                .collect::<Option<_>>()
                .ok_or_else(wrong)?;
            Ok(Question {
                target: SocketAddr::new(address, port),
                payload: digits
                    .chunks(2)
                    .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
                    .collect(),
            })
        })
        .collect()
}

/// Puts all questions. The answer is an array in their order: arrays of state, reason and rttMs.
pub async fn ask(questions: Vec<Question>, timeout: Duration) -> Result<Vec<u8>, Failure> {
    let mut found = vec![Value::Null; questions.len()];
    let mut under_way = JoinSet::new();
    for (at, question) in questions.into_iter().enumerate() {
        while under_way.len() >= AT_ONCE {
            keep(&mut found, under_way.join_next().await)?;
        }
        under_way.spawn(async move { (at, put(&question, timeout).await) });
    }
    while let Some(ended) = under_way.join_next().await {
        keep(&mut found, Some(ended))?;
    }
    Ok(Value::Array(found).to_string().into_bytes())
}

type Ended = Option<Result<(usize, io::Result<Value>), tokio::task::JoinError>>;

fn keep(found: &mut [Value], ended: Ended) -> Result<(), Failure> {
    let impossible = |error: &dyn std::fmt::Display| {
        Failure::new(Status::Io, format!("The probe is not possible: {error}"))
            .field("path", "datagram")
            .field("operation", "probe")
    };
    match ended {
        Some(Ok((at, Ok(value)))) => found[at] = value,
        Some(Ok((_, Err(error)))) => return Err(impossible(&error)),
        Some(Err(error)) => return Err(impossible(&error)),
        None => {}
    }
    Ok(())
}

async fn put(question: &Question, timeout: Duration) -> io::Result<Value> {
    let unspecified: IpAddr = match question.target {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let attempt = async {
        let socket = UdpSocket::bind((unspecified, 0)).await?;
        socket.connect(question.target).await?;
        let mut reply = [0; 2_048];
        for _ in 0..TRIES {
            let started = Instant::now();
            socket.send(&question.payload).await?;
            let received = tokio::time::timeout(timeout / TRIES, socket.recv(&mut reply)).await;
            if let Ok(received) = received {
                received?;
                let ms = started.elapsed().as_secs_f64() * 1e3;
                return Ok::<_, io::Error>(json!(["open", "response", ms]));
            }
        }
        Ok(json!(["open|filtered", "no-response", null]))
    };
    match attempt.await {
        Err(error) => match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => {
                Ok(json!(["closed", "port-unreachable", null]))
            }
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                Ok(json!(["filtered", "unreachable", null]))
            }
            ErrorKind::PermissionDenied => Ok(json!(["filtered", "prohibited", null])),
            _ => Err(error),
        },
        told => told,
    }
}

/// Sends each address an echo request (ICMP, ICMPv6) over a datagram socket, `rate` of them a second. The
/// answer is `refused` (why a family's socket could not be had; else null) and `answers` (address and rttMs).
pub async fn echo(
    addresses: Vec<IpAddr>,
    timeout: Duration,
    rate: f64,
) -> Result<Vec<u8>, Failure> {
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
        match echo_family(&family, is_v6, timeout, rate).await {
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
        let sequence = (at as u16).to_be_bytes();
        // Kind, code, checksum and identifier (both the kernel's), sequence, and eight bytes to come back.
        let mut request = [
            kind,
            0,
            0,
            0,
            0,
            0,
            sequence[0],
            sequence[1],
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ];
        if !is_v6 {
            let sum = checksum(&request).to_be_bytes();
            request[2..4].copy_from_slice(&sum);
        }
        sent.insert(*address, Instant::now());
        // One that cannot be sent (no route, a host that is known to be away) goes unanswered.
        let _ = socket.send_to(&request, SocketAddr::new(*address, 0)).await;
        let is_last = at + 1 == addresses.len();
        let until = Instant::now() + if is_last { timeout } else { pause };
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
    fn questions_are_read() {
        let read = questions(r#"[["127.0.0.1",53,"00ff1a"],["::1",123,""]]"#).unwrap();
        assert_eq!(read[0].payload, [0, 255, 26]);
        assert_eq!(read[1].target.to_string(), "[::1]:123");
        for text in [
            "",
            "[1]",
            r#"[["localhost",1,""]]"#,
            r#"[["::1",1,"xy"]]"#,
            r#"[["::1",65536,""]]"#,
        ] {
            assert!(questions(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_checksum_of_a_request_makes_its_sum_zero() {
        let mut request = [8u8, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0];
        let sum = checksum(&request).to_be_bytes();
        request[2..4].copy_from_slice(&sum);
        assert_eq!(checksum(&request), 0);
    }

    #[tokio::test]
    async fn an_answer_is_open_and_a_refusal_closed() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = server.local_addr().unwrap().port();
        let asked = questions(&format!(r#"[["127.0.0.1",{port},"01"]]"#)).unwrap();
        let serve = tokio::spawn(async move {
            let mut bytes = [0; 16];
            let (count, from) = server.recv_from(&mut bytes).await.unwrap();
            server.send_to(&bytes[..count], from).await.unwrap();
        });
        let told = ask(asked.clone(), Duration::from_secs(3)).await.unwrap();
        let told: Value = serde_json::from_slice(&told).unwrap();
        assert_eq!(told[0][1], "response");
        serve.await.unwrap();
        let told = ask(asked, Duration::from_secs(3)).await.unwrap();
        let told: Value = serde_json::from_slice(&told).unwrap();
        assert_eq!(told[0][0], "closed");
    }
}
