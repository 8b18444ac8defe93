//! Against the standard library's map.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Insert(u16, u32),
    Entry(u16, u32),
    Remove(u16),
    PopFirst,
    PopLast,
    Retain(u16),
    SplitOff(u16),
    Ascending(u16),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = || 0..2000u16;
    let step = prop_oneof![
        12 => (key(), any::<u32>()).prop_map(|(key, value)| Step::Insert(key, value)),
        4 => (key(), any::<u32>()).prop_map(|(key, value)| Step::Entry(key, value)),
        6 => key().prop_map(Step::Remove),
        3 => Just(Step::PopFirst),
        3 => Just(Step::PopLast),
        1 => (2..9u16).prop_map(Step::Retain),
        1 => key().prop_map(Step::SplitOff),
        3 => (1..600u16).prop_map(Step::Ascending),
    ];
    proptest::collection::vec(step, 1..120)
}

fn take(step: Step, map: &mut SortedMap<u16, u32>, model: &mut BTreeMap<u16, u32>) {
    match step {
        Step::Insert(key, value) => assert_eq!(map.insert(key, value), model.insert(key, value)),
        Step::Entry(key, value) => {
            assert_eq!(map.entry(key).or_insert(value), model.entry(key).or_insert(value));
        }
        Step::Remove(key) => assert_eq!(map.remove(&key), model.remove(&key)),
        Step::PopFirst => assert_eq!(map.pop_first(), model.pop_first()),
        Step::PopLast => assert_eq!(map.pop_last(), model.pop_last()),
        Step::Retain(modulus) => {
            map.retain(|key, _| key % modulus != 0);
            model.retain(|key, _| key % modulus != 0);
        }
        Step::SplitOff(key) => {
            let (tail, expected) = (map.split_off(&key), model.split_off(&key));
            check(&tail, &expected);
            if key % 2 == 0 {
                (*map, *model) = (tail, expected);
            }
        }
        Step::Ascending(count) => {
            let first = model.last_key_value().map_or(0, |(&key, _)| key + 1);
            map.extend((first..).take(count.into()).map(|key| (key, 7)));
            model.extend((first..).take(count.into()).map(|key| (key, 7)));
        }
    }
}

fn check(map: &SortedMap<u16, u32>, model: &BTreeMap<u16, u32>) {
    assert!(map.iter().eq(model.iter()));
    assert!(map.iter().rev().eq(model.iter().rev()));
    assert!(map.keys().eq(model.keys()) && map.values().eq(model.values()));
    assert_eq!(map.len(), model.len());
    assert_eq!(map.first_key_value(), model.first_key_value());
    assert_eq!(map.last_key_value(), model.last_key_value());
    assert!(map.chunks.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= CHUNK_ENTRIES));
    assert!(map.clone().iter_mut().map(|(key, value)| (*key, *value)).eq(model.clone()));
    assert!(map.clone().into_iter().eq(model.clone()));
    assert_eq!(*map, model.clone().into_iter().collect());
}

proptest! {
    #[test]
    fn behaves_as_the_standard_map(steps in steps(), from in 0..2500u16, to in 0..2500u16) {
        let (mut map, mut model) = (SortedMap::new(), BTreeMap::new());
        for step in steps {
            take(step, &mut map, &mut model);
        }
        check(&map, &model);
        prop_assert_eq!(map.get(&from), model.get(&from));
        prop_assert_eq!(map.contains_key(&to), model.contains_key(&to));
        prop_assert!(map.range(from..).eq(model.range(from..)));
        prop_assert!(map.range(..=to).rev().eq(model.range(..=to).rev()));
        let (from, to) = (from.min(to), from.max(to));
        prop_assert!(map.range(from..to).eq(model.range(from..to)));
        prop_assert!(map.range(from..=to).rev().eq(model.range(from..=to).rev()));
        let behind = (Bound::Excluded(from), Bound::Unbounded);
        prop_assert!(map.range(behind).eq(model.range(behind)));
        prop_assert_eq!(map.range(to + 1..from).count(), 0);
    }
}

#[test]
fn ascending_keys_fill_their_chunks() {
    let map: SortedMap<usize, ()> = (0..CHUNK_ENTRIES * 4).map(|key| (key, ())).collect();
    assert_eq!(map.chunks.len(), 4);
}
