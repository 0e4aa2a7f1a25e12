use super::*;

const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Server::answering(EMPTY, false);
    let client = client();
    for _ in 0..5 {
        get(&client, &server.url("/")).await.unwrap();
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn not_where_the_server_closes_or_says_so() {
    for (answer, close) in [
        (EMPTY, true),
        (
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            false,
        ),
        ("HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", false),
        // What is over belongs to nobody.
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nabc", false),
    ] {
        let server = Server::answering(answer, close);
        let client = client();
        for _ in 0..3 {
            get(&client, &server.url("/")).await.unwrap();
            tokio::time::sleep(SHORT).await;
        }
        assert_eq!(server.accepted(), 3, "{answer}");
    }
}

#[tokio::test]
async fn not_after_a_fault() {
    let server = Server::answering(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain",
        false,
    );
    let client = client();
    for _ in 0..2 {
        get(&client, &server.url("/")).await.unwrap_err();
    }
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn not_where_the_address_is_not_among_those_allowed_now() {
    let server = Server::answering(EMPTY, false);
    let client = client();
    get(&client, &server.url("/")).await.unwrap();
    let text = format!("GET\n{}\n127.0.0.2\n\n", server.url("/"));
    let elsewhere = Order::read(text.into_bytes(), limits(), Payload::Empty).unwrap();
    assert!(
        run(&client, elsewhere).await.is_err(),
        "nobody listens there"
    );
    get(&client, &server.url("/")).await.unwrap();
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn no_more_are_kept_than_allowed() {
    let server = Server::new(|mut stream| {
        while !head(&mut stream).is_empty() {
            std::thread::sleep(SHORT);
            if stream.write_all(EMPTY.as_bytes()).is_err() {
                return;
            }
        }
    });
    let client = Arc::new(Client::new(1, LONG));
    let url = server.url("/");
    for _ in 0..2 {
        let (a, b) = tokio::join!(get(&client, &url), get(&client, &url));
        a.and(b).unwrap();
    }
    assert_eq!(server.accepted(), 3);
}

#[tokio::test]
async fn nor_for_longer() {
    let server = Server::answering(EMPTY, false);
    let client = Arc::new(Client::new(8, Duration::from_millis(20)));
    get(&client, &server.url("/")).await.unwrap();
    tokio::time::sleep(SHORT).await;
    get(&client, &server.url("/")).await.unwrap();
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_request_is_repeated_where_the_kept_connection_was_dead() {
    // Closes each connection after its first answer, when it is told to: it is kept by then.
    let (close, told) = std::sync::mpsc::channel();
    let (closed, over) = std::sync::mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let server = Server::new(move |mut stream| {
        head(&mut stream);
        stream.write_all(EMPTY.as_bytes()).unwrap();
        told.lock().unwrap().recv().unwrap();
        drop(stream);
        closed.send(()).unwrap();
    });
    let client = client();
    for _ in 0..3 {
        let payload = Payload::Full(bytes::Bytes::from_static(b"x"));
        let order = order("POST", &server.url("/"), limits(), payload);
        run(&client, order).await.unwrap();
        close.send(()).unwrap();
        over.recv().unwrap();
        // The end is heard of when the runtime next looks at its sockets.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(server.accepted(), 3);
}

#[tokio::test]
async fn a_get_on_a_connection_that_dies_at_it_may_be_sent_again() {
    let server = Server::new(|mut stream| {
        head(&mut stream);
        stream.write_all(EMPTY.as_bytes()).unwrap();
        head(&mut stream);
    });
    let client = client();
    get(&client, &server.url("/")).await.unwrap();
    let fault = get(&client, &server.url("/")).await.unwrap_err();
    assert_eq!((fault.kind, fault.unsent), (Kind::Reset, true));
    get(&client, &server.url("/")).await.unwrap();
    let again = order("DELETE", &server.url("/"), limits(), Payload::Empty);
    let fault = run(&client, again).await.unwrap_err();
    assert_eq!((fault.kind, fault.unsent), (Kind::Reset, false));
}

#[tokio::test]
async fn the_next_address_is_tried_where_one_does_not_answer() {
    let server = Server::answering(EMPTY, false);
    let port = server.address.port();
    let text = format!("GET\nhttp://a.test:{port}/\n127.0.0.9,127.0.0.1\n\n");
    let order = Order::read(text.into_bytes(), limits(), Payload::Empty).unwrap();
    assert_eq!(run(&client(), order).await.unwrap().status, 200);
}
