//! A sentence encoder: a small transformer (BERT's kind) that makes a vector of each text's word pieces. Weights are
//! numbers of eight bits; products are taken in whole numbers, and everything else in an order that does not depend
//! on the processor, so that every machine and every number of threads gives the same bits.

mod attention;
mod file;
mod forward;
mod kernel;
mod math;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use agent_shared::{Control, Error, each};

pub use file::FileError;
use kernel::Matrix;

/// Texts are put through in groups of about so many pieces: enough to use each weight often, and few enough that
/// what is between two layers stays near the processor.
const GROUP: usize = 320;

/// What adds and multiplies each number of a row after it is brought to mean 0 and deviation 1.
struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

struct Layer {
    /// Query, key and value at once.
    attention: Matrix,
    mixed: Matrix,
    after_attention: Norm,
    up: Matrix,
    down: Matrix,
    after: Norm,
}

/// A model, ready to be used from any thread.
pub struct Encoder {
    width: usize,
    heads: usize,
    /// The longest text, in pieces.
    positions: usize,
    words: Vec<i8>,
    word_scales: Vec<f32>,
    places: Vec<f32>,
    first: Norm,
    layers: Vec<Layer>,
}

impl Encoder {
    /// Reads a model's file.
    pub fn new(file: &[u8]) -> Result<Self, FileError> {
        file::read(file)
    }

    /// How long a vector is.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Makes a vector of each text: the mean of what comes of its pieces. `ids` are the pieces of all texts, `lengths`
    /// how many each has. A text without pieces has the vector 0.
    pub fn encode(
        &self,
        ids: &[u32],
        lengths: &[u32],
        control: &dyn Control,
    ) -> Result<Vec<f32>, Error> {
        let mut texts: Vec<&[u32]> = Vec::with_capacity(lengths.len());
        let mut rest = ids;
        for &length in lengths {
            let length = length as usize;
            if length > self.positions {
                return Err(Error::Invalid(
                    "A text has more pieces than the model reads",
                ));
            }
            let (text, more) = rest
                .split_at_checked(length)
                .ok_or(Error::Invalid("The lengths must be those of the pieces"))?;
            texts.push(text);
            rest = more;
        }
        if !rest.is_empty() {
            return Err(Error::Invalid("The lengths must be those of the pieces"));
        }
        if ids.iter().any(|&id| id as usize >= self.word_scales.len()) {
            return Err(Error::Invalid("There is no such piece"));
        }
        let groups = grouped(&texts);
        let parts = each(groups.len(), control, |group| {
            Ok::<_, Error>(forward::forward(self, &texts[groups[group].clone()]))
        })?;
        Ok(parts.concat())
    }
}

/// Neighbouring texts of about [`GROUP`] pieces together.
fn grouped(texts: &[&[u32]]) -> Vec<std::ops::Range<usize>> {
    let mut groups = Vec::new();
    let mut start = 0;
    let mut pieces = 0;
    for (at, text) in texts.iter().enumerate() {
        if at > start && pieces + text.len() > GROUP {
            groups.push(start..at);
            (start, pieces) = (at, 0);
        }
        pieces += text.len();
    }
    if start < texts.len() {
        groups.push(start..texts.len());
    }
    groups
}

fn registered() -> &'static Mutex<HashMap<String, Arc<Encoder>>> {
    static REGISTERED: OnceLock<Mutex<HashMap<String, Arc<Encoder>>>> = OnceLock::new();
    REGISTERED.get_or_init(Mutex::default)
}

/// Keeps a model for the process under a name; the first one stays.
pub fn register(name: &str, encoder: Encoder) {
    let mut all = registered().lock().unwrap_or_else(PoisonError::into_inner);
    all.entry(name.to_owned())
        .or_insert_with(|| Arc::new(encoder));
}

/// The model of a name, if one is kept.
pub fn find(name: &str) -> Option<Arc<Encoder>> {
    let all = registered().lock().unwrap_or_else(PoisonError::into_inner);
    all.get(name).cloned()
}

#[cfg(test)]
mod tests;
