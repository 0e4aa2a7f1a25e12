//! The bare non-blocking connect loop that the scan is measured against: a socket, a connect, one look at
//! what came of it, a close, for each of the 65,535 ports of loopback; what is not decided then is waited for.
//! Prints milliseconds and the number of open ports, once for each of the rounds asked for.

#![allow(clippy::print_stdout)]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, SockAddr, Socket, Type};

fn main() -> std::io::Result<()> {
    let rounds = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    for _ in 0..rounds {
        let start = Instant::now();
        let open = scan()?;
        println!("{:.3} {open}", start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}

fn scan() -> std::io::Result<usize> {
    let mut poll = Poll::new()?;
    let mut waiting = Vec::new();
    let mut open = 0;
    for port in 1..=u16::MAX {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let _ = socket.connect(&SockAddr::from(target));
        if socket.take_error()?.is_some() {
            continue;
        }
        if socket.peer_addr().is_ok() {
            open += 1;
            continue;
        }
        let mut stream = TcpStream::from_std(socket.into());
        poll.registry()
            .register(&mut stream, Token(waiting.len()), Interest::WRITABLE)?;
        waiting.push(stream);
    }
    let mut events = Events::with_capacity(1_024);
    let mut left = waiting.len();
    while left > 0 {
        poll.poll(&mut events, Some(Duration::from_secs(1)))?;
        if events.is_empty() {
            break;
        }
        for event in events.iter() {
            let Token(at) = event.token();
            open += usize::from(waiting[at].peer_addr().is_ok());
            left -= 1;
        }
    }
    Ok(open)
}
