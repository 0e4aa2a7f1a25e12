//! Requests: `CONNECT host:port`, `GET http://host/path`, and what a program that knows of no proxy
//! sends to the port of a host whose name led it here. Each request is read and written anew, so that
//! none hides in another one, and goes to the host that was checked.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRAILER, UPGRADE};
use hyper::http::uri::Authority;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, Uri, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::proxy::{Proxy, Refusal, Wish};
use crate::rules::normal;
use crate::tunnel::tunnel;

type Body = BoxBody<Bytes, hyper::Error>;

/// A tunnel that begins when the head of its answer was written.
struct Pending {
    upgrade: OnUpgrade,
    host: String,
    port: u16,
    server: TcpStream,
}

/// Serves the requests of a connection.
///
/// @param plain The port that the box believes to have reached; none where it knows of the proxy.
pub async fn serve<S>(proxy: Arc<Proxy>, connection: u64, plain: Option<u16>, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let pending: Arc<Mutex<Option<Pending>>> = Arc::default();
    let service = {
        let (proxy, pending) = (proxy.clone(), pending.clone());
        hyper::service::service_fn(move |request| {
            let (proxy, pending) = (proxy.clone(), pending.clone());
            async move { answer(&proxy, connection, plain, request, &pending).await }
        })
    };
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(proxy.config.limits.idle)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    if serving.await.is_err() {
        return;
    }
    let begun = pending.lock().ok().and_then(|mut slot| slot.take());
    if let Some(Pending {
        upgrade,
        host,
        port,
        server,
    }) = begun
        && let Ok(upgraded) = upgrade.await
    {
        let wish = Wish {
            connection,
            via: "connect",
            host: &host,
            port,
        };
        // How it ended is in the figures of the connection.
        let _ = tunnel(&proxy, &wish, TokioIo::new(upgraded), Vec::new(), server).await;
    }
}

async fn answer(
    proxy: &Arc<Proxy>,
    connection: u64,
    plain: Option<u16>,
    mut request: Request<Incoming>,
    pending: &Mutex<Option<Pending>>,
) -> Result<Response<Body>, hyper::Error> {
    let connect = request.method() == Method::CONNECT;
    let via = match (plain, connect) {
        (Some(_), _) => "host",
        (None, true) => "connect",
        (None, false) => "http",
    };
    let Some((host, port)) = target(&request, plain) else {
        let shown = request.uri().host().unwrap_or_default();
        let refusal = Refusal::new("request");
        proxy.refuse(
            &Wish {
                connection,
                via,
                host: shown,
                port: plain.unwrap_or(0),
            },
            &refusal,
        );
        return Ok(refused(&refusal));
    };
    let wish = Wish {
        connection,
        via,
        host: &host,
        port,
    };
    let server = match proxy.open(&wish).await {
        Ok(server) => server,
        Err(refusal) => return Ok(refused(&refusal)),
    };
    if connect {
        let upgrade = hyper::upgrade::on(&mut request);
        if let Ok(mut slot) = pending.lock() {
            *slot = Some(Pending {
                upgrade,
                host,
                port,
                server,
            });
        }
        return Ok(Response::new(text("")));
    }
    let Some(request) = rewritten(request, &host, port) else {
        return Ok(refused(&Refusal::new("request")));
    };
    forward(request, server).await
}

/// Whether there is nothing but a host, and a port that is one: what is too large for one is not read as none.
fn is_plain(authority: &Authority) -> bool {
    let text = authority.as_str();
    let behind = text.rsplit_once(']').map_or(text, |(_, behind)| behind);
    !text.contains('@') && (!behind.contains(':') || authority.port_u16().is_some())
}

/// The host and the port of a request; none if it says none, or two that differ.
fn target(request: &Request<Incoming>, plain: Option<u16>) -> Option<(String, u16)> {
    let uri = request.uri();
    if uri.authority().is_some_and(|one| !is_plain(one)) {
        return None;
    }
    if let Some(port) = plain {
        if request.method() == Method::CONNECT || uri.scheme().is_some() {
            return None;
        }
        let mut hosts = request.headers().get_all(HOST).iter();
        let named: Uri = hosts.next()?.to_str().ok()?.parse().ok()?;
        if !named.authority().is_some_and(is_plain)
            || hosts.next().is_some()
            || named.port().is_some_and(|named| named.as_u16() != port)
        {
            return None;
        }
        return Some((normal(named.host()?)?, port));
    }
    let host = normal(uri.host()?)?;
    if request.method() == Method::CONNECT {
        return Some((host, uri.port_u16()?));
    }
    (uri.scheme_str() == Some("http")).then(|| (host, uri.port_u16().unwrap_or(80)))
}

/// The request as the host gets it.
fn rewritten(request: Request<Incoming>, host: &str, port: u16) -> Option<Request<Incoming>> {
    let (mut parts, body) = request.into_parts();
    drop_hop_by_hop(&mut parts.headers);
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    let authority = if port == 80 {
        host
    } else {
        format!("{host}:{port}")
    };
    parts
        .headers
        .insert(HOST, HeaderValue::from_str(&authority).ok()?);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse().ok()?;
    parts.version = Version::HTTP_11;
    Some(Request::from_parts(parts, body))
}

async fn forward(
    request: Request<Incoming>,
    server: TcpStream,
) -> Result<Response<Body>, hyper::Error> {
    let unreached = |error: &hyper::Error| {
        refused(&Refusal {
            reason: "connect",
            detail: error.to_string(),
        })
    };
    let (mut sender, serving) =
        match hyper::client::conn::http1::handshake(TokioIo::new(server)).await {
            Ok(pair) => pair,
            Err(error) => return Ok(unreached(&error)),
        };
    // It ends when both the request and the answer are through, or the box has gone.
    tokio::spawn(async move {
        let _ = serving.await;
    });
    match sender.send_request(request).await {
        Ok(response) => {
            let (mut parts, body) = response.into_parts();
            if parts.status == StatusCode::SWITCHING_PROTOCOLS {
                return Ok(refused(&Refusal::new("request")));
            }
            drop_hop_by_hop(&mut parts.headers);
            Ok(Response::from_parts(parts, body.boxed()))
        }
        Err(error) => Ok(unreached(&error)),
    }
}

/// Removes what concerns one connection only.
fn drop_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in [CONNECTION, TE, TRAILER, UPGRADE] {
        headers.remove(name);
    }
    for name in [
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
    ] {
        headers.remove(name);
    }
}

fn refused(refusal: &Refusal) -> Response<Body> {
    let mut line = format!("egress: {}", refusal.reason);
    if !refusal.detail.is_empty() {
        line = format!("{line}: {}", refusal.detail);
    }
    let mut response = Response::new(text(&format!("{line}\n")));
    *response.status_mut() = if refusal.is_final() {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::BAD_GATEWAY
    };
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn text(text: &str) -> Body {
    Full::new(Bytes::copy_from_slice(text.as_bytes()))
        .map_err(|never| match never {})
        .boxed()
}
