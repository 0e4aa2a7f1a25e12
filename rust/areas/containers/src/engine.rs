//! An engine with its connections: bollard's client over a transport of ours.

use std::sync::{Arc, Mutex, PoisonError};

use agent_ffi::Failure;
use bollard::errors::Error;
use bollard::{BollardRequest, ClientVersion, Docker};
use hyper::upgrade::OnUpgrade;
use hyper::{HeaderMap, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::sync::oneshot;

use crate::connect::Connector;
use crate::fault::Fault;
use crate::host::Settings;
use crate::tls::Tls;

/// bollard's own limit is in whole seconds and covers less than a caller's, which holds; a century is none.
const NO_LIMIT_SECONDS: u64 = 100 * 366 * 86_400;
/// Never sent: the targets name the version that was negotiated.
const UNUSED: ClientVersion = ClientVersion {
    major_version: 1,
    minor_version: 41,
};
/// More of a head is none; the pure twin has the same bound.
const MOST_HEAD_BYTES: usize = 65_536;

/// An engine that can be asked.
pub struct Engine {
    docker: Docker,
    authority: String,
}

/// The head of an answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) fields: HeaderMap,
    pub(crate) upgrade: Option<OnUpgrade>,
}

/// Who waits for the head of an answer.
type Waiting = oneshot::Sender<Result<Answer, Fault>>;

/// Where a request, on its way through bollard, has its answer's head put.
#[derive(Clone)]
pub(crate) struct Place(Arc<Mutex<Option<Waiting>>>);

impl Place {
    pub(crate) fn new() -> (Self, oneshot::Receiver<Result<Answer, Fault>>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Arc::new(Mutex::new(Some(sender)))), receiver)
    }

    fn put(&self, answer: Result<Answer, Fault>) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // Whoever is gone wants no answer.
            let _ = sender.send(answer);
        }
    }
}

impl Engine {
    /// Makes the client; nothing is connected before the first exchange.
    pub fn new(settings: Settings) -> Result<Self, Failure> {
        let tls = settings.tls.as_ref().map(Tls::new).transpose()?;
        let connector = Connector {
            host: Arc::new(settings.host),
            tls,
            limit: settings.connect,
        };
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(settings.most_idle)
            .http1_max_buf_size(MOST_HEAD_BYTES)
            .set_host(false)
            .build(connector);
        let transport = move |mut request: BollardRequest| {
            let client: Client<Connector, _> = client.clone();
            async move {
                let place = request.extensions_mut().remove::<Place>();
                let put = |answer| {
                    if let Some(place) = &place {
                        place.put(answer);
                    }
                };
                let mut response = client.request(request).await.map_err(|error| {
                    put(Err(Fault::of(&error)));
                    Error::from(error)
                })?;
                let status = response.status();
                put(Ok(Answer {
                    status,
                    fields: response.headers().clone(),
                    upgrade: (status == StatusCode::SWITCHING_PROTOCOLS)
                        .then(|| hyper::upgrade::on(&mut response)),
                }));
                // bollard would make a text of the body of any other.
                *response.status_mut() = StatusCode::OK;
                Ok(response)
            }
        };
        let docker = Docker::connect_with_custom_transport(
            transport,
            Some("http://engine"),
            NO_LIMIT_SECONDS,
            &UNUSED,
        )
        .map_err(|error| Failure::invalid(error.to_string()))?;
        Ok(Self {
            docker,
            authority: settings.authority,
        })
    }

    /// The value of the field `host`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// bollard's client for one request, which it sends instead of its own.
    pub(crate) fn sending(&self, request: BollardRequest) -> Docker {
        let request = Mutex::new(Some(request));
        self.docker.clone().with_request_modifier(move |own| {
            let ours = request
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            ours.unwrap_or(own)
        })
    }
}
