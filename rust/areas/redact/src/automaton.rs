//! A lazy deterministic automaton over a pattern program: states are made when a text first leads there,
//! and thrown away when there are too many. Twin: `src/text/redact/pattern/automaton.ts`; the program is
//! described and made in `src/text/redact/pattern/compile.ts`.

use std::collections::HashMap;

use super::Error;

/// The number of a state.
pub type State = u32;
/// The dead state: nothing can match any more.
pub const DEAD: State = 0;
/// In place of a pattern: none.
pub const NO_PATTERN: u32 = 0x7fff_ffff;

/// Kinds of what stands beside a place.
pub mod kind {
    pub const EDGE: u8 = 0;
    pub const LINE: u8 = 1;
    pub const WORD: u8 = 2;
    pub const OTHER: u8 = 3;
}

const STATES_KEPT: usize = 4096;
// Sets of counted repetitions inside of another are large: all of `(a{1,50}){1,50}` have three million
// members.
const ENTRIES_KEPT: usize = 1 << 22;
const UNKNOWN: State = u32::MAX;

#[derive(Clone, Copy)]
enum Op {
    Set { bits: u32, next: u32 },
    Split(u32, u32),
    Assert { what: u32, next: u32 },
    Match(u32),
}

/// What a state says.
#[derive(Clone, Copy)]
pub struct Facts {
    /// The first pattern that matches here, whatever follows.
    pub matched: u32,
    /// The first pattern that matched before the character that led here, because of that character.
    pub late: u32,
    /// Whether nothing goes on from here.
    pub last: bool,
    before: u8,
}

const NOTHING: Facts = Facts {
    matched: NO_PATTERN,
    late: NO_PATTERN,
    last: true,
    before: kind::EDGE,
};

/// The automaton, which texts share.
pub struct Automaton {
    /// How many times states were thrown away; numbers of states are good only within one.
    pub generation: u64,
    /// The class of the edge of the text.
    pub edge: u32,
    /// Whether a match may begin anywhere, not only where the automaton does.
    unanchored: bool,
    code: Vec<Op>,
    sets: Vec<u32>,
    kinds: Vec<u8>,
    starts: Vec<u32>,
    borders: Vec<u32>,
    classes: Vec<u32>,
    small: [u32; 128],
    stride: usize,
    next: Vec<State>,
    facts: Vec<Facts>,
    members: Vec<Box<[u32]>>,
    known: HashMap<(u8, u32, Box<[u32]>), State>,
    entries: usize,
    begin: [State; 4],
    seen: Vec<u32>,
    round: u32,
}

fn wrong() -> Error {
    Error("The pattern program is not one".to_owned())
}

impl Automaton {
    /// Reads a program, every number of which is checked.
    pub fn new(program: &[u32], unanchored: bool) -> Result<Self, Error> {
        let Some((&[states, classes, borders, words, starts], mut rest)) =
            program.split_first_chunk::<5>()
        else {
            return Err(wrong());
        };
        let mut part = |count: u64| -> Result<&[u32], Error> {
            let count = usize::try_from(count).map_err(|_| wrong())?;
            let (head, tail) = rest.split_at_checked(count).ok_or_else(wrong)?;
            rest = tail;
            Ok(head)
        };
        let border_list = part(u64::from(borders))?.to_vec();
        let class_list = part(u64::from(borders))?.to_vec();
        let kinds = part(u64::from(classes))?.to_vec();
        let code = part(u64::from(states) * 3)?;
        let start_count = starts as usize;
        let sets_len = (program.len() - 5 - 2 * borders as usize - classes as usize - code.len())
            .checked_sub(start_count)
            .ok_or_else(wrong)?;
        let sets = part(sets_len as u64)?.to_vec();
        let starts = part(start_count as u64)?.to_vec();
        let code = code
            .chunks_exact(3)
            .map(|op| {
                let state = |at: u32| (at < states).then_some(at).ok_or_else(wrong);
                Ok(match *op {
                    [0, set, next] => {
                        let bits = u64::from(set) * u64::from(words);
                        if bits + u64::from(words) > sets.len() as u64 {
                            return Err(wrong());
                        }
                        Op::Set {
                            bits: bits as u32,
                            next: state(next)?,
                        }
                    }
                    [1, x, y] => Op::Split(state(x)?, state(y)?),
                    [2, what @ ..6, next] => Op::Assert {
                        what,
                        next: state(next)?,
                    },
                    [3, pattern, _] if pattern < NO_PATTERN => Op::Match(pattern),
                    _ => return Err(wrong()),
                })
            })
            .collect::<Result<Vec<Op>, Error>>()?;
        let sound = border_list.first() == Some(&0)
            && border_list.is_sorted()
            && class_list.iter().all(|&class| class < classes)
            && kinds.iter().all(|&kind| (1..4).contains(&kind))
            && starts.iter().all(|&start| start < states)
            && classes.div_ceil(32) <= words;
        if !sound {
            return Err(wrong());
        }
        let mut automaton = Self {
            generation: 0,
            edge: classes,
            unanchored,
            seen: vec![0; code.len()],
            code,
            sets,
            kinds: kinds.iter().map(|&kind| kind as u8).collect(),
            starts,
            borders: border_list,
            classes: class_list,
            small: [0; 128],
            stride: classes as usize + 1,
            next: Vec::new(),
            facts: Vec::new(),
            members: Vec::new(),
            known: HashMap::new(),
            entries: 0,
            begin: [UNKNOWN; 4],
            round: 0,
        };
        for code in 0..128 {
            automaton.small[code as usize] = automaton.search(code);
        }
        automaton.clear();
        Ok(automaton)
    }

    /// The class of a code point.
    #[inline]
    pub fn class_of(&self, code: u32) -> u32 {
        match self.small.get(code as usize) {
            Some(&class) => class,
            None => self.search(code),
        }
    }

    fn search(&self, code: u32) -> u32 {
        self.classes[self.borders.partition_point(|&border| border <= code) - 1]
    }

    fn kind_of(&self, class: u32) -> u8 {
        self.kinds
            .get(class as usize)
            .copied()
            .unwrap_or(kind::EDGE)
    }

    fn clear(&mut self) {
        self.generation += 1;
        self.known.clear();
        self.members.clear();
        self.members.push(Box::default());
        self.facts.clear();
        self.facts.push(NOTHING);
        self.next.clear();
        self.next.resize(self.stride, DEAD);
        self.entries = 0;
        self.begin = [UNKNOWN; 4];
    }

    /// What a state says.
    #[inline]
    pub fn facts(&self, state: State) -> &Facts {
        &self.facts[state as usize]
    }

    /// The state to begin with where a kind stands before.
    #[inline]
    pub fn begin(&mut self, before: u8) -> State {
        match self.begin[usize::from(before)] {
            UNKNOWN => self.make_begin(before),
            known => known,
        }
    }

    fn make_begin(&mut self, before: u8) -> State {
        self.new_round();
        let mut members = Vec::new();
        for at in 0..self.starts.len() {
            self.close(self.starts[at], &mut members);
        }
        let state = self.intern(members, before, NO_PATTERN);
        self.begin[usize::from(before)] = state;
        state
    }

    /// The state after one more class. May throw all states away: compare `generation`.
    #[inline]
    pub fn step(&mut self, state: State, class: u32) -> State {
        match self.next[state as usize * self.stride + class as usize] {
            UNKNOWN => self.make(state, class),
            known => known,
        }
    }

    fn make(&mut self, state: State, class: u32) -> State {
        let Facts {
            matched, before, ..
        } = self.facts[state as usize];
        let after = self.kind_of(class);
        let mut current = self.members[state as usize].to_vec();
        let mut late = NO_PATTERN;
        // What assertions let through joins the set, at its end.
        self.new_round();
        for &member in &current {
            self.seen[member as usize] = self.round;
        }
        let mut i = 0;
        while i < current.len() {
            match self.code[current[i] as usize] {
                Op::Assert { what, next } if holds(what, before, after) => {
                    self.close(next, &mut current);
                }
                Op::Match(pattern) => late = late.min(pattern),
                _ => {}
            }
            i += 1;
        }
        // What matched without looking ahead was said by the state itself.
        if late >= matched {
            late = NO_PATTERN;
        }
        let mut members = Vec::new();
        if class != self.edge {
            self.new_round();
            for member in current {
                if let Op::Set { bits, next } = self.code[member as usize] {
                    let word = self.sets[(bits + (class >> 5)) as usize];
                    if word >> (class & 31) & 1 == 1 {
                        self.close(next, &mut members);
                    }
                }
            }
            if self.unanchored {
                for at in 0..self.starts.len() {
                    self.close(self.starts[at], &mut members);
                }
            }
        }
        let place = state as usize * self.stride + class as usize;
        if members.is_empty() && late == NO_PATTERN {
            self.next[place] = DEAD;
            return DEAD;
        }
        if self.members.len() >= STATES_KEPT || self.entries > ENTRIES_KEPT {
            self.clear();
            return self.intern(members, after, late);
        }
        let next = self.intern(members, after, late);
        self.next[place] = next;
        next
    }

    fn new_round(&mut self) {
        self.round = self.round.checked_add(1).unwrap_or_else(|| {
            self.seen.fill(0);
            1
        });
    }

    /// Adds a state of the program, and what it leads to without a character, to a set.
    fn close(&mut self, state: u32, members: &mut Vec<u32>) {
        let mut stack = vec![state];
        while let Some(top) = stack.pop() {
            let seen = &mut self.seen[top as usize];
            if *seen == self.round {
                continue;
            }
            *seen = self.round;
            match self.code[top as usize] {
                Op::Split(x, y) => stack.extend([y, x]),
                _ => members.push(top),
            }
        }
    }

    fn intern(&mut self, mut members: Vec<u32>, before: u8, late: u32) -> State {
        let mut facts = Facts { late, ..NOTHING };
        // What stands before matters only where an assertion will look at it.
        facts.before = kind::OTHER;
        for &member in &members {
            match self.code[member as usize] {
                Op::Match(pattern) => facts.matched = facts.matched.min(pattern),
                Op::Assert { .. } => {
                    facts.before = before;
                    facts.last = false;
                }
                _ => facts.last = false,
            }
        }
        members.sort_unstable();
        let members = members.into_boxed_slice();
        let key = (facts.before, late, members.clone());
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let state = self.members.len() as State;
        self.known.insert(key, state);
        self.entries += members.len() + self.stride;
        self.members.push(members);
        self.facts.push(facts);
        self.next.resize(self.next.len() + self.stride, UNKNOWN);
        state
    }
}

/// Whether an assertion holds between two kinds.
fn holds(what: u32, before: u8, after: u8) -> bool {
    match what {
        0 => before == kind::EDGE,
        1 => after == kind::EDGE,
        2 => before < kind::WORD,
        3 => after < kind::WORD,
        4 => (before == kind::WORD) != (after == kind::WORD),
        _ => (before == kind::WORD) == (after == kind::WORD),
    }
}
