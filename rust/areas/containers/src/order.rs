//! A request as JavaScript orders it: lines of text. The first is the method, the second the target (version, path and
//! query), then a line `name:value` for each field.

use agent_ffi::Failure;
use bollard::BollardRequest;
use bytes::Bytes;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, Uri};

use crate::upload::{Incoming, body_of};

/// What is to be sent, but for the body.
pub struct Order {
    method: Method,
    target: Uri,
    fields: HeaderMap,
}

/// What an exchange sends as its body.
pub(crate) enum Payload {
    Empty,
    Full(Bytes),
    Stream(Incoming),
}

impl Order {
    /// Reads an order; `InvalidArgument` if it is none.
    pub fn read(text: &str) -> Result<Self, Failure> {
        let mut lines = text.split('\n');
        let method = lines.next().unwrap_or_default();
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| odd("method"))?;
        let target = lines.next().filter(|target| target.starts_with('/'));
        let target = target.ok_or_else(|| odd("target"))?;
        // The connector looks at nothing of it; the client wants a whole one.
        let target = format!("http://engine{target}");
        let target = Uri::try_from(target).map_err(|_| odd("target"))?;
        let mut fields = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').ok_or_else(|| odd("field"))?;
            let name = HeaderName::try_from(name).map_err(|_| odd("field's name"))?;
            let value = HeaderValue::try_from(value).map_err(|_| odd("field's value"))?;
            fields.append(name, value);
        }
        Ok(Self {
            method,
            target,
            fields,
        })
    }

    /// The request of an order, with what every one of them says.
    pub(crate) fn request(
        self,
        authority: &str,
        payload: Payload,
    ) -> Result<BollardRequest, Failure> {
        let host = HeaderValue::try_from(authority).map_err(|_| odd("host"))?;
        let is_empty = matches!(payload, Payload::Empty);
        let mut request = BollardRequest::new(body_of(payload));
        let fields = request.headers_mut();
        fields.insert(HOST, host);
        fields.extend(self.fields);
        if is_empty && matches!(self.method, Method::POST | Method::PUT) {
            fields.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        *request.method_mut() = self.method;
        *request.uri_mut() = self.target;
        Ok(request)
    }
}

fn odd(what: &str) -> Failure {
    Failure::invalid(format!("The order's {what} is not one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_is_given() {
        let order =
            Order::read("POST\n/v1.41/build?t=a%20b\ncontent-type:application/x-tar\na:1").unwrap();
        let request = order.request("localhost", Payload::Empty).unwrap();
        assert_eq!(
            request.uri().path_and_query().unwrap(),
            "/v1.41/build?t=a%20b"
        );
        let fields: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        let expected = [
            "host: localhost",
            "content-type: application/x-tar",
            "a: 1",
            "content-length: 0",
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn refuses_what_is_no_order() {
        for text in [
            "",
            "GET",
            "GET\n",
            "G T\n/",
            "GET\nhttp://a/",
            "GET\n/a b",
            "GET\n/\nno colon",
            "GET\n/\na b:1",
            "GET\n/\na:\u{1}",
        ] {
            assert!(Order::read(text).is_err(), "{text:?}");
        }
    }
}
