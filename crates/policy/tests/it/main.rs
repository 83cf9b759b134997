//! What an evaluation costs, as far as it can be counted.

#[path = "../../benches/speed/rows.rs"]
mod rows;

mod allocations;
