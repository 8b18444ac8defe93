//! `sticky` (KIP-54), and what `cooperative-sticky` shares with it.
//!
//! Promises, in this order: counts as even as the subscriptions allow; a replica in the owner's rack where racks
//! matter; then as few moves as possible. Where all members subscribe to the same topics ([`constrained`]) no two
//! counts differ by more than one; where they do not ([`general`]) partitions are moved until no single move makes
//! it more even.
//!
//! Sticky is eager: everything was revoked before joining, so what a member owned travels in its user data.
//!
//! ```text
//! user data   previous assignment [topic string · partitions [i32]]
//!           · generation i32                                         since version 1; there is no version number
//! ```
//! Costs about a step for each partition where all subscribe alike; otherwise a search for each partition that moves.
//! Differs from [`super::range`] and [`super::round_robin`] in that it looks at what was, and from
//! [`super::cooperative_sticky`] in that it gives away at once what another still owned.
//!
//! Differs from Apache Kafka where its answer is none: a claim of a partition that does not exist is dropped (there
//! the partition is given to two members), a member that subscribes to nothing is given nothing (there it gets
//! partitions if its id is the first), nobody is handed back a partition of a topic that it left.

mod claims;
mod constrained;
mod general;

use bytes::{BufMut, Bytes, BytesMut};
use std::borrow::Cow;
use tablog_record::TopicPartition;

use super::racks::Racks;
use super::situation::{MemberIndex, PartitionNumber, Situation};
use super::{Assignment, Input, Member};
use crate::consumer_protocol::{put_topic_partitions, take_topic_partitions};
use claims::SettledClaims;

pub(super) const NO_GENERATION: i32 = -1;

/// What a member says it owned, and since when.
#[derive(Clone, Debug, Default)]
pub(super) struct Claim<'a> {
    pub owned: Cow<'a, [TopicPartition]>,
    pub generation: Option<i32>,
}

/// By member, and what moves between members where that came out on the way.
pub(super) struct Outcome {
    pub owned: Vec<Vec<PartitionNumber>>,
    pub transferring: Option<Vec<(PartitionNumber, MemberIndex)>>,
}

pub(super) fn assign(input: &Input) -> Assignment {
    let situation = Situation::new(input);
    let outcome = assign_claims(&situation, claim);
    situation.named(outcome.owned)
}

pub(super) fn user_data(last_assignment: &[TopicPartition], generation: i32) -> Option<Bytes> {
    // Nothing, but since a generation, is something to say: others may be behind it.
    if last_assignment.is_empty() && generation < 0 {
        return None;
    }
    let mut out = BytesMut::new();
    put_topic_partitions(&mut out, last_assignment);
    out.put_i32(generation);
    Some(out.freeze())
}

/// What cannot be read claims nothing.
fn claim(member: &Member) -> Claim<'_> {
    let Some(mut data) = member.user_data.clone().filter(|data| !data.is_empty()) else {
        return Claim::default();
    };
    let Ok(owned) = take_topic_partitions(&mut data) else {
        return Claim { generation: Some(NO_GENERATION), ..Claim::default() };
    };
    let generation = data.first_chunk::<4>().map(|bytes| i32::from_be_bytes(*bytes));
    Claim { owned: owned.into(), generation }
}

pub(super) fn assign_claims(situation: &Situation<'_>, claim: impl Fn(&Member) -> Claim<'_>) -> Outcome {
    if situation.members.is_empty() {
        return Outcome { owned: Vec::new(), transferring: Some(Vec::new()) };
    }
    let claims = SettledClaims::new(situation, claim);
    let everybody = 0..situation.members.len();
    let racks = Racks::new(situation).filter(|racks| racks.matter(everybody, 0..situation.partition_count()));
    if situation.all_subscribe_alike {
        constrained::assign(situation, claims, racks.as_ref())
    } else {
        Outcome { owned: general::assign(situation, claims, racks.as_ref()), transferring: None }
    }
}
