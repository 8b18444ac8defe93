//! `cooperative-sticky`: the sticky assignment, from which every partition that would move is withheld until its
//! owner has let go of it (KIP-429).
//!
//! Promises what [`super::sticky`] does, and that a partition is never given away in the generation in which
//! somebody still owns it: the owner sees that it is missing, revokes it and joins again; the next rebalance
//! hands it out. What members own comes from their subscriptions (version 1 and later), the generation from
//! version 2 or from four bytes of user data.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tablog_record::{SortedMap, SortedSet, TopicPartition};

use super::sticky::{self, Claim};
use super::{Assignment, Input, Member};

pub(super) fn assign(input: &Input) -> Assignment {
    let outcome = sticky::assign_claims(input, input.members.iter().map(claim).collect());
    let mut assignment = outcome.assignment;
    let transferring = outcome.transferring.unwrap_or_else(|| transferring(input, &assignment));
    for (partition, member) in transferring {
        if let Some(owned) = assignment.get_mut(&member) {
            owned.retain(|candidate| *candidate != partition);
        }
    }
    assignment
}

pub(super) fn user_data(generation: i32) -> Bytes {
    let mut out = BytesMut::with_capacity(4);
    out.put_i32(generation);
    out.freeze()
}

fn claim(member: &Member) -> Claim {
    let generation = member.generation.or_else(|| {
        let mut data = member.user_data.clone()?;
        Some(if data.remaining() >= 4 { data.get_i32() } else { sticky::NO_GENERATION })
    });
    Claim { owned: member.owned_partitions.clone(), generation }
}

/// What is new to one member and was lost by another.
fn transferring(input: &Input, assignment: &Assignment) -> SortedMap<TopicPartition, String> {
    let mut added = SortedMap::new();
    let mut revoked = SortedSet::new();
    for member in &input.members {
        let assigned: SortedSet<&TopicPartition> = assignment[&member.id].iter().collect();
        let owned: SortedSet<&TopicPartition> = member.owned_partitions.iter().collect();
        for &partition in assigned.difference(&owned) {
            added.insert(partition.clone(), member.id.clone());
        }
        revoked.extend(owned.difference(&assigned).map(|&partition| partition.clone()));
    }
    added.retain(|partition, _| revoked.contains(partition));
    added
}
