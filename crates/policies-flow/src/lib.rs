//! Policies that steer the pipeline.
