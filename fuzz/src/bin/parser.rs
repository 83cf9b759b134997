//! libFuzzer's entry for [`tollgate_fuzz::parser`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::parser(bytes));
