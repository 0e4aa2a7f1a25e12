//! `zstd` (RFC 8878), one or more frames, with windows of up to 8 MiB as RFC 9659 has it for HTTP.

use zstd::stream::raw::{DParameter, Decoder, Operation};

use super::{Codec, Corrupt};

const NAME: &str = "zstd";
const WINDOW_LOG: u32 = 23;

/// Takes `zstd` off.
pub(super) struct Zstd {
    decoder: Decoder<'static>,
    between: bool,
}

impl Zstd {
    pub(super) fn new() -> Result<Self, Corrupt> {
        let failed = |error| Corrupt::of(NAME, error);
        let mut decoder = Decoder::new().map_err(failed)?;
        decoder
            .set_parameter(DParameter::WindowLogMax(WINDOW_LOG))
            .map_err(failed)?;
        Ok(Self {
            decoder,
            between: false,
        })
    }
}

impl Codec for Zstd {
    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), Corrupt> {
        if input.is_empty() && self.between {
            return Ok((0, 0));
        }
        let status = self
            .decoder
            .run_on_buffers(input, output)
            .map_err(|error| Corrupt::of(NAME, error))?;
        self.between = status.remaining == 0;
        Ok((status.bytes_read, status.bytes_written))
    }

    fn complete(&self) -> bool {
        self.between
    }
}
