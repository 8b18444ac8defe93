//! Sorting with one algorithm in the program instead of one for every type: what is generic compares and swaps.
//!
//! Never knows: what it sorts.

use std::cmp::Ordering;

/// Equal items keep their order. For what is sorted now and then: a comparison is a call through a pointer.
pub fn stable_sort<T: Ord>(items: &mut [T]) {
    stable_sort_by(items, Ord::cmp);
}

/// Equal items keep their order.
pub fn stable_sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    for (a, b) in swaps(items.len(), &mut |a, b| compare(&items[a], &items[b])) {
        items.swap(a, b);
    }
}

/// What is to be swapped, in this order, until every item stands where it belongs.
#[inline(never)]
fn swaps(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut from = sorted(len, compare);
    let mut swaps = Vec::new();
    for start in 0..len {
        // Round the cycle: each place gets the item that belongs there, the one that was there goes on.
        let mut place = start;
        loop {
            let next = std::mem::replace(&mut from[place], place);
            if next == start || next == place {
                break;
            }
            swaps.push((place, next));
            place = next;
        }
    }
    swaps
}

/// Which item stands where: runs of one, of two, of four are merged. The standard library's way is quicker on what is
/// sorted in part, and weighs ten times as much.
fn sorted(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut items: Vec<usize> = (0..len).collect();
    let mut run_len = 1;
    while run_len < len {
        let mut merged = Vec::with_capacity(len);
        for runs in items.chunks(run_len * 2) {
            let (mut left, mut right) = runs.split_at(run_len.min(runs.len()));
            while let (&[one, ..], &[other, ..]) = (left, right) {
                let first = if compare(other, one).is_lt() { &mut right } else { &mut left };
                merged.push(first[0]);
                *first = &first[1..];
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        items = merged;
        run_len *= 2;
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(keys in proptest::collection::vec(0..40u8, 0..200)) {
            let mut items: Vec<(u8, usize)> = keys.into_iter().enumerate().map(|(at, key)| (key, at)).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|&(key, _)| key);
            stable_sort_by(&mut items, |a, b| a.0.cmp(&b.0));
            prop_assert_eq!(items, expected);
        }
    }
}
