//! What an idempotent producer wrote is there at most once.

use super::{Endings, Verdict};
use crate::stamp::Promise;
use std::collections::BTreeMap;

pub fn finish(endings: &Endings) -> Verdict {
    let mut seen = BTreeMap::new();
    for (partition, ending) in endings {
        for (&offset, (_, stamp)) in &ending.records {
            if stamp.promise != Promise::ExactlyOnce {
                continue;
            }
            if let Some((other, at)) = seen.insert(*stamp, (partition, offset)) {
                return Err(format!("duplicate: {stamp} is at {other} {at} and at {partition} {offset}"));
            }
        }
    }
    Ok(())
}
