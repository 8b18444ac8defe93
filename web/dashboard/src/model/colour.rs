//! Which colour a partition or a key wears. A partition's colour is its own for life: partition `p` takes the
//! category `p mod 12`, counted through the topics of a picture; each further dozen cuts one more corner.

pub const CATEGORIES: usize = 12;

/// A partition as it is drawn: its number, and its place in the row of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    pub partition: i32,
    pub place: usize,
}

impl Tile {
    pub fn new(partition: i32, first_place: usize) -> Self {
        Tile { partition, place: first_place + usize::try_from(partition).unwrap_or(0) }
    }

    pub fn class(&self) -> String {
        format!("p{}", self.place % CATEGORIES)
    }

    /// How many corners are cut: 0 for the first dozen, at most 3.
    pub fn cuts(&self) -> usize {
        (self.place / CATEGORIES).min(3)
    }

    pub fn cut_class(&self) -> &'static str {
        ["", " again", " again2", " again3"][self.cuts()]
    }
}

/// The colour of the key that is the `rank`-th busiest of its tape; beyond eight it is neutral.
pub fn key_class(rank: Option<usize>) -> String {
    match rank {
        Some(rank) if rank < 8 => format!("p{rank}"),
        _ => "pz".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thirteenth_partition_wears_the_first_colour_with_a_cut_corner() {
        let tile = Tile::new(12, 0);
        assert_eq!((tile.class().as_str(), tile.cuts()), ("p0", 1));
        assert_eq!(Tile::new(1, 6).class(), "p7");
        assert_eq!(Tile::new(100, 0).cuts(), 3);
    }
}
