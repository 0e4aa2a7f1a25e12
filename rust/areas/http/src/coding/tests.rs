use std::io::Write;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::{CONTENT_ENCODING, HeaderValue};

use super::{Decoder, Refused};

const LIMIT: u64 = 8 << 20;

fn fields(value: &str) -> HeaderMap {
    let mut fields = HeaderMap::new();
    fields.insert(CONTENT_ENCODING, HeaderValue::from_str(value).unwrap());
    fields
}

fn encode(coding: &str, plain: &[u8]) -> Vec<u8> {
    let fast = flate2::Compression::fast();
    match coding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), fast);
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), fast);
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        "raw" => {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), fast);
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        "br" => {
            let mut out = Vec::new();
            let mut writer = brotli::CompressorWriter::new(&mut out, 4096, 3, 20);
            writer.write_all(plain).unwrap();
            drop(writer);
            out
        }
        "zstd" => zstd::encode_all(plain, 1).unwrap(),
        _ => unreachable!(),
    }
}

/// Decodes in pieces of a size; what came out, and whether it was whole.
fn decode(coding: &str, coded: &[u8], size: usize, limit: u64) -> Result<Vec<u8>, Refused> {
    let mut decoder = Decoder::of(&fields(coding), limit)?.expect("it is coded");
    let mut plain = Vec::new();
    for piece in coded.chunks(size) {
        decoder.feed(Bytes::copy_from_slice(piece));
        loop {
            let out = decoder.next()?;
            if out.is_empty() {
                break;
            }
            plain.extend_from_slice(out);
        }
    }
    decoder.finish()?;
    Ok(plain)
}

fn sample() -> Vec<u8> {
    (0..200_000u32)
        .flat_map(|n| (n % 977).to_le_bytes())
        .collect()
}

#[test]
fn every_coding_in_pieces_of_any_size() {
    let plain = sample();
    for (name, how) in [
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("deflate", "deflate"),
        ("deflate", "raw"),
        ("br", "br"),
        ("zstd", "zstd"),
    ] {
        let coded = encode(how, &plain);
        for size in [1, 7, 4096, usize::MAX] {
            let decoded = decode(name, &coded, size, LIMIT).unwrap();
            assert!(decoded == plain, "{name} as {how} by {size}");
        }
    }
}

#[test]
fn codings_above_each_other_come_off_in_turn() {
    let plain = sample();
    let coded = encode("zstd", &encode("raw", &encode("gzip", &plain)));
    for size in [1, 1000, usize::MAX] {
        let decoded = decode("gzip, identity, DEFLATE , zstd", &coded, size, LIMIT).unwrap();
        assert!(decoded == plain, "by {size}");
    }
}

#[test]
fn members_and_frames_follow_each_other() {
    let gzip = [
        encode("gzip", b"one "),
        encode("gzip", b""),
        encode("gzip", b"two"),
    ]
    .concat();
    assert_eq!(decode("gzip", &gzip, 3, LIMIT).unwrap(), b"one two");
    let zstd = [encode("zstd", b"one "), encode("zstd", b"two")].concat();
    assert_eq!(decode("zstd", &zstd, 3, LIMIT).unwrap(), b"one two");
}

#[test]
fn what_follows_the_last_member_is_ignored() {
    let padded = [&encode("gzip", b"all")[..], &[0; 100]].concat();
    assert_eq!(decode("gzip", &padded, 5, LIMIT).unwrap(), b"all");
}

#[test]
fn every_part_of_a_gzip_head_is_passed_over() {
    let bare = encode("gzip", b"body");
    let mut head = vec![0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3];
    head.extend_from_slice(&[3, 0, 1, 2, 3]);
    head.extend_from_slice(b"name\0comment\0\x12\x34");
    let coded = [&head[..], &bare[10..]].concat();
    for size in [1, 2, usize::MAX] {
        assert_eq!(decode("gzip", &coded, size, LIMIT).unwrap(), b"body");
    }
}

#[test]
fn half_a_body_is_corrupt() {
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let coded = encode(coding, &sample());
        for length in [1, 2, 9, coded.len() / 2, coded.len() - 1] {
            let refused = decode(coding, &coded[..length], 1000, LIMIT);
            assert!(
                matches!(refused, Err(Refused::Corrupt(_))),
                "{coding} {length}"
            );
        }
    }
}

#[test]
fn damage_is_noticed() {
    for coding in ["gzip", "deflate", "zstd"] {
        let mut coded = encode(coding, &sample());
        let end = coded.len() - 3;
        // Of zstd there is no checksum here, so its frame's end is damaged otherwise.
        if coding == "zstd" {
            coded.extend_from_slice(b"no frame");
        } else {
            coded[end] ^= 1;
        }
        assert!(
            matches!(decode(coding, &coded, 999, LIMIT), Err(Refused::Corrupt(_))),
            "{coding}"
        );
    }
    for coding in ["gzip", "br", "zstd"] {
        assert!(decode(coding, b"\xff<html>not coded at all</html>", 5, LIMIT).is_err());
    }
}

#[test]
fn a_bomb_costs_no_more_than_the_limit() {
    let zeros = vec![0; 64 << 20];
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let coded = encode(coding, &zeros);
        let refused = decode(coding, &coded, usize::MAX, 1 << 20);
        assert!(matches!(refused, Err(Refused::TooLarge)), "{coding}");
    }
    // The bomb is in the middle: what comes out last is nothing at all.
    let ignored = [&encode("gzip", b"small")[..], &zeros].concat();
    let coded = encode("gzip", &ignored);
    assert!(matches!(
        decode("gzip, gzip", &coded, usize::MAX, 1 << 20),
        Err(Refused::TooLarge)
    ));
}

#[test]
fn no_byte_is_no_coded_body() {
    for coding in ["gzip", "deflate", "br", "zstd", "gzip, br"] {
        assert_eq!(decode(coding, b"", 1, LIMIT).unwrap(), b"");
    }
}

#[test]
fn what_is_not_known_is_left_alone() {
    for value in [
        "identity",
        "",
        "aes128gcm",
        "gzip, sdch",
        "gzip, gzip, gzip, gzip",
    ] {
        assert!(
            Decoder::of(&fields(value), LIMIT).unwrap().is_none(),
            "{value}"
        );
    }
}

#[test]
fn a_window_over_the_bound_is_refused() {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(25).unwrap();
    encoder.write_all(&vec![7; 40 << 20]).unwrap();
    let coded = encoder.finish().unwrap();
    assert!(matches!(
        decode("zstd", &coded, usize::MAX, 64 << 20),
        Err(Refused::Corrupt(_))
    ));
}
