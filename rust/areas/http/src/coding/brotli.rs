//! `br` (RFC 7932), without the large windows that no server may send.

use brotli::enc::StandardAlloc;
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};

use super::{Codec, Corrupt};

/// Takes `br` off.
pub(super) struct Brotli {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    total: usize,
    over: bool,
}

impl Default for Brotli {
    fn default() -> Self {
        Self {
            state: Box::new(BrotliState::new_strict(
                StandardAlloc::default(),
                StandardAlloc::default(),
                StandardAlloc::default(),
            )),
            total: 0,
            over: false,
        }
    }
}

impl Codec for Brotli {
    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), Corrupt> {
        if self.over {
            return Ok((input.len(), 0));
        }
        let (mut left, mut room) = (input.len(), output.len());
        let (mut read, mut written) = (0, 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut read,
            input,
            &mut room,
            &mut written,
            output,
            &mut self.total,
            &mut self.state,
        );
        match result {
            BrotliResult::ResultFailure => return Err(Corrupt::of("br", "the data is not that")),
            BrotliResult::ResultSuccess => self.over = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
        }
        Ok((read, written))
    }

    fn complete(&self) -> bool {
        self.over
    }
}
