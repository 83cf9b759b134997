//! Policies for APIs of language models. They are known and checked, and do not run yet.

policy::policies! {
    llm_content_safety,
    llm_emit_token_metric,
    llm_semantic_cache_lookup,
    llm_semantic_cache_store,
    llm_token_limit,
}
