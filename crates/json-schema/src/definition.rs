//! [`Definition`]: a schema of a document by name, made ready once for each way it is read.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use serde_json::Value;

use crate::{DOCUMENT_LIMIT, Error, Reading, Schema};

/// A document of schemas, as it was published.
#[derive(Debug)]
pub struct Document {
    value: Value,
    too_large: bool,
}

impl Document {
    /// Takes a document.
    pub fn new(value: Value) -> Self {
        let mut length = Length(0);
        let too_large = serde_json::to_writer(&mut length, &value).is_err();
        Self { value, too_large }
    }

    /// Reads a document; none where it is no JSON.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self::new)
    }

    /// What it says.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

/// Counts bytes, and fails past the limit.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        if self.0 > DOCUMENT_LIMIT { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A schema in a document. Whoever asks first for a reading waits until it is ready; all others find it so.
#[derive(Debug)]
pub struct Definition {
    document: Option<Arc<Document>>,
    name: Option<String>,
    ready: [OnceLock<Result<Schema, Error>>; 6],
}

impl Definition {
    /// The definition `name` of a document; none where the document is not there.
    pub fn named(document: Option<Arc<Document>>, name: &str) -> Self {
        Self { document, name: Some(name.to_owned()), ready: Default::default() }
    }

    /// A document that is a schema as a whole.
    pub fn whole(document: Arc<Document>) -> Self {
        Self { document: Some(document), name: None, ready: Default::default() }
    }

    /// Its name; empty for a schema that stands alone.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// The schema, ready for this reading.
    pub fn schema(&self, reading: Reading) -> Result<&Schema, &Error> {
        let additional = match reading.additional {
            None => 0,
            Some(false) => 1,
            Some(true) => 2,
        };
        let cell = &self.ready[additional * 2 + usize::from(reading.fold_names)];
        cell.get_or_init(|| self.make(reading)).as_ref()
    }

    fn make(&self, reading: Reading) -> Result<Schema, Error> {
        let document = self.document.as_deref().ok_or(Error::NoDocument)?;
        if document.too_large {
            return Err(Error::Invalid(format!("API's schema is larger than {DOCUMENT_LIMIT} bytes.")));
        }
        match &self.name {
            Some(name) => Schema::definition(&document.value, name, reading),
            None => Schema::whole(&document.value, reading),
        }
    }
}
