//! Phone numbers, by themselves and over the customers of Northwind.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, and what could not be checked, is said in one line"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use proptest::prelude::*;
use shoal_core::value::{Phone, PhoneProblem, ValueError, phone, region};

fn e164(text: &str, region: &str) -> Option<String> {
    Phone::parse(text, Some(region), None).ok()?.e164
}

fn problem(text: &str, region: Option<&str>) -> PhoneProblem {
    match Phone::parse(text, region, None) {
        Err(ValueError::Phone(problem)) => problem,
        other => panic!("{text}: {other:?}"),
    }
}

/// Expected values from libphonenumber 9 (Python port `phonenumbers` 9.0.43).
#[test]
fn numbers_become_e164() {
    let expected = [
        ("030 123456", "DE", "+4930123456"),
        ("+49 (0)30 / 12 34 56", "US", "+4930123456"),
        ("0049 30 123456", "DE", "+4930123456"),
        ("+0049 30 123456", "DE", "+4930123456"),
        ("49 30 12345678", "DE", "+493012345678"),
        ("Tel.: 030-123456", "de", "+4930123456"),
        ("tel:+49-30-123456", "DE", "+4930123456"),
        ("06 698 12345", "IT", "+390669812345"),
        ("+39 06 698 12345", "DE", "+390669812345"),
        ("0039 06 698 12345", "DE", "+390669812345"),
        ("138 0013 8000", "CN", "+8613800138000"),
        ("１３８００１３８０００", "CN", "+8613800138000"),
        ("8 (800) 555-35-35", "RU", "+78005553535"),
        ("+7 495 123-45-67", "DE", "+74951234567"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("(503) 555-7555", "US", "+15035557555"),
        ("+994 12 404 12 34", "FI", "+994124041234"),
        ("+800 1234 5678", "DE", "+80012345678"),
        ("0 11 15-2345-6789", "AR", "+5491123456789"),
        ("٠٥٠ ١٢٣ ٤٥٦٧", "AE", "+971501234567"),
        ("\u{202A}+44 20 7946 0018\u{202C}", "GB", "+442079460018"),
    ];
    for (text, region, number) in expected {
        assert_eq!(e164(text, region).as_deref(), Some(number), "{text}");
    }
}

#[test]
fn the_row_s_country_goes_before_the_tenant_s() {
    let phone = Phone::parse(" (171) 555-7788 ", Some("gb"), Some("US")).unwrap();
    assert_eq!((phone.valid, phone.e164, phone.digits.as_str()), (false, None, "1715557788"));
    assert_eq!(phone.original, "(171) 555-7788");
    let phone = Phone::parse("030 123456", Some("AQ"), Some("DE")).unwrap();
    assert_eq!((phone.region, phone.digits.as_str()), (Some("DE"), "4930123456"));
    let phone = Phone::parse("+39 02 3661 8300", None, None).unwrap();
    assert_eq!(phone.region, Some("IT"));
    assert_eq!(Phone::parse("+800 1234 5678", None, None).unwrap().region, None);
}

#[test]
fn extensions_are_kept_apart() {
    for text in [
        "030 123456 ext. 12",
        "030 123456 x12",
        "030 123456;ext=12",
        "030 123456 доб. 12",
        "030123456转12",
        "030 123456 #12",
    ] {
        let phone = Phone::parse(text, Some("DE"), None).unwrap();
        assert_eq!(
            (phone.e164.as_deref(), phone.extension.as_deref()),
            (Some("+4930123456"), Some("12")),
            "{text}"
        );
        assert_eq!(phone.digits, "4930123456");
    }
    assert_eq!(Phone::parse("030 123456-12", Some("DE"), None).unwrap().extension, None);
}

#[test]
fn what_is_no_number_is_refused() {
    assert_eq!(problem("  ", Some("DE")), PhoneProblem::Empty);
    assert_eq!(problem("n/a", Some("DE")), PhoneProblem::Empty);
    assert_eq!(problem("12", Some("DE")), PhoneProblem::TooShort);
    assert_eq!(problem(&"1".repeat(30), Some("DE")), PhoneProblem::TooLong);
    assert_eq!(problem(&"1".repeat(1_000), Some("DE")), PhoneProblem::TooLong);
    assert_eq!(problem("+999 123456", Some("DE")), PhoneProblem::CallingCode);
    assert_eq!(problem("030 123456", None), PhoneProblem::RegionMissing);
    assert_eq!(problem("030 123456 only mornings", Some("DE")), PhoneProblem::Character('o'));
    assert_eq!(problem("030 123456@", Some("DE")), PhoneProblem::Character('@'));
    assert_eq!(problem("030\u{0}123456", Some("DE")), PhoneProblem::Character('\0'));
    let code = |text, region| Phone::parse(text, region, None).map_err(|e| e.code()).unwrap_err();
    assert_eq!(code("x", Some("DE")), "PHONE_INVALID");
    assert_eq!(code("030 123456", None), "PHONE_REGION_MISSING");
}

#[test]
fn a_thousand_numbers_take_well_below_fifty_milliseconds() {
    phone::warm_up();
    let regions = ["DE", "US", "FR", "BR", "GB", "CN", "RU", "IT", "ES", "MX"];
    let parse =
        |i: usize| Phone::parse(&format!("0{} 555{i:05}", i % 9 + 1), Some(regions[i % regions.len()]), None);
    let _ = (0..regions.len()).map(parse).collect::<Vec<_>>();
    // The best of three runs: other tests share the processors.
    let run = |_| {
        let start = Instant::now();
        assert!((0..1_000).map(parse).all(|phone| phone.is_ok()));
        start.elapsed()
    };
    let best = (0..3).map(run).min().unwrap();
    println!("1,000 phone numbers of ten countries: {best:?}");
    assert!(cfg!(debug_assertions) || best.as_millis() < 20, "{best:?}");
}

/// `../shared/data` beside the workspace, unless `SHOAL_TEST_DATA` says otherwise.
fn data() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    std::env::var_os("SHOAL_TEST_DATA").map_or_else(beside, PathBuf::from)
}

#[test]
fn forty_eight_of_northwind_s_ninety_one_phones_are_valid() {
    let path = data().join("northwind/customers.csv");
    let Ok(mut reader) = csv::Reader::from_path(&path) else {
        println!("not checked: {} is not there", path.display());
        return;
    };
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    // Two rows came after the classic set; they have neither country nor phone.
    let (classic, later): (Vec<_>, Vec<_>) = rows.iter().partition(|row| !row[8].is_empty());
    assert_eq!(later.iter().map(|row| row[0].trim()).collect::<BTreeSet<_>>(), ["VALON", "Val2"].into());
    let phones: Vec<_> = classic
        .iter()
        .map(|row| Phone::parse(&row[9], Some(region::of(&row[8]).unwrap()), Some("US")).unwrap())
        .collect();
    assert_eq!(phones.len(), 91);
    assert_eq!(phones.iter().filter(|phone| phone.valid).count(), 48);
    for phone in phones.iter().filter(|phone| !phone.valid) {
        assert!(phone.e164.is_none() && !phone.original.is_empty());
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), region in "[A-Z]{2}") {
        let _ = Phone::parse(&text, Some(&region), Some("DE"));
    }

    #[test]
    fn what_looks_like_a_number_is_read_or_refused(text in "[+0-9 ()/x#.A-Z-]{0,30}", home in 0..250_usize) {
        let home = shoal_core::value::country::codes().nth(home);
        if let Ok(phone) = Phone::parse(&text, home, None) {
            prop_assert_eq!(phone.valid, phone.e164.is_some());
            if let Some(e164) = &phone.e164 {
                prop_assert_eq!(e164, &format!("+{}", phone.digits));
                let again = Phone::parse(e164, None, None).unwrap();
                prop_assert_eq!(again.e164.as_ref(), Some(e164), "E.164 reads back");
            }
        }
    }
}
