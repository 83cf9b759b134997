//! `tollgate eval`: what a policy expression gives.

use crate::{arguments::Eval, output::Failed};

pub(crate) fn run(_: &Eval) -> Result<(), Failed> {
    Err(Failed::new("expressions are not evaluated by this build"))
}
