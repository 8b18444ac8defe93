//! CRC-32C (Castagnoli), the checksum of a record batch.
//!
//! Never knows: which bytes of a batch it covers.

use crc::{CRC_32_ISCSI, Crc, Table};
use std::sync::LazyLock;

/// Made at first use: 16 KiB of table that would hardly compress have no place in the download.
static CRC_32C: LazyLock<Crc<u32, Table<16>>> = LazyLock::new(|| Crc::<u32, Table<16>>::new(&CRC_32_ISCSI));

pub fn crc32c(bytes: &[u8]) -> u32 {
    CRC_32C.checksum(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_value() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(b""), 0);
    }
}
