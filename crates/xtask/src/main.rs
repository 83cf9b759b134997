//! Chores: tidy, gen, gaps, oracle, new.

fn main() {}
