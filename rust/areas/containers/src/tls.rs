//! TLS with an engine: the usual authorities and the caller's own, and a certificate of this side where there is one.
//! Certificates are verified, always, by the engine's name.

use std::sync::{Arc, OnceLock};

use agent_ffi::Failure;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::fault::{Fault, Kind};
use crate::host::Certificates;

static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();

/// How TLS is spoken with one engine.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl Tls {
    pub(crate) fn new(certificates: &Certificates) -> Result<Self, Failure> {
        let Certificates {
            name,
            built_in,
            usual,
            ca,
            cert,
            key,
        } = certificates;
        let mut roots = RootCertStore::empty();
        if *built_in {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(usual.as_bytes()).flatten());
        for authority in read(ca.as_deref(), "ca")? {
            roots.add(authority).map_err(|error| odd("ca", &error))?;
        }
        let provider = PROVIDER.get_or_init(|| Arc::new(ring::default_provider()));
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::invalid(error.to_string()))?
            .with_root_certificates(roots);
        let shown = read(cert.as_deref(), "cert")?;
        let config = if shown.is_empty() {
            builder.with_no_client_auth()
        } else {
            let key = key.as_deref().unwrap_or_default();
            // The library's words may tell of the key, which is nobody's to see.
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
                .map_err(|_| Failure::invalid("tls.key is no private key in PEM"))?;
            builder
                .with_client_auth_cert(shown, key)
                .map_err(|error| odd("cert", &error))?
        };
        let name = ServerName::try_from(name.clone()).map_err(|error| odd("name", &error))?;
        let config = Arc::new(config);
        Ok(Self { config, name })
    }

    pub(crate) async fn shake(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, Fault> {
        TlsConnector::from(self.config.clone())
            .connect(self.name.clone(), stream)
            .await
            .map_err(|error| Fault::new(Kind::Tls, error.to_string()))
    }
}

fn read(pem: Option<&str>, what: &str) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let Some(pem) = pem else {
        return Ok(Vec::new());
    };
    let read = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| odd(what, &error))?;
    if read.is_empty() {
        return Err(odd(what, &"there is none in it"));
    }
    Ok(read)
}

fn odd(what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::invalid(format!("tls.{what} is no certificate in PEM: {error}"))
}
