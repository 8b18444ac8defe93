//! How a consumer group (KIP-848) went from one owner of a partition to the next: its epochs, and who read which
//! partition from when to when. Fed by the broker's events; on a cluster without them by readings.
//!
//! Never knows: how it is drawn.

use crate::model::feed::Cause;
use crate::model::limits::{EPOCHS_MAX, SPANS_MAX};
use crate::model::packing::packed_struct;
use crate::model::snapshot::{Group, Member, TopicPartition};
use tablog_record::SortedMap;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Epochs {
    pub begun: Vec<Epoch>,
    /// By when they began.
    pub spans: Vec<Span>,
    /// Those who are here, by member id, and the lane of each: its client id, or the member id where that is taken.
    lanes: SortedMap<String, String>,
    by_events: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Epoch {
    pub number: i32,
    pub at_ms: i64,
    /// Who came or went, where that was it.
    pub cause: Option<(String, Cause)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    pub lane: String,
    pub partition: TopicPartition,
    pub hold: Hold,
    pub from_ms: i64,
    /// None: it goes on.
    pub until_ms: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    Reading,
    /// It was told to let go and has not yet: nobody reads.
    LettingGo,
}

/// A member's step, as the broker told it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    pub member_id: String,
    pub client: String,
    pub owned: Vec<TopicPartition>,
    pub revoking: Vec<TopicPartition>,
}

impl Epochs {
    pub fn bumped(&mut self, at_ms: i64, number: i32, cause: Option<(String, Cause)>) {
        self.told();
        self.begun.push(Epoch { number, at_ms, cause });
        if self.begun.len() > EPOCHS_MAX {
            self.begun.remove(0);
        }
    }

    pub fn stepped(&mut self, at_ms: i64, step: &Step) {
        self.told();
        self.hold(at_ms, &step.member_id, &step.client, &step.owned, &step.revoking);
    }

    pub fn departed(&mut self, at_ms: i64, member_id: &str) {
        let Some(lane) = self.lanes.remove(member_id) else { return };
        for span in self.open().filter(|s| s.lane == lane) {
            span.until_ms = Some(at_ms.max(span.from_ms));
        }
    }

    /// The first event: what was worked out from readings is told better.
    fn told(&mut self) {
        if !self.by_events {
            *self = Epochs { by_events: true, ..Epochs::default() };
        }
    }

    /// A reading. Of those whom events tell of it knows nothing newer; and it learns what each still holds.
    pub fn observe(&mut self, at_ms: i64, group: &mut Group) {
        if let Some(epochs) = &group.epochs
            && !self.by_events
            && self.begun.last().is_none_or(|e| e.number != epochs.group)
        {
            self.begun.push(Epoch { number: epochs.group, at_ms, cause: None });
        }
        let gone: Vec<String> = self
            .lanes
            .keys()
            .filter(|id| !group.members.iter().any(|m| m.member_id == **id))
            .cloned()
            .collect();
        if !self.by_events {
            gone.iter().for_each(|member_id| self.departed(at_ms, member_id));
        }
        let awaited = group.awaited();
        for member in &group.members {
            if !self.by_events || !self.lanes.contains_key(&member.member_id) {
                let revoking = self.still_held(member, group, &awaited);
                self.hold(at_ms, &member.member_id, &member.client_id, &member.owned, &revoking);
            }
        }
        for member in &mut group.members {
            let lane = self.lanes.get(&member.member_id);
            let Some(progress) = &mut member.progress else { continue };
            let held = self.spans.iter().filter(|s| s.until_ms.is_none() && Some(&s.lane) == lane);
            // What the reading shows as owned, or as nobody's wish, is not on its way.
            let held = held.filter(|s| s.hold == Hold::LettingGo && awaited.contains(&s.partition));
            progress.revoking = held.map(|s| s.partition.clone()).collect();
        }
    }

    /// Without events: what a member read until now, does not own any more, and another waits for.
    fn still_held(&self, member: &Member, group: &Group, awaited: &[TopicPartition]) -> Vec<TopicPartition> {
        let lane = self.lanes.get(&member.member_id);
        let behind = member.epoch() < group.epochs.map(|e| e.group);
        let held = self.spans.iter().filter(|s| s.until_ms.is_none() && Some(&s.lane) == lane && behind);
        held.filter(|s| awaited.contains(&s.partition)).map(|s| s.partition.clone()).collect()
    }

    fn hold(
        &mut self,
        at_ms: i64,
        member_id: &str,
        client: &str,
        owned: &[TopicPartition],
        revoking: &[TopicPartition],
    ) {
        let lane = self.lane(member_id, client);
        for span in self.open().filter(|s| s.lane == lane) {
            let goes_on = match span.hold {
                Hold::Reading => owned.contains(&span.partition),
                Hold::LettingGo => revoking.contains(&span.partition),
            };
            if !goes_on {
                span.until_ms = Some(at_ms.max(span.from_ms));
            }
        }
        for (partitions, hold) in [(owned, Hold::Reading), (revoking, Hold::LettingGo)] {
            for partition in partitions {
                let known = self.open().find(|s| s.lane == lane && s.partition == *partition);
                match known {
                    Some(span) => span.from_ms = span.from_ms.min(at_ms),
                    None => {
                        let (lane, partition) = (lane.clone(), partition.clone());
                        self.spans.push(Span { lane, partition, hold, from_ms: at_ms, until_ms: None });
                    }
                }
            }
        }
        while self.spans.len() > SPANS_MAX {
            self.spans.remove(0);
        }
    }

    fn lane(&mut self, member_id: &str, client: &str) -> String {
        if let Some(lane) = self.lanes.get(member_id) {
            return lane.clone();
        }
        let taken = client.is_empty() || self.lanes.values().any(|lane| lane == client);
        let lane = if taken { member_id } else { client }.to_owned();
        self.lanes.insert(member_id.to_owned(), lane.clone());
        lane
    }

    fn open(&mut self) -> impl Iterator<Item = &mut Span> {
        self.spans.iter_mut().filter(|s| s.until_ms.is_none())
    }

    /// How long nobody read a partition before a span of it: since another, or the same, let go.
    pub fn pause_before(&self, span: &Span) -> Option<i64> {
        let earlier = self
            .spans
            .iter()
            .filter(|s| s.partition == span.partition && s.hold == Hold::Reading && s.from_ms < span.from_ms);
        let until = earlier.filter_map(|s| s.until_ms).max()?;
        (span.hold == Hold::Reading && until <= span.from_ms).then_some(until)
    }
}

packed_struct! { Step { member_id, client, owned, revoking } }

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::model::snapshot::{self, Progress};

    fn at(partitions: &[i32]) -> Vec<TopicPartition> {
        partitions.iter().map(|p| TopicPartition::new("flights", *p)).collect()
    }

    fn step(client: &str, owned: &[i32], revoking: &[i32]) -> Step {
        let member_id = format!("{client}-id");
        Step { member_id, client: client.into(), owned: at(owned), revoking: at(revoking) }
    }

    /// `tab-2` is behind and lets go of 5, for which `tab-3` waits.
    pub fn tabs() -> Group {
        let member = |name: &str, epoch: i32, owned: &[i32], target: &[i32]| Member {
            member_id: format!("{name}-id"),
            client_id: name.into(),
            owned: at(owned),
            progress: Some(Progress { epoch, target: at(target), ..Progress::default() }),
            ..Member::default()
        };
        Group {
            state: "Reconciling".into(),
            kind: "consumer".into(),
            epochs: Some(snapshot::Epochs { group: 7, assignment: 7, ..Default::default() }),
            members: vec![
                member("tab-1", 7, &[0, 1], &[0, 1]),
                member("tab-2", 6, &[3, 4], &[3, 4]),
                member("tab-3", 7, &[2], &[2, 5]),
            ],
            ..Group::default()
        }
    }

    #[test]
    fn only_what_moves_is_let_go_of_and_the_rest_reads_on() {
        let mut epochs = Epochs::default();
        epochs.stepped(10, &step("tab-2", &[3, 4, 5], &[]));
        epochs.stepped(20, &step("tab-2", &[3, 4], &[5]));
        // Told once more: it is the same wait.
        epochs.stepped(25, &step("tab-2", &[3, 4], &[5]));
        epochs.stepped(30, &step("tab-2", &[3, 4], &[]));
        epochs.stepped(50, &step("tab-3", &[5], &[]));
        let of = |p: i32| epochs.spans.iter().filter(move |s| s.partition.partition == p);
        let told: Vec<_> = of(5).map(|s| (s.lane.as_str(), s.hold, s.from_ms, s.until_ms)).collect();
        let want = [
            ("tab-2", Hold::Reading, 10, Some(20)),
            ("tab-2", Hold::LettingGo, 20, Some(30)),
            ("tab-3", Hold::Reading, 50, None),
        ];
        assert_eq!(told, want);
        assert_eq!(of(3).map(|s| (s.from_ms, s.until_ms)).collect::<Vec<_>>(), [(10, None)]);
        assert_eq!(of(5).next_back().and_then(|s| epochs.pause_before(s)), Some(20));
    }

    #[test]
    fn who_still_holds_a_partition_is_learnt_from_events_or_from_readings() {
        for by_events in [true, false] {
            let mut epochs = Epochs::default();
            let mut before = tabs();
            before.members[1].owned = at(&[3, 4, 5]);
            if by_events {
                epochs.stepped(10, &step("tab-2", &[3, 4], &[5]));
            } else {
                epochs.observe(10, &mut before);
            }
            let mut group = tabs();
            epochs.observe(20, &mut group);
            assert_eq!(group.members[1].revoking(), at(&[5]), "by events: {by_events}");
            let five = TopicPartition::new("flights", 5);
            assert_eq!(group.holder(&five).map(|m| m.client_id.as_str()), Some("tab-2"));
            assert_eq!(group.heir(&five).map(|m| m.client_id.as_str()), Some("tab-3"));
        }
    }

    #[test]
    fn a_second_member_of_one_client_id_has_a_lane_of_its_own() {
        let mut epochs = Epochs::default();
        epochs.stepped(10, &step("java", &[0], &[]));
        epochs.stepped(11, &Step { member_id: "other".into(), ..step("java", &[1], &[]) });
        assert_eq!(epochs.spans[1].lane, "other");
        epochs.departed(12, "other");
        assert_eq!(epochs.spans[1].until_ms, Some(12));
    }
}
