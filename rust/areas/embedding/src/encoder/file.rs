//! The file of a model; data/README.md describes it.

use super::attention::HEAD;
use super::kernel::{COLUMNS, MOST_INPUTS, Matrix};
use super::{Encoder, Layer, Norm};

/// Why a file is no model.
#[derive(Debug)]
pub struct FileError(pub &'static str);

const MOST_LAYERS: usize = 48;

struct Reader<'f>(&'f [u8]);

impl<'f> Reader<'f> {
    fn bytes(&mut self, count: usize) -> Result<&'f [u8], FileError> {
        let (bytes, rest) = self
            .0
            .split_at_checked(count)
            .ok_or(FileError("it is cut short"))?;
        self.0 = rest;
        Ok(bytes)
    }

    fn word(&mut self) -> Result<usize, FileError> {
        let (words, _) = self.bytes(4)?.as_chunks::<4>();
        Ok(u32::from_le_bytes(words[0]) as usize)
    }

    fn floats(&mut self, count: usize) -> Result<Vec<f32>, FileError> {
        let (words, _) = self.bytes(4 * count)?.as_chunks::<4>();
        let floats: Vec<f32> = words.iter().map(|&word| f32::from_le_bytes(word)).collect();
        // One that is none would spread to every vector.
        if floats.iter().any(|x| !x.is_finite()) {
            return Err(FileError("a number in it is none"));
        }
        Ok(floats)
    }

    fn norm(&mut self, width: usize) -> Result<Norm, FileError> {
        Ok(Norm {
            weight: self.floats(width)?,
            bias: self.floats(width)?,
        })
    }

    fn matrix(&mut self, inputs: usize, outputs: usize) -> Result<Matrix, FileError> {
        let scales = self.floats(outputs)?;
        let bias = self.floats(outputs)?;
        Ok(Matrix::new(
            self.bytes(inputs * outputs)?,
            inputs,
            scales,
            bias,
        ))
    }
}

/// Reads and checks a file.
pub fn read(file: &[u8]) -> Result<Encoder, FileError> {
    let mut reader = Reader(file);
    if reader.bytes(4)? != b"AGEN" || reader.word()? != 1 {
        return Err(FileError("it is none of this version"));
    }
    let pieces = reader.word()?;
    let positions = reader.word()?;
    let width = reader.word()?;
    let inner = reader.word()?;
    let layers = reader.word()?;
    let fits = (1..=MOST_INPUTS).contains(&width)
        && (1..=MOST_INPUTS).contains(&inner)
        && width.is_multiple_of(HEAD)
        && inner.is_multiple_of(COLUMNS)
        && (1..=MOST_LAYERS).contains(&layers)
        // So that no product below is over what a file can have.
        && pieces <= file.len()
        && positions <= file.len();
    if !fits {
        return Err(FileError("its sizes cannot be"));
    }
    let word_scales = reader.floats(pieces)?;
    let words = reader.bytes(pieces * width)?;
    let places = reader.floats(positions * width)?;
    let first = reader.norm(width)?;
    let layers = (0..layers)
        .map(|_| {
            Ok(Layer {
                attention: reader.matrix(width, 3 * width)?,
                mixed: reader.matrix(width, width)?,
                after_attention: reader.norm(width)?,
                up: reader.matrix(width, inner)?,
                down: reader.matrix(inner, width)?,
                after: reader.norm(width)?,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if !reader.0.is_empty() {
        return Err(FileError("there is more in it than its sizes say"));
    }
    Ok(Encoder {
        width,
        heads: width / HEAD,
        positions,
        words: words.iter().map(|byte| byte.cast_signed()).collect(),
        word_scales,
        places,
        first,
        layers,
    })
}
