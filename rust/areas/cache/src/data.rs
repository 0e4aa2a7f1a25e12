//! The bytes of one entry: key, then value, in one allocation.

use std::sync::Arc;

use super::Error;

/// From this size on a reader takes a share and copies after the lock is let go.
pub const SHARED_FROM: usize = 16 * 1024;

/// Key and value, as the slot holds them.
pub enum Data {
    /// Most entries.
    Small(Box<[u8]>),
    /// Those whose copying would keep others waiting.
    Large(Arc<Box<[u8]>>),
}

impl Default for Data {
    fn default() -> Self {
        Self::Small(Box::default())
    }
}

impl Data {
    /// Copies key and value together.
    pub fn new(key: &[u8], value: &[u8]) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(key.len() + value.len())?;
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(value);
        let bytes = bytes.into_boxed_slice();
        Ok(if bytes.len() < SHARED_FROM {
            Self::Small(bytes)
        } else {
            Self::Large(Arc::new(bytes))
        })
    }

    /// Key and value.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Small(bytes) => bytes,
            Self::Large(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_words_are_enough() {
        assert_eq!(size_of::<Data>(), 16);
    }

    #[test]
    fn the_size_decides_how_it_is_kept() {
        assert!(matches!(
            Data::new(b"key", b"value").unwrap(),
            Data::Small(_)
        ));
        let large = Data::new(b"key", &[7; SHARED_FROM]).unwrap();
        assert!(matches!(large, Data::Large(_)));
        assert_eq!(large.bytes().len(), SHARED_FROM + 3);
        assert_eq!(Data::default().bytes(), b"");
    }
}
