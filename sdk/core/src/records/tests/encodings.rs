//! Records and sums: one encoding each, and one way to count.

use super::*;

#[test]
fn records_are_encoded_as_described() {
    let series = series_of(1, 86_400);
    let at = |secs| series.window_start().after(secs).unwrap();
    let records = [
        Record::plain(at(0x0102), Kind::Availability, Outcome::Inconclusive),
        Record::latency(at(3), 0x0a0b_0c0d),
        Record::upload(at(0), 1_048_576, 1_000_000),
        Record::plain(at(86_399), Kind::Download, Outcome::Failed),
        Record::plain(at(5), Kind::Operation, Outcome::Ok),
    ];
    let bytes = encode_leaf(&series, 0, &records).unwrap();
    let expected = [
        &[0b10_000, 0x02, 0x01, 0][..],
        &[1, 3, 0, 0, 0x0d, 0x0c, 0x0b, 0x0a],
        &[2, 0, 0, 0, 0, 0, 16, 0, 0x40, 0x42, 0x0f, 0],
        &[0b01_011, 0x7f, 0x51, 1],
        &[4, 5, 0, 0],
    ];
    assert_eq!(bytes, expected.concat());
    assert_eq!(decode_leaf(&series, 0, &bytes).unwrap(), records);
    let sums = leaf_sums(&series, 0, &bytes).unwrap();
    let by_hand = Aggregate {
        attempts: 1,
        ops_total: 4,
        ops_ok: 3,
        latency_count: 1,
        latency_sum_us: 0x0a0b_0c0d,
        upload_count: 1,
        upload_sum_kib_s: 1_024,
        ..Aggregate::EMPTY
    };
    assert_eq!(sums, by_hand);
    assert_eq!(sums.check(), Ok(()));
    assert_eq!(bytes.len().max(ROUND_BYTES_MAX), ROUND_BYTES_MAX);
}

#[test]
fn each_kind_and_outcome_counts_as_the_table_says() {
    let none = Aggregate::EMPTY;
    let attempt = Aggregate { attempts: 1, ..none };
    let probe = Aggregate { probes_total: 1, ..attempt };
    let failed_op = Aggregate { ops_total: 1, ..none };
    let op = Aggregate { ops_ok: 1, ..failed_op };
    let cases = [
        (Kind::Availability, Aggregate { probes_ok: 1, ..probe }, probe, attempt),
        (Kind::Latency, Aggregate { latency_count: 1, latency_sum_us: 5, ..op }, failed_op, none),
        (Kind::Upload, Aggregate { upload_count: 1, upload_sum_kib_s: 2, ..op }, failed_op, none),
        (
            Kind::Download,
            Aggregate { download_count: 1, download_sum_kib_s: 2, ..op },
            failed_op,
            none,
        ),
        (Kind::Operation, op, failed_op, none),
    ];
    for (kind, ok, failed, inconclusive) in cases {
        let expected =
            [(Outcome::Ok, ok), (Outcome::Failed, failed), (Outcome::Inconclusive, inconclusive)];
        for (outcome, expected) in expected {
            let figures = Record {
                latency_us: 5,
                bytes: 2_048,
                duration_us: 1_000_000,
                ..Record::plain(START, kind, outcome)
            };
            let mut sums = none;
            figures.count_into(&mut sums).unwrap();
            assert_eq!(sums, expected, "{kind:?} {outcome:?}");
        }
    }
}

#[test]
fn speeds_are_rounded_down_and_bounded() {
    let speed = |bytes, duration| Record::upload(START, bytes, duration).speed_kib_s();
    assert_eq!(speed(1_024, 1_000_000), Ok(1));
    assert_eq!(speed(2_047, 1_000_000), Ok(1));
    assert_eq!(speed(1_023, 1_000_000), Ok(0));
    assert_eq!(speed(1, u32::MAX), Ok(0));
    // ⌊4398046·10⁶ / 1024⌋ is just below 2³²; the next byte is above.
    assert_eq!(speed(4_398_046, 1), Ok(4_294_966_796));
    for (bytes, duration) in [(4_398_047, 1), (u32::MAX, 1), (0, 1), (1, 0), (0, 0)] {
        assert_eq!(speed(bytes, duration), Err(CoreError::RecordMalformed));
    }
}

#[test]
fn every_other_encoding_is_malformed() {
    let series = day();
    let sums = |bytes: &[u8]| leaf_sums(&series, 0, bytes);
    assert_eq!(sums(&[]), Ok(Aggregate::EMPTY));
    let malformed: [&[u8]; 14] = [
        &[0],
        &[0, 0, 0],
        &[5, 0, 0, 0],
        &[0b11_000, 0, 0, 0],
        &[0b10_0000, 0, 0, 0],
        &[0x80, 0, 0, 0],
        &[1, 0, 0, 0],
        &[1, 0, 0, 0, 1, 2, 3],
        &[2, 0, 0, 0, 1, 0, 0, 0],
        // A transfer of nothing, in no time, or too fast to be one.
        &[2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
        &[3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        &[3, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0],
        // Two of a kind in a round; kinds out of order.
        &[0, 0, 0, 0, 0, 1, 0, 0],
        &[4, 0, 0, 0, 0, 0, 0, 0],
    ];
    for bytes in malformed {
        assert_eq!(sums(bytes), Err(CoreError::RecordMalformed), "{bytes:?}");
    }
    // What has figures that its kind does not measure cannot even be encoded.
    let at = series.window_start();
    let stray = [
        Record { latency_us: 1, ..Record::plain(at, Kind::Availability, Outcome::Ok) },
        Record { latency_us: 1, ..Record::plain(at, Kind::Latency, Outcome::Failed) },
        Record { bytes: 1, ..Record::latency(at, 1) },
        Record { latency_us: 1, ..Record::upload(at, 1, 1) },
        Record { duration_us: 1, ..Record::plain(at, Kind::Download, Outcome::Inconclusive) },
        Record::download(at, 0, 1),
    ];
    for record in stray {
        assert_eq!(encode_leaf(&series, 0, &[record]), Err(CoreError::RecordMalformed));
    }
}

#[test]
fn slices_are_cumulative_floors_and_tile_the_window() {
    let series = series_of(7, 100);
    let begin = series.window_start();
    assert_eq!(begin, Timestamp(START.0 + 300));
    let starts: Vec<i64> = (0..7).map(|r| series.slice(r).unwrap().start.0 - begin.0).collect();
    assert_eq!(starts, [0, 14, 28, 42, 57, 71, 85]);
    assert_eq!(series.slice(6).unwrap().end.0 - begin.0, 100);
    assert_eq!(series.slice(7), Err(CoreError::RoundsInvalid));
    let leaf = |index, secs: i64| {
        let record = Record::plain(Timestamp(begin.0 + secs), Kind::Availability, Outcome::Ok);
        encode_leaf(&series, index, &[record]).map(|_| ())
    };
    for (index, first, last) in [(0, 0, 13), (3, 42, 56), (6, 85, 99)] {
        assert_eq!(leaf(index, first), Ok(()));
        assert_eq!(leaf(index, last), Ok(()));
        assert_eq!(leaf(index, first - 1), Err(CoreError::RecordOutsideSlice));
        assert_eq!(leaf(index, last + 1), Err(CoreError::RecordOutsideSlice));
    }
    assert_eq!(leaf(0, 1 << 24), Err(CoreError::RecordOutsideSlice));
    assert_eq!(leaf(7, 99), Err(CoreError::ProofInvalid));
}

#[test]
fn rounds_that_share_a_leaf_stand_in_order() {
    let series = series_of(6_000, 60_000);
    assert_eq!(series.shape().rounds_per_leaf(), 3);
    let record = |secs: i64, kind| {
        Record::plain(Timestamp(series.window_start().0 + secs), kind, Outcome::Ok)
    };
    let (probe, operation) = (Kind::Availability, Kind::Operation);
    let good = [record(35, operation), record(40, probe), record(55, probe), record(51, operation)];
    assert_eq!(encode_leaf(&series, 1, &good).map(|bytes| bytes.len()), Ok(16));
    for (records, error) in [
        (vec![record(40, probe), record(35, operation)], CoreError::RecordMalformed),
        (vec![record(40, probe), record(29, operation)], CoreError::RecordMalformed),
        (vec![record(40, probe), record(49, probe)], CoreError::RecordMalformed),
        (vec![record(29, probe)], CoreError::RecordOutsideSlice),
        (vec![record(40, probe), record(60, probe)], CoreError::RecordOutsideSlice),
    ] {
        assert_eq!(encode_leaf(&series, 1, &records), Err(error));
    }
}

#[test]
fn a_series_is_checked() {
    let new = |secs, rounds, start| {
        Series::new(ORACLE, SLA, Timestamp(start), 1, Seconds(secs), rounds).map(|_| ())
    };
    assert_eq!(new(604_800, 6_144, 0), Ok(()));
    assert_eq!(new(604_801, 288, 0), Err(CoreError::WindowLengthInvalid));
    assert_eq!(new(86_400, 0, 0), Err(CoreError::RoundsInvalid));
    assert_eq!(new(86_400, 6_145, 0), Err(CoreError::RoundsInvalid));
    assert_eq!(new(20, 21, 0), Err(CoreError::RoundsInvalid));
    assert_eq!(new(86_400, 288, i64::MAX - 100_000), Err(CoreError::ArithmeticOverflow));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn leaves_have_one_encoding(seed: u64, bytes in proptest::collection::vec(0u8..12, 0..24)) {
        let series = series_of(1, 86_400);
        let records = Numbers(seed).leaf(&series, 0);
        let encoded = encode_leaf(&series, 0, &records).unwrap();
        prop_assert_eq!(decode_leaf(&series, 0, &encoded).unwrap(), records);
        // Whatever decodes is what its records encode to.
        if let Ok(records) = decode_leaf(&series, 0, &bytes) {
            prop_assert_eq!(encode_leaf(&series, 0, &records).unwrap(), bytes);
        }
    }

    #[test]
    fn packed_sums_round_trip(seed: u64, rounds in 1..=ROUNDS_MAX) {
        let sums = Numbers(seed).sums(rounds);
        let packed = Packed::new(&sums, rounds).unwrap();
        prop_assert_eq!(Packed::read(packed.bytes(), rounds), Ok(sums));
        prop_assert_eq!(Aggregate::decode(&sums.encode()), Ok(sums));
    }
}
