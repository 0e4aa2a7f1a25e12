//! The first bytes of a connection: whether they begin TLS, and for which name.

use std::io::Cursor;

use rustls::server::Acceptor;

/// How long the beginning of TLS may be: more than any that is sent, less than memory.
const MOST_BYTES: usize = 64 * 1024;
/// The first byte of TLS.
const HANDSHAKE: u8 = 22;

/// What is known of a connection so far.
#[derive(Debug, PartialEq, Eq)]
pub enum Hello {
    /// More bytes are needed.
    Unfinished,
    /// It is not TLS.
    Other,
    /// TLS for a name, if it names one.
    Tls(Option<String>),
    /// It began as TLS and went on as something else.
    Broken,
}

/// Whether these bytes begin TLS.
pub fn is_tls(bytes: &[u8]) -> bool {
    bytes.first() == Some(&HANDSHAKE)
}

/// Looks at all bytes that came so far, at least one.
pub fn look(bytes: &[u8]) -> Hello {
    if !is_tls(bytes) {
        return Hello::Other;
    }
    let mut acceptor = Acceptor::default();
    let mut rest = Cursor::new(bytes);
    loop {
        match acceptor.read_tls(&mut rest) {
            Ok(0) => break,
            Ok(_) => {}
            Err(_) => return Hello::Broken,
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => {
                let name = accepted.client_hello().server_name().map(str::to_owned);
                return Hello::Tls(name);
            }
            Ok(None) => {}
            Err(_) => return Hello::Broken,
        }
    }
    if bytes.len() > MOST_BYTES {
        Hello::Broken
    } else {
        Hello::Unfinished
    }
}
