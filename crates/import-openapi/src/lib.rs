//! Reads OpenAPI 2, 3.0 and 3.1 documents into API entities.
