//! What goes wrong in an exchange. The kinds are those of `EngineFaultKind` in `src/containers/engine/errors.ts`, which
//! makes the errors; the details are the system's or the libraries' own words.

use std::error::Error;
use std::fmt;

/// Which kind of fault; the order is that of `FAULT_KINDS` in `src/containers/engine/native/wire.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    NoSocket,
    Connect,
    ConnectTimeout,
    Tls,
    Reset,
    Protocol,
}

#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) detail: String,
}

impl Fault {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { kind, detail }
    }

    /// What an error of the libraries means: the connector's own fault is in its chain, if it was that.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut kind = Kind::Reset;
        let mut next = Some(error);
        while let Some(one) = next {
            if let Some(fault) = one.downcast_ref::<Self>() {
                return fault.clone();
            }
            if one
                .downcast_ref::<hyper::Error>()
                .is_some_and(hyper::Error::is_parse)
            {
                kind = Kind::Protocol;
            }
            next = one.source();
        }
        Self::new(kind, chain(error))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Error for Fault {}

/// An error and what caused it: "connection refused" is at the end of such a chain.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = cause.source();
    }
    text
}
