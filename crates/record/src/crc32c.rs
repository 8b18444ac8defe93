//! CRC-32C (Castagnoli), the checksum of a record batch.
//!
//! Never knows: which bytes of a batch it covers.

use crc::{CRC_32_ISCSI, Crc, Table};

const CASTAGNOLI: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);
static CRC: Crc<u32, Table<16>> = CASTAGNOLI;

pub fn crc32c(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
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
