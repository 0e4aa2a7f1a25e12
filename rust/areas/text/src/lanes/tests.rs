//! Every way of computing a block against the plainest.

use super::*;

#[test]
fn every_way_gives_the_same() {
    let mut state = 1u64;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for len in [0, 1, 5, 8, 9, 16, 17, 31, 32, 33, 64] {
        for columns in [0, 1, 7, 40] {
            let numbers: Vec<Option<u16>> = (0..len)
                .map(|_| Some(120 + random(8) as u16).filter(|_| random(9) > 0))
                .collect();
            let table = Table::new(numbers.into_iter(), 256);
            let rows: Vec<Row<u8>> = (0..columns)
                .map(|_| std::array::from_fn(|_| 118 + random(14) as u8))
                .collect();
            let wide: Vec<Row<u16>> = rows.iter().map(|row| row.map(u16::from)).collect();
            for kind in [Kind::Levenshtein, Kind::Osa, Kind::Missing] {
                let [mut best, mut by_word, mut plain, mut two_bytes] = [[0; LANES]; 4];
                run(kind, &table, len, &rows, &mut best);
                run_words(kind, &table.words, len as u32, &rows, &mut by_word);
                run(kind, &table, len, &wide, &mut two_bytes);
                let len = len as u32;
                match &table.words {
                    Words::W8(t) => block::<u8, u8, 64>(kind, t, len, &rows, &mut plain),
                    Words::W16(t) => block::<u16, u8, 32>(kind, t, len, &rows, &mut plain),
                    Words::W32(t) => block::<u32, u8, 16>(kind, t, len, &rows, &mut plain),
                    Words::W64(t) => block::<u64, u8, 8>(kind, t, len, &rows, &mut plain),
                }
                assert_eq!(best, plain, "{kind:?} {len} {columns}");
                assert_eq!(by_word, plain, "{kind:?} {len} {columns}");
                assert_eq!(two_bytes, plain, "{kind:?} {len} {columns}");
            }
        }
    }
}
