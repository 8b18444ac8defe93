//! A map in the order of its keys, made so that each further pair of types costs little code: what a page downloads
//! is counted by the byte, and `BTreeMap` costs some six kilobytes for every pair.
//!
//! ```text
//! chunks   [ [a b c d] [f h] [k l m] ]     none is empty, none longer than CHUNK_ENTRIES; keys ascend throughout
//! ```
//! Finding is two binary searches. Inserting and removing also move at most one chunk's entries, and now and then the
//! list of chunks: `O(log n + CHUNK_ENTRIES + n / CHUNK_ENTRIES²)`, the last of which no map here ever feels. Keys that
//! come in ascending order fill their chunks.
//!
//! Never knows: what it holds.

#[cfg(test)]
mod tests;

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Bound, Index, RangeBounds};
use std::slice;
use std::vec;

/// Full chunks are cut in two: 128 entries of some 20 bytes are moved in the time of one cache miss or two.
const CHUNK_ENTRIES: usize = 128;

/// Values lie elsewhere: what is moved about is small, and maps of like keys are the same code.
type Chunk<K, V> = Vec<(K, Box<V>)>;

#[derive(Clone)]
pub struct SortedMap<K, V> {
    chunks: Vec<Chunk<K, V>>,
    len: usize,
}

/// Where an entry is, or would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    chunk: usize,
    at: usize,
}

impl<K, V> SortedMap<K, V> {
    pub const fn new() -> SortedMap<K, V> {
        SortedMap { chunks: Vec::new(), len: 0 }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn clear(&mut self) {
        *self = SortedMap::new();
    }

    pub fn iter(&self) -> Iter<'_, K, V> {
        let back = Place { chunk: self.chunks.len(), at: 0 };
        Iter { chunks: &self.chunks, front: Place { chunk: 0, at: 0 }, back }
    }

    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        IterMut { chunks: self.chunks.iter_mut(), chunk: [].iter_mut() }
    }

    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone + fmt::Debug {
        Keys(self.iter())
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone + fmt::Debug {
        Values(self.iter())
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    pub fn into_keys(self) -> impl Iterator<Item = K> {
        self.into_iter().map(|(key, _)| key)
    }

    pub fn into_values(self) -> impl Iterator<Item = V> {
        self.into_iter().map(|(_, value)| value)
    }

    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        let (key, value) = self.chunks.first()?.first()?;
        Some((key, value))
    }

    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        let (key, value) = self.chunks.last()?.last()?;
        Some((key, value))
    }

    /// The value of the last key.
    pub fn last_value_mut(&mut self) -> Option<&mut V> {
        Some(&mut self.chunks.last_mut()?.last_mut()?.1)
    }

    pub fn pop_first(&mut self) -> Option<(K, V)> {
        if self.is_empty() { None } else { Some(unboxed(self.remove_at(Place { chunk: 0, at: 0 }))) }
    }

    pub fn pop_last(&mut self) -> Option<(K, V)> {
        let chunk = self.chunks.len().checked_sub(1)?;
        Some(unboxed(self.remove_at(Place { chunk, at: self.chunks[chunk].len() - 1 })))
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        for chunk in &mut self.chunks {
            chunk.retain_mut(|(key, value)| keep(key, value));
        }
        self.chunks.retain(|chunk| !chunk.is_empty());
        self.len = self.chunks.iter().map(Vec::len).sum();
    }

    #[inline(never)]
    fn insert_at(&mut self, mut place: Place, entry: (K, Box<V>)) -> &mut V {
        if self.chunks.is_empty() {
            self.chunks.push(Vec::new());
        }
        let chunk = &mut self.chunks[place.chunk];
        if chunk.len() == CHUNK_ENTRIES {
            // An entry behind a full chunk leaves it full: so do all that come in ascending order.
            let cut = if place.at == CHUNK_ENTRIES { CHUNK_ENTRIES } else { CHUNK_ENTRIES / 2 };
            let tail = chunk.split_off(cut);
            self.chunks.insert(place.chunk + 1, tail);
            if place.at >= cut {
                place = Place { chunk: place.chunk + 1, at: place.at - cut };
            }
        }
        self.len += 1;
        let chunk = &mut self.chunks[place.chunk];
        chunk.insert(place.at, entry);
        &mut chunk[place.at].1
    }

    #[inline(never)]
    fn remove_at(&mut self, place: Place) -> (K, Box<V>) {
        let chunk = &mut self.chunks[place.chunk];
        let entry = chunk.remove(place.at);
        if chunk.is_empty() {
            self.chunks.remove(place.chunk);
        }
        self.len -= 1;
        entry
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let place = self.seek(key).ok()?;
        Some(&self.chunks[place.chunk][place.at].1)
    }

    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let place = self.seek(key).ok()?;
        let (key, value) = &self.chunks[place.chunk][place.at];
        Some((key, value))
    }

    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.seek(key).ok()?;
        Some(&mut self.chunks[place.chunk][place.at].1)
    }

    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.seek(key).is_ok()
    }

    /// What the key had before. A key that is there already stays, as it does in every map of the standard library.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.seek(&key) {
            Ok(place) => Some(std::mem::replace(&mut *self.chunks[place.chunk][place.at].1, value)),
            Err(place) => {
                self.insert_at(place, (key, Box::new(value)));
                None
            }
        }
    }

    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.seek(key).ok()?;
        Some(*self.remove_at(place).1)
    }

    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let place = self.seek(&key);
        Entry { map: self, key, place }
    }

    /// The entries within the bounds; none if they are the wrong way round.
    pub fn range<Q: Ord + ?Sized>(&self, bounds: impl RangeBounds<Q>) -> Iter<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let front = match bounds.start_bound() {
            Bound::Included(key) => self.place_of(key, Side::Before),
            Bound::Excluded(key) => self.place_of(key, Side::Behind),
            Bound::Unbounded => Place { chunk: 0, at: 0 },
        };
        let back = match bounds.end_bound() {
            Bound::Included(key) => self.place_of(key, Side::Behind),
            Bound::Excluded(key) => self.place_of(key, Side::Before),
            Bound::Unbounded => Place { chunk: self.chunks.len(), at: 0 },
        };
        Iter { chunks: &self.chunks, front, back: back.max(front) }
    }

    /// Takes the entries from this key on out of the map.
    pub fn split_off<Q: Ord + ?Sized>(&mut self, key: &Q) -> SortedMap<K, V>
    where
        K: Borrow<Q>,
    {
        let place = self.place_of(key, Side::Before);
        let mut tail = SortedMap::new();
        if place.chunk == self.chunks.len() {
            return tail;
        }
        let behind = self.chunks.split_off(place.chunk + 1);
        tail.chunks.push(self.chunks[place.chunk].split_off(place.at));
        tail.chunks.extend(behind);
        if place.at == 0 {
            self.chunks.pop();
        }
        tail.len = tail.chunks.iter().map(Vec::len).sum();
        self.len -= tail.len;
        tail
    }

    /// As iterators know places: none is the end of a chunk.
    fn place_of<Q: Ord + ?Sized>(&self, key: &Q, side: Side) -> Place
    where
        K: Borrow<Q>,
    {
        let mut place = match (self.seek(key), side) {
            (Ok(place), Side::Behind) => Place { at: place.at + 1, ..place },
            (Ok(place) | Err(place), _) => place,
        };
        if self.chunks.get(place.chunk).is_some_and(|chunk| place.at == chunk.len()) {
            place = Place { chunk: place.chunk + 1, at: 0 };
        }
        place
    }

    #[inline(never)]
    fn seek<Q: Ord + ?Sized>(&self, key: &Q) -> Result<Place, Place>
    where
        K: Borrow<Q>,
    {
        seek(self.chunks.len(), &Sought { chunks: &self.chunks, key })
    }
}

/// A key and where it is looked for. A trait of its own, since a closure behind a pointer costs twice the code.
struct Sought<'a, K, V, Q: ?Sized> {
    chunks: &'a [Chunk<K, V>],
    key: &'a Q,
}

trait Probe {
    fn chunk_len(&self, chunk: usize) -> usize;

    /// How the entry at a place stands to what is sought.
    fn compare(&self, chunk: usize, at: usize) -> Ordering;
}

impl<K: Borrow<Q>, V, Q: Ord + ?Sized> Probe for Sought<'_, K, V, Q> {
    fn chunk_len(&self, chunk: usize) -> usize {
        self.chunks[chunk].len()
    }

    fn compare(&self, chunk: usize, at: usize) -> Ordering {
        self.chunks[chunk][at].0.borrow().cmp(self.key)
    }
}

/// One search for all types: the chunk by its first entry, then the entry within.
#[inline(never)]
fn seek(chunks: usize, probe: &dyn Probe) -> Result<Place, Place> {
    let (mut from, mut to) = (0, chunks);
    while from < to {
        let middle = from + (to - from) / 2;
        match probe.compare(middle, 0) {
            Ordering::Less => from = middle + 1,
            Ordering::Greater => to = middle,
            Ordering::Equal => return Ok(Place { chunk: middle, at: 0 }),
        }
    }
    let chunk = from.saturating_sub(1);
    let (mut from, mut to) = (0, if chunk < chunks { probe.chunk_len(chunk) } else { 0 });
    while from < to {
        let at = from + (to - from) / 2;
        match probe.compare(chunk, at) {
            Ordering::Less => from = at + 1,
            Ordering::Greater => to = at,
            Ordering::Equal => return Ok(Place { chunk, at }),
        }
    }
    Err(Place { chunk, at: from })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before,
    Behind,
}

fn unboxed<K, V>((key, value): (K, Box<V>)) -> (K, V) {
    (key, *value)
}

/// The place of a key, to be looked at and filled with one search.
pub struct Entry<'a, K, V> {
    map: &'a mut SortedMap<K, V>,
    key: K,
    place: Result<Place, Place>,
}

impl<'a, K, V> Entry<'a, K, V> {
    pub fn or_insert_with(self, value: impl FnOnce() -> V) -> &'a mut V {
        match self.place {
            Ok(place) => &mut self.map.chunks[place.chunk][place.at].1,
            Err(place) => self.map.insert_at(place, (self.key, Box::new(value()))),
        }
    }

    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

impl<K: fmt::Debug, V> fmt::Debug for Entry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entry").field(&self.key).finish()
    }
}

/// The entries in the order of their keys, from either end.
pub struct Iter<'a, K, V> {
    chunks: &'a [Chunk<K, V>],
    front: Place,
    back: Place,
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<(&'a K, &'a V)> {
        if self.front == self.back {
            return None;
        }
        let chunk = &self.chunks[self.front.chunk];
        let (key, value) = &chunk[self.front.at];
        self.front.at += 1;
        if self.front.at == chunk.len() {
            self.front = Place { chunk: self.front.chunk + 1, at: 0 };
        }
        Some((key, value))
    }
}

impl<'a, K, V> DoubleEndedIterator for Iter<'a, K, V> {
    fn next_back(&mut self) -> Option<(&'a K, &'a V)> {
        if self.front == self.back {
            return None;
        }
        if self.back.at == 0 {
            self.back.chunk -= 1;
            self.back.at = self.chunks[self.back.chunk].len();
        }
        self.back.at -= 1;
        let (key, value) = &self.chunks[self.back.chunk][self.back.at];
        Some((key, value))
    }
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Iter { ..*self }
    }
}

impl<K, V> fmt::Debug for Iter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iter")
    }
}

struct Keys<'a, K, V>(Iter<'a, K, V>);

impl<'a, K, V> Iterator for Keys<'a, K, V> {
    type Item = &'a K;

    fn next(&mut self) -> Option<&'a K> {
        Some(self.0.next()?.0)
    }
}

impl<'a, K, V> DoubleEndedIterator for Keys<'a, K, V> {
    fn next_back(&mut self) -> Option<&'a K> {
        Some(self.0.next_back()?.0)
    }
}

impl<K, V> Clone for Keys<'_, K, V> {
    fn clone(&self) -> Self {
        Keys(self.0.clone())
    }
}

impl<K, V> fmt::Debug for Keys<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

struct Values<'a, K, V>(Iter<'a, K, V>);

impl<'a, K, V> Iterator for Values<'a, K, V> {
    type Item = &'a V;

    fn next(&mut self) -> Option<&'a V> {
        Some(self.0.next()?.1)
    }
}

impl<'a, K, V> DoubleEndedIterator for Values<'a, K, V> {
    fn next_back(&mut self) -> Option<&'a V> {
        Some(self.0.next_back()?.1)
    }
}

impl<K, V> Clone for Values<'_, K, V> {
    fn clone(&self) -> Self {
        Values(self.0.clone())
    }
}

impl<K, V> fmt::Debug for Values<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Values")
    }
}

#[derive(Debug)]
pub struct IterMut<'a, K, V> {
    chunks: slice::IterMut<'a, Chunk<K, V>>,
    chunk: slice::IterMut<'a, (K, Box<V>)>,
}

impl<'a, K, V> Iterator for IterMut<'a, K, V> {
    type Item = (&'a K, &'a mut V);

    fn next(&mut self) -> Option<(&'a K, &'a mut V)> {
        loop {
            if let Some((key, value)) = self.chunk.next() {
                return Some((key, value));
            }
            self.chunk = self.chunks.next()?.iter_mut();
        }
    }
}

#[derive(Debug)]
pub struct IntoIter<K, V> {
    chunks: vec::IntoIter<Chunk<K, V>>,
    chunk: vec::IntoIter<(K, Box<V>)>,
}

impl<K, V> Iterator for IntoIter<K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        loop {
            if let Some(entry) = self.chunk.next() {
                return Some(unboxed(entry));
            }
            self.chunk = self.chunks.next()?.into_iter();
        }
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(self) -> IntoIter<K, V> {
        IntoIter { chunks: self.chunks.into_iter(), chunk: Vec::new().into_iter() }
    }
}

impl<'a, K, V> IntoIterator for &'a SortedMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut SortedMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    fn into_iter(self) -> IterMut<'a, K, V> {
        self.iter_mut()
    }
}

/// Of several entries of one key the last counts.
impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> SortedMap<K, V> {
        let mut map = SortedMap::new();
        map.extend(entries);
        map
    }
}

impl<K: Ord, V> Extend<(K, V)> for SortedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for SortedMap<K, V> {
    fn from(entries: [(K, V); N]) -> SortedMap<K, V> {
        entries.into_iter().collect()
    }
}

impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> Index<&Q> for SortedMap<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("no such key")
    }
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> SortedMap<K, V> {
        SortedMap::new()
    }
}

/// By what is held: how it lies in chunks depends on the order in which it came.
impl<K: PartialEq, V: PartialEq> PartialEq for SortedMap<K, V> {
    fn eq(&self, other: &SortedMap<K, V>) -> bool {
        self.len == other.len && self.iter().eq(other)
    }
}

impl<K: Eq, V: Eq> Eq for SortedMap<K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for SortedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}
