//! Exports `agent_core_text_*`: the text tools.
//!
//! What they share: strings come packed (UTF-8, one `"\n"` between two, and each one's length in UTF-16
//! units); metrics are numbered 0 levenshtein, 1 osa, 2 jaro, 3 jaro-winkler, 4 lcs, 5 token-sort,
//! 6 token-set, 7 partial; numbers in results are little endian; a ranking is its scores (f64 each) and
//! then its indices (u32 each), 12 bytes an entry. Inputs are borrowed for the call and copied by
//! `submit`; results are the caller's. Wrong arguments answer INVALID_ARGUMENT; the TypeScript side
//! checks them before, with better words.

use std::sync::{Arc, Mutex, PoisonError};

use agent_ffi::{Failure, Out, Status, guard_status, guard_value, handles, input, ring};

use crate::text::batch::{self, Processed};
use crate::text::hash;
use crate::text::keywords::{Keyword, keywords};
use crate::text::matcher::{self, ManyRanked, Matcher};
use crate::text::metrics::{self, Metric};
use crate::text::packed::Packed;
use crate::text::transform::{Operation, transform};
use crate::text::{self, Best, Control, Error, Ranked, Uncontrolled};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Cancelled => Failure::new(Status::Cancelled, "The operation was cancelled"),
            Error::Invalid(message) => Failure::new(Status::InvalidArgument, message),
            Error::TooLarge { size, limit } => Failure::new(
                Status::TooLarge,
                format!("The result is over {limit} bytes; ask for less at a time"),
            )
            .field("what", "result")
            .field("size", size)
            .field("limit", limit),
            Error::OutOfMemory => Failure::new(
                Status::OutOfMemory,
                "Memory for the result could not be had",
            ),
        }
    }
}

/// An operation of the ring, as the text functions see it.
struct Watched<'t>(&'t ring::Task);

impl Control for Watched<'_> {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn progress(&self, done: usize, total: usize) {
        self.0.progress(done as u32, total as u32);
    }
}

/// What a matcher's handle stands for. A ranking under way keeps the choices that it began with.
struct Shared(Mutex<Arc<Matcher>>);

impl Shared {
    fn now(&self) -> Arc<Matcher> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn change<R>(&self, body: impl FnOnce(&mut Matcher) -> R) -> R {
        let mut matcher = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body(Arc::make_mut(&mut matcher))
    }
}

/// Runs a synchronous computation, over the pool if it is large and the pool is idle: a call must not
/// wait behind operations of the ring.
fn compute<R: Send>(
    large: bool,
    body: impl FnOnce(bool) -> Result<R, Error> + Send,
) -> Result<R, Failure> {
    if large && ring::active() == 0 {
        Ok(ring::pool()?.install(|| body(true))?)
    } else {
        Ok(body(false)?)
    }
}

/// Text as [`input::text`] gives it, checked with vectors: long lists are mostly checking.
///
/// # Safety
/// As for [`input::bytes`].
unsafe fn checked_text<'a>(bytes: *const u8, len: u32) -> Result<&'a str, Failure> {
    // SAFETY: passed on to the caller.
    let bytes = unsafe { input::bytes(bytes, len)? };
    simdutf8::compat::from_utf8(bytes).map_err(|error| {
        Failure::new(
            Status::InvalidArgument,
            format!("The text is not UTF-8: {error}"),
        )
        .field("offset", error.valid_up_to())
    })
}

/// The strings of a packed list.
///
/// # Safety
/// As for [`input::bytes`] and [`input::u32s`].
unsafe fn packed<'a>(
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
) -> Result<Packed<'a>, Failure> {
    // SAFETY: passed on to the caller.
    let (text, lengths) = unsafe {
        (
            checked_text(strings, strings_len)?,
            input::u32s(lengths, lengths_count)?,
        )
    };
    Ok(Packed::new(text, lengths)?)
}

/// A packed list that outlives the call.
struct OwnedStrings {
    text: String,
    lengths: Vec<u32>,
}

impl OwnedStrings {
    /// # Safety
    /// As for [`packed`].
    unsafe fn copy(
        strings: *const u8,
        strings_len: u32,
        lengths: *const u32,
        lengths_count: u32,
    ) -> Result<Self, Failure> {
        // SAFETY: passed on to the caller.
        let (text, lengths) = unsafe {
            (
                checked_text(strings, strings_len)?,
                input::u32s(lengths, lengths_count)?,
            )
        };
        let (mut owned_text, mut owned_lengths) = (String::new(), Vec::new());
        owned_text.try_reserve_exact(text.len())?;
        owned_text.push_str(text);
        owned_lengths.try_reserve_exact(lengths.len())?;
        owned_lengths.extend_from_slice(lengths);
        let owned = Self {
            text: owned_text,
            lengths: owned_lengths,
        };
        // Wrong lengths are refused now rather than by a completion.
        owned.packed()?;
        Ok(owned)
    }

    fn packed(&self) -> Result<Packed<'_>, Failure> {
        Ok(Packed::new(&self.text, &self.lengths)?)
    }

    fn bytes(&self) -> usize {
        self.text.len() + 4 * self.lengths.len()
    }
}

fn best(limit: u32, cutoff: f64) -> Best {
    Best {
        limit: if limit == u32::MAX {
            usize::MAX
        } else {
            limit as usize
        },
        cutoff,
    }
}

/// Appends a ranking's scores, then its indices.
fn write_ranking(out: &mut Out<'_>, list: &[Ranked]) -> Result<(), Failure> {
    let mut bytes: Vec<u8> = Vec::new();
    bytes.try_reserve_exact(12 * list.len())?;
    for item in list {
        bytes.extend_from_slice(&item.score.to_le_bytes());
    }
    for item in list {
        bytes.extend_from_slice(&item.index.to_le_bytes());
    }
    out.write(&bytes);
    Ok(())
}

/// How alike two texts are: the score, 0..1, or a negative status.
///
/// `a` is the query and `b` the choice, as UTF-8. Equal texts give 1 whatever the metric. The call
/// cannot be stopped; its time is in proportion to the product of the lengths, over 64.
///
/// # Safety
/// `a` points at `a_len` and `b` at `b_len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_similarity(
    metric: u32,
    a: *const u8,
    a_len: u32,
    b: *const u8,
    b_len: u32,
) -> f64 {
    let compute = || -> Result<f64, Failure> {
        let metric = Metric::try_from(metric)?;
        // SAFETY: passed on to the caller.
        let (a, b) = unsafe { (checked_text(a, a_len)?, checked_text(b, b_len)?) };
        Ok(metrics::similarity(metric, a, b, &Uncontrolled)?)
    };
    guard_value(f64::from(Status::Panic as i32), || {
        compute().unwrap_or_else(|failure| f64::from(failure.status() as i32))
    })
}

/// Changes each string: `operation` is 0 lowercase, 1 uppercase, 2 trim, 3 reverse by grapheme cluster,
/// 4 NFC, 5 NFKC.
///
/// Result: `lengths_count` x u32 (each string's length in UTF-16 units), then the UTF-8 of all with one
/// `"\n"` between two.
///
/// # Safety
/// `strings` points at `strings_len` readable bytes, `lengths` at `lengths_count` readable numbers,
/// `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_transform(
    operation: u32,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let operation = Operation::try_from(operation)?;
            let strings = packed(strings, strings_len, lengths, lengths_count)?;
            let result = transform(operation, &strings)?;
            write_u32s(out, result.lengths.iter().copied())?;
            out.write(result.text.as_bytes());
            Ok(())
        })
    }
}

fn write_u32s(
    out: &mut Out<'_>,
    numbers: impl ExactSizeIterator<Item = u32>,
) -> Result<(), Failure> {
    let mut bytes: Vec<u8> = Vec::new();
    bytes.try_reserve_exact(4 * numbers.len())?;
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    out.write(&bytes);
    Ok(())
}

/// BLAKE3-256 of some bytes. Result: the 32 raw bytes of the hash.
///
/// # Safety
/// `bytes` points at `bytes_len` readable and `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_hash(
    bytes: *const u8,
    bytes_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let bytes = input::bytes(bytes, bytes_len)?;
            let hash = compute(hash::is_large(bytes), |parallel| {
                hash::hash(bytes, parallel, &Uncontrolled)
            })?;
            out.write(&hash);
            Ok(())
        })
    }
}

/// Hashes some bytes on the pool: one completion whose payload is the 32 raw bytes of the hash.
///
/// # Safety
/// As for `agent_core_text_hash`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_submit_hash(
    ring: f64,
    op: u32,
    bytes: *const u8,
    bytes_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let mut bytes = copy(input::bytes(bytes, bytes_len)?)?;
            ring::submit_cpu(ring, op, bytes.len(), move |task| {
                let parallel = hash::is_large(&bytes);
                let hash = hash::hash(&bytes, parallel, &Watched(task))?;
                // The result travels in the input's memory, which so is freed by the thread that took it
                // from the allocator: cheaper than a second piece and a free across threads.
                bytes.clear();
                bytes.shrink_to(KEPT_BYTES);
                bytes.extend_from_slice(&hash);
                Ok(bytes)
            })
        })
    }
}

/// Memory up to this size is kept from an input for its result.
const KEPT_BYTES: usize = 64 << 10;

fn copy(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut owned = Vec::new();
    owned.try_reserve_exact(bytes.len())?;
    owned.extend_from_slice(bytes);
    Ok(owned)
}

/// Hashes many inputs on the pool. They stand one after the other in `bytes` without separators;
/// `lengths` are in BYTES. Payload: 32 raw bytes each. Progress: inputs done, inputs in all.
///
/// # Safety
/// `bytes` points at `bytes_len` readable bytes, `lengths` at `lengths_count` readable numbers, `out`
/// at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_submit_hash_many(
    ring: f64,
    op: u32,
    bytes: *const u8,
    bytes_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let bytes = copy(input::bytes(bytes, bytes_len)?)?;
            let lengths = input::u32s(lengths, lengths_count)?;
            let mut owned = Vec::new();
            owned.try_reserve_exact(lengths.len())?;
            owned.extend_from_slice(lengths);
            let size = bytes.len() + 4 * owned.len();
            ring::submit_cpu(ring, op, size, move |task| {
                let hashes = hash::hash_many(&bytes, &owned, &Watched(task))?;
                Ok(hashes.into_flattened())
            })
        })
    }
}

/// Ranks strings by their likeness to a query: best first, ties by index, scores of at least `cutoff`
/// (0: all), at most `limit` (4294967295: all). Result: a ranking.
///
/// # Safety
/// `query` points at `query_len` and `strings` at `strings_len` readable bytes, `lengths` at
/// `lengths_count` readable numbers, `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_rank(
    metric: u32,
    query: *const u8,
    query_len: u32,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    limit: u32,
    cutoff: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let metric = Metric::try_from(metric)?;
            let query = checked_text(query, query_len)?;
            let choices = packed(strings, strings_len, lengths, lengths_count)?;
            let list = compute(text::is_large(&choices), |parallel| {
                text::rank(
                    metric,
                    query,
                    &choices,
                    best(limit, cutoff),
                    parallel,
                    &Uncontrolled,
                )
            })?;
            write_ranking(out, &list)
        })
    }
}

/// Prepares strings for many rankings. Result: the handle of the matcher, f64. The matcher is the
/// isolate's and lives until `agent_core_text_matcher_close` or the isolate's end.
///
/// # Safety
/// `strings` points at `strings_len` readable bytes, `lengths` at `lengths_count` readable numbers,
/// `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_matcher_new(
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let room = out.capacity();
            if room < 8 {
                // Said now: an answer "too small" after the work would leave a matcher behind.
                out.write_f64(0.0);
                return Ok(());
            }
            let mut matcher = Matcher::new();
            matcher.add(&packed(strings, strings_len, lengths, lengths_count)?)?;
            out.write_f64(handles::insert(Shared(Mutex::new(Arc::new(matcher))))?);
            Ok(())
        })
    }
}

/// Adds strings to a matcher. Result: the index of the first, u32; the others follow it. An index is
/// never used again.
///
/// # Safety
/// As for `agent_core_text_matcher_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_matcher_add(
    handle: f64,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            if out.capacity() < 4 {
                out.write_u32(0);
                return Ok(());
            }
            let strings = packed(strings, strings_len, lengths, lengths_count)?;
            let first = handles::with(handle, |shared: &Shared| {
                shared.change(|matcher| matcher.add(&strings))
            })??;
            out.write_u32(first as u32);
            Ok(())
        })
    }
}

/// Removes a string from a matcher: 1, or 0 if there was none of that index, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_text_matcher_remove(handle: f64, index: u32) -> i32 {
    guard_value(Status::Panic as i32, || {
        let removed = handles::peek(handle, |shared: &Shared| {
            shared.change(|matcher| matcher.remove(index))
        });
        removed.map_or(Status::InvalidHandle as i32, i32::from)
    })
}

/// How many strings a matcher holds, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_text_matcher_size(handle: f64) -> f64 {
    guard_value(f64::from(Status::Panic as i32), || {
        let size = handles::peek(handle, |shared: &Shared| shared.now().len());
        size.map_or(f64::from(Status::InvalidHandle as i32), |size| size as f64)
    })
}

/// Closes a matcher: 1, or 0 if it was closed already. Rankings under way end as they would have.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_text_matcher_close(handle: f64) -> i32 {
    guard_value(Status::Panic as i32, || {
        let known = handles::peek(handle, |_: &Shared| ()).is_some();
        i32::from(known && handles::remove(handle))
    })
}

/// Ranks a matcher's strings; as `agent_core_text_rank`.
///
/// # Safety
/// `query` points at `query_len` readable and `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_matcher_rank(
    handle: f64,
    metric: u32,
    query: *const u8,
    query_len: u32,
    limit: u32,
    cutoff: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let metric = Metric::try_from(metric)?;
            let query = checked_text(query, query_len)?;
            let matcher = handles::with(handle, Shared::now)?;
            let list = compute(matcher::is_large(&matcher, metric), |parallel| {
                matcher.rank(metric, query, best(limit, cutoff), parallel, &Uncontrolled)
            })?;
            write_ranking(out, &list)
        })
    }
}

/// Ranks a matcher's strings for each of many queries, on the pool; the strings are those of this
/// moment. Payload: entries of each ranking (`lengths_count` x u32), zeros up to a multiple of 8, the
/// scores of all rankings one after the other (f64 each), the indices of all (u32 each). Progress:
/// queries done, queries in all. Over 2 GiB of result: TOO_LARGE.
///
/// # Safety
/// `queries` points at `queries_len` readable bytes, `lengths` at `lengths_count` readable numbers,
/// `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_submit_rank_many(
    ring: f64,
    op: u32,
    handle: f64,
    metric: u32,
    queries: *const u8,
    queries_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    limit: u32,
    cutoff: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let metric = Metric::try_from(metric)?;
            let queries = OwnedStrings::copy(queries, queries_len, lengths, lengths_count)?;
            let matcher = handles::with(handle, Shared::now)?;
            ring::submit_cpu(ring, op, queries.bytes(), move |task| {
                let best = best(limit, cutoff);
                let many = matcher.rank_many(metric, &queries.packed()?, best, &Watched(task))?;
                many_payload(&many)
            })
        })
    }
}

fn many_payload(many: &ManyRanked) -> Result<Vec<u8>, Failure> {
    let head = (4 * many.lists.len()).next_multiple_of(8);
    let mut payload = Vec::new();
    payload.try_reserve_exact(head + 12 * many.total)?;
    for list in &many.lists {
        payload.extend_from_slice(&(list.len() as u32).to_le_bytes());
    }
    payload.resize(head, 0);
    for item in many.lists.iter().flatten() {
        payload.extend_from_slice(&item.score.to_le_bytes());
    }
    for item in many.lists.iter().flatten() {
        payload.extend_from_slice(&item.index.to_le_bytes());
    }
    Ok(payload)
}

/// The best `limit` keywords of a text, of at least `min_length` code points. Result: their number n
/// (u32), zero (u32), n x f64 scores, n x u32 lengths in UTF-16 units, the UTF-8 of all with one `"\n"`
/// between two.
///
/// # Safety
/// `text` points at `text_len` readable and `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_keywords(
    text: *const u8,
    text_len: u32,
    limit: u32,
    min_length: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let text = checked_text(text, text_len)?;
            let list = keywords(text, limit as usize, min_length as usize, &Uncontrolled)?;
            out.write_u32(list.len() as u32);
            out.write_u32(0);
            for keyword in &list {
                out.write_f64(keyword.score);
            }
            for keyword in &list {
                out.write_u32(units(&keyword.keyword));
            }
            out.write(joined(&list).as_bytes());
            Ok(())
        })
    }
}

fn joined(list: &[Keyword]) -> String {
    let names: Vec<&str> = list
        .iter()
        .map(|keyword| keyword.keyword.as_str())
        .collect();
    names.join("\n")
}

/// The length in UTF-16 units.
fn units(text: &str) -> u32 {
    text.encode_utf16().count() as u32
}

/// Cleans many texts on the pool, compares each with a reference and finds its keywords.
///
/// `reference` counts only where `has_reference` is not 0. Payload, for n texts with k keywords in all:
/// n x f64 similarity (NaN without a reference), n x f64 milliseconds, n x u32 length of the processed
/// text in UTF-16 units, n x u32 number of keywords, k x f64 scores, k x u32 lengths, then UTF-8: the
/// processed texts with one `"\n"` between two, one `"\n"`, the keywords with one `"\n"` between two.
/// Progress: texts done, texts in all. Over 2 GiB of result: TOO_LARGE.
///
/// # Safety
/// `strings` points at `strings_len` and `reference` at `reference_len` readable bytes, `lengths` at
/// `lengths_count` readable numbers, `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_submit_process_batch(
    ring: f64,
    op: u32,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    reference: *const u8,
    reference_len: u32,
    has_reference: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let strings = OwnedStrings::copy(strings, strings_len, lengths, lengths_count)?;
            let reference = checked_text(reference, reference_len)?;
            let reference = (has_reference != 0).then(|| reference.to_owned());
            let size = strings.bytes() + reference.as_ref().map_or(0, String::len);
            ring::submit_cpu(ring, op, size, move |task| {
                let texts = strings.packed()?;
                let results = batch::process(&texts, reference.as_deref(), &Watched(task))?;
                batch_payload(&results)
            })
        })
    }
}

fn batch_payload(results: &[Processed]) -> Result<Vec<u8>, Failure> {
    const LIMIT: usize = i32::MAX as usize;
    let all = || results.iter().flat_map(|result| &result.keywords);
    let letters: usize = results.iter().map(|result| result.text.len() + 1).sum();
    let size = letters
        + 24 * results.len()
        + all()
            .map(|keyword| 13 + keyword.keyword.len())
            .sum::<usize>();
    if size > LIMIT {
        return Err(Error::TooLarge { size, limit: LIMIT }.into());
    }
    let mut payload: Vec<u8> = Vec::new();
    payload.try_reserve_exact(size)?;
    for result in results {
        let similarity = result.similarity.unwrap_or(f64::NAN);
        payload.extend_from_slice(&similarity.to_le_bytes());
    }
    for result in results {
        payload.extend_from_slice(&result.duration_ms.to_le_bytes());
    }
    for result in results {
        payload.extend_from_slice(&units(&result.text).to_le_bytes());
    }
    for result in results {
        payload.extend_from_slice(&(result.keywords.len() as u32).to_le_bytes());
    }
    for keyword in all() {
        payload.extend_from_slice(&keyword.score.to_le_bytes());
    }
    for keyword in all() {
        payload.extend_from_slice(&units(&keyword.keyword).to_le_bytes());
    }
    let texts = results.iter().map(|result| &result.text);
    for (at, text) in texts
        .chain(all().map(|keyword| &keyword.keyword))
        .enumerate()
    {
        if at > 0 {
            payload.push(b'\n');
        }
        payload.extend_from_slice(text.as_bytes());
    }
    Ok(payload)
}
