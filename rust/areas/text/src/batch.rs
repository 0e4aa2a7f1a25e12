//! Many texts at once: each cleaned, compared with a reference and reduced to its keywords.

use std::time::Instant;

use agent_shared::{Control, Error, Packed, each, lowercase};

use super::keywords::{Keyword, Request, keywords};
use super::metrics::{Metric, Scorer, Work};
use super::transform::trim;

/// What comes of one text.
pub struct Processed {
    /// Trimmed, then in lower case.
    pub text: String,
    /// At most ten, of at least three characters.
    pub keywords: Vec<Keyword>,
    /// Levenshtein similarity to the reference, if there is one.
    pub similarity: Option<f64>,
    /// Time that this text took.
    pub duration_ms: f64,
}

/// Processes texts over the threads of the current pool.
pub fn process(
    texts: &Packed<'_>,
    reference: Option<&str>,
    control: &dyn Control,
) -> Result<Vec<Processed>, Error> {
    let reference = reference.map(|text| lowercase(trim(text)));
    let scorer = reference.map(|text| (Scorer::new(Metric::Levenshtein, &text), text));
    each(texts.len(), control, |index| {
        let start = Instant::now();
        let original = texts.get(index);
        let text = lowercase(trim(original));
        let similarity = match &scorer {
            Some((scorer, reference)) => Some(similarity(scorer, reference, &text, control)?),
            None => None,
        };
        Ok(Processed {
            text,
            keywords: keywords(original, Request::default(), &Silent(control))?,
            similarity,
            duration_ms: start.elapsed().as_secs_f64() * 1e3,
        })
    })
}

fn similarity(
    scorer: &Scorer,
    reference: &str,
    text: &str,
    control: &dyn Control,
) -> Result<f64, Error> {
    let mut work = Work::new(control);
    if reference == text {
        return Ok(1.0);
    }
    if text.is_ascii() {
        return scorer.score(text.as_bytes(), &mut work);
    }
    let codes: Vec<u32> = text.chars().map(u32::from).collect();
    scorer.score(&codes, &mut work)
}

/// Lets a part be cancelled without its progress being taken for that of the whole.
struct Silent<'c>(&'c dyn Control);

impl Control for Silent<'_> {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

#[cfg(test)]
mod tests {
    use agent_shared::Uncontrolled;

    use super::*;

    #[test]
    fn each_text_gets_all_parts() {
        let packed = Packed::new(" Alpha beta \n\nALPHA BETA", &[12, 0, 10]).unwrap();
        let results = process(&packed, Some("alpha BETA "), &Uncontrolled).unwrap();
        let texts: Vec<&str> = results.iter().map(|result| result.text.as_str()).collect();
        assert_eq!(texts, ["alpha beta", "", "alpha beta"]);
        let similarities: Vec<_> = results.iter().map(|result| result.similarity).collect();
        assert_eq!(similarities, [Some(1.0), Some(0.0), Some(1.0)]);
        assert_eq!(results[0].keywords.len(), 2);
        assert!(results[1].keywords.is_empty());
        assert!(results.iter().all(|result| result.duration_ms >= 0.0));
        let without = process(&packed, None, &Uncontrolled).unwrap();
        assert_eq!(without[0].similarity, None);
    }
}
