use super::*;

#[tokio::test]
async fn what_is_not_http() {
    for answer in [
        &b"hello\r\n\r\n"[..],
        b"HTTP/1.1 999999 x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na : c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ] {
        let kind = fault_of(answer, true).await;
        assert_eq!(
            kind,
            Kind::Protocol,
            "{:?}",
            String::from_utf8_lossy(answer)
        );
    }
}

#[tokio::test]
async fn a_chunk_that_is_none() {
    for chunks in [
        "zz\r\nhello",
        "-1\r\n",
        "5\r\nhelloXX",
        "fffffffffffffffff\r\n",
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
        assert_eq!(fault_of(answer, true).await, Kind::Protocol, "{chunks}");
    }
}

#[tokio::test]
async fn a_connection_that_ends_early() {
    assert_eq!(fault_of("", true).await, Kind::Reset);
    assert_eq!(
        fault_of("HTTP/1.1 200 OK\r\ncontent-le", true).await,
        Kind::Reset
    );
    for body in [
        "content-length: 10\r\n\r\nhalf",
        "transfer-encoding: chunked\r\n\r\n5\r\nhel",
        "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        let kind = fault_of(format!("HTTP/1.1 200 OK\r\n{body}"), true).await;
        assert_eq!(kind, Kind::BodyIncomplete, "{body}");
    }
}

/// Closes so that the other side is told of a reset.
fn reset(stream: TcpStream) {
    let stream = socket2::Socket::from(stream);
    stream.set_linger(Some(Duration::ZERO)).unwrap();
}

#[tokio::test]
async fn a_connection_that_is_reset() {
    let server = Server::new(|mut stream| {
        head(&mut stream);
        reset(stream);
    });
    let fault = get(&client(), &server.url("/")).await.unwrap_err();
    assert_eq!((fault.kind, fault.unsent), (Kind::Reset, false));
    let server = Server::new(|mut stream| {
        head(&mut stream);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
            .unwrap();
        std::thread::sleep(SHORT);
        reset(stream);
    });
    let fault = get(&client(), &server.url("/")).await.unwrap_err();
    assert_eq!(fault.kind, Kind::BodyIncomplete);
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let fault = get(&client(), &format!("http://{address}/"))
        .await
        .unwrap_err();
    assert_eq!((fault.kind, fault.unsent), (Kind::Connect, true));
}

#[tokio::test]
async fn a_head_over_its_limit() {
    let long = format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "x".repeat(1 << 20));
    assert_eq!(fault_of(long, false).await, Kind::HeadTooLarge);
    let fields = "a: bcdefgh\r\n".repeat(90);
    let server = Server::answering(
        format!("HTTP/1.1 200 OK\r\n{fields}content-length: 0\r\n\r\n"),
        false,
    );
    let tight = Limits {
        max_head: 500,
        ..limits()
    };
    let fault = get_within(&client(), &server.url("/"), tight)
        .await
        .unwrap_err();
    assert_eq!(fault.kind, Kind::HeadTooLarge);
    assert_eq!(get(&client(), &server.url("/")).await.unwrap().status, 200);
    // More fields than anybody needs.
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(50_000));
    assert_eq!(fault_of(many, false).await, Kind::HeadTooLarge);
}

#[tokio::test]
async fn a_body_over_its_limit() {
    let said = "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n";
    assert_eq!(fault_of(said, false).await, Kind::BodyTooLarge);
    let server = Server::new(|mut stream| {
        head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[0; 10_000]).is_ok() {}
    });
    let fault = get(&client(), &server.url("/")).await.unwrap_err();
    assert_eq!(fault.kind, Kind::BodyTooLarge);
}

#[tokio::test]
async fn a_bomb() {
    let coded = zstd::encode_all(&vec![0; 64 << 20][..], 1).unwrap();
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\n\r\n";
    let answer = [head.as_bytes(), &coded].concat();
    assert_eq!(fault_of(answer, true).await, Kind::BodyTooLarge);
}

#[tokio::test]
async fn a_body_that_is_not_coded_as_it_says() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain";
    assert_eq!(fault_of(answer, false).await, Kind::Encoding);
}

/// What a server that stops after these bytes leads to, each limit but one being long.
async fn stalling(answer: &'static str, limits: Limits) -> Kind {
    let server = Server::new(move |mut stream| {
        head(&mut stream);
        stream.write_all(answer.as_bytes()).unwrap();
        // Until the client gives up.
        let _ = stream.read(&mut [0]);
    });
    get_within(&client(), &server.url("/"), limits)
        .await
        .unwrap_err()
        .kind
}

#[tokio::test]
async fn a_server_that_stalls() {
    let first_byte = Limits {
        first_byte: SHORT,
        ..limits()
    };
    assert_eq!(stalling("", first_byte).await, Kind::FirstByteTimeout);
    assert_eq!(
        stalling("HTTP/1.1 200", first_byte).await,
        Kind::FirstByteTimeout
    );
    assert_eq!(
        stalling("HTTP/1.1 100 Continue\r\n\r\n", first_byte).await,
        Kind::FirstByteTimeout
    );
    let body = Limits {
        body: SHORT,
        ..limits()
    };
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";
    assert_eq!(stalling(half, body).await, Kind::BodyTimeout);
    let total = Limits {
        total: SHORT,
        ..limits()
    };
    assert_eq!(stalling("", total).await, Kind::TotalTimeout);
    assert_eq!(stalling(half, total).await, Kind::TotalTimeout);
}

#[tokio::test]
async fn a_drip_ends_with_the_whole_time() {
    let server = Server::new(|mut stream| {
        head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(b".").is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    let total = Limits {
        total: 3 * SHORT,
        ..limits()
    };
    let fault = get_within(&client(), &server.url("/"), total)
        .await
        .unwrap_err();
    assert_eq!(fault.kind, Kind::TotalTimeout);
}

#[tokio::test]
async fn interim_answers_without_end() {
    let server = Server::new(|mut stream| {
        head(&mut stream);
        while stream.write_all(b"HTTP/1.1 102 Processing\r\n\r\n").is_ok() {}
    });
    let fault = get(&client(), &server.url("/")).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Protocol);
}
