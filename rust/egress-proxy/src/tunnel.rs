//! Bytes between the box and a host. Where they begin TLS, the name in it must be the host's: the same
//! address often serves other names too.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

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
    let mut from_client = [0; 16 * 1024];
    let mut from_server = [0; 16 * 1024];
    loop {
        if !first.is_empty() {
            match look(&first) {
                Hello::Unfinished => {}
                Hello::Other | Hello::Tls(None) => break,
                Hello::Tls(Some(name)) if normal(&name).as_deref() == Some(wish.host) => break,
                Hello::Tls(Some(name)) => {
                    let detail = name.chars().take(253).collect();
                    proxy.refuse(
                        wish,
                        &Refusal {
                            reason: "tls-name",
                            detail,
                        },
                    );
                    return Ok(());
                }
                Hello::Broken => {
                    proxy.refuse(wish, &Refusal::new("tls"));
                    return Ok(());
                }
            }
        }
        // Where the server speaks first, it must be heard before the box says anything.
        tokio::select! {
            count = client.read(&mut from_client) => match count? {
                0 => break,
                count => first.extend_from_slice(&from_client[..count]),
            },
            count = server.read(&mut from_server) => match count? {
                0 => {
                    client.shutdown().await?;
                    break;
                }
                count => client.write_all(&from_server[..count]).await?,
            },
        }
    }
    server.write_all(&first).await?;
    drop(first);
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
