//! A query prepared for one metric.

use agent_shared::Error;

use super::jaro::{self, Lists};
use super::partial::Needle;
use super::pattern::{Masks, Pattern};
use super::token_set::Tokens;
use super::{Metric, Symbol, Work, lcs, levenshtein, osa, sorted_tokens};

/// A query, ready to be compared with many strings. Shared by threads; each brings its own [`Work`].
pub struct Scorer {
    metric: Metric,
    codes: Vec<u32>,
    form: Form,
}

enum Form {
    /// Edit metrics.
    Masks(Pattern),
    Jaro(Pattern, Lists),
    /// The sorted tokens.
    TokenSort(Pattern, Vec<u32>),
    TokenSet(Tokens),
    Partial(Needle),
}

impl Scorer {
    /// Prepares a query.
    pub fn new(metric: Metric, query: &str) -> Self {
        let codes: Vec<u32> = query.chars().map(u32::from).collect();
        let form = match metric {
            Metric::Levenshtein | Metric::Osa | Metric::Lcs => {
                Form::Masks(Pattern::new(codes.iter().copied()))
            }
            Metric::Jaro | Metric::JaroWinkler => {
                let masked = if codes.len() <= 64 { &codes[..] } else { &[] };
                Form::Jaro(Pattern::new(masked.iter().copied()), Lists::new(&codes))
            }
            Metric::TokenSort => {
                let (mut ranges, mut joined) = (Vec::new(), Vec::new());
                sorted_tokens(&codes, &mut ranges, &mut joined);
                Form::TokenSort(Pattern::new(joined.iter().copied()), joined)
            }
            Metric::TokenSet => Form::TokenSet(Tokens::new(&codes)),
            Metric::Partial => Form::Partial(Needle::new(&codes)),
        };
        Self {
            metric,
            codes,
            form,
        }
    }

    /// What the masks of the edit metrics and of token-sort stand for: the query's code points, or
    /// those of its sorted tokens.
    pub(crate) fn masked(&self) -> &[u32] {
        match &self.form {
            Form::TokenSort(_, sorted) => sorted,
            _ => &self.codes,
        }
    }

    /// The metric it is prepared for.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The likeness of the query and a string.
    pub fn score<S: Symbol>(&self, text: &[S], work: &mut Work<'_>) -> Result<f64, Error> {
        self.score_over(text, 0.0, work)
    }

    /// The same, with leave to give anything under `floor` where the score is under it.
    pub fn score_over<S: Symbol>(
        &self,
        text: &[S],
        floor: f64,
        work: &mut Work<'_>,
    ) -> Result<f64, Error> {
        let (la, lb) = (self.codes.len(), text.len());
        if la == 0 && lb == 0 {
            return Ok(1.0);
        }
        // Long equal strings are told apart from others at once; short ones are not worth the look.
        if la == lb && la > 64 && self.codes.iter().zip(text).all(|(&a, b)| a == b.code()) {
            return Ok(1.0);
        }
        match (&self.form, self.metric) {
            (Form::Masks(query), Metric::Lcs) => {
                let best = lcs_score(la.min(lb), la, lb);
                if best < floor {
                    return Ok(best);
                }
                Ok(lcs_score(lcs::length(query, text, work)?, la, lb))
            }
            (Form::Masks(query), metric) => {
                let best = edit_score(la.abs_diff(lb), la, lb);
                if best < floor {
                    return Ok(best);
                }
                let distance = if metric == Metric::Osa {
                    osa::distance(query, text, work)?
                } else {
                    levenshtein::distance(query, text, work)?
                };
                Ok(edit_score(distance, la, lb))
            }
            (Form::Jaro(query, lists), metric) => {
                if la == 1 && lb == 1 {
                    return Ok(f64::from(u8::from(self.codes[0] == text[0].code())));
                }
                let winkler = metric == Metric::JaroWinkler;
                let mut best = jaro::best_for_lengths(la, lb);
                if winkler {
                    best = jaro::raise(best, 4);
                }
                if best < floor {
                    return Ok(best);
                }
                let score = jaro::jaro(&self.codes, query, lists, text, work)?;
                Ok(if winkler {
                    jaro::winkler(score, &self.codes, text)
                } else {
                    score
                })
            }
            (Form::TokenSort(query, _), _) => {
                work.ticker.spend(lb)?;
                let mut joined = std::mem::take(&mut work.joined);
                sorted_tokens(text, &mut work.ranges, &mut joined);
                let (lx, ly) = (query.len(), joined.len());
                let l = lcs::length(query, &joined, work);
                work.joined = joined;
                Ok(indel_score(l?, lx, ly))
            }
            (Form::TokenSet(query), _) => query.score(text, work),
            (Form::Partial(needle), _) => self.partial(needle, text, floor, work),
        }
    }

    fn partial<S: Symbol>(
        &self,
        needle: &Needle,
        text: &[S],
        floor: f64,
        work: &mut Work<'_>,
    ) -> Result<f64, Error> {
        let (la, lb) = (self.codes.len(), text.len());
        if la.min(lb) == 0 {
            return Ok(0.0);
        }
        // One less than the floor's bits: what equals the floor must still be found.
        let under = if floor > 0.0 { floor.next_down() } else { 0.0 };
        let mut best = under;
        if la <= lb {
            best = needle.best(text, best, work)?;
        }
        if la >= lb {
            let codes: Vec<u32> = text.iter().map(|symbol| symbol.code()).collect();
            best = Needle::new(&codes).best(&self.codes, best, work)?;
        }
        Ok(best)
    }
}

/// `1 - d / max`, the quotient rounded first.
#[inline(always)]
pub(crate) fn edit_score(distance: usize, la: usize, lb: usize) -> f64 {
    if la.max(lb) == 0 {
        return 1.0;
    }
    1.0 - distance as f64 / la.max(lb) as f64
}

/// `l / max`.
#[inline(always)]
pub(crate) fn lcs_score(l: usize, la: usize, lb: usize) -> f64 {
    if la.max(lb) == 0 {
        return 1.0;
    }
    l as f64 / la.max(lb) as f64
}

/// `2 l / (lx + ly)`.
#[inline(always)]
pub(crate) fn indel_score(l: usize, lx: usize, ly: usize) -> f64 {
    if lx + ly == 0 {
        return 1.0;
    }
    (2 * l) as f64 / (lx + ly) as f64
}
