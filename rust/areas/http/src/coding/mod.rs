//! Content codings, taken off piece by piece. A decoder gives out what fits its own buffer, never more at once, so that
//! a bomb is noticed before it is memory.

mod brotli;
mod gzip;
mod inflate;
#[cfg(test)]
mod tests;
mod zstd;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::CONTENT_ENCODING;

/// Codings that are taken off one above the other; more are an attack and no compression, and left to the caller.
const MOST: usize = 3;
/// What a decoder gives out at most at once.
const OUT: usize = 64 * 1024;
/// What goes from one coding to the next at most at once.
const BETWEEN: usize = 16 * 1024;

/// Why a body cannot be decoded.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It is not what its coding says; how.
    Corrupt(String),
    /// It is over the limit.
    TooLarge,
}

impl From<Corrupt> for Refused {
    fn from(Corrupt(how): Corrupt) -> Self {
        Self::Corrupt(how)
    }
}

/// The body is not what its coding says; how.
#[derive(Debug)]
pub(crate) struct Corrupt(pub(crate) String);

impl Corrupt {
    fn of(coding: &str, error: impl std::fmt::Display) -> Self {
        Self(format!("{coding}: {error}"))
    }
}

/// Takes one coding off.
trait Codec: Send {
    /// Reads some input and writes some output: how many bytes of each. Neither means that it needs more input.
    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), Corrupt>;

    /// Whether the data may end here.
    fn complete(&self) -> bool;
}

struct Stage {
    codec: Box<dyn Codec>,
    input: Bytes,
    /// Whether there was any.
    touched: bool,
    /// Whether the codec filled its output and so may have more.
    full: bool,
    /// What it gave out so far.
    total: u64,
}

impl Stage {
    /// More input, behind what the codec left of the last.
    fn feed(&mut self, piece: Bytes) {
        self.touched |= !piece.is_empty();
        self.input = if self.input.is_empty() {
            piece
        } else {
            [&self.input[..], &piece].concat().into()
        };
    }
}

/// Takes all codings of a body off.
pub(crate) struct Decoder {
    /// The one that was put on last is first.
    stages: Vec<Stage>,
    out: Vec<u8>,
    limit: u64,
}

impl Decoder {
    /// The decoder for a response with these fields; none where nothing is coded, or in a way that is not known, which
    /// is left to the caller. No coding may give out more than `limit` bytes, also those below the last: what they give
    /// out costs time.
    pub(crate) fn of(headers: &HeaderMap, limit: u64) -> Result<Option<Self>, Corrupt> {
        if !headers.contains_key(CONTENT_ENCODING) {
            return Ok(None);
        }
        let mut stages = Vec::new();
        for value in headers.get_all(CONTENT_ENCODING) {
            for coding in value.as_bytes().split(|&byte| byte == b',') {
                let coding = coding.trim_ascii().to_ascii_lowercase();
                let codec: Box<dyn Codec> = match &coding[..] {
                    b"" | b"identity" => continue,
                    b"gzip" | b"x-gzip" => Box::new(gzip::Gzip::default()),
                    b"deflate" => Box::new(inflate::Deflate::default()),
                    b"br" => Box::new(brotli::Brotli::default()),
                    b"zstd" => Box::new(zstd::Zstd::new()?),
                    _ => return Ok(None),
                };
                if stages.len() == MOST {
                    return Ok(None);
                }
                stages.push(Stage {
                    codec,
                    input: Bytes::new(),
                    touched: false,
                    full: false,
                    total: 0,
                });
            }
        }
        if stages.is_empty() {
            return Ok(None);
        }
        stages.reverse();
        Ok(Some(Self {
            stages,
            out: Vec::new(),
            limit,
        }))
    }

    /// Gives it a piece of the body; only when it had nothing more to give out.
    pub(crate) fn feed(&mut self, piece: Bytes) {
        if let Some(stage) = self.stages.first_mut() {
            stage.feed(piece);
        }
    }

    /// The next decoded bytes; empty if it needs more of the body.
    pub(crate) fn next(&mut self) -> Result<&[u8], Refused> {
        self.out.resize(OUT, 0);
        let length = pull(&mut self.stages, &mut self.out, self.limit)?;
        Ok(&self.out[..length])
    }

    /// Says that the body is over: whether it may be. A body without a byte may.
    pub(crate) fn finish(&self) -> Result<(), Corrupt> {
        let whole = |stage: &Stage| !stage.touched || stage.codec.complete();
        if self.stages.iter().all(whole) {
            Ok(())
        } else {
            Err(Corrupt("the coded body ends early".to_owned()))
        }
    }
}

/// Runs the last stage, and those before it for its input. At most [`MOST`] deep.
fn pull(stages: &mut [Stage], out: &mut [u8], limit: u64) -> Result<usize, Refused> {
    let Some((last, before)) = stages.split_last_mut() else {
        return Ok(0);
    };
    loop {
        while !last.input.is_empty() || last.full {
            let (read, written) = last.codec.run(&last.input, out)?;
            drop(last.input.split_to(read));
            last.full = written == out.len();
            last.total += written as u64;
            if last.total > limit {
                return Err(Refused::TooLarge);
            }
            if written > 0 {
                return Ok(written);
            }
            if read == 0 {
                break;
            }
        }
        if before.is_empty() {
            return Ok(0);
        }
        let mut between = vec![0; BETWEEN];
        let length = pull(before, &mut between, limit)?;
        if length == 0 {
            return Ok(0);
        }
        between.truncate(length);
        last.feed(between.into());
    }
}
