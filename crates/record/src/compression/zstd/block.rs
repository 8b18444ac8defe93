//! Compressed blocks (RFC 8878, 3.1.1.3): literals, and the sequences that say where they go and what is repeated.
//!
//! Never knows: frames.

use super::sequences::{Kind, LITERALS, LITERALS_KIND, MATCHES, MATCHES_KIND, OFFSETS_KIND};
use super::{BLOCK_BYTES_MAX, fse, huffman};
use crate::compression::bits::Backward;
use crate::compression::output::Output;

/// What a block may take over from those before it in its frame.
#[derive(Default)]
pub struct Reader {
    literals: Option<huffman::Table>,
    literal_lengths: Option<fse::Table>,
    offsets: Option<fse::Table>,
    match_lengths: Option<fse::Table>,
    /// The last three offsets, the newest first.
    recent: Recent,
}

impl Reader {
    pub fn read(&mut self, block: &[u8], out: &mut Output<'_>) -> Option<()> {
        let (literals, rest) = self.literals(block)?;
        let (count, rest) = sequence_count(rest)?;
        let mut literals = literals.as_slice();
        if count == 0 {
            return if rest.is_empty() { out.append(literals) } else { None };
        }
        let (&modes, rest) = rest.split_first()?;
        let rest = choose(&mut self.literal_lengths, modes >> 6, &LITERALS_KIND, rest)?;
        let rest = choose(&mut self.offsets, modes >> 4, &OFFSETS_KIND, rest)?;
        let rest = choose(&mut self.match_lengths, modes >> 2, &MATCHES_KIND, rest)?;
        let (literal_lengths, offsets, match_lengths) =
            (self.literal_lengths.as_ref()?, self.offsets.as_ref()?, self.match_lengths.as_ref()?);

        let mut input = Backward::new(rest)?;
        let mut literal_state = literal_lengths.start(&mut input);
        let mut offset_state = offsets.start(&mut input);
        let mut match_state = match_lengths.start(&mut input);
        for left in (0..count).rev() {
            let offset_bits: u32 = offsets.symbol(offset_state).into();
            if offset_bits > 31 {
                return None;
            }
            let offset = (1u64 << offset_bits) + input.take(offset_bits);
            let (base, bits) = MATCHES.of_code(match_lengths.symbol(match_state))?;
            let match_len = base as usize + input.take(bits) as usize;
            let (base, bits) = LITERALS.of_code(literal_lengths.symbol(literal_state))?;
            let literal_len = base as usize + input.take(bits) as usize;
            if left > 0 {
                literal_state = literal_lengths.next(literal_state, &mut input);
                match_state = match_lengths.next(match_state, &mut input);
                offset_state = offsets.next(offset_state, &mut input);
            }
            let (now, later) = literals.split_at_checked(literal_len)?;
            out.append(now)?;
            literals = later;
            out.repeat(self.recent.offset(offset as usize, literal_len)?, match_len)?;
        }
        if input.left() != 0 {
            return None;
        }
        out.append(literals)
    }

    /// A block's literals, and what follows them.
    fn literals<'a>(&mut self, block: &'a [u8]) -> Option<(Vec<u8>, &'a [u8])> {
        let first = *block.first()?;
        let (kind, format) = (first & 3, first >> 2 & 3);
        let is_coded = kind >= 2;
        let header_len = match (is_coded, format) {
            (false, 0 | 2) => 1,
            (false, 1) => 2,
            (false, _) | (true, 0 | 1) => 3,
            (true, 2) => 4,
            (true, _) => 5,
        };
        let (header, rest) = block.split_at_checked(header_len)?;
        let header = header.iter().rev().fold(0u64, |header, &byte| header << 8 | u64::from(byte));
        if !is_coded {
            let count = (header >> if header_len == 1 { 3 } else { 4 }) as usize;
            if count > BLOCK_BYTES_MAX {
                return None;
            }
            if kind == 1 {
                let (&byte, rest) = rest.split_first()?;
                return Some((vec![byte; count], rest));
            }
            let (literals, rest) = rest.split_at_checked(count)?;
            return Some((literals.to_vec(), rest));
        }
        let size_bits = [10, 10, 14, 18][usize::from(format)];
        let size = |from: u32| (header >> from & ((1 << size_bits) - 1)) as usize;
        let (count, coded_len) = (size(4), size(4 + size_bits));
        if count > BLOCK_BYTES_MAX {
            return None;
        }
        let (mut coded, rest) = rest.split_at_checked(coded_len)?;
        if kind == 2 {
            let (table, streams) = huffman::Table::parse(coded)?;
            self.literals = Some(table);
            coded = streams;
        }
        let table = self.literals.as_ref()?;
        let mut literals = Vec::with_capacity(count);
        if format == 0 {
            table.read(coded, count, &mut literals)?;
            return Some((literals, rest));
        }
        let (lens, mut streams) = coded.split_at_checked(6)?;
        let each = count.div_ceil(4);
        for len in lens.chunks_exact(2) {
            let (stream, others) =
                streams.split_at_checked(usize::from(len[0]) | usize::from(len[1]) << 8)?;
            table.read(stream, each, &mut literals)?;
            streams = others;
        }
        table.read(streams, count.checked_sub(literals.len())?, &mut literals)?;
        Some((literals, rest))
    }
}

fn sequence_count(bytes: &[u8]) -> Option<(usize, &[u8])> {
    Some(match *bytes {
        [first @ 0..=127, ref rest @ ..] => (first.into(), rest),
        [255, low, high, ref rest @ ..] => ((usize::from(low) | usize::from(high) << 8) + 0x7f00, rest),
        [first @ 128..=254, low, ref rest @ ..] => (usize::from(first - 128) << 8 | usize::from(low), rest),
        _ => return None,
    })
}

/// Puts the table that a block asks for in its place; answers what follows its description.
fn choose<'a>(slot: &mut Option<fse::Table>, mode: u8, kind: &Kind, bytes: &'a [u8]) -> Option<&'a [u8]> {
    let (table, rest) = match mode & 3 {
        0 => (fse::Table::of_shares(kind.default_shares, kind.default_log), bytes),
        1 => {
            let (&symbol, rest) = bytes.split_first()?;
            (fse::Table::of_one(symbol), rest)
        }
        2 => fse::Table::parse(bytes, kind.log_max, kind.symbols)?,
        _ => return slot.is_some().then_some(bytes),
    };
    *slot = Some(table);
    Some(rest)
}

struct Recent([usize; 3]);

impl Default for Recent {
    fn default() -> Recent {
        Recent([1, 4, 8])
    }
}

impl Recent {
    /// Small numbers name an offset that was used lately; behind no literals, the newest would be no news.
    fn offset(&mut self, number: usize, literal_len: usize) -> Option<usize> {
        let [first, second, third] = self.0;
        let (offset, place) = match number - usize::from(literal_len > 0 && number <= 3) {
            _ if number > 3 => (number - 3, 2),
            0 => return Some(first),
            1 => (second, 1),
            2 => (third, 2),
            _ => (first.checked_sub(1)?, 2),
        };
        self.0 = if place == 1 { [offset, first, third] } else { [offset, first, second] };
        Some(offset)
    }
}
