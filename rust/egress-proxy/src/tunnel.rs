//! Bytes between the box and a host. Where they begin TLS, the name in it must be the host's: the same
//! address often serves other names too. At the port of TLS nothing else is passed, unless a rule says so.

use std::net::IpAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::hello::{Hello, look};
use crate::proxy::{Proxy, Refusal, Wish};
use crate::rules::normal;

/// Passes bytes both ways until both sides have ended.
///
/// @param first What the box has sent already.
pub async fn tunnel<S: AsyncRead + AsyncWrite + Unpin>(
    proxy: &Proxy,
    wish: &Wish<'_>,
    mut client: S,
    mut first: Vec<u8>,
    mut server: TcpStream,
) -> std::io::Result<()> {
    let judged = begin(proxy, wish, &mut client, &mut first, &mut server);
    // Whoever sends the beginning byte by byte would hold a place for as long as a connection may last.
    match timeout(proxy.config.limits.idle, judged).await {
        Ok(begun) => {
            if !begun? {
                return Ok(());
            }
        }
        Err(_) => {
            proxy.refuse(wish, &Refusal::new("tls"));
            return Ok(());
        }
    }
    server.write_all(&first).await?;
    drop(first);
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// Hears the beginning of both sides; whether they may go on.
async fn begin<S: AsyncRead + AsyncWrite + Unpin>(
    proxy: &Proxy,
    wish: &Wish<'_>,
    client: &mut S,
    first: &mut Vec<u8>,
    server: &mut TcpStream,
) -> std::io::Result<bool> {
    let mut from_client = [0; 16 * 1024];
    let mut from_server = [0; 16 * 1024];
    loop {
        if !first.is_empty() {
            match judge(proxy, wish, &look(first)) {
                Some(Ok(())) => return Ok(true),
                Some(Err(refusal)) => {
                    proxy.refuse(wish, &refusal);
                    return Ok(false);
                }
                None => {}
            }
        }
        // Where the server speaks first, it must be heard before the box says anything.
        tokio::select! {
            count = client.read(&mut from_client) => match count? {
                0 => return Ok(true),
                count => first.extend_from_slice(&from_client[..count]),
            },
            count = server.read(&mut from_server) => match count? {
                0 => {
                    client.shutdown().await?;
                    return Ok(true);
                }
                count => client.write_all(&from_server[..count]).await?,
            },
        }
    }
}

/// Whether what a box began with may go to the host; none if more of it is needed.
fn judge(proxy: &Proxy, wish: &Wish<'_>, hello: &Hello) -> Option<Result<(), Refusal>> {
    let strict = proxy.config.rules.wants_tls(wish.host, wish.port);
    // An address has no name that could be said.
    let is_address = wish.host.parse::<IpAddr>().is_ok();
    match hello {
        Hello::Unfinished => None,
        Hello::Other if strict => Some(Err(Refusal::new("not-tls"))),
        Hello::Tls(None) if strict && !is_address => Some(Err(Refusal {
            reason: "tls-name",
            detail: "none".into(),
        })),
        Hello::Other | Hello::Tls(None) => Some(Ok(())),
        Hello::Tls(Some(name)) if normal(name).as_deref() == Some(wish.host) => Some(Ok(())),
        Hello::Tls(Some(name)) => Some(Err(Refusal {
            reason: "tls-name",
            detail: name.chars().take(253).collect(),
        })),
        Hello::Broken => Some(Err(Refusal::new("tls"))),
    }
}
