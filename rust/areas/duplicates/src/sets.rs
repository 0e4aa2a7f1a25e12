//! The set of a text's shingles, and the exact Jaccard similarity of two. Shingles are ordered by their
//! hashes, and where hashes are equal by what they say, so that a collision of hashes changes no result.

use std::cmp::Ordering;

use agent_shared::{Control, Error};

use super::units::{SHINGLE, Sink, read};

/// A set of shingles.
pub(super) struct ShingleSet {
    /// The normalised text.
    text: String,
    /// Where each unit begins and ends in it.
    units: Vec<(u32, u32)>,
    /// Hash and first unit of each shingle, ascending, none twice.
    shingles: Vec<(u32, u32)>,
}

impl ShingleSet {
    /// The set of a text's shingles.
    pub(super) fn new(text: &str, control: &dyn Control) -> Result<Self, Error> {
        let mut set = Self {
            text: String::new(),
            units: Vec::new(),
            shingles: Vec::new(),
        };
        set.text.try_reserve(text.len())?;
        set.units.try_reserve(text.len() / 6 + 4)?;
        set.shingles.try_reserve(text.len() / 6 + 4)?;
        let mut reader = Reader { set, before: 0 };
        read(text, &mut reader, control)?;
        let mut set = reader.set;
        if set.units.is_empty() {
            // A text without words is its own only unit.
            set.text.clear();
            set.text.push_str(text);
            set.units.push((0, text.len() as u32));
        }
        set.order();
        Ok(set)
    }

    /// How many units the text has.
    pub(super) fn units(&self) -> usize {
        self.units.len()
    }

    fn order(&mut self) {
        let mut shingles = std::mem::take(&mut self.shingles);
        shingles.sort_unstable();
        let mut kept = 0;
        let mut from = 0;
        while from < shingles.len() {
            let hash = shingles[from].0;
            let same_hash = |&(other, _): &(u32, u32)| other == hash;
            let to = from
                + shingles[from..]
                    .iter()
                    .take_while(|one| same_hash(one))
                    .count();
            let run = &mut shingles[from..to];
            let first = run[0].1;
            let all_same = run[1..]
                .iter()
                .all(|&(_, place)| self.compare(first, self, place).is_eq());
            if !all_same {
                run.sort_unstable_by(|a, b| self.compare(a.1, self, b.1));
            }
            for at in from..to {
                let again = at > from
                    && (all_same
                        || self
                            .compare(shingles[kept - 1].1, self, shingles[at].1)
                            .is_eq());
                if !again {
                    shingles[kept] = shingles[at];
                    kept += 1;
                }
            }
            from = to;
        }
        shingles.truncate(kept);
        self.shingles = shingles;
    }

    fn unit(&self, unit: usize) -> &[u8] {
        let (start, end) = self.units[unit];
        &self.text.as_bytes()[start as usize..end as usize]
    }

    /// Compares the shingle that begins at a unit with one of another set.
    fn compare(&self, place: u32, other: &Self, other_place: u32) -> Ordering {
        let count = self.units.len().min(SHINGLE);
        let counts = count.cmp(&other.units.len().min(SHINGLE));
        if counts.is_ne() {
            return counts;
        }
        (0..count)
            .map(|i| {
                (
                    self.unit(place as usize + i),
                    other.unit(other_place as usize + i),
                )
            })
            .map(|(a, b)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Whether the size of the intersection over the size of the union reaches the threshold.
    pub(super) fn is_near(&self, other: &Self, threshold: f64) -> bool {
        let (ours, theirs) = (&self.shingles, &other.shingles);
        let least = least_shared(ours.len() + theirs.len(), threshold);
        if least > ours.len() || least > theirs.len() {
            return false;
        }
        // How many of each may be alone.
        let (spare_ours, spare_theirs) = (ours.len() - least, theirs.len() - least);
        let (mut i, mut j, mut shared) = (0, 0, 0);
        while i < ours.len()
            && j < theirs.len()
            && i - shared <= spare_ours
            && j - shared <= spare_theirs
        {
            let ((hash, place), (other_hash, other_place)) = (ours[i], theirs[j]);
            let order = hash
                .cmp(&other_hash)
                .then_with(|| self.compare(place, other, other_place));
            shared += usize::from(order.is_eq());
            i += usize::from(order.is_le());
            j += usize::from(order.is_ge());
        }
        shared >= least
    }
}

/// The fewest shingles that two sets of so many in all must share.
fn least_shared(both: usize, threshold: f64) -> usize {
    let guess = (threshold * both as f64 / (1.0 + threshold)).floor() as usize;
    let mut least = guess.saturating_sub(1).max(1);
    while (least as f64) / ((both - least) as f64) < threshold {
        least += 1;
    }
    least
}

struct Reader {
    set: ShingleSet,
    /// Bytes of the pieces before.
    before: usize,
}

impl Sink for Reader {
    fn piece(&mut self, text: &str) -> Result<(), Error> {
        self.before = self.set.text.len();
        self.set.text.try_reserve(text.len())?;
        self.set.text.push_str(text);
        // Lower case can be longer than what it is made of.
        match u32::try_from(self.set.text.len()) {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::TooLarge {
                size: self.set.text.len(),
                limit: u32::MAX as usize,
            }),
        }
    }

    fn unit(&mut self, start: usize, end: usize) -> Result<(), Error> {
        let place = |at: usize| (self.before + at) as u32;
        let unit = (place(start), place(end));
        self.set.units.try_reserve(1)?;
        self.set.units.push(unit);
        Ok(())
    }

    fn shingle(&mut self, hash: u32) -> Result<(), Error> {
        self.set.shingles.try_reserve(1)?;
        self.set
            .shingles
            .push((hash, self.set.shingles.len() as u32));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use agent_shared::Uncontrolled;

    use super::*;

    fn set(text: &str) -> ShingleSet {
        ShingleSet::new(text, &Uncontrolled).unwrap()
    }

    #[test]
    fn sets_hold_each_shingle_once() {
        assert_eq!(set("a b c a b c a b c").shingles.len(), 3);
        assert_eq!(set("a a a a").shingles.len(), 1);
        assert_eq!(set("").shingles.len(), 1);
    }

    #[test]
    fn the_threshold_itself_is_enough() {
        // 4 of 5 and of 6 shingles.
        assert!(set("a b c d e f").is_near(&set("a b c d e f g"), 0.8));
        assert!(!set("a b c d e f").is_near(&set("a b c d e f g"), 0.800_000_1));
        assert!(set("A b").is_near(&set("a, b"), 1.0));
        assert!(!set("a b").is_near(&set("a b c"), 1e-9));
        assert!(!set("!").is_near(&set(""), 0.01));
    }

    #[test]
    fn the_least_is_what_division_says() {
        for both in 2..200usize {
            for threshold in [1e-9, 0.1, 0.25, 0.3, 0.5, 2.0 / 3.0, 0.8, 0.9, 1.0] {
                let least = least_shared(both, threshold);
                let reaches = |n: usize| n as f64 / (both - n) as f64 >= threshold;
                assert!(reaches(least) && !reaches(least - 1), "{both} {threshold}");
            }
        }
    }

    /// Two sets by hand whose shingles all have one hash.
    fn colliding(text: &str) -> ShingleSet {
        let mut set = set(text);
        for (at, shingle) in set.shingles.iter_mut().enumerate() {
            *shingle = (7, at as u32);
        }
        set.shingles = (0..set.units.len() as u32 - 2).map(|at| (7, at)).collect();
        set.order();
        set
    }

    #[test]
    fn collisions_change_nothing() {
        let texts = [
            "a b c d e f g",
            "b c d e f g h a b c",
            "x y z a b c",
            "a b c a b c",
        ];
        for one in texts {
            for other in texts {
                let (a, b) = (set(one), set(other));
                let exact = |set: &ShingleSet| -> HashSet<Vec<Vec<u8>>> {
                    let at = |place: u32| {
                        (0..3)
                            .map(|i| set.unit(place as usize + i).to_vec())
                            .collect()
                    };
                    set.shingles.iter().map(|&(_, place)| at(place)).collect()
                };
                let shared = exact(&a).intersection(&exact(&b)).count() as f64;
                let either = exact(&a).union(&exact(&b)).count() as f64;
                for threshold in [0.1, 0.25, 0.4, 0.5, 1.0] {
                    let expected = shared / either >= threshold;
                    assert_eq!(a.is_near(&b, threshold), expected, "{one} {other}");
                    let (a, b) = (colliding(one), colliding(other));
                    assert_eq!(a.is_near(&b, threshold), expected, "{one} {other}");
                }
            }
        }
    }
}
