//! `deflate`: the zlib format, and the bare one that some servers send under the same name.

use flate2::{Decompress, FlushDecompress, Status};

use super::{Codec, Corrupt};

/// One run of the decompressor over what is there.
pub(super) fn run(
    coding: &str,
    inflater: &mut Decompress,
    input: &[u8],
    output: &mut [u8],
) -> Result<(usize, usize, bool), Corrupt> {
    let (read, written) = (inflater.total_in(), inflater.total_out());
    let status = inflater
        .decompress(input, output, FlushDecompress::None)
        .map_err(|error| Corrupt::of(coding, error))?;
    Ok((
        (inflater.total_in() - read) as usize,
        (inflater.total_out() - written) as usize,
        status == Status::StreamEnd,
    ))
}

/// Takes `deflate` off.
#[derive(Default)]
pub(super) struct Deflate {
    inflater: Option<Decompress>,
    over: bool,
}

impl Codec for Deflate {
    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), Corrupt> {
        if self.over {
            return Ok((input.len(), 0));
        }
        let inflater = match (&mut self.inflater, input) {
            (Some(inflater), _) => inflater,
            (empty, [first, second, ..]) => {
                // The head of the zlib format (RFC 1950): its method, and a multiple of 31.
                let zlib = first & 15 == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0;
                empty.insert(Decompress::new(zlib))
            }
            (None, _) => return Ok((0, 0)),
        };
        let (read, written, over) = run("deflate", inflater, input, output)?;
        self.over = over;
        Ok((read, written))
    }

    fn complete(&self) -> bool {
        self.over
    }
}
