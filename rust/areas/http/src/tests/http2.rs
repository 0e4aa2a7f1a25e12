//! HTTP/2 and TLS: a server of hyper's on a certificate of an authority that is made here.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use super::*;

struct Authority {
    pem: String,
    config: Arc<ServerConfig>,
}

/// A self-signed certificate for a name, and a server's side of it.
fn authority(name: &str, protocols: &[&[u8]]) -> Authority {
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Authority {
        pem: certificate.pem(),
        config: Arc::new(config),
    }
}

/// What a server does with a request.
type Answer = fn(Request<hyper::body::Incoming>) -> Response<Full<Bytes>>;

struct Secure {
    port: u16,
    accepted: Arc<AtomicUsize>,
}

/// Serves HTTP/2 for as long as the test runs.
async fn serve(authority: &Authority, answer: Answer) -> Secure {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let accepted = Arc::new(AtomicUsize::new(0));
    let counter = accepted.clone();
    let acceptor = TlsAcceptor::from(authority.config.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let service =
                    service_fn(move |request| async move { Ok::<_, Infallible>(answer(request)) });
                let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Secure { port, accepted }
}

fn fine(request: Request<hyper::body::Incoming>) -> Response<Full<Bytes>> {
    let seen = format!("{} {:?}", request.uri(), request.version());
    Response::new(Full::new(seen.into()))
}

fn trusting(authority: &Authority) -> Arc<Client> {
    let client = client();
    client.trust(false, b"", authority.pem.as_bytes()).unwrap();
    client
}

fn built_in() -> Arc<Client> {
    let client = client();
    client.trust(true, b"", b"").unwrap();
    client
}

#[tokio::test]
async fn as_many_fields_as_are_taken() {
    fn with(count: usize) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::default());
        let fields = response.headers_mut();
        // The server adds one of its own: the date.
        for _ in 0..count - 1 {
            fields.append("a", "1".parse().unwrap());
        }
        response
    }
    let authority = authority("a.test", &[b"h2"]);
    for (answer, expected) in [
        ((|_| with(1024)) as Answer, None),
        (|_| with(1025), Some(Kind::HeadTooLarge)),
    ] {
        let server = serve(&authority, answer).await;
        let client = trusting(&authority);
        let seen = get(&client, &format!("https://a.test:{}/", server.port)).await;
        assert_eq!(seen.err().map(|fault| fault.kind), expected);
    }
}

#[tokio::test]
async fn one_connection_carries_them_all() {
    let authority = authority("a.test", &[b"h2", b"http/1.1"]);
    let server = serve(&authority, fine).await;
    let client = trusting(&authority);
    let url = format!("https://a.test:{}/x?y", server.port);
    let (a, b, c) = tokio::join!(get(&client, &url), get(&client, &url), get(&client, &url));
    for seen in [a, b, c, get(&client, &url).await] {
        let seen = String::from_utf8(seen.unwrap().body).unwrap();
        assert_eq!(seen, format!("{url} HTTP/2.0"));
    }
    assert_eq!(server.accepted.load(Ordering::SeqCst), 1);
    let text = format!("GET\n{url}\n127.0.0.2\n\n");
    let elsewhere = Order::read(text.into_bytes(), limits(), Payload::Empty).unwrap();
    assert!(
        run(&client, elsewhere).await.is_err(),
        "the address is another"
    );
}

#[tokio::test]
async fn certificates_are_checked_by_name_and_by_authority() {
    let good = authority("a.test", &[b"h2"]);
    let server = serve(&good, fine).await;
    let other = authority("a.test", &[b"h2"]);
    for (client, host) in [
        (trusting(&good), "b.test"),
        (trusting(&good), "127.0.0.1"),
        (trusting(&other), "a.test"),
        (client(), "a.test"),
        (built_in(), "a.test"),
    ] {
        let fault = get(&client, &format!("https://{host}:{}/", server.port))
            .await
            .unwrap_err();
        assert_eq!((fault.kind, fault.unsent), (Kind::Tls, true), "{host}");
    }
    assert!(
        client()
            .trust(
                false,
                b"",
                b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"
            )
            .is_err()
    );
    assert!(
        client()
            .trust(
                false,
                b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----",
                b""
            )
            .is_ok()
    );
}

#[tokio::test]
async fn a_server_without_tls() {
    let server = Server::new(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n");
        let _ = stream.read(&mut [0]);
    });
    let authority = authority("a.test", &[b"h2"]);
    let url = format!("https://a.test:{}/", server.address.port());
    let fault = get(&trusting(&authority), &url).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Tls);
}

/// Speaks HTTP/2 frame by frame: reads the preface, then does what the test says.
async fn frames<F>(authority: &Authority, act: fn(h2::server::SendResponse<Bytes>) -> F) -> u16
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(authority.config.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let stream = acceptor.accept(stream).await.unwrap();
            let mut connection = h2::server::handshake(stream).await.unwrap();
            tokio::spawn(async move {
                while let Some(Ok((_, respond))) = connection.accept().await {
                    tokio::spawn(act(respond));
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn a_stream_that_is_refused_was_not_seen() {
    let authority = authority("a.test", &[b"h2"]);
    let port = frames(&authority, |mut respond| async move {
        respond.send_reset(h2::Reason::REFUSED_STREAM);
    })
    .await;
    let url = format!("https://a.test:{port}/");
    let fault = get(&trusting(&authority), &url).await.unwrap_err();
    assert_eq!((fault.kind, fault.unsent), (Kind::Reset, true));
}

#[tokio::test]
async fn a_stream_that_is_reset_in_the_middle() {
    let authority = authority("a.test", &[b"h2"]);
    let port = frames(&authority, |mut respond| async move {
        let mut body = respond.send_response(Response::new(()), false).unwrap();
        body.send_data(Bytes::from_static(b"half"), false).unwrap();
        tokio::time::sleep(SHORT).await;
        body.send_reset(h2::Reason::INTERNAL_ERROR);
    })
    .await;
    let url = format!("https://a.test:{port}/");
    let fault = get(&trusting(&authority), &url).await.unwrap_err();
    assert_eq!(fault.kind, Kind::BodyIncomplete);
}

#[tokio::test]
async fn a_server_that_goes_away_is_left() {
    let authority = authority("a.test", &[b"h2"]);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(authority.config.clone());
    let accepted = Arc::new(AtomicUsize::new(0));
    let counter = accepted.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let stream = acceptor.accept(stream).await.unwrap();
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                if let Some(Ok((_, mut respond))) = connection.accept().await {
                    respond.send_response(Response::new(()), true).unwrap();
                    connection.graceful_shutdown();
                }
                while connection.accept().await.is_some() {}
            });
        }
    });
    let client = trusting(&authority);
    let url = format!("https://a.test:{port}/");
    for _ in 0..3 {
        assert_eq!(get(&client, &url).await.unwrap().status, 200);
        tokio::time::sleep(SHORT).await;
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 3);
}
