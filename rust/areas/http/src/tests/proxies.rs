use super::*;

fn through(proxy: &Server, url: &str, authorization: &str) -> Order {
    let text = format!(
        "GET\n{url}\n127.0.0.1\nhttp://{}/\n{authorization}",
        proxy.address
    );
    Order::read(text.into_bytes(), limits(), Payload::Empty).unwrap()
}

#[tokio::test]
async fn plain_requests_go_to_the_proxy_whole() {
    let proxy = Server::new(|mut stream| {
        let head = head(&mut stream);
        let length = head.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{head}"
        )
        .unwrap();
    });
    let order = through(&proxy, "http://origin.test:81/a", "Basic secret");
    let seen = String::from_utf8(run(&client(), order).await.unwrap().body).unwrap();
    assert!(
        seen.starts_with("GET http://origin.test:81/a HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(seen.contains("host: origin.test:81\r\n"));
    assert!(seen.contains("proxy-authorization: Basic secret\r\n"));
}

#[tokio::test]
async fn a_tunnel_that_is_refused() {
    for answer in [
        "HTTP/1.1 407 Who are you\r\n\r\n",
        "HTTP/1.1 302 Elsewhere\r\nlocation: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nearly words",
        "no HTTP at all\r\n\r\n",
        "HTTP/1.1 200",
        "",
    ] {
        let proxy = Server::answering(answer, true);
        let order = through(&proxy, "https://origin.test/", "");
        let fault = run(&client(), order).await.unwrap_err();
        assert_eq!(
            (fault.kind, fault.unsent),
            (Kind::Connect, true),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_tunnel_is_asked_for_with_the_name() {
    let proxy = Server::new(|mut stream| {
        let head = head(&mut stream);
        let reason = head.replace("\r\n", "|");
        let _ = write!(stream, "HTTP/1.1 403 {reason}\r\n\r\n");
    });
    let order = through(&proxy, "https://origin.test/", "Basic x");
    let fault = run(&client(), order).await.unwrap_err();
    assert!(
        fault.detail.contains(
            "403 CONNECT origin.test:443 HTTP/1.1|host: origin.test:443|proxy-authorization"
        ),
        "{}",
        fault.detail
    );
}
