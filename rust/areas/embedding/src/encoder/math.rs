//! What is not a product of matrices, element by element. Sums are taken in eight lanes that are added in one order;
//! exponentials are polynomials of our own: a processor's wider registers change the time and not a bit of the result.

const LANES: usize = 8;

#[inline(always)]
fn folded(lanes: [f32; LANES]) -> f32 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// The sum of what a function makes of each number. As many as a multiple of eight.
#[inline(always)]
fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    for part in values.as_chunks::<LANES>().0 {
        for (lane, &value) in lanes.iter_mut().zip(part) {
            *lane += of(value);
        }
    }
    folded(lanes)
}

/// The largest number without its sign.
#[inline(always)]
pub fn largest(values: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    for part in values.as_chunks::<LANES>().0 {
        for (lane, &value) in lanes.iter_mut().zip(part) {
            let size = value.abs();
            *lane = if size > *lane { size } else { *lane };
        }
    }
    lanes.into_iter().fold(0.0, f32::max)
}

/// Adding and taking this away rounds a number below 2^22 to a whole one, halves to even.
const ROUND: f32 = 12_582_912.0;

/// The nearest whole number to one below 2^22; halves to even.
#[inline(always)]
pub fn rounded(x: f32) -> i32 {
    (x + ROUND).to_bits().cast_signed() - ROUND.to_bits().cast_signed()
}

/// e to the power of a number that is not above 0.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = if x < -87.0 { -87.0 } else { x };
    let whole = x * std::f32::consts::LOG2_E + ROUND;
    let power = whole.to_bits().cast_signed() - ROUND.to_bits().cast_signed();
    let whole = whole - ROUND;
    // ln 2 in two parts, the first exact when multiplied.
    let f = (x - whole * 0.693_359_4) + whole * 2.121_944_4e-4;
    let tail = 1.0 / 120.0 + f * (1.0 / 720.0 + f * (1.0 / 5_040.0));
    let series = 1.0 + f * (1.0 + f * (0.5 + f * (1.0 / 6.0 + f * (1.0 / 24.0 + f * tail))));
    series * f32::from_bits(((power + 127) << 23).cast_unsigned())
}

/// The activation: half of x times 1 + erf(x / sqrt 2), by Abramowitz and Stegun, 7.1.26.
#[inline(always)]
pub fn gelu(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let series = t
        * (0.254_829_6
            + t * (-0.284_496_74 + t * (1.421_413_8 + t * (-1.453_152 + t * 1.061_405_4))));
    let half = 0.5 * series * exp(-z * z);
    x * (if x < 0.0 { half } else { 1.0 - half })
}

/// Brings each row to mean 0 and deviation 1, then to the weights and biases learnt.
#[inline(always)]
pub fn normalise(values: &mut [f32], weight: &[f32], bias: &[f32]) {
    let width = weight.len();
    for row in values.chunks_exact_mut(width) {
        let mean = sum(row, |x| x) / width as f32;
        let variance = sum(row, |x| (x - mean) * (x - mean)) / width as f32;
        let factor = 1.0 / (variance + 1e-12).sqrt();
        for ((x, w), b) in row.iter_mut().zip(weight).zip(bias) {
            *x = (*x - mean) * factor * w + b;
        }
    }
}

/// Turns scores into shares of 1. As many as a multiple of eight; those that do not count are minus infinity.
#[inline(always)]
pub fn softmax(scores: &mut [f32]) {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for part in scores.as_chunks::<LANES>().0 {
        for (lane, &value) in lanes.iter_mut().zip(part) {
            *lane = if value > *lane { value } else { *lane };
        }
    }
    let top = lanes.into_iter().fold(f32::NEG_INFINITY, f32::max);
    for score in scores.iter_mut() {
        *score = exp(*score - top);
    }
    let factor = 1.0 / sum(scores, |x| x);
    for score in scores.iter_mut() {
        *score *= factor;
    }
}
