//! Texts through the layers of a model.

use super::attention::{Scratch, attend};
use super::kernel::{Kernel, Portable, Rows};
use super::math::{gelu, normalise};
use super::{Encoder, Norm};

/// The vectors of some texts, by the fastest kernel that this processor has.
pub fn forward(encoder: &Encoder, texts: &[&[u32]]) -> Vec<f32> {
    #[cfg(target_arch = "x86_64")]
    if let Some(kernel) = super::kernel::Avx2::detect() {
        #[target_feature(enable = "avx2")]
        fn with_avx2(encoder: &Encoder, texts: &[&[u32]], kernel: super::kernel::Avx2) -> Vec<f32> {
            layers(encoder, texts, kernel)
        }
        #[allow(unsafe_code)]
        // SAFETY: the processor has AVX2, as just seen.
        return unsafe { with_avx2(encoder, texts, kernel) };
    }
    portable(encoder, texts)
}

/// The same for any processor.
pub fn portable(encoder: &Encoder, texts: &[&[u32]]) -> Vec<f32> {
    layers(encoder, texts, Portable)
}

#[inline(always)]
fn layers(encoder: &Encoder, texts: &[&[u32]], kernel: impl Kernel) -> Vec<f32> {
    let width = encoder.width;
    let mut state = begin(encoder, texts);
    let mut scratch = Scratch::default();
    let mut mixed = vec![0.0; state.len()];
    for layer in &encoder.layers {
        let given = layer.attention.multiply(&Rows::new(&state, width), kernel);
        let mut start = 0;
        for text in texts {
            let end = start + text.len();
            let of = &given[3 * width * start..3 * width * end];
            attend(
                of,
                &mut mixed[width * start..width * end],
                encoder.heads,
                &mut scratch,
            );
            start = end;
        }
        let more = layer.mixed.multiply(&Rows::new(&mixed, width), kernel);
        add(&mut state, &more, &layer.after_attention);
        let mut inner = layer.up.multiply(&Rows::new(&state, width), kernel);
        for x in &mut inner {
            *x = gelu(*x);
        }
        let rows = Rows::new(&inner, layer.up.outputs());
        let more = layer.down.multiply(&rows, kernel);
        add(&mut state, &more, &layer.after);
    }
    let mut vectors = vec![0.0; texts.len() * width];
    let mut start = 0;
    for (text, vector) in texts.iter().zip(vectors.chunks_exact_mut(width)) {
        let end = start + text.len();
        let share = 1.0 / text.len().max(1) as f32;
        for row in state[width * start..width * end].chunks_exact(width) {
            for (sum, x) in vector.iter_mut().zip(row) {
                *sum += x * share;
            }
        }
        start = end;
    }
    vectors
}

/// What each piece is, and where it stands in its text.
#[inline(always)]
fn begin(encoder: &Encoder, texts: &[&[u32]]) -> Vec<f32> {
    let width = encoder.width;
    let pieces = texts.iter().map(|text| text.len()).sum::<usize>();
    let mut state = Vec::with_capacity(pieces * width);
    for text in texts {
        for (&id, place) in text.iter().zip(encoder.places.chunks_exact(width)) {
            let scale = encoder.word_scales[id as usize];
            let word = &encoder.words[id as usize * width..][..width];
            state.extend(
                word.iter()
                    .zip(place)
                    .map(|(&x, place)| f32::from(x) * scale + place),
            );
        }
    }
    normalise(&mut state, &encoder.first.weight, &encoder.first.bias);
    state
}

#[inline(always)]
fn add(state: &mut [f32], more: &[f32], norm: &Norm) {
    for (x, more) in state.iter_mut().zip(more) {
        *x += more;
    }
    normalise(state, &norm.weight, &norm.bias);
}
