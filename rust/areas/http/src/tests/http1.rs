use super::*;
use crate::upload::Upload;

#[tokio::test]
async fn a_request_is_what_was_ordered() {
    let server = Server::new(|mut stream| {
        let head = head(&mut stream);
        let answer = format!(
            "HTTP/1.1 200 Fine\r\nX-Two: a\r\nx-two: b\r\ncontent-length: {}\r\n\r\n{head}",
            head.len()
        );
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let seen = get(&client(), &server.url("/a%20b?c=d")).await.unwrap();
    assert_eq!(seen.status, 200);
    assert!(seen.head.starts_with("x-two:a\nx-two:b\n"), "{}", seen.head);
    let request = String::from_utf8(seen.body).unwrap();
    assert!(
        request.starts_with("GET /a%20b?c=d HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains(&format!("\r\nhost: {}\r\n", server.address)));
    assert!(request.contains("\r\nx-test: 1\r\n"));
    assert!(!request.contains("content-length"));
}

#[tokio::test]
async fn bodies_by_length_in_chunks_and_to_the_end() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nt: 1\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\n\r\nhello",
    ] {
        let server = Server::answering(answer, true);
        let seen = get(&client(), &server.url("/")).await.unwrap();
        assert_eq!(seen.body, b"hello", "{answer}");
    }
}

#[tokio::test]
async fn answers_without_a_body() {
    let client = client();
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n", true);
    let seen = run(
        &client,
        order("HEAD", &server.url("/"), limits(), Payload::Empty),
    )
    .await
    .unwrap();
    assert!(seen.head.contains("content-length:9999"));
    for status in [204, 304] {
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-encoding: gzip\r\n\r\n");
        let seen = get(&client, &Server::answering(answer, true).url("/"))
            .await
            .unwrap();
        assert_eq!((seen.status, seen.body.len()), (status, 0));
        assert!(seen.head.contains("content-encoding"));
    }
}

#[tokio::test]
async fn a_coded_body_is_decoded_and_its_fields_go() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(b"plain text").unwrap();
    let coded = encoder.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\netag: x\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        coded.len()
    );
    let server = Server::answering([head.as_bytes(), &coded].concat(), false);
    let seen = get(&client(), &server.url("/")).await.unwrap();
    assert_eq!(seen.body, b"plain text");
    assert_eq!(seen.head, "etag:x\n");
}

/// Answers with what was sent behind the head.
fn echo() -> Server {
    Server::new(|mut stream| {
        let head = head(&mut stream);
        let mut body = Vec::new();
        let mut byte = [0];
        let end: &[u8] = if head.contains("chunked") {
            b"0\r\n\r\n"
        } else {
            b"."
        };
        while !body.ends_with(end) && stream.read(&mut byte).unwrap() == 1 {
            body.push(byte[0]);
        }
        let all = [head.as_bytes(), &body].concat();
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", all.len());
        stream.write_all(answer.as_bytes()).unwrap();
        stream.write_all(&all).unwrap();
    })
}

#[tokio::test]
async fn bytes_are_sent_with_their_length() {
    let payload = Payload::Full(bytes::Bytes::from_static(b"the body."));
    let order = order("POST", &echo().url("/"), limits(), payload);
    let seen = String::from_utf8(run(&client(), order).await.unwrap().body).unwrap();
    assert!(seen.contains("\r\ncontent-length: 9\r\n"), "{seen}");
    assert!(seen.ends_with("\r\n\r\nthe body."));
}

#[tokio::test]
async fn a_post_without_a_body_says_so() {
    let server = Server::new(|mut stream| {
        let head = head(&mut stream);
        let fine = head.contains("\r\ncontent-length: 0\r\n");
        let status = if fine { 200 } else { 400 };
        write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n").unwrap();
    });
    let order = order("POST", &server.url("/"), limits(), Payload::Empty);
    assert_eq!(run(&client(), order).await.unwrap().status, 200);
}

#[tokio::test]
async fn pieces_are_sent_as_they_come() {
    let upload = Upload::default();
    let payload = Payload::Stream(upload.take().unwrap());
    let order = order("PUT", &echo().url("/"), limits(), payload);
    let push = async {
        for piece in [&b"one "[..], b"two"] {
            assert!(upload.push(piece.to_vec()).await);
            tokio::task::yield_now().await;
        }
        assert!(upload.end().await);
    };
    let client = client();
    let (seen, ()) = tokio::join!(run(&client, order), push);
    let seen = String::from_utf8(seen.unwrap().body).unwrap();
    assert!(seen.contains("transfer-encoding: chunked"), "{seen}");
    assert!(
        seen.ends_with("4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n"),
        "{seen}"
    );
}

#[tokio::test]
async fn an_upload_that_is_broken_off_fails_the_exchange() {
    let upload = Upload::default();
    let payload = Payload::Stream(upload.take().unwrap());
    let order = order("PUT", &echo().url("/"), limits(), payload);
    let push = async {
        assert!(upload.push(b"one".to_vec()).await);
        upload.abort();
        assert!(!upload.end().await);
    };
    let client = client();
    let (seen, ()) = tokio::join!(run(&client, order), push);
    assert!(seen.is_err());
}

#[tokio::test]
async fn an_answer_before_the_upload_is_over_counts() {
    let server = Server::new(|mut stream| {
        head(&mut stream);
        stream
            .write_all(b"HTTP/1.1 413 Too much\r\ncontent-length: 2\r\n\r\nno")
            .unwrap();
        // It reads on, so that nothing is reset.
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let upload = Upload::default();
    let payload = Payload::Stream(upload.take().unwrap());
    let order = order("PUT", &server.url("/"), limits(), payload);
    let push = async { while upload.push(vec![0; 10_000]).await {} };
    let client = client();
    let (seen, ()) = tokio::join!(run(&client, order), push);
    assert_eq!(seen.unwrap().status, 413);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_closed_client_keeps_nothing() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", false);
    let client = client();
    get(&client, &server.url("/")).await.unwrap();
    client.close();
    get(&client, &server.url("/")).await.unwrap();
    get(&client, &server.url("/")).await.unwrap();
    assert_eq!(server.accepted(), 3);
}
