//! The whole batches of a range of a log.
//!
//! Never knows: where the range came from.

use crate::batch::ValidBatch;
use crate::batch_error::BatchError;
use crate::batch_header::BatchHeader;
use bytes::Bytes;

/// The whole batches that `bytes` begins with. A partial last one, which a fetch may bring, is left out;
/// anything that is no batch is an error, and the last item.
pub fn batches(bytes: Bytes) -> Batches {
    Batches { rest: bytes }
}

#[derive(Clone, Debug)]
pub struct Batches {
    rest: Bytes,
}

impl Batches {
    /// What was not read yet: after the last item, the partial batch.
    pub fn rest(&self) -> &Bytes {
        &self.rest
    }
}

impl Iterator for Batches {
    type Item = Result<ValidBatch, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch_len = match BatchHeader::peek(&self.rest) {
            Ok(Some(header)) if header.batch_len <= self.rest.len() => header.batch_len,
            Ok(_) => return None,
            Err(error) => {
                self.rest.clear();
                return Some(Err(error));
            }
        };
        let batch = ValidBatch::parse(self.rest.split_to(batch_len));
        if batch.is_err() {
            self.rest.clear();
        }
        Some(batch)
    }
}
