//! libFuzzer's entry for [`tollgate_fuzz::lexer`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::lexer(bytes));
