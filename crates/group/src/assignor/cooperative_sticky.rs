//! `cooperative-sticky`: the sticky assignment, from which every partition that would move is withheld until its
//! owner has let go of it (KIP-429).
//!
//! Promises what [`super::sticky`] does, and that a partition is never given away in the generation in which
//! somebody still owns it: the owner sees that it is missing, revokes it and joins again; the next rebalance
//! hands it out. So what moves costs a second rebalance, and what does not move is never paused. What members own
//! comes from their subscriptions (version 1 and later), the generation from version 2 or from user data:
//!
//! ```text
//! user data   generation i32
//! ```
//! Costs what sticky does.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::situation::{MemberIndex, PartitionNumber, Situation};
use super::sticky::{self, Claim};
use super::{Assignment, Input, Member};

pub(super) fn assign(input: &Input) -> Assignment {
    let situation = Situation::new(input);
    let mut outcome = sticky::assign_claims(&situation, claim);
    let transferring = outcome.transferring.unwrap_or_else(|| transferring(&situation, &outcome.owned));
    let mut withheld = vec![false; situation.partition_count()];
    transferring.iter().for_each(|&(number, _)| withheld[number] = true);
    for owned in &mut outcome.owned {
        owned.retain(|&number| !withheld[number]);
    }
    situation.named(outcome.owned)
}

pub(super) fn user_data(generation: i32) -> Bytes {
    let mut out = BytesMut::with_capacity(4);
    out.put_i32(generation);
    out.freeze()
}

fn claim(member: &Member) -> Claim<'_> {
    let generation = member.generation.or_else(|| {
        let mut data = member.user_data.clone()?;
        Some(if data.remaining() >= 4 { data.get_i32() } else { sticky::NO_GENERATION })
    });
    Claim { owned: member.owned_partitions.as_slice().into(), generation }
}

/// What is new to one member and was lost by another.
fn transferring(
    situation: &Situation<'_>,
    owned: &[Vec<PartitionNumber>],
) -> Vec<(PartitionNumber, MemberIndex)> {
    let mut owner = vec![None; situation.partition_count()];
    for (member, owned) in owned.iter().enumerate() {
        owned.iter().for_each(|&number| owner[number] = Some(member));
    }
    let mut is_new_to_owner = vec![true; owner.len()];
    let mut is_lost = vec![false; owner.len()];
    for (member, named) in situation.members.iter().enumerate() {
        for number in named.owned_partitions.iter().filter_map(|owned| situation.number_of(owned)) {
            if owner[number] == Some(member) {
                is_new_to_owner[number] = false;
            } else {
                is_lost[number] = true;
            }
        }
    }
    let moved = owner.iter().enumerate().filter(|&(number, _)| is_new_to_owner[number] && is_lost[number]);
    moved.filter_map(|(number, &owner)| Some((number, owner?))).collect()
}
