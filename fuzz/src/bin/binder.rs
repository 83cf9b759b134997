//! libFuzzer's entry for [`tollgate_fuzz::binder`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::binder(bytes));
