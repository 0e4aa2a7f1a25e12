//! UDP services asked in their own words. Twin: `src/security/scan/udp_pure.ts`.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use agent_ffi::{Failure, Status};
use agent_shared::Control;
use serde_json::{Value, json};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use crate::scan::{Rate, Rates};

/// Each question is put so often, evenly over the time for an answer.
const TRIES: u32 = 3;
/// Questions under way at once.
const AT_ONCE: usize = 64;
/// As many as there may be probes of TCP.
const MOST: usize = crate::MOST_PROBES;

/// One question to one port.
#[derive(Clone, Debug)]
struct Question {
    target: SocketAddr,
    /// The place of its address among all.
    host: usize,
    payload: Vec<u8>,
}

/// Questions, and how they are put.
#[derive(Clone, Debug)]
pub struct Questions {
    all: Vec<Question>,
    hosts: usize,
    timeout: Duration,
    limit: Duration,
    rate: Rate,
}

impl Questions {
    /// Reads a request: `questions` (arrays of address, port and the bytes to send in hexadecimal digits),
    /// `timeoutMs`, `limitMs`, `rate` and `hostRate` (null for none).
    pub fn from_json(text: &str) -> Result<Self, Failure> {
        let request: Value = serde_json::from_str(text)
            .map_err(|error| Failure::invalid(format!("The questions are no JSON: {error}")))?;
        let wrong = |what: &str| Failure::invalid(format!("The questions have no fit {what}"));
        let mut hosts = HashMap::new();
        let values = request["questions"]
            .as_array()
            .filter(|values| values.len() <= MOST)
            .ok_or_else(|| wrong("list"))?;
        let mut all = Vec::new();
        all.try_reserve_exact(values.len())?;
        for value in values {
            all.push(question(value, &mut hosts).ok_or_else(|| wrong("list"))?);
        }
        let milliseconds = |name: &str| {
            request[name]
                .as_u64()
                .filter(|ms| *ms > 0)
                .map(Duration::from_millis)
                .ok_or_else(|| wrong(name))
        };
        Ok(Self {
            all,
            hosts: hosts.len(),
            timeout: milliseconds("timeoutMs")?,
            limit: milliseconds("limitMs")?,
            rate: Rate::from_json(&request),
        })
    }
}

fn question(value: &Value, hosts: &mut HashMap<IpAddr, usize>) -> Option<Question> {
    let address: IpAddr = value[0].as_str()?.parse().ok()?;
    let port = u16::try_from(value[1].as_u64()?).ok()?;
    let digits: Vec<u8> = value[2]
        .as_str()?
        .chars()
        .map(|digit| digit.to_digit(16).map(|value| value as u8))
        .collect::<Option<_>>()?;
    let next = hosts.len();
    Some(Question {
        target: SocketAddr::new(address, port),
        host: *hosts.entry(address).or_insert(next),
        payload: digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect(),
    })
}

/// Puts all questions. The answer is an array in their order: arrays of state, reason and rttMs. What is not answered
/// when the time of all is over is "unprobed".
pub async fn ask(questions: Questions, control: impl Control) -> Result<Vec<u8>, Failure> {
    let total = questions.all.len();
    let now = Instant::now();
    let until = tokio::time::Instant::from_std(now + questions.limit);
    let rates = Arc::new(Mutex::new(Rates::new(questions.rate, questions.hosts, now)));
    let mut found = vec![Value::Null; total];
    let mut under_way = JoinSet::new();
    let mut done = 0;
    let mut asked = questions.all.into_iter().enumerate();
    loop {
        while under_way.len() < AT_ONCE {
            let Some((at, question)) = asked.next() else {
                break;
            };
            let rates = Arc::clone(&rates);
            let timeout = questions.timeout;
            under_way.spawn(async move {
                let put = put(&question, timeout, &rates);
                let told = tokio::time::timeout_at(until, put).await;
                (
                    at,
                    told.unwrap_or_else(|_| Ok(json!(["unprobed", "time-over", null]))),
                )
            });
        }
        match under_way.join_next().await {
            None => return Ok(Value::Array(found).to_string().into_bytes()),
            Some(Ok((at, Ok(value)))) => found[at] = value,
            Some(Ok((_, Err(error)))) => return Err(impossible(&error)),
            Some(Err(error)) => return Err(impossible(&error)),
        }
        done += 1;
        control.progress(done, total);
    }
}

fn impossible(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Status::Io, format!("The probe is not possible: {error}"))
        .field("path", "datagram")
        .field("operation", "probe")
}

/// Waits until one more datagram may go to a host.
async fn allowed(rates: &Mutex<Rates>, question: &Question) {
    // What does not leave the machine is bounded by descriptors alone.
    if question.target.ip().is_loopback() {
        return;
    }
    loop {
        let taken = rates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(question.host, Instant::now());
        match taken {
            Ok(()) => return,
            Err(wait) => tokio::time::sleep(wait).await,
        }
    }
}

/// The address that a question is sent from; the twin's is the same, since Deno asks whether it may be.
fn source(target: IpAddr) -> IpAddr {
    match target {
        IpAddr::V4(address) if address.is_loopback() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(address) if address.is_loopback() => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

async fn put(question: &Question, timeout: Duration, rates: &Mutex<Rates>) -> io::Result<Value> {
    let attempt = async {
        let socket = UdpSocket::bind((source(question.target.ip()), 0)).await?;
        socket.connect(question.target).await?;
        let mut reply = [0; 2_048];
        for _ in 0..TRIES {
            allowed(rates, question).await;
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

#[cfg(test)]
mod tests {
    use agent_shared::Uncontrolled;

    use super::*;

    fn questions(list: &str, limit_ms: u32) -> Result<Questions, Failure> {
        Questions::from_json(&format!(
            r#"{{"questions":{list},"timeoutMs":3000,"limitMs":{limit_ms}}}"#
        ))
    }

    #[test]
    fn questions_are_read() {
        let read = questions(r#"[["127.0.0.1",53,"00ff1a"],["::1",123,""]]"#, 1).unwrap();
        assert_eq!(read.all[0].payload, [0, 255, 26]);
        assert_eq!(read.all[1].target.to_string(), "[::1]:123");
        assert_eq!(read.hosts, 2);
        for list in [
            "1",
            "[1]",
            r#"[["localhost",1,""]]"#,
            r#"[["::1",1,"xy"]]"#,
            r#"[["::1",65536,""]]"#,
        ] {
            assert!(questions(list, 1).is_err(), "{list}");
        }
        assert!(questions("[]", 0).is_err());
        assert!(Questions::from_json("").is_err());
    }

    async fn told(asked: &Questions) -> Value {
        let told = ask(asked.clone(), Uncontrolled).await.unwrap();
        serde_json::from_slice(&told).unwrap()
    }

    #[tokio::test]
    async fn an_answer_is_open_a_refusal_closed_and_the_end_of_the_time_neither() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = server.local_addr().unwrap().port();
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let list = |port: u16| format!(r#"[["127.0.0.1",{port},"01"]]"#);
        let short = questions(&list(silent.local_addr().unwrap().port()), 50).unwrap();
        assert_eq!(told(&short).await[0][0], "unprobed");
        let asked = questions(&list(port), 60_000).unwrap();
        let serve = tokio::spawn(async move {
            let mut bytes = [0; 16];
            let (count, from) = server.recv_from(&mut bytes).await.unwrap();
            server.send_to(&bytes[..count], from).await.unwrap();
        });
        assert_eq!(told(&asked).await[0][1], "response");
        serve.await.unwrap();
        assert_eq!(told(&asked).await[0][0], "closed");
    }
}
