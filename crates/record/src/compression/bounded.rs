//! Reading a decoder to its end without ever holding more than was allowed.
//!
//! Never knows: which decoder it is.

use super::DecompressError;
use std::io::Read;

const FIRST_BYTES: usize = 16 * 1024;

/// All that `reader` gives. The buffer grows by doubling, up to the bound and one byte more: that byte is
/// how a bomb is told from content that fits exactly.
pub(super) fn read_to_end(mut reader: impl Read, bytes_max: usize) -> Result<Vec<u8>, DecompressError> {
    let ceiling = bytes_max.saturating_add(1);
    let mut content = vec![0; FIRST_BYTES.min(ceiling)];
    let mut len = 0;
    loop {
        let read = reader.read(&mut content[len..]).map_err(DecompressError::broken)?;
        if read == 0 {
            content.truncate(len);
            return Ok(content);
        }
        len += read;
        if len > bytes_max {
            return Err(DecompressError::TooLarge);
        }
        if len == content.len() {
            let target = (len * 2).min(ceiling);
            content.reserve_exact(target - len);
            content.resize(target, 0);
        }
    }
}
