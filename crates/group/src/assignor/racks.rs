//! Which members and which replicas stand in which racks (KIP-881), and whether that is worth looking at.
//!
//! It is where some member and some replica share a rack and not every partition has a replica in every rack.
//!
//! Never knows: how partitions are given away.

use tablog_record::SortedMap;

use super::situation::{MemberIndex, PartitionNumber, Situation};

type RackIndex = usize;

pub(super) struct Racks {
    of_member: Vec<Option<RackIndex>>,
    /// By partition; ascending, each once.
    of_partition: Vec<Vec<RackIndex>>,
}

impl Racks {
    /// `None` where no member says in which rack it is.
    pub(super) fn new(situation: &Situation<'_>) -> Option<Racks> {
        let mut places: SortedMap<&str, RackIndex> = SortedMap::new();
        let mut place_of = |rack| {
            let next = places.len();
            *places.entry(rack).or_insert(next)
        };
        let said =
            situation.members.iter().map(|member| member.rack_id.as_deref().filter(|rack| !rack.is_empty()));
        let of_member: Vec<Option<RackIndex>> = said.map(|rack| rack.map(&mut place_of)).collect();
        if of_member.iter().all(Option::is_none) {
            return None;
        }
        let mut of_partition = Vec::with_capacity(situation.partition_count());
        for topic in &situation.topics {
            for partition in 0..topic.partitions.len() {
                let racks = topic.metadata.replica_racks.get(partition).map_or(&[][..], Vec::as_slice);
                of_partition.push(distinct(racks.iter().map(|rack| place_of(rack.as_str()))));
            }
        }
        Some(Racks { of_member, of_partition })
    }

    /// Whether racks are worth looking at for these members and these partitions.
    pub(super) fn matter(
        &self,
        mut members: impl Iterator<Item = MemberIndex>,
        partitions: impl Iterator<Item = PartitionNumber> + Clone,
    ) -> bool {
        let all = distinct(partitions.clone().flat_map(|number| self.of_partition[number].iter().copied()));
        let meet =
            members.any(|member| self.of_member[member].is_some_and(|rack| all.binary_search(&rack).is_ok()));
        meet && partitions.clone().any(|number| self.of_partition[number] != all)
    }

    pub(super) fn says_its_rack(&self, member: MemberIndex) -> bool {
        self.of_member[member].is_some()
    }

    /// A member that does not say its rack fits everywhere.
    pub(super) fn fit(&self, member: MemberIndex, number: PartitionNumber) -> bool {
        self.of_member[member].is_none_or(|rack| self.of_partition[number].binary_search(&rack).is_ok())
    }

    /// How many members stand in a rack with a replica of the partition, for every partition.
    pub(super) fn members_near(&self) -> Vec<usize> {
        let racks = self.of_member.iter().flatten().max().map_or(0, |last| last + 1);
        let mut members = vec![0; racks];
        self.of_member.iter().flatten().for_each(|&rack| members[rack] += 1);
        let near = |racks: &Vec<RackIndex>| racks.iter().filter_map(|&rack| members.get(rack)).sum();
        self.of_partition.iter().map(near).collect()
    }
}

/// Ascending, each once; there are few.
fn distinct(racks: impl Iterator<Item = RackIndex>) -> Vec<RackIndex> {
    let mut distinct = Vec::new();
    for rack in racks {
        if let Err(place) = distinct.binary_search(&rack) {
            distinct.insert(place, rack);
        }
    }
    distinct
}
