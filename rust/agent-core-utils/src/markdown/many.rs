//! Converts many pages on all cores.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::{Error, Request, convert};
use crate::text::Control;
use crate::text::packed::Packed;

/// The Markdown of each page, in order.
pub fn convert_many(
    pages: &Packed<'_>,
    request: Request<'_>,
    control: &dyn Control,
) -> Result<Vec<String>, Error> {
    let done = AtomicUsize::new(0);
    (0..pages.len())
        .into_par_iter()
        .map(|index| {
            if control.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let markdown = convert(pages.get(index), request, control)?;
            let before = done.fetch_add(1, Ordering::Relaxed);
            control.progress(before + 1, pages.len());
            Ok(markdown)
        })
        .collect()
}
