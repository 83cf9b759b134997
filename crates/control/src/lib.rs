//! What a management call does, without HTTP: scope, role, ETag, admit, put, action.
