//! Looks up known names of elements, attributes and words in a text, whatever the case of their ASCII
//! letters. Twin: `names.ts`.

const SLOTS: usize = 1024;

/// A fixed set of names; the number of a name is its place in the list, from 1 on.
pub(super) struct Names {
    names: Vec<&'static str>,
    slots: Vec<u16>,
    longest: usize,
}

#[inline]
fn hash(name: &[u8]) -> usize {
    let hash = name.iter().fold(0u32, |hash, byte| {
        hash.wrapping_mul(31)
            .wrapping_add(u32::from(byte.to_ascii_lowercase()))
    });
    hash as usize & (SLOTS - 1)
}

impl Names {
    /// Takes the names, in lower case.
    pub(super) fn new(names: &[&'static str]) -> Self {
        let mut slots = vec![0; SLOTS];
        for (index, name) in names.iter().enumerate() {
            let mut slot = hash(name.as_bytes());
            while slots[slot] != 0 {
                slot = (slot + 1) & (SLOTS - 1);
            }
            slots[slot] = index as u16 + 1;
        }
        Self {
            longest: names.iter().map(|name| name.len()).max().unwrap_or(0),
            names: names.to_vec(),
            slots,
        }
    }

    /// The number of a name; 0 if it is none of these.
    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> u32 {
        if name.len() > self.longest {
            return 0;
        }
        let mut slot = hash(name);
        loop {
            let id = self.slots[slot];
            if id == 0
                || self.names[id as usize - 1]
                    .as_bytes()
                    .eq_ignore_ascii_case(name)
            {
                return u32::from(id);
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
    }
}
