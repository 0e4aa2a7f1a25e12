//! Where the choices of a matcher live: by length and width in lanes, the long ones one by one.

use agent_shared::Error;

use super::alphabet::Alphabet;
use super::group::Group;
use crate::lanes::Number;

/// Choices longer than this stand alone: blocks of few strings would waste their other lanes.
const LANED: usize = 256;

/// A set of strings under stable numbers.
#[derive(Clone)]
pub(super) struct Arena {
    pub(super) alphabet: Alphabet,
    /// By length.
    pub(super) narrow: Vec<Group<u8>>,
    pub(super) wide: Vec<Group<u16>>,
    pub(super) long: Vec<(u32, Long)>,
    places: Vec<Place>,
    live: usize,
    /// Code points in all live choices.
    symbols: usize,
}

/// A string that stands alone.
#[derive(Clone)]
pub(super) enum Long {
    /// All code points below 256.
    Latin(Box<[u8]>),
    Any(Box<[u32]>),
}

impl Long {
    fn len(&self) -> usize {
        match self {
            Self::Latin(codes) => codes.len(),
            Self::Any(codes) => codes.len(),
        }
    }
}

#[derive(Clone, Copy)]
enum Place {
    Removed,
    Narrow { len: u16, lane: u32 },
    Wide { len: u16, lane: u32 },
    Long { at: u32 },
}

impl Arena {
    pub(super) fn new() -> Self {
        Self {
            alphabet: Alphabet::new(),
            narrow: Vec::new(),
            wide: Vec::new(),
            long: Vec::new(),
            places: Vec::new(),
            live: 0,
            symbols: 0,
        }
    }

    /// The number that the next choice gets.
    pub(super) fn next(&self) -> usize {
        self.places.len()
    }

    pub(super) fn live(&self) -> usize {
        self.live
    }

    pub(super) fn symbols(&self) -> usize {
        self.symbols
    }

    pub(super) fn reserve(&mut self, more: usize) -> Result<(), Error> {
        if self.places.len() + more >= u32::MAX as usize {
            return Err(Error::Invalid(
                "A matcher holds at most 4,294,967,294 choices",
            ));
        }
        Ok(self.places.try_reserve(more)?)
    }

    /// Adds a string of code points; `numbers` is scratch.
    pub(super) fn add(&mut self, codes: &[u32], numbers: &mut Vec<u16>) {
        let owner = self.places.len() as u32;
        let mut width = 0;
        let laned = codes.len() <= LANED && {
            numbers.clear();
            codes.iter().all(|&code| {
                self.alphabet.number(code).is_some_and(|number| {
                    numbers.push(number);
                    width |= number;
                    true
                })
            })
        };
        let place = if !laned {
            let latin = codes.iter().map(|&code| u8::try_from(code)).collect();
            let long = match latin {
                Ok(latin) => Long::Latin(latin),
                Err(_) => Long::Any(codes.into()),
            };
            self.long.push((owner, long));
            Place::Long {
                at: self.long.len() as u32 - 1,
            }
        } else if width < 256 {
            let group = group(&mut self.narrow, codes.len());
            let lane = group.push(owner, numbers.iter().map(|&number| number as u8));
            Place::Narrow {
                len: codes.len() as u16,
                lane,
            }
        } else {
            let lane = group(&mut self.wide, codes.len()).push(owner, numbers.iter().copied());
            Place::Wide {
                len: codes.len() as u16,
                lane,
            }
        };
        self.symbols += codes.len();
        self.places.push(place);
        self.live += 1;
    }

    /// Adds an ASCII string: the same without a detour.
    pub(super) fn add_ascii(&mut self, text: &[u8], codes: &mut Vec<u32>, numbers: &mut Vec<u16>) {
        if text.len() > LANED {
            codes.clear();
            codes.extend(text.iter().map(|&byte| u32::from(byte)));
            return self.add(codes, numbers);
        }
        let owner = self.places.len() as u32;
        let lane = group(&mut self.narrow, text.len()).push(owner, text.iter().copied());
        self.symbols += text.len();
        self.places.push(Place::Narrow {
            len: text.len() as u16,
            lane,
        });
        self.live += 1;
    }

    /// Takes a number that stands for no choice, so that the numbers of two arenas stay the same.
    pub(super) fn skip(&mut self) {
        self.places.push(Place::Removed);
    }

    /// Removes a choice; false if it was not there.
    pub(super) fn remove(&mut self, index: u32) -> bool {
        let Some(place) = self.places.get_mut(index as usize) else {
            return false;
        };
        match std::mem::replace(place, Place::Removed) {
            Place::Removed => return false,
            Place::Narrow { len, lane } => {
                self.symbols -= usize::from(len);
                if let Some(moved) = self.narrow[usize::from(len)].remove(lane) {
                    self.places[moved as usize] = Place::Narrow { len, lane };
                }
            }
            Place::Wide { len, lane } => {
                self.symbols -= usize::from(len);
                if let Some(moved) = self.wide[usize::from(len)].remove(lane) {
                    self.places[moved as usize] = Place::Wide { len, lane };
                }
            }
            Place::Long { at } => {
                let (_, long) = self.long.swap_remove(at as usize);
                self.symbols -= long.len();
                if let Some(&(moved, _)) = self.long.get(at as usize) {
                    self.places[moved as usize] = Place::Long { at };
                }
            }
        }
        self.live -= 1;
        true
    }

    /// Puts a choice's code points into `codes`; false if there is no choice of that number.
    pub(super) fn codes(&self, index: usize, codes: &mut Vec<u32>) -> bool {
        codes.clear();
        match self.places.get(index) {
            None | Some(Place::Removed) => return false,
            Some(&Place::Narrow { len, lane }) => {
                let numbers = self.narrow[usize::from(len)].lane(lane);
                codes.extend(numbers.map(|number| self.alphabet.code(number)));
            }
            Some(&Place::Wide { len, lane }) => {
                let numbers = self.wide[usize::from(len)].lane(lane);
                codes.extend(numbers.map(|number| self.alphabet.code(number)));
            }
            Some(&Place::Long { at }) => match &self.long[at as usize].1 {
                Long::Latin(latin) => codes.extend(latin.iter().map(|&byte| u32::from(byte))),
                Long::Any(any) => codes.extend_from_slice(any),
            },
        }
        true
    }
}

/// The group of a length, made if need be.
fn group<N: Number>(groups: &mut Vec<Group<N>>, len: usize) -> &mut Group<N> {
    while groups.len() <= len {
        groups.push(Group::new(groups.len()));
    }
    &mut groups[len]
}
