//! A disk in memory that can stop at any byte.

use bytes::Bytes;
use tablog_log::storage::{BlobInfo, BlobName, FaultKind, Read, StorageFault, Write};
use tablog_record::SortedMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    pub blobs: SortedMap<String, Vec<u8>>,
}

impl Disk {
    pub fn apply(&mut self, write: &Write) {
        self.apply_torn(write, usize::MAX);
    }

    /// Of what the write brings, only this many bytes arrive.
    pub fn apply_torn(&mut self, write: &Write, bytes_max: usize) {
        let name = write.blob().as_str().to_owned();
        match write {
            Write::Append { at, bytes, .. } => {
                let blob = self.blobs.entry(name.clone()).or_default();
                assert_eq!(blob.len() as u64, at.0, "append to {name} at another place than its end");
                blob.extend_from_slice(&bytes[..bytes.len().min(bytes_max)]);
            }
            Write::Put { bytes, .. } => {
                self.blobs.insert(name, bytes[..bytes.len().min(bytes_max)].to_vec());
            }
            Write::Truncate { to, .. } => {
                let blob = self.blobs.get_mut(&name).unwrap_or_else(|| panic!("truncate of no blob {name}"));
                assert!(blob.len() as u64 >= to.0, "{name} is shorter than it should be cut");
                blob.truncate(to.0 as usize);
            }
            Write::Delete { .. } => {
                self.blobs.remove(&name);
            }
        }
    }

    pub fn read(&self, read: &Read) -> Result<Bytes, StorageFault> {
        let Some(blob) = self.blobs.get(read.blob.as_str()) else {
            return Err(StorageFault { kind: FaultKind::Io, detail: format!("no blob {}", read.blob) });
        };
        let from = (read.from.0 as usize).min(blob.len());
        let to = (from + read.len as usize).min(blob.len());
        Ok(Bytes::copy_from_slice(&blob[from..to]))
    }

    pub fn list(&self) -> Vec<BlobInfo> {
        let info = |(name, blob): (&String, &Vec<u8>)| BlobInfo {
            blob: BlobName::new(name.as_str()),
            len: blob.len() as u64,
        };
        self.blobs.iter().map(info).collect()
    }
}
