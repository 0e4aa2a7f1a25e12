//! Phrases: terms that follow on each other. Twin: `src/text/keywords/phrases.ts`, which tells how they are ranked.

use std::collections::HashMap;

use agent_shared::Error;

use super::keywords::Request;
use super::vocabulary::Sequence;

const PHRASES: usize = 1 << 20;
const NONE: u32 = u32::MAX;

/// A term or a phrase that may be a keyword.
struct Candidate {
    vertices: Vec<u32>,
    count: u32,
    /// Whether all of a run of terms was this phrase once.
    is_run: bool,
    score: f64,
}

/// The best terms and phrases: their vertices and scores, best first.
pub(super) fn ranked(
    sequence: &Sequence,
    numbers: &[u32],
    scores: &[f64],
    request: Request<'_>,
) -> Result<Vec<(Vec<u32>, f64)>, Error> {
    let mut vertex_of = vec![NONE; sequence.terms.len()];
    for (&number, vertex) in numbers.iter().zip(0..) {
        vertex_of[number as usize] = vertex;
    }
    let kept: Vec<u32> = sequence
        .kept
        .iter()
        .map(|&number| vertex_of[number as usize])
        .collect();
    let count_of = |vertex: u32| sequence.counts[numbers[vertex as usize] as usize];
    let mut candidates: Vec<Candidate> = (0..numbers.len() as u32)
        .map(|vertex| Candidate {
            vertices: vec![vertex],
            count: count_of(vertex),
            is_run: true,
            score: scores[vertex as usize],
        })
        .collect();
    for mut phrase in phrases(&kept, &sequence.breaks, request.max_words)? {
        if phrase.count < 2 && !phrase.is_run {
            continue;
        }
        let (mut sum, mut most) = (0.0, 0);
        for &vertex in &phrase.vertices {
            sum += scores[vertex as usize];
            most = most.max(count_of(vertex));
        }
        phrase.score = sum * f64::from(phrase.count) / f64::from(most);
        candidates.push(phrase);
    }
    // Sorting keeps the order of what is equal: terms, then phrases, by first occurrence.
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok(chosen(candidates, request.limit))
}

fn phrases(kept: &[u32], breaks: &[bool], max_words: usize) -> Result<Vec<Candidate>, Error> {
    let mut phrases: Vec<Candidate> = Vec::new();
    let mut known: HashMap<&[u32], usize> = HashMap::new();
    let mut run_start = 0;
    for (at, &vertex) in kept.iter().enumerate() {
        if vertex == NONE {
            run_start = at + 1;
            continue;
        }
        if breaks[at] {
            run_start = at;
        }
        let next = at + 1;
        let is_end = next == kept.len() || breaks[next] || kept[next] == NONE;
        for start in run_start.max(next.saturating_sub(max_words))..at {
            let vertices = &kept[start..next];
            let index = match known.get(vertices) {
                Some(&index) => index,
                None if phrases.len() < PHRASES => {
                    phrases.try_reserve(1)?;
                    phrases.push(Candidate {
                        vertices: vertices.to_vec(),
                        count: 0,
                        is_run: false,
                        score: 0.0,
                    });
                    known.insert(vertices, phrases.len() - 1);
                    phrases.len() - 1
                }
                None => continue,
            };
            phrases[index].count += 1;
            phrases[index].is_run |= is_end && start == run_start;
        }
    }
    Ok(phrases)
}

/// The best candidates without those that nearly always stand in one that is taken already.
fn chosen(candidates: Vec<Candidate>, limit: usize) -> Vec<(Vec<u32>, f64)> {
    let mut taken: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if taken.len() >= limit {
            break;
        }
        let length = candidate.vertices.len();
        let is_part = taken.iter().any(|other| {
            other.vertices.len() > length
                && 4 * u64::from(other.count) >= 3 * u64::from(candidate.count)
                && other
                    .vertices
                    .windows(length)
                    .any(|part| part == candidate.vertices)
        });
        if !is_part {
            taken.push(candidate);
        }
    }
    taken
        .into_iter()
        .map(|item| (item.vertices, item.score))
        .collect()
}
