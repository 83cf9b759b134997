//! Policies that steer the pipeline.

policy::policies! {
    choose,
    emit_metric,
    include_fragment,
    retry,
    set_variable,
    trace,
    wait,
}
