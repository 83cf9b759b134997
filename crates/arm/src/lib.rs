//! The Azure Resource Manager dialect as values: ids, envelopes, ETags, errors, paging, filters, actions. No HTTP.
