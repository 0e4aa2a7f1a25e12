//! Asks an engine who it is: one `GET /version`, and the API version that both sides speak.

use std::time::Duration;

use agent_ffi::{Failure, Status};
use bollard::errors::Error;
use bollard::{ClientVersion, Docker};
use serde_json::{Value, json};

use super::Host;

/// The newest API version that this client speaks. The pure twin has the same number.
pub const CLIENT_API: ClientVersion = ClientVersion {
    major_version: 1,
    minor_version: 53,
};

/// One question to the engine at `host`, answered within `timeout` or failed.
///
/// The answer is JSON with `apiVersion` (the lower of the engine's and [`CLIENT_API`]), `version`,
/// `os` and `arch`, null where the engine does not say.
pub async fn ping(host: &Host, timeout: Duration) -> Result<Value, Failure> {
    match tokio::time::timeout(timeout, ask(host)).await {
        Ok(result) => result.map_err(|error| explain(host, &error))?,
        Err(_) => Err(Failure::new(
            Status::Timeout,
            format!(
                "The engine at {host} did not answer within {} ms",
                timeout.as_millis()
            ),
        )
        .field("operation", "pingEngine")
        .field("timeoutMs", timeout.as_millis() as u64)),
    }
}

/// The outer result is the transport's, the inner one says whether an engine answered.
async fn ask(host: &Host) -> Result<Result<Value, Failure>, Error> {
    // bollard's own limit counts whole seconds and covers less; ours goes round the whole question.
    const SECONDS: u64 = 24 * 60 * 60;
    let engine = match host {
        Host::Unix(path) => Docker::connect_with_unix(path, SECONDS, &CLIENT_API)?,
        Host::Tcp(address) => {
            Docker::connect_with_http(&address.to_string(), SECONDS, &CLIENT_API)?
        }
    };
    let answer = engine.version().await?;
    let Some(theirs) = answer.api_version.as_deref().and_then(parse_version) else {
        return Ok(Err(no_engine(host, "it names no API version")));
    };
    let ours = (CLIENT_API.major_version, CLIENT_API.minor_version);
    let (major, minor) = theirs.min(ours);
    Ok(Ok(json!({
        "apiVersion": format!("{major}.{minor}"),
        "version": answer.version,
        "os": answer.os,
        "arch": answer.arch,
    })))
}

/// Reads `1.41`: two whole numbers of at most six digits, nothing else.
fn parse_version(text: &str) -> Option<(usize, usize)> {
    let (major, minor) = text.split_once('.')?;
    let number = |digits: &str| {
        let plain =
            (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    };
    Some((number(major)?, number(minor)?))
}

fn no_engine(host: &Host, why: &str) -> Failure {
    Failure::new(
        Status::Unsupported,
        format!("What answers at {host} is not a container engine: {why}"),
    )
    .field("what", host.to_string())
}

/// What a failure of the transport means to the caller.
fn explain(host: &Host, error: &Error) -> Failure {
    match error {
        Error::SocketNotFoundError(path) => Failure::new(
            Status::NotFound,
            format!("There is no socket at {path}; start the engine, or name its host"),
        )
        .field("what", path.as_str()),
        Error::JsonDataError { .. } | Error::JsonSerdeError { .. } => {
            no_engine(host, "its answer is not the JSON of one")
        }
        Error::DockerResponseServerError {
            status_code,
            message,
        } => failed(
            host,
            &format!("it answered with status {status_code}: {message}"),
        ),
        other => failed(host, &chain(other)),
    }
}

fn failed(host: &Host, why: &str) -> Failure {
    Failure::new(
        Status::Io,
        format!("The engine at {host} cannot be asked: {why}"),
    )
    .field("path", host.to_string())
    .field("operation", "pingEngine")
}

/// An error and what caused it: "connection refused" is at the end of such a chain.
fn chain(error: &dyn std::error::Error) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_two_numbers() {
        assert_eq!(parse_version("1.41"), Some((1, 41)));
        assert_eq!(parse_version("01.9"), Some((1, 9)));
        for text in [
            "",
            "1",
            "1.",
            ".1",
            "1.2.3",
            "+1.2",
            "1.x",
            "1.1234567",
            "1. 2",
        ] {
            assert_eq!(parse_version(text), None, "{text}");
        }
    }
}
