//! An exchange as JavaScript orders it: one text of lines, and numbers.

use std::net::IpAddr;
use std::time::Duration;

use agent_ffi::Failure;
use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, Uri};

use crate::upload::Payload;

/// Bounds of one exchange.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until there is a connection.
    pub connect: Duration,
    /// From the last byte of the request to the response's head.
    pub first_byte: Duration,
    /// Between two pieces of the body.
    pub body: Duration,
    /// For all of it.
    pub total: Duration,
    /// The decoded body.
    pub max_body: u64,
    /// The response's head.
    pub max_head: usize,
}

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Whether it is spoken to by TLS.
    pub tls: bool,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The value of `proxy-authorization`.
    pub authorization: Option<HeaderValue>,
}

/// One exchange: what to send, where it may go, within which bounds.
pub struct Order {
    /// The method.
    pub method: Method,
    /// Whether the scheme is `https`.
    pub tls: bool,
    /// The URL's host, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// `host` or `host:port`, as the URL has it.
    pub authority: Bytes,
    /// The whole URL.
    href: Bytes,
    /// Where path and query begin.
    path: usize,
    /// The fields to send.
    pub headers: HeaderMap,
    /// Where to dial: the proxy's addresses if there is one.
    pub addresses: Vec<IpAddr>,
    /// The proxy.
    pub proxy: Option<Proxy>,
    /// What its connections are kept under: origin, and the proxy with its authorization.
    pub key: Bytes,
    /// The bounds.
    pub limits: Limits,
    /// The body.
    pub payload: Payload,
}

impl Order {
    /// Reads an order. The lines: method, URL, addresses with commas between, the proxy's URL or nothing, its
    /// authorization or nothing, then a line `name:value` for each field.
    pub fn read(text: Vec<u8>, limits: Limits, payload: Payload) -> Result<Self, Failure> {
        let text = Bytes::from(narrow(text)?);
        let mut lines = Lines {
            text: text.clone(),
            at: 0,
        };
        let method = Method::from_bytes(&lines.next()?).map_err(|_| odd("method"))?;
        let href = lines.next()?;
        let url = Url::read(&href)?;
        let addresses = addresses(&lines.next()?)?;
        let (proxy_href, authorization) = (lines.next()?, lines.next()?);
        let proxy = match &proxy_href[..] {
            [] => None,
            _ => Some(proxy(&proxy_href, authorization.clone())?),
        };
        let key = match proxy {
            None => href.slice(..url.path),
            Some(_) => [&href[..url.path], b" ", &proxy_href, b" ", &authorization]
                .concat()
                .into(),
        };
        Ok(Self {
            method,
            tls: url.tls,
            host: url.host.to_owned(),
            port: url.port,
            authority: href.slice(url.authority..url.path),
            path: url.path,
            headers: lines.fields()?,
            addresses,
            proxy,
            key,
            limits,
            payload,
            href,
        })
    }

    /// What the request line has: path and query, or all of the URL.
    pub(crate) fn target(&self, whole: bool) -> Result<Uri, hyper::http::uri::InvalidUri> {
        Uri::from_maybe_shared(self.href.slice(if whole { 0 } else { self.path }..))
    }
}

fn odd(what: &str) -> Failure {
    Failure::invalid(format!("The order's {what} is not one"))
}

/// Field values are bytes; as text of JavaScript each is a character below 256.
fn narrow(text: Vec<u8>) -> Result<Vec<u8>, Failure> {
    if text.is_ascii() {
        return Ok(text);
    }
    let text = String::from_utf8(text).map_err(|_| odd("text"))?;
    let narrow = text.chars().map(|c| u8::try_from(u32::from(c)));
    narrow
        .collect::<Result<_, _>>()
        .map_err(|_| odd("field value"))
}

struct Lines {
    text: Bytes,
    at: usize,
}

impl Lines {
    fn next(&mut self) -> Result<Bytes, Failure> {
        let rest = self.text.get(self.at..).ok_or_else(|| odd("text"))?;
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = self.text.slice(self.at..self.at + length);
        self.at += length + 1;
        Ok(line)
    }

    fn fields(mut self) -> Result<HeaderMap, Failure> {
        let mut fields = HeaderMap::with_capacity(8);
        while self.at < self.text.len() {
            let line = self.next()?;
            let colon = memchr(b':', &line).ok_or_else(|| odd("field"))?;
            let name = HeaderName::from_bytes(&line[..colon]).map_err(|_| odd("field name"))?;
            let value = HeaderValue::from_maybe_shared(line.slice(colon + 1..))
                .map_err(|_| odd("field value"))?;
            fields
                .try_append(name, value)
                .map_err(|_| odd("number of fields"))?;
        }
        Ok(fields)
    }
}

fn memchr(byte: u8, text: &[u8]) -> Option<usize> {
    text.iter().position(|&one| one == byte)
}

struct Url<'a> {
    tls: bool,
    host: &'a str,
    port: u16,
    authority: usize,
    path: usize,
}

impl<'a> Url<'a> {
    /// Takes a URL apart that is in the normal form of the URL standard, without user info.
    fn read(href: &'a [u8]) -> Result<Self, Failure> {
        let (tls, authority) = if href.starts_with(b"https://") {
            (true, 8)
        } else if href.starts_with(b"http://") {
            (false, 7)
        } else {
            return Err(odd("scheme"));
        };
        let length = memchr(b'/', &href[authority..]).ok_or_else(|| odd("URL"))?;
        let path = authority + length;
        let written = std::str::from_utf8(&href[authority..path]).map_err(|_| odd("host"))?;
        let (host, port) = match written.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| odd("port"))?)
            }
            _ => (written, if tls { 443 } else { 80 }),
        };
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        if host.is_empty() || written.contains('@') || port == 0 {
            return Err(odd("host"));
        }
        Ok(Self {
            tls,
            host,
            port,
            authority,
            path,
        })
    }
}

fn addresses(line: &[u8]) -> Result<Vec<IpAddr>, Failure> {
    let line = std::str::from_utf8(line).map_err(|_| odd("address"))?;
    line.split(',')
        .map(|one| one.parse().map_err(|_| odd("address")))
        .collect()
}

fn proxy(href: &[u8], authorization: Bytes) -> Result<Proxy, Failure> {
    let url = Url::read(href)?;
    let value = HeaderValue::from_maybe_shared(authorization).map_err(|_| odd("authorization"))?;
    Ok(Proxy {
        tls: url.tls,
        host: url.host.to_owned(),
        port: url.port,
        authorization: (!value.is_empty()).then_some(value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        let second = Duration::from_secs(1);
        Limits {
            connect: second,
            first_byte: second,
            body: second,
            total: second,
            max_body: 1,
            max_head: 1,
        }
    }

    fn read(text: &str) -> Result<Order, Failure> {
        Order::read(text.as_bytes().to_vec(), limits(), Payload::Empty)
    }

    #[test]
    fn reads_what_it_is_given() {
        let order = read("GET\nhttp://[::1]:8080/a?b\n::1,127.0.0.1\n\n\na:1\na:\u{e4}").unwrap();
        assert_eq!(
            (order.host.as_str(), order.port, order.tls),
            ("::1", 8080, false)
        );
        assert_eq!(&order.authority[..], b"[::1]:8080");
        assert_eq!(order.target(false).unwrap(), "/a?b");
        assert_eq!(order.addresses.len(), 2);
        let values: Vec<_> = order.headers.get_all("a").iter().collect();
        assert_eq!(values[1].as_bytes(), [0xe4]);
        assert_eq!(&order.key[..], b"http://[::1]:8080");
    }

    #[test]
    fn the_proxy_is_a_part_of_the_key() {
        let order = read("GET\nhttps://a.test/\n1.2.3.4\nhttp://p:3128/\nBasic x").unwrap();
        assert_eq!(order.port, 443);
        assert_eq!(&order.key[..], b"https://a.test http://p:3128/ Basic x");
        assert_eq!(order.proxy.unwrap().port, 3128);
    }

    #[test]
    fn refuses_what_is_no_order() {
        for text in [
            "",
            "GET",
            "GET\nftp://a/\n1.2.3.4\n\n",
            "GET\nhttp://a\n1.2.3.4\n\n",
            "GET\nhttp://u@a/\n1.2.3.4\n\n",
            "GET\nhttp:///\n1.2.3.4\n\n",
            "GET\nhttp://a:99999/\n1.2.3.4\n\n",
            "GET\nhttp://a/\nlocalhost\n\n",
            "GET\nhttp://a/\n\n\n",
            "G T\nhttp://a/\n1.2.3.4\n\n",
            "GET\nhttp://a/\n1.2.3.4\n\n\nno colon",
            "GET\nhttp://a/\n1.2.3.4\n\n\nb a:1",
            "GET\nhttp://a/\n1.2.3.4\n\n\nb:\u{1}",
            "GET\nhttp://a/\n1.2.3.4\n\n\nb:\u{100}",
            "GET\nhttp://a/\n1.2.3.4\nsocks://p:1/\n",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
