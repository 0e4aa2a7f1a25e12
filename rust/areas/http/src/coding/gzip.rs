//! `gzip`: one or more members (RFC 1952), each checked by its length and checksum. What follows the last one and does
//! not begin like another is ignored, as everywhere.

use flate2::{Crc, Decompress};

use super::{Codec, Corrupt, inflate};

const NAME: &str = "gzip";
const FHCRC: u8 = 2;
const FEXTRA: u8 = 4;
const FNAME: u8 = 8;
const FCOMMENT: u8 = 16;

/// Where in a member it is.
enum At {
    /// The ten fixed bytes of the head; how many were read.
    Head(usize),
    ExtraLength(u8, u16),
    Extra(u16),
    Text,
    HeadSum(u8),
    Data,
    Trailer(usize),
    /// Behind a whole member.
    Between,
    /// Behind the last.
    Rest,
}

/// Takes `gzip` off.
pub(super) struct Gzip {
    at: At,
    /// What is still to come of the head.
    flags: u8,
    trailer: [u8; 8],
    inflater: Decompress,
    sum: Crc,
}

impl Default for Gzip {
    fn default() -> Self {
        Self {
            at: At::Head(0),
            flags: 0,
            trailer: [0; 8],
            inflater: Decompress::new(false),
            sum: Crc::new(),
        }
    }
}

impl Gzip {
    /// The next part of the head, by its flags.
    fn next_part(&mut self) -> At {
        let mut take = |flag: u8| {
            let there = self.flags & flag != 0;
            self.flags &= !flag;
            there
        };
        if take(FEXTRA) {
            At::ExtraLength(0, 0)
        } else if take(FNAME) || take(FCOMMENT) {
            At::Text
        } else if take(FHCRC) {
            At::HeadSum(0)
        } else {
            At::Data
        }
    }

    /// One byte outside the data.
    fn step(&mut self, byte: u8) -> Result<At, Corrupt> {
        Ok(match self.at {
            At::Head(read) => {
                match (read, byte) {
                    (0, 0x1f) | (1, 0x8b) | (2, 8) | (4.., _) => {}
                    (3, flags) if flags & 0xe0 == 0 => self.flags = flags,
                    _ => return Err(Corrupt::of(NAME, "the head is not one")),
                }
                if read < 9 {
                    At::Head(read + 1)
                } else {
                    self.next_part()
                }
            }
            At::ExtraLength(0, _) => At::ExtraLength(1, byte.into()),
            At::ExtraLength(_, low) => match low | u16::from(byte) << 8 {
                0 => self.next_part(),
                length => At::Extra(length),
            },
            At::Extra(1) => self.next_part(),
            At::Extra(left) => At::Extra(left - 1),
            At::Text if byte == 0 => self.next_part(),
            At::Text => At::Text,
            At::HeadSum(0) => At::HeadSum(1),
            At::HeadSum(_) => At::Data,
            At::Trailer(read) => {
                self.trailer[read] = byte;
                if read < 7 {
                    At::Trailer(read + 1)
                } else {
                    self.check()?;
                    At::Between
                }
            }
            At::Between if byte == 0x1f => {
                self.inflater.reset(false);
                self.sum.reset();
                At::Head(1)
            }
            At::Between | At::Rest | At::Data => At::Rest,
        })
    }

    fn check(&self) -> Result<(), Corrupt> {
        let sum = self.sum.sum().to_le_bytes();
        let length = self.sum.amount().to_le_bytes();
        if self.trailer == [sum, length].concat()[..] {
            Ok(())
        } else {
            Err(Corrupt::of(NAME, "the checksum or the length is wrong"))
        }
    }
}

impl Codec for Gzip {
    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), Corrupt> {
        let mut read = 0;
        loop {
            match self.at {
                At::Rest => return Ok((input.len(), 0)),
                At::Data => {
                    let (more, written, over) =
                        inflate::run(NAME, &mut self.inflater, &input[read..], output)?;
                    self.sum.update(&output[..written]);
                    read += more;
                    if over {
                        self.at = At::Trailer(0);
                    }
                    if written > 0 || !over {
                        return Ok((read, written));
                    }
                }
                _ => match input.get(read) {
                    Some(&byte) => {
                        self.at = self.step(byte)?;
                        read += 1;
                    }
                    None => return Ok((read, 0)),
                },
            }
        }
    }

    fn complete(&self) -> bool {
        matches!(self.at, At::Between | At::Rest)
    }
}
