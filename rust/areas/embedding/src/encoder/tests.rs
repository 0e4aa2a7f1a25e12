//! The kernels against loops that are written as the formulas are, in double precision; and against each other.

use agent_shared::Uncontrolled;

use super::*;

const WIDTH: usize = 64;
const INNER: usize = 96;
const PIECES: usize = 40;
const PLACES: usize = 50;

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }

    fn float(&mut self) -> f32 {
        self.next() as f32 / (1u64 << 30) as f32 - 1.0
    }
}

fn small_model(seed: u64) -> Vec<u8> {
    let mut numbers = Numbers(seed);
    let mut file = b"AGEN".to_vec();
    for word in [1, PIECES, PLACES, WIDTH, INNER, 2] {
        file.extend((word as u32).to_le_bytes());
    }
    let floats = |file: &mut Vec<u8>, numbers: &mut Numbers, count: usize, by: f32, add: f32| {
        for _ in 0..count {
            file.extend((numbers.float() * by + add).to_le_bytes());
        }
    };
    let matrix = |file: &mut Vec<u8>, numbers: &mut Numbers, inputs: usize, outputs: usize| {
        floats(file, numbers, outputs, 0.0005, 0.002);
        floats(file, numbers, outputs, 0.2, 0.0);
        file.extend((0..inputs * outputs).map(|_| numbers.next() as u8));
    };
    floats(&mut file, &mut numbers, PIECES, 0.001, 0.01);
    file.extend((0..PIECES * WIDTH).map(|_| numbers.next() as u8));
    floats(&mut file, &mut numbers, PLACES * WIDTH, 0.5, 0.0);
    floats(&mut file, &mut numbers, WIDTH, 0.3, 1.0);
    floats(&mut file, &mut numbers, WIDTH, 0.3, 0.0);
    for _ in 0..2 {
        matrix(&mut file, &mut numbers, WIDTH, 3 * WIDTH);
        matrix(&mut file, &mut numbers, WIDTH, WIDTH);
        floats(&mut file, &mut numbers, WIDTH, 0.3, 1.0);
        floats(&mut file, &mut numbers, WIDTH, 0.3, 0.0);
        matrix(&mut file, &mut numbers, WIDTH, INNER);
        matrix(&mut file, &mut numbers, INNER, WIDTH);
        floats(&mut file, &mut numbers, WIDTH, 0.3, 1.0);
        floats(&mut file, &mut numbers, WIDTH, 0.3, 0.0);
    }
    file
}

fn texts(seed: u64, lengths: &[u32]) -> Vec<u32> {
    let mut numbers = Numbers(seed);
    (0..lengths.iter().sum::<u32>())
        .map(|_| numbers.next() % PIECES as u32)
        .collect()
}

/// The model as its formulas are, read from its file, one text at a time, in double precision.
fn plainly(file: &[u8], ids: &[u32]) -> Vec<f64> {
    let mut at = 28;
    let floats = |count: usize, at: &mut usize| -> Vec<f64> {
        let from = *at;
        *at += 4 * count;
        file[from..*at]
            .as_chunks::<4>()
            .0
            .iter()
            .map(|&x| f64::from(f32::from_le_bytes(x)))
            .collect()
    };
    let norm = |rows: &mut Vec<Vec<f64>>, at: &mut usize| {
        let (weight, bias) = (floats(WIDTH, at), floats(WIDTH, at));
        for row in rows {
            let mean = row.iter().sum::<f64>() / WIDTH as f64;
            let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / WIDTH as f64;
            for (n, x) in row.iter_mut().enumerate() {
                *x = (*x - mean) / (variance + 1e-12).sqrt() * weight[n] + bias[n];
            }
        }
    };
    let bytes = |at: &mut usize, count: usize| -> Vec<f64> {
        *at += count;
        file[*at - count..*at]
            .iter()
            .map(|&x| f64::from(x as i8))
            .collect()
    };
    let float = |at: usize| f64::from(f32::from_le_bytes(file[at..at + 4].try_into().unwrap()));
    let matrix = |rows: &[Vec<f64>], inputs: usize, outputs: usize, at: &mut usize| {
        let (scales, bias) = (*at, *at + 4 * outputs);
        *at += 8 * outputs;
        let weights = bytes(at, inputs * outputs);
        let one = |row: &Vec<f64>, output: usize| {
            let products = row
                .iter()
                .zip(&weights[output * inputs..])
                .map(|(x, w)| x * w);
            products.sum::<f64>() * float(scales + 4 * output) + float(bias + 4 * output)
        };
        rows.iter()
            .map(|row| (0..outputs).map(|output| one(row, output)).collect())
            .collect::<Vec<Vec<f64>>>()
    };
    let word_scales = at;
    at += 4 * PIECES;
    let words = bytes(&mut at, PIECES * WIDTH);
    let places = at;
    at += 4 * PLACES * WIDTH;
    let mut state: Vec<Vec<f64>> = ids
        .iter()
        .enumerate()
        .map(|(place, &id)| {
            let id = id as usize;
            (0..WIDTH)
                .map(|n| {
                    words[id * WIDTH + n] * float(word_scales + 4 * id)
                        + float(places + 4 * (place * WIDTH + n))
                })
                .collect()
        })
        .collect();
    norm(&mut state, &mut at);
    let plus = |state: &mut Vec<Vec<f64>>, more: &[Vec<f64>]| {
        for (x, y) in state.iter_mut().flatten().zip(more.iter().flatten()) {
            *x += y;
        }
    };
    for _ in 0..2 {
        let given = matrix(&state, WIDTH, 3 * WIDTH, &mut at);
        let mut mixed = vec![vec![0.0; WIDTH]; ids.len()];
        for head in 0..WIDTH / 32 {
            for (i, out) in mixed.iter_mut().enumerate() {
                let score = |j: usize| -> f64 {
                    (0..32)
                        .map(|n| given[i][head * 32 + n] * given[j][WIDTH + head * 32 + n])
                        .sum()
                };
                let scores: Vec<f64> = (0..ids.len()).map(|j| score(j).exp()).collect();
                let all: f64 = scores.iter().sum();
                for (j, share) in scores.iter().enumerate() {
                    for n in 0..32 {
                        out[head * 32 + n] += share / all * given[j][2 * WIDTH + head * 32 + n];
                    }
                }
            }
        }
        let more = matrix(&mixed, WIDTH, WIDTH, &mut at);
        plus(&mut state, &more);
        norm(&mut state, &mut at);
        let mut inner = matrix(&state, WIDTH, INNER, &mut at);
        for x in inner.iter_mut().flatten() {
            let tanh = (0.797_884_560_802_865_4 * (*x + 0.044_715 * x.powi(3))).tanh();
            *x *= 0.5 * (1.0 + tanh);
        }
        let more = matrix(&inner, INNER, WIDTH, &mut at);
        plus(&mut state, &more);
        norm(&mut state, &mut at);
    }
    assert_eq!(at, file.len());
    (0..WIDTH)
        .map(|n| state.iter().map(|row| row[n]).sum::<f64>() / ids.len() as f64)
        .collect()
}

#[test]
fn as_the_formulas_say() {
    for seed in 1..4 {
        let file = small_model(seed);
        let encoder = Encoder::new(&file).unwrap();
        for length in [1, 2, 7, 15, 16, 17, 33, 50] {
            let ids = texts(seed + u64::from(length), &[length]);
            let found = encoder.encode(&ids, &[length], &Uncontrolled).unwrap();
            for (found, wanted) in found.iter().zip(plainly(&file, &ids)) {
                // The tests' activation is another approximation, within 0.0005.
                assert!(
                    (f64::from(*found) - wanted).abs() < 0.01,
                    "{length}: {found} {wanted}"
                );
            }
        }
    }
}

#[test]
fn the_kernels_give_the_same_bits() {
    let encoder = Encoder::new(&small_model(9)).unwrap();
    let lengths = [3, 50, 1, 0, 17, 16, 31];
    let ids = texts(5, &lengths);
    let mut rest = &ids[..];
    let texts: Vec<&[u32]> = lengths
        .iter()
        .map(|&length| rest.split_off(..length as usize).unwrap())
        .collect();
    assert_eq!(
        forward::forward(&encoder, &texts),
        forward::portable(&encoder, &texts)
    );
}

#[test]
fn a_text_does_not_depend_on_its_neighbours_or_threads() {
    let encoder = Encoder::new(&small_model(3)).unwrap();
    let lengths: Vec<u32> = (0..40).map(|n| n * 7 % 51).collect();
    let ids = texts(8, &lengths);
    let together = encoder.encode(&ids, &lengths, &Uncontrolled).unwrap();
    let mut rest = &ids[..];
    for (&length, vector) in lengths.iter().zip(together.chunks_exact(WIDTH)) {
        let text = rest.split_off(..length as usize).unwrap();
        assert_eq!(
            encoder.encode(text, &[length], &Uncontrolled).unwrap(),
            vector
        );
        assert!(vector.iter().all(|x| x.is_finite()));
    }
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let again = pool.install(|| encoder.encode(&ids, &lengths, &Uncontrolled).unwrap());
        assert_eq!(again, together);
    }
}

#[test]
fn exponentials() {
    for n in 0..20_000 {
        let x = -n as f32 / 250.0;
        let wanted = f64::from(x).exp();
        assert!(
            (f64::from(math::exp(x)) - wanted).abs() <= wanted * 3e-7,
            "{x}"
        );
    }
    assert!(math::exp(f32::NEG_INFINITY) < 1e-37);
    assert_eq!(math::gelu(0.0), 0.0);
    assert!((math::gelu(1.0) - 0.841_344_7).abs() < 1e-6);
    assert!((math::gelu(-1.0) + 0.158_655_3).abs() < 1e-6);
}

#[test]
fn files_that_are_none() {
    let file = small_model(1);
    assert!(Encoder::new(&[]).is_err());
    for end in (0..file.len()).step_by(97) {
        assert!(Encoder::new(&file[..end]).is_err(), "{end}");
    }
    assert!(Encoder::new(&[&file[..], b"x"].concat()).is_err());
    for at in 4..28 {
        let mut other = file.clone();
        other[at] ^= 0xff;
        assert!(Encoder::new(&other).is_err(), "{at}");
    }
    let mut infinite = file.clone();
    infinite[28..32].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(Encoder::new(&infinite).is_err());
}

#[test]
fn wrong_arguments() {
    let encoder = Encoder::new(&small_model(1)).unwrap();
    let wrong = |ids: &[u32], lengths: &[u32]| {
        let error = encoder.encode(ids, lengths, &Uncontrolled).unwrap_err();
        assert!(matches!(error, Error::Invalid(_)));
    };
    wrong(&[1, 2], &[1]);
    wrong(&[1], &[2]);
    wrong(&[PIECES as u32], &[1]);
    wrong(&[0; 51], &[51]);
}
