//! TLS: what a client trusts, and the handshake. Certificates are verified, always, by the URL's host.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use agent_ffi::Failure;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::fault::{Fault, Kind};

static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();

/// The two ways of speaking TLS: to an origin, which may take HTTP/2, and to a proxy, which is spoken to by HTTP/1.1.
#[derive(Clone)]
struct Configs {
    origin: Arc<ClientConfig>,
    proxy: Arc<ClientConfig>,
}

/// What a client trusts; nothing until it is told.
#[derive(Default)]
pub(crate) struct Trust(Mutex<Option<Configs>>);

impl Trust {
    /// Trusts the authorities in `usual`, of which those are left out that cannot be used, all in `own`, and, if they are
    /// `built_in`, those of Mozilla that came with this crate.
    pub(crate) fn set(&self, built_in: bool, usual: &[u8], own: &[u8]) -> Result<(), Failure> {
        let mut roots = RootCertStore::empty();
        if built_in {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(usual).flatten());
        for certificate in CertificateDer::pem_slice_iter(own) {
            let invalid = |error: &dyn std::fmt::Display| {
                Failure::invalid(format!("An authority's certificate is not one: {error}"))
            };
            let certificate = certificate.map_err(|error| invalid(&error))?;
            roots.add(certificate).map_err(|error| invalid(&error))?;
        }
        let roots = Arc::new(roots);
        let config = |protocols: &[&[u8]]| {
            let provider = PROVIDER.get_or_init(|| Arc::new(ring::default_provider()));
            let mut config = ClientConfig::builder_with_provider(provider.clone())
                .with_safe_default_protocol_versions()
                .map_err(|error| Failure::invalid(error.to_string()))?
                .with_root_certificates(roots.clone())
                .with_no_client_auth();
            config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
            Ok::<_, Failure>(Arc::new(config))
        };
        let configs = Configs {
            origin: config(&[b"h2", b"http/1.1"])?,
            proxy: config(&[b"http/1.1"])?,
        };
        *self.lock() = Some(configs);
        Ok(())
    }

    /// Shakes hands with an origin.
    pub(crate) async fn origin<S>(&self, host: &str, stream: S) -> Result<TlsStream<S>, Fault>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        shake(self.configs()?.origin, host, stream).await
    }

    /// Shakes hands with a proxy.
    pub(crate) async fn proxy<S>(&self, host: &str, stream: S) -> Result<TlsStream<S>, Fault>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        shake(self.configs()?.proxy, host, stream).await
    }

    fn configs(&self) -> Result<Configs, Fault> {
        let untold = || Fault::unsent(Kind::Tls, "no authority is trusted");
        self.lock().clone().ok_or_else(untold)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Configs>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn shake<S>(config: Arc<ClientConfig>, host: &str, stream: S) -> Result<TlsStream<S>, Fault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| Fault::unsent(Kind::Tls, error.to_string()))?;
    let shaken = TlsConnector::from(config).connect(name, stream).await;
    shaken.map_err(|error| Fault::unsent(Kind::Tls, error.to_string()))
}
