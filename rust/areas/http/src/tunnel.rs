//! CONNECT: a way through a proxy to an origin that is spoken to by TLS.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::fault::{Fault, Kind};
use crate::order::Order;

/// What a proxy may answer with before the tunnel begins.
const HEAD: usize = 16 * 1024;

/// Asks the proxy for a tunnel on a stream to it.
pub(crate) async fn open<S>(order: &Order, stream: &mut S) -> Result<(), Fault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let refused = |detail: String| Fault::unsent(Kind::Connect, detail);
    let failed = |error: io::Error| refused(format!("the proxy: {error}"));
    stream.write_all(&request(order)).await.map_err(failed)?;
    stream.flush().await.map_err(failed)?;
    let mut head = Vec::with_capacity(256);
    let mut piece = [0; 512];
    while !head.ends_with(b"\r\n\r\n") {
        let read = stream.read(&mut piece).await.map_err(failed)?;
        if read == 0 {
            return Err(refused("the proxy closed the connection".to_owned()));
        }
        let from = head.len().saturating_sub(3);
        head.extend_from_slice(&piece[..read]);
        let end = head[from..].windows(4).position(|four| four == b"\r\n\r\n");
        // Nobody may speak in the tunnel before we do.
        if end.is_some_and(|end| from + end + 4 != head.len()) || head.len() > HEAD {
            return Err(refused("the proxy's answer is not one".to_owned()));
        }
    }
    match status(&head) {
        Some(b'2') => Ok(()),
        _ => {
            let line = head.split(|&byte| byte == b'\r').next().unwrap_or_default();
            let line = String::from_utf8_lossy(&line[..line.len().min(100)]).into_owned();
            Err(refused(format!("the proxy refused the tunnel: {line}")))
        }
    }
}

fn request(order: &Order) -> Vec<u8> {
    let host = if order.host.contains(':') {
        format!("[{}]", order.host)
    } else {
        order.host.clone()
    };
    let target = format!("{host}:{}", order.port);
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n").into_bytes();
    let authorization = order
        .proxy
        .as_ref()
        .and_then(|proxy| proxy.authorization.as_ref());
    if let Some(value) = authorization {
        request.extend_from_slice(b"proxy-authorization: ");
        request.extend_from_slice(value.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request
}

/// The first digit of the status of an answer in HTTP/1.
fn status(head: &[u8]) -> Option<u8> {
    let rest = head
        .strip_prefix(b"HTTP/1.")?
        .get(1..)?
        .strip_prefix(b" ")?;
    let digits = rest.get(..3)?;
    digits.iter().all(u8::is_ascii_digit).then(|| digits[0])
}
