//! Policies that steer the pipeline.

policy::policies! {
    choose,
    include_fragment,
    set_variable,
    trace,
}
