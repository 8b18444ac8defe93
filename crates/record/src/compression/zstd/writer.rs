//! Writing: literals stay as they are, and lengths and offsets are coded
//! with the tables that every reader knows. What comes of it is between LZ4 and the reference library's first level.
//!
//! Never knows: frames.

use super::fse::{Encoder, Table};
use super::sequences::{Kind, LITERALS, LITERALS_KIND, MATCHES, MATCHES_KIND, OFFSETS_KIND};
use crate::compression::bits;
use crate::compression::matches::{Seen, Sequence};
use std::sync::LazyLock;

/// A match reaches back at most so far: the window that frames ask for.
pub const WINDOW_LOG: u32 = 20;

/// Appends the block that makes `content[from..to]` of what is before it.
pub fn write(content: &[u8], from: usize, to: usize, seen: &mut Seen, out: &mut Vec<u8>) {
    let sequences = seen.find(content, from, to, 1 << WINDOW_LOG);
    let mut literals = Vec::with_capacity(to - from);
    let mut at = from;
    for sequence in &sequences {
        literals.extend_from_slice(&content[at..][..sequence.literal_len as usize]);
        at += (sequence.literal_len + sequence.match_len) as usize;
    }
    literals.extend_from_slice(&content[at..to]);
    // Raw literals, their length in twenty bits.
    out.extend_from_slice(&((literals.len() as u32) << 4 | 3 << 2).to_le_bytes()[..3]);
    out.extend_from_slice(&literals);
    write_sequences(&sequences, out);
}

struct Codes {
    literal_lengths: Encoder,
    offsets: Encoder,
    match_lengths: Encoder,
}

static CODES: LazyLock<Codes> = LazyLock::new(|| {
    let of =
        |kind: &Kind| Encoder::new(Table::of_shares(kind.default_shares, kind.default_log), kind.symbols);
    Codes {
        literal_lengths: of(&LITERALS_KIND),
        offsets: of(&OFFSETS_KIND),
        match_lengths: of(&MATCHES_KIND),
    }
});

/// From the last to the first, since it is read from its end.
fn write_sequences(sequences: &[Sequence], out: &mut Vec<u8>) {
    let count = sequences.len();
    match count {
        0..128 => out.push(count as u8),
        128..0x7f00 => out.extend_from_slice(&((count | 0x8000) as u16).to_be_bytes()),
        _ => {
            out.push(255);
            out.extend_from_slice(&((count - 0x7f00) as u16).to_le_bytes());
        }
    }
    if count == 0 {
        return;
    }
    let Codes { literal_lengths, offsets, match_lengths } = &*CODES;
    // The tables that every reader knows, for all three.
    out.push(0);
    let mut bits = bits::Writer::default();
    let mut states = None;
    for sequence in sequences.iter().rev() {
        let (literal_code, literal_more, literal_bits) = LITERALS.code_of(sequence.literal_len);
        let (match_code, match_more, match_bits) = MATCHES.code_of(sequence.match_len);
        // Numbers up to three name offsets that were used lately.
        let offset = sequence.offset + 3;
        let offset_bits = offset.ilog2();
        let offset_code = offset_bits as u8;
        states = Some(match states {
            None => (
                literal_lengths.last(literal_code),
                offsets.last(offset_code),
                match_lengths.last(match_code),
            ),
            Some((literal_state, offset_state, match_state)) => {
                let offset_state = offsets.before(offset_code, offset_state, out, &mut bits);
                let match_state = match_lengths.before(match_code, match_state, out, &mut bits);
                let literal_state = literal_lengths.before(literal_code, literal_state, out, &mut bits);
                (literal_state, offset_state, match_state)
            }
        });
        bits.put(out, literal_more, literal_bits);
        bits.put(out, match_more, match_bits);
        bits.put(out, u64::from(offset) - (1 << offset_bits), offset_bits);
    }
    if let Some((literal_state, offset_state, match_state)) = states {
        match_lengths.first(match_state, out, &mut bits);
        offsets.first(offset_state, out, &mut bits);
        literal_lengths.first(literal_state, out, &mut bits);
    }
    bits.end(out);
}
