//! The everyday expressions allocate nothing.

use crate::rows::{ROWS, evaluate, exchange, printed};

#[test]
fn every_row_gives_what_it_gives_in_dotnet() {
    let mut exchange = exchange();
    for row in &ROWS {
        assert_eq!(printed(&row.program(), &mut exchange), row.result, "{}", row.name);
    }
}

#[test]
fn constants_methods_headers_and_variables_allocate_nothing() {
    let mut exchange = exchange();
    for row in ROWS.iter().take(4) {
        let program = row.program();
        evaluate(&program, &mut exchange);
        let used = allocation_counter::measure(|| {
            evaluate(&program, &mut exchange);
        });
        assert_eq!((used.count_total, used.bytes_total), (0, 0), "{}", row.name);
    }
}
