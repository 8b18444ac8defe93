//! Named runs of bytes, and what a write does to them.
//!
//! Never knows: commits, time.

use bytes::Bytes;
use std::collections::BTreeMap;
use tablog_log::storage::{BlobInfo, BlobName, Position, Write};

#[derive(Clone, Debug, Default)]
pub struct Blobs(BTreeMap<BlobName, Blob>);

#[derive(Clone, Debug)]
enum Blob {
    Segment(Vec<u8>),
    Small(Bytes),
}

impl Blob {
    fn bytes(&self) -> &[u8] {
        match self {
            Blob::Segment(bytes) => bytes,
            Blob::Small(bytes) => bytes,
        }
    }
}

impl Blobs {
    /// An error says in words what no backend can do.
    pub fn apply(&mut self, write: &Write) -> Result<(), String> {
        match write {
            Write::Append { blob, at, bytes } => self.append(blob, *at, bytes),
            Write::Put { blob, bytes } => match self.0.insert(blob.clone(), Blob::Small(bytes.clone())) {
                Some(Blob::Segment(_)) => Err(format!("{blob} was appended to and is put as a whole")),
                Some(Blob::Small(_)) | None => Ok(()),
            },
            Write::Truncate { blob, to } => match self.0.get_mut(blob) {
                Some(Blob::Segment(segment)) if to.0 <= segment.len() as u64 => {
                    segment.truncate(to.0 as usize);
                    Ok(())
                }
                None if to.0 == 0 => Ok(()),
                other => {
                    let len = other.map_or(0, |blob| blob.bytes().len());
                    Err(format!("{blob} is cut at {} where it ends at {len}", to.0))
                }
            },
            Write::Delete { blob } => {
                self.0.remove(blob);
                Ok(())
            }
        }
    }

    fn append(&mut self, blob: &BlobName, at: Position, bytes: &[u8]) -> Result<(), String> {
        match self.0.entry(blob.clone()).or_insert_with(|| Blob::Segment(Vec::new())) {
            Blob::Segment(segment) if segment.len() as u64 == at.0 => {
                segment.extend_from_slice(bytes);
                Ok(())
            }
            Blob::Segment(segment) => {
                Err(format!("{blob} is appended to at {} where it ends at {}", at.0, segment.len()))
            }
            Blob::Small(_) => Err(format!("{blob} was put as a whole and is appended to")),
        }
    }

    pub fn read(&self, blob: &BlobName, from: Position, len: u64) -> Option<Bytes> {
        let bytes = self.0.get(blob)?.bytes();
        let from = (from.0 as usize).min(bytes.len());
        let to = from.saturating_add(len as usize).min(bytes.len());
        Some(Bytes::copy_from_slice(&bytes[from..to]))
    }

    pub fn list(&self) -> Vec<BlobInfo> {
        let info = |(blob, content): (&BlobName, &Blob)| BlobInfo {
            blob: blob.clone(),
            len: content.bytes().len() as u64,
        };
        self.0.iter().map(info).collect()
    }
}
