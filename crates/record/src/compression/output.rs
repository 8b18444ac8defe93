//! What is decompressed, up to a bound: literal bytes, and what was there before. Never more is made, whatever the
//! input says.
//!
//! Never knows: which format it is.

use super::DecompressError;

/// What one frame makes, up to a bound.
pub struct Output<'a> {
    content: &'a mut Vec<u8>,
    /// Where this frame began.
    start: usize,
    bytes_max: usize,
    is_too_large: bool,
}

impl<'a> Output<'a> {
    /// Appends to what frames before it have made.
    pub fn new(content: &'a mut Vec<u8>, bytes_max: usize) -> Output<'a> {
        let start = content.len();
        Output { content, start, bytes_max, is_too_large: false }
    }

    /// Why there was no more: there was no room, or the input has this problem.
    pub fn error(&self, problem: &str) -> DecompressError {
        if self.is_too_large { DecompressError::TooLarge } else { DecompressError::broken(problem) }
    }

    pub fn written(&self) -> &[u8] {
        &self.content[self.start..]
    }

    fn room_for(&mut self, len: usize) -> Option<()> {
        self.is_too_large = len > self.bytes_max - self.content.len();
        (!self.is_too_large).then_some(())
    }

    pub fn push(&mut self, byte: u8) -> Option<()> {
        self.room_for(1)?;
        self.content.push(byte);
        Some(())
    }

    pub fn append(&mut self, bytes: &[u8]) -> Option<()> {
        self.room_for(bytes.len())?;
        self.content.extend_from_slice(bytes);
        Some(())
    }

    /// Again what was written `offset` bytes ago; it may reach into what it makes.
    pub fn repeat(&mut self, offset: usize, len: usize) -> Option<()> {
        if offset == 0 || offset > self.written().len() {
            return None;
        }
        self.room_for(len)?;
        let from = self.content.len() - offset;
        let end = self.content.len() + len;
        while self.content.len() < end {
            let to = (from + end - self.content.len()).min(self.content.len());
            self.content.extend_from_within(from..to);
        }
        Some(())
    }
}
