//! The orders that Java gives things, where an assignment hangs on them: how strings compare, and the order in which
//! a `HashMap` or `HashSet` is walked through. That order is well defined: by bucket, in a bucket by arrival.
//!
//! ```text
//! buckets   a power of two, twice as many when more than three quarters are full (or a bucket would hold nine
//!           while there are fewer than 64)
//! bucket    (hash ^ hash >>> 16) mod buckets
//! ```
//! Not reproduced: a bucket of nine or more among 64 or more becomes a tree in Java; its walk is by arrival here.
//!
//! Never knows: what the orders decide.

use std::cmp::Ordering;
use tablog_record::{Uuid, stable_sort_by};

const BUCKETS_MIN: usize = 16;
const BUCKET_FULL: u32 = 8;
/// From so many buckets on a full one becomes a tree instead of the table growing.
const BUCKETS_WITH_TREES: usize = 64;

/// Java compares strings by UTF-16 unit, which is not the order of code points.
pub(super) fn java_order(a: &str, b: &str) -> Ordering {
    // Where bytes are below the surrogates' the two orders are one.
    match a.bytes().zip(b.bytes()).position(|(a, b)| a != b) {
        Some(at) if a.as_bytes()[at] < 0xee && b.as_bytes()[at] < 0xee => {
            a.as_bytes()[at].cmp(&b.as_bytes()[at])
        }
        Some(_) => a.encode_utf16().cmp(b.encode_utf16()),
        None => a.len().cmp(&b.len()),
    }
}

/// `String.hashCode`.
pub(super) fn string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// `TopicPartition.hashCode`, given that of the topic's name.
pub(super) fn partition_hash(topic_hash: i32, partition: i32) -> i32 {
    partition.wrapping_add(31).wrapping_mul(31).wrapping_add(topic_hash)
}

/// `org.apache.kafka.common.Uuid.hashCode`.
pub(super) fn uuid_hash(id: Uuid) -> i32 {
    let words =
        id.0.chunks_exact(4).map(|word| word.iter().fold(0, |all, &byte| (all << 8) | i32::from(byte)));
    words.fold(0, |all, word| all ^ word)
}

/// `org.apache.kafka.common.Uuid.compareTo`, which takes the two halves for signed numbers.
pub(super) fn uuid_order(a: Uuid, b: Uuid) -> Ordering {
    let halves = |id: Uuid| {
        let bits = u128::from_be_bytes(id.0);
        ((bits >> 64) as i64, bits as i64)
    };
    halves(a).cmp(&halves(b))
}

/// A `HashSet`, as far as its order goes. Who uses it knows that an item is inserted once.
#[derive(Clone, Debug)]
pub(super) struct HashOrder<T> {
    /// By arrival.
    items: Vec<(u32, T)>,
    bucket_lens: Vec<u32>,
}

impl<T: Copy + PartialEq> HashOrder<T> {
    pub(super) fn new() -> HashOrder<T> {
        HashOrder { items: Vec::new(), bucket_lens: vec![0; BUCKETS_MIN] }
    }

    /// As `new HashSet<>(collection)` begins when the collection has `len` items.
    pub(super) fn with_room_for(len: usize) -> HashOrder<T> {
        let capacity = (len as f32 / 0.75) as usize + 1;
        let buckets = capacity.next_power_of_two().max(BUCKETS_MIN);
        HashOrder { items: Vec::with_capacity(len), bucket_lens: vec![0; buckets] }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn insert(&mut self, hash: i32, item: T) {
        let hash = spread(hash);
        let bucket = self.bucket_of(hash);
        self.items.push((hash, item));
        self.bucket_lens[bucket] += 1;
        if self.bucket_lens[bucket] > BUCKET_FULL && self.bucket_lens.len() < BUCKETS_WITH_TREES {
            self.grow();
        }
        if self.items.len() > self.bucket_lens.len() / 4 * 3 {
            self.grow();
        }
    }

    pub(super) fn remove(&mut self, item: T) {
        if let Some(place) = self.items.iter().position(|&(_, other)| other == item) {
            let (hash, _) = self.items.remove(place);
            let bucket = self.bucket_of(hash);
            self.bucket_lens[bucket] -= 1;
        }
    }

    pub(super) fn first(&self) -> Option<T> {
        self.items.iter().min_by_key(|&&(hash, _)| self.bucket_of(hash)).map(|&(_, item)| item)
    }

    pub(super) fn into_items(mut self) -> Vec<T> {
        let mut items = std::mem::take(&mut self.items);
        stable_sort_by(&mut items, |a, b| self.bucket_of(a.0).cmp(&self.bucket_of(b.0)));
        items.into_iter().map(|(_, item)| item).collect()
    }

    fn bucket_of(&self, hash: u32) -> usize {
        hash as usize & (self.bucket_lens.len() - 1)
    }

    fn grow(&mut self) {
        self.bucket_lens = vec![0; self.bucket_lens.len() * 2];
        for place in 0..self.items.len() {
            let bucket = self.bucket_of(self.items[place].0);
            self.bucket_lens[bucket] += 1;
        }
    }
}

fn spread(hash: i32) -> u32 {
    let hash = hash as u32;
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_java_s() {
        assert_eq!(string_hash(""), 0);
        assert_eq!(string_hash("consumer-1"), -166_239_206);
        assert_eq!(string_hash("Aa"), string_hash("BB"));
        assert_eq!(partition_hash(string_hash("t"), 3), 31 * 34 + 116);
    }

    #[test]
    fn items_are_walked_through_by_bucket_then_by_arrival() {
        let mut order = HashOrder::new();
        for hash in [33, 17, 1, 0, 16] {
            order.insert(hash, hash);
        }
        assert_eq!(order.clone().into_items(), [0, 16, 33, 17, 1]);
        order.remove(17);
        assert_eq!(order.first(), Some(0));
        assert_eq!(order.clone().into_items(), [0, 16, 33, 1]);
        for hash in 100..109 {
            order.insert(hash, hash);
        }
        assert_eq!(order.into_items(), [0, 33, 1, 100, 101, 102, 103, 104, 105, 106, 107, 108, 16]);
    }

    #[test]
    fn strings_are_ordered_by_utf_16_unit() {
        // U+FF5E is one unit above the surrogates that U+1F600 is made of.
        for (lesser, greater) in [("a", "b"), ("a", "aa"), ("", "a"), ("z", "é"), ("é", "😀"), ("😀", "～")]
        {
            assert_eq!(java_order(lesser, greater), Ordering::Less, "{lesser} {greater}");
            assert_eq!(java_order(greater, lesser), Ordering::Greater, "{lesser} {greater}");
        }
    }
}
