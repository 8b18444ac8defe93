//! What members say they own, once claims that contradict each other are settled.
//!
//! Of two claims the newer generation wins; two of one generation cancel each other, since nobody can know who is
//! right. What was claimed in an older generation than the newest is remembered: a partition that has to move may go
//! back there.

use super::{Claim, Member, MemberIndex, NO_GENERATION, PartitionNumber, Situation};

pub(super) struct SettledClaims {
    /// By member, in the order in which it said so.
    pub owned: Vec<Vec<PartitionNumber>>,
    /// By partition: claimed more than once in one generation.
    pub claimed_twice: Vec<bool>,
    /// By partition: who claimed it in an older generation than the newest.
    pub previous: Vec<Option<MemberIndex>>,
}

/// What one member says, with names turned into numbers.
struct Claimed {
    numbers: Vec<PartitionNumber>,
    generation: i32,
    /// What the subscription says, which is not what user data says: Apache Kafka holds the newcomer's user data
    /// against the subscription of the member before.
    generation_as_rival: i32,
}

impl SettledClaims {
    pub(super) fn new(situation: &Situation<'_>, claim: impl Fn(&Member) -> Claim<'_>) -> SettledClaims {
        let claimed: Vec<Claimed> =
            situation.members.iter().map(|member| claimed(situation, member, claim(member))).collect();
        let count = situation.partition_count();
        let mut settled = SettledClaims {
            owned: vec![Vec::new(); claimed.len()],
            claimed_twice: vec![false; count],
            previous: vec![None; count],
        };
        settled.settle(&claimed);
        settled.remember(&claimed);
        settled
    }

    fn settle(&mut self, claimed: &[Claimed]) {
        let mut claimant: Vec<Option<MemberIndex>> = vec![None; self.previous.len()];
        for (member, claim) in claimed.iter().enumerate() {
            for &number in &claim.numbers {
                let Some(rival) = claimant[number] else {
                    claimant[number] = Some(member);
                    self.owned[member].push(number);
                    continue;
                };
                let rival_generation = claimed[rival].generation_as_rival;
                if claim.generation < rival_generation {
                    continue;
                }
                claimant[number] = Some(member);
                if claim.generation == rival_generation {
                    self.claimed_twice[number] = true;
                } else {
                    self.owned[member].push(number);
                }
                if let Some(place) = self.owned[rival].iter().position(|&owned| owned == number) {
                    self.owned[rival].remove(place);
                }
            }
        }
    }

    fn remember(&mut self, claimed: &[Claimed]) {
        let newest = claimed.iter().map(|claim| claim.generation).fold(NO_GENERATION, i32::max);
        for (member, claim) in claimed.iter().enumerate().filter(|(_, claim)| claim.generation < newest) {
            for &number in &claim.numbers {
                let is_newer = |before: MemberIndex| claim.generation > claimed[before].generation;
                if self.previous[number].is_none_or(is_newer) {
                    self.previous[number] = Some(member);
                }
            }
        }
    }
}

fn claimed(situation: &Situation<'_>, member: &Member, claim: Claim<'_>) -> Claimed {
    // Partitions of one topic mostly stand together.
    let mut last = None;
    let numbers = claim.owned.iter().filter_map(|owned| match last {
        Some((name, topic)) if name == owned.topic => situation.number_in(topic, owned.partition),
        _ => {
            let number = situation.number_of(owned)?;
            last = Some((owned.topic.as_str(), situation.topic_of[number]));
            Some(number)
        }
    });
    Claimed {
        numbers: numbers.collect(),
        generation: claim.generation.unwrap_or(NO_GENERATION),
        generation_as_rival: member.generation.unwrap_or(NO_GENERATION),
    }
}
