//! Reading a decoder to its end without ever holding more than was allowed.
//!
//! Never knows: which decoder it is.

use super::DecompressError;
use std::io::Read;

const FIRST_BYTES: usize = 16 * 1024;

/// Appends all that `reader` gives, up to `bytes_max` in all. The buffer grows by doubling, to the bound and
/// one byte more: that byte is how a bomb is told from content that fits exactly.
pub(super) fn read_to_end(
    reader: &mut impl Read,
    bytes_max: usize,
    content: &mut Vec<u8>,
) -> Result<(), DecompressError> {
    let ceiling = bytes_max.saturating_add(1);
    let mut len = content.len();
    loop {
        if len == content.len() {
            let target = (len * 2).max(FIRST_BYTES).min(ceiling);
            content.reserve_exact(target - len);
            content.resize(target, 0);
        }
        let read = reader.read(&mut content[len..]).map_err(DecompressError::broken)?;
        len += read;
        if len > bytes_max {
            return Err(DecompressError::TooLarge);
        }
        if read == 0 {
            content.truncate(len);
            return Ok(());
        }
    }
}
