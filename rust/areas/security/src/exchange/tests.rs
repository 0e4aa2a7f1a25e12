use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use super::*;

const LONG: Duration = Duration::from_secs(20);

fn step(send: &[u8]) -> Step {
    Step {
        send: send.to_vec(),
        connect: LONG,
        first: LONG,
        quiet: Duration::ZERO,
        total: LONG,
        most: 4096,
    }
}

fn run<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

fn serving(serve: impl FnOnce(std::net::TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || serve(listener.accept().unwrap().0));
    address
}

#[test]
fn a_greeting_then_an_answer_then_the_end() {
    let line = Line::new(serving(|mut stream| {
        stream.write_all(b"hello").unwrap();
        let mut asked = [0; 4];
        stream.read_exact(&mut asked).unwrap();
        stream.write_all(&asked).unwrap();
    }));
    run(async {
        let greeting = line.step(step(b"")).await.unwrap();
        assert_eq!(greeting, Answer::new(End::Quiet, b"hello".to_vec()));
        let mut last = step(b"ping");
        last.quiet = LONG;
        let answer = line.step(last).await.unwrap();
        assert_eq!(answer, Answer::new(End::Closed, b"ping".to_vec()));
        let after = line.step(step(b"more")).await.unwrap();
        assert_eq!(after, Answer::none(End::Closed));
    });
}

#[test]
fn a_flood_is_cut_at_the_bound() {
    let line = Line::new(serving(
        |mut stream| {
            while stream.write_all(&[b'x'; 65_536]).is_ok() {}
        },
    ));
    run(async {
        let mut flood = step(b"");
        flood.quiet = LONG;
        let answer = line.step(flood).await.unwrap();
        assert_eq!((answer.end, answer.bytes.len()), (End::Full, 4096));
    });
}

#[test]
fn nothing_is_silence_and_nobody_is_refusal() {
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let silent = serving(move |stream| {
        let _ = held.recv();
        drop(stream);
    });
    run(async {
        let mut short = step(b"");
        short.first = Duration::from_millis(20);
        let answer = Line::new(silent).step(short).await.unwrap();
        assert_eq!(answer, Answer::none(End::Silent));
        drop(hold);
        let free = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let answer = Line::new(free).step(step(b"")).await.unwrap();
        assert_eq!(answer, Answer::none(End::Refused));
    });
}

#[test]
fn a_datagram_comes_back_from_where_it_was_sent() {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 64];
        let (count, from) = socket.recv_from(&mut buffer).unwrap();
        socket.send_to(&buffer[..count], from).unwrap();
    });
    let local = "127.0.0.1:0".parse().unwrap();
    run(async {
        let answer = datagram(local, target, b"question", LONG, 5).await.unwrap();
        assert_eq!(answer, Answer::new(End::Quiet, b"quest".to_vec()));
        let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let short = Duration::from_millis(20);
        let target = nobody.local_addr().unwrap();
        let answer = datagram(local, target, b"", short, 5).await.unwrap();
        assert_eq!(answer, Answer::none(End::Silent));
    });
}
