//! The compressions of a batch's records, all in pure Rust, all bounded while they decompress.
//!
//! Never knows: batches. Content goes in and comes out whole.

mod bits;
mod deflate;
mod gzip;
mod lengths;
mod lz4;
mod matches;
mod output;
mod snappy;
mod xxhash;
mod zstd;

use crate::batch_error::BatchError;
use std::fmt;

/// How the records of a batch are compressed: bits 0 to 2 of its attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Compression {
    pub const ALL: [Compression; 5] =
        [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

    pub fn id(self) -> u8 {
        self as u8
    }

    pub fn from_id(id: u8) -> Option<Compression> {
        Compression::ALL.get(usize::from(id)).copied()
    }

    /// The name that `compression.type` uses.
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Snappy => "snappy",
            Compression::Lz4 => "lz4",
            Compression::Zstd => "zstd",
        }
    }

    pub fn from_name(name: &str) -> Option<Compression> {
        Compression::ALL.into_iter().find(|compression| compression.name() == name)
    }

    pub fn compress(self, content: &[u8]) -> Vec<u8> {
        match self {
            Compression::None => content.to_vec(),
            Compression::Gzip => gzip::compress(content),
            Compression::Snappy => snappy::compress(content),
            Compression::Lz4 => lz4::compress(content),
            Compression::Zstd => zstd::compress(content),
        }
    }

    /// The content of `compressed`, at most `bytes_max` long: more is never made, whatever the input says.
    pub fn decompress(self, compressed: &[u8], bytes_max: usize) -> Result<Vec<u8>, BatchError> {
        let decompressed = match self {
            Compression::None if compressed.len() > bytes_max => Err(DecompressError::TooLarge),
            Compression::None => Ok(compressed.to_vec()),
            Compression::Gzip => gzip::decompress(compressed, bytes_max),
            Compression::Snappy => snappy::decompress(compressed, bytes_max),
            Compression::Lz4 => lz4::decompress(compressed, bytes_max),
            Compression::Zstd => zstd::decompress(compressed, bytes_max),
        };
        let content = decompressed.map_err(|error| match error {
            DecompressError::TooLarge => BatchError::TooLarge { bytes_max },
            DecompressError::Broken(problem) => BatchError::Undecodable { compression: self, problem },
        })?;
        assert!(content.len() <= bytes_max);
        Ok(content)
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a single codec reports.
#[derive(Debug)]
enum DecompressError {
    TooLarge,
    Broken(String),
}

impl DecompressError {
    fn broken(problem: &str) -> DecompressError {
        DecompressError::Broken(problem.to_string())
    }
}
