//! Makes connections: to a Unix socket, or to addresses that were checked, tried in order, with TLS where that is said.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio_rustls::client::TlsStream;
use tower_service::Service;

use crate::fault::{Fault, Kind};
use crate::host::Host;
use crate::tls::Tls;

/// Connects to one engine, whatever the URI says.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) host: Arc<Host>,
    pub(crate) tls: Option<Tls>,
    pub(crate) limit: Duration,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Wire>, Fault>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let limit = connector.limit;
            match tokio::time::timeout(limit, connector.connect()).await {
                Ok(wire) => Ok(TokioIo::new(wire?)),
                Err(_) => Err(Fault::new(
                    Kind::ConnectTimeout,
                    format!("no connection within {} ms", limit.as_millis()),
                )),
            }
        })
    }
}

impl Connector {
    async fn connect(&self) -> Result<Wire, Fault> {
        match &*self.host {
            Host::Unix(path) => unix(path).await,
            Host::Tcp(addresses) => {
                let mut failed = Fault::new(Kind::Connect, "there is no address");
                for &address in addresses {
                    match self.tcp(address).await {
                        Ok(wire) => return Ok(wire),
                        Err(fault) => failed = fault,
                    }
                }
                Err(failed)
            }
        }
    }

    async fn tcp(&self, address: std::net::SocketAddr) -> Result<Wire, Fault> {
        let refused = |error: io::Error| Fault::new(Kind::Connect, error.to_string());
        let stream = TcpStream::connect(address).await.map_err(refused)?;
        stream.set_nodelay(true).map_err(refused)?;
        Ok(match &self.tls {
            Some(tls) => Wire::Tls(Box::new(tls.shake(stream).await?)),
            None => Wire::Tcp(stream),
        })
    }
}

#[cfg(unix)]
async fn unix(path: &str) -> Result<Wire, Fault> {
    let connected = UnixStream::connect(path).await;
    connected.map(Wire::Unix).map_err(|error| {
        let kind = if error.kind() == io::ErrorKind::NotFound {
            Kind::NoSocket
        } else {
            Kind::Connect
        };
        Fault::new(kind, error.to_string())
    })
}

#[cfg(not(unix))]
async fn unix(_: &str) -> Result<Wire, Fault> {
    let detail = "this system has no Unix sockets; use tcp://host:port";
    Err(Fault::new(Kind::Connect, detail))
}

/// What a connection runs over.
pub(crate) enum Wire {
    #[cfg(unix)]
    Unix(UnixStream),
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

macro_rules! each {
    ($wire:expr, $inner:ident => $do:expr) => {
        match $wire {
            #[cfg(unix)]
            Wire::Unix($inner) => $do,
            Wire::Tcp($inner) => $do,
            Wire::Tls($inner) => $do,
        }
    };
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        each!(self.get_mut(), inner => Pin::new(inner).poll_read(context, buffer))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), inner => Pin::new(inner).poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), inner => Pin::new(inner).poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        each!(self, inner => inner.is_write_vectored())
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), inner => Pin::new(inner).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), inner => Pin::new(inner).poll_shutdown(context))
    }
}
