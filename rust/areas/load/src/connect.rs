//! Connections: one address, TLS verified by the URL's host, and the protocol that was asked for.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use agent_ffi::Failure;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::fault::Fault;
use crate::job::Job;

/// What TLS trusts: Mozilla's authorities, which came with this crate as with Deno, and those in `roots`.
pub(crate) fn trust(roots: &str, http2: bool) -> Result<Arc<ClientConfig>, Failure> {
    let mut store = RootCertStore::empty();
    store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for certificate in CertificateDer::pem_slice_iter(roots.as_bytes()) {
        let certificate = certificate.map_err(|error| {
            Failure::invalid(format!("An authority's certificate is not one: {error}"))
        })?;
        store.add_parsable_certificates([certificate]);
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::invalid(error.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth();
    config.alpn_protocols = vec![if http2 { b"h2" as &[u8] } else { b"http/1.1" }.to_vec()];
    Ok(Arc::new(config))
}

/// Connects, and shakes hands where TLS is wanted.
pub(crate) async fn dial(job: &Job) -> Result<Stream, Fault> {
    let stream = tcp(job.address)
        .await
        .map_err(|error| Fault::of_connect(&error))?;
    let Some(config) = &job.tls else {
        return Ok(Stream::Plain(stream));
    };
    let name = ServerName::try_from(job.host.clone()).map_err(|_| Fault::Tls)?;
    let stream = TlsConnector::from(config.clone())
        .connect(name, stream)
        .await
        .map_err(|_| Fault::Tls)?;
    if job.http2 && stream.get_ref().1.alpn_protocol() != Some(b"h2") {
        return Err(Fault::Protocol);
    }
    Ok(Stream::Tls(Box::new(stream)))
}

async fn tcp(target: SocketAddr) -> io::Result<TcpStream> {
    let socket = if target.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    SockRef::from(&socket).set_tcp_nodelay(true)?;
    let stream = socket.connect(target).await?;
    if stream.local_addr().ok() == Some(target) {
        // Nothing listens there: the port was free, and chosen for our own end.
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
}

/// A connection, plain or in TLS.
pub(crate) enum Stream {
    /// Plain.
    Plain(TcpStream),
    /// In TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
