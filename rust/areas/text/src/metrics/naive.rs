//! The metrics by their definitions, slow and plain: what the fast ones are tested against.

use super::{Metric, is_space};

pub(crate) fn similarity(metric: Metric, a: &[u32], b: &[u32]) -> f64 {
    if a == b {
        return 1.0;
    }
    let most = a.len().max(b.len()) as f64;
    match metric {
        Metric::Levenshtein => 1.0 - edits(a, b, false) as f64 / most,
        Metric::Osa => 1.0 - edits(a, b, true) as f64 / most,
        Metric::Lcs => lcs(a, b) as f64 / most,
        Metric::Jaro => jaro(a, b),
        Metric::JaroWinkler => {
            let score = jaro(a, b);
            let prefix = a.iter().zip(b).take(4).take_while(|(a, b)| a == b).count();
            if score > 0.7 {
                (score + (prefix as f64 * 0.1) * (1.0 - score)).min(1.0)
            } else {
                score
            }
        }
        Metric::TokenSort => {
            let [mut a, mut b] = [tokens(a), tokens(b)];
            a.sort();
            b.sort();
            indel(&a.join(&0x20), &b.join(&0x20))
        }
        Metric::TokenSet => token_set(tokens(a), tokens(b)),
        Metric::Partial => {
            let mut best = 0f64;
            for (x, y) in [(a, b), (b, a)] {
                if x.len() <= y.len() && !x.is_empty() {
                    for start in 0..y.len() {
                        for end in start + 1..=y.len() {
                            let width = end - start;
                            let at_end = start == 0 || end == y.len();
                            if width == x.len() || (width < x.len() && at_end) {
                                best = best.max(indel(x, &y[start..end]));
                            }
                        }
                    }
                }
            }
            best
        }
    }
}

fn edits(a: &[u32], b: &[u32], swaps: bool) -> usize {
    let mut d = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            d[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let same = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (d[i - 1][j - 1] + same)
                    .min(d[i - 1][j] + 1)
                    .min(d[i][j - 1] + 1);
                if swaps && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(d[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    d[a.len()][b.len()]
}

fn lcs(a: &[u32], b: &[u32]) -> usize {
    let mut row = vec![0usize; b.len() + 1];
    for x in a {
        let mut corner = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y {
                corner + 1
            } else {
                above.max(row[j])
            };
            corner = above;
        }
    }
    row[b.len()]
}

fn indel(a: &[u32], b: &[u32]) -> f64 {
    if a.is_empty() && b.is_empty() {
        return 1.0;
    }
    (2 * lcs(a, b)) as f64 / (a.len() + b.len()) as f64
}

fn jaro(a: &[u32], b: &[u32]) -> f64 {
    let (la, lb) = (a.len(), b.len());
    if la.min(lb) == 0 || (la == 1 && lb == 1) {
        return 0.0;
    }
    let bound = (la.max(lb) / 2).saturating_sub(1);
    let (mut in_a, mut in_b) = (vec![false; la], vec![false; lb]);
    for i in 0..la {
        for j in i.saturating_sub(bound)..(i + bound + 1).min(lb) {
            if !in_b[j] && a[i] == b[j] {
                in_a[i] = true;
                in_b[j] = true;
                break;
            }
        }
    }
    let pick = |text: &[u32], flags: &[bool]| -> Vec<u32> {
        text.iter()
            .zip(flags)
            .filter(|(_, flag)| **flag)
            .map(|(code, _)| *code)
            .collect()
    };
    let (a, b) = (pick(a, &in_a), pick(b, &in_b));
    if a.is_empty() {
        return 0.0;
    }
    let c = a.len() as f64;
    let t = (a.iter().zip(&b).filter(|(a, b)| a != b).count() / 2) as f64;
    let mut score = c / la as f64;
    score += c / lb as f64;
    score += (c - t) / c;
    score / 3.0
}

fn tokens(text: &[u32]) -> Vec<Vec<u32>> {
    text.split(|&code| is_space(code))
        .filter(|token| !token.is_empty())
        .map(<[u32]>::to_vec)
        .collect()
}

fn token_set(mut a: Vec<Vec<u32>>, mut b: Vec<Vec<u32>>) -> f64 {
    for side in [&mut a, &mut b] {
        side.sort();
        side.dedup();
    }
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let common: Vec<_> = a
        .iter()
        .filter(|token| b.contains(token))
        .cloned()
        .collect();
    let only_a: Vec<_> = a
        .iter()
        .filter(|token| !b.contains(token))
        .cloned()
        .collect();
    let only_b: Vec<_> = b
        .iter()
        .filter(|token| !a.contains(token))
        .cloned()
        .collect();
    if !common.is_empty() && (only_a.is_empty() || only_b.is_empty()) {
        return 1.0;
    }
    let [s, x, y] = [&common, &only_a, &only_b].map(|tokens| tokens.join(&0x20));
    let (n, nx, ny, l) = (s.len(), x.len(), y.len(), lcs(&x, &y));
    let gap = usize::from(n > 0);
    let sum = 2 * n + 2 * gap + nx + ny;
    let mut best = (sum - (nx + ny - 2 * l)) as f64 / sum as f64;
    if n > 0 {
        best = best.max((2 * n) as f64 / (2 * n + 1 + nx) as f64);
        best = best.max((2 * n) as f64 / (2 * n + 1 + ny) as f64);
    }
    best
}
