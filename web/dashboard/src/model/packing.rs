//! How what the page and the tab's worker say to each other becomes bytes and comes back. Both are of one build, so
//! nothing bears a name or a version; what does not fit is refused all the same.
//!
//! ```text
//! integer   LEB128 of the zigzag     float  8 bytes     bool  1 byte
//! text, bytes, list, map             length, then the content
//! option    0 | 1, content           struct  its fields     enum  its number, its fields
//! ```
//!
//! Why not serde: each type's visitor is several times the code of what these macros make.

use tablog_record::SortedMap;

pub trait Pack: Sized {
    fn pack(&self, to: &mut Vec<u8>);
    /// None: these bytes are something else.
    fn unpack(from: &mut &[u8]) -> Option<Self>;

    fn pack_list(list: &[Self], to: &mut Vec<u8>) {
        pack_integer(list.len() as i64, to);
        for value in list {
            value.pack(to);
        }
    }

    fn unpack_list(from: &mut &[u8]) -> Option<Vec<Self>> {
        let len = unpack_integer(from)?;
        let mut list = Vec::new();
        for _ in 0..len {
            list.push(Self::unpack(from)?);
        }
        Some(list)
    }
}

pub fn packed(value: &impl Pack) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.pack(&mut bytes);
    bytes
}

pub fn unpacked<T: Pack>(mut bytes: &[u8]) -> Option<T> {
    let value = T::unpack(&mut bytes)?;
    bytes.is_empty().then_some(value)
}

/// For where only text is kept: hexadecimal.
pub fn packed_text(value: &impl Pack) -> String {
    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    packed(value).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

pub fn unpacked_text<T: Pack>(text: &str) -> Option<T> {
    let digit = |c: &u8| char::from(*c).to_digit(16).map(|n| n as u8);
    let pairs = text.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| Some(digit(&pair[0])? << 4 | digit(pair.get(1)?)?)).collect();
    unpacked(&bytes?)
}

/// `packed_struct! { Name { field, field } … }`
macro_rules! packed_struct {
    ($($name:ident { $($field:ident),* $(,)? })*) => { $(
        impl $crate::model::packing::Pack for $name {
            fn pack(&self, to: &mut Vec<u8>) {
                $( $crate::model::packing::Pack::pack(&self.$field, to); )*
            }

            fn unpack(from: &mut &[u8]) -> Option<Self> {
                Some($name { $( $field: $crate::model::packing::Pack::unpack(from)? ),* })
            }
        }
    )* };
}

/// `packed_enum! { Name { 0 Plain, 1 Tuple(a), 2 Struct { field } } }`
macro_rules! packed_enum {
    ($name:ident { $( $number:literal $variant:ident
        $( ( $($place:ident),* ) )? $( { $($field:ident),* $(,)? } )? ),* $(,)? }) => {
        impl $crate::model::packing::Pack for $name {
            fn pack(&self, to: &mut Vec<u8>) {
                match self {
                    $( $name::$variant $( ( $($place),* ) )? $( { $($field),* } )? => {
                        to.push($number);
                        $( $( $crate::model::packing::Pack::pack($place, to); )* )?
                        $( $( $crate::model::packing::Pack::pack($field, to); )* )?
                    } )*
                }
            }

            fn unpack(from: &mut &[u8]) -> Option<Self> {
                Some(match $crate::model::packing::byte(from)? {
                    $( $number => {
                        $( $( let $place = $crate::model::packing::Pack::unpack(from)?; )* )?
                        $( $( let $field = $crate::model::packing::Pack::unpack(from)?; )* )?
                        $name::$variant $( ( $($place),* ) )? $( { $($field),* } )?
                    } )*
                    _ => return None,
                })
            }
        }
    };
}

pub(crate) use {packed_enum, packed_struct};

pub(crate) fn byte(from: &mut &[u8]) -> Option<u8> {
    let (first, rest) = from.split_first()?;
    *from = rest;
    Some(*first)
}

fn take<'a>(from: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, rest) = from.split_at_checked(len)?;
    *from = rest;
    Some(taken)
}

fn pack_integer(value: i64, to: &mut Vec<u8>) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        to.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    to.push(rest as u8);
}

fn unpack_integer(from: &mut &[u8]) -> Option<i64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let next = byte(from)?;
        value |= u64::from(next & 0x7f) << shift;
        if next & 0x80 == 0 {
            return Some((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    None
}

fn pack_bytes(bytes: &[u8], to: &mut Vec<u8>) {
    pack_integer(bytes.len() as i64, to);
    to.extend_from_slice(bytes);
}

fn unpack_bytes<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = unpack_integer(from)?;
    take(from, usize::try_from(len).ok()?)
}

macro_rules! packed_integers {
    ($($integer:ident)*) => { $(
        impl Pack for $integer {
            fn pack(&self, to: &mut Vec<u8>) {
                pack_integer(*self as i64, to);
            }

            fn unpack(from: &mut &[u8]) -> Option<Self> {
                unpack_integer(from).map(|value| value as $integer)
            }
        }
    )* };
}

packed_integers! { i64 u64 i32 u32 usize }

impl Pack for bool {
    fn pack(&self, to: &mut Vec<u8>) {
        to.push(u8::from(*self));
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        byte(from).map(|value| value != 0)
    }
}

impl Pack for f64 {
    fn pack(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.to_le_bytes());
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        take(from, 8)?.try_into().ok().map(f64::from_le_bytes)
    }
}

impl Pack for String {
    fn pack(&self, to: &mut Vec<u8>) {
        pack_bytes(self.as_bytes(), to);
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        std::str::from_utf8(unpack_bytes(from)?).ok().map(str::to_owned)
    }
}

/// Bytes are copied as a whole, not one by one.
impl Pack for u8 {
    fn pack(&self, to: &mut Vec<u8>) {
        to.push(*self);
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        byte(from)
    }

    fn pack_list(list: &[u8], to: &mut Vec<u8>) {
        pack_bytes(list, to);
    }

    fn unpack_list(from: &mut &[u8]) -> Option<Vec<u8>> {
        unpack_bytes(from).map(<[u8]>::to_vec)
    }
}

impl<T: Pack> Pack for Option<T> {
    fn pack(&self, to: &mut Vec<u8>) {
        to.push(u8::from(self.is_some()));
        if let Some(value) = self {
            value.pack(to);
        }
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        match byte(from)? {
            0 => Some(None),
            _ => T::unpack(from).map(Some),
        }
    }
}

impl<T: Pack> Pack for Vec<T> {
    fn pack(&self, to: &mut Vec<u8>) {
        T::pack_list(self, to);
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        T::unpack_list(from)
    }
}

impl<A: Pack, B: Pack> Pack for (A, B) {
    fn pack(&self, to: &mut Vec<u8>) {
        self.0.pack(to);
        self.1.pack(to);
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        Some((A::unpack(from)?, B::unpack(from)?))
    }
}

impl<K: Pack + Ord, V: Pack> Pack for SortedMap<K, V> {
    fn pack(&self, to: &mut Vec<u8>) {
        pack_integer(self.len() as i64, to);
        for (key, value) in self {
            key.pack(to);
            value.pack(to);
        }
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        let len = unpack_integer(from)?;
        let mut map = SortedMap::new();
        for _ in 0..len {
            let key = K::unpack(from)?;
            map.insert(key, V::unpack(from)?);
        }
        Some(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Facts {
        list: Vec<(String, Option<f64>)>,
        map: SortedMap<i32, Vec<u8>>,
        shape: Shape,
    }

    #[derive(Clone, Debug, PartialEq)]
    enum Shape {
        Plain,
        Tuple(i64, bool),
        Named { n: u64 },
    }

    packed_struct! { Facts { list, map, shape } }
    packed_enum! { Shape { 0 Plain, 1 Tuple(a, b), 2 Named { n } } }

    fn facts(shape: Shape) -> Facts {
        Facts {
            list: vec![("가".into(), Some(-0.5)), (String::new(), None)],
            map: SortedMap::from([(-7, vec![0, 255])]),
            shape,
        }
    }

    #[test]
    fn what_is_packed_comes_back_and_what_is_cut_is_refused() {
        for shape in [Shape::Plain, Shape::Tuple(i64::MIN, true), Shape::Named { n: u64::MAX }] {
            let facts = facts(shape);
            let bytes = packed(&facts);
            assert_eq!(unpacked_text(&packed_text(&facts)), Some(facts.clone()));
            assert_eq!(unpacked::<Facts>(&bytes), Some(facts));
            for len in 0..bytes.len() {
                assert_eq!(unpacked::<Facts>(&bytes[..len]), None);
            }
        }
        assert_eq!(unpacked::<Shape>(&[3]), None);
        assert_eq!(unpacked::<Vec<u64>>(&packed(&i64::MAX)), None);
    }
}
