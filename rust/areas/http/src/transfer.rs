//! How a body is coded for its transfer, beside its content's codings.

use hyper::header::TRANSFER_ENCODING;
use hyper::{Method, StatusCode};

use crate::connection::Answer;

/// Whether the body is coded for the transfer in more than chunks, which nobody asked for and nothing here undoes.
pub(crate) fn has_odd_coding(answer: &Answer, method: &Method) -> bool {
    let fields = answer.headers();
    // Most answers have none. What is said of a body that there cannot be does not matter (RFC 9112, 6.3).
    if !fields.contains_key(TRANSFER_ENCODING)
        || *method == Method::HEAD
        || matches!(
            answer.status(),
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
        )
    {
        return false;
    }
    let mut chunked = 0;
    for value in fields.get_all(TRANSFER_ENCODING) {
        for word in value.as_bytes().split(|&byte| byte == b',') {
            let word = word.trim_ascii();
            if word.eq_ignore_ascii_case(b"chunked") {
                chunked += 1;
            } else if !word.is_empty() && !word.eq_ignore_ascii_case(b"identity") {
                return true;
            }
        }
    }
    chunked > 1
}
