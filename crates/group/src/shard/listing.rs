//! Groups as an administrator sees them: described, listed, deleted.

use tablog_record::{SortedSet, stable_sort_by};
use tablog_wire::ErrorCode;
use tablog_wire::messages::ListGroupsRequest;
use tablog_wire::messages::delete_groups_response::DeletableGroupResult;
use tablog_wire::messages::describe_groups_response::DescribedGroup;
use tablog_wire::messages::list_groups_response::ListedGroup;

use super::Shard;
use crate::classic_group::Phase;
use crate::coordinator_record::CoordinatorRecord;
use crate::decision::{ClientContext, Decision, GroupReply, ReplyTo};
use crate::durable::StoredGroup;
use crate::event::{GroupEvent, GroupKind};
use crate::timers::Timer;

/// From this version on a group that is not there is an error; before it is a dead group (KIP-1043).
const DESCRIBE_VERSION_WITH_NOT_FOUND: i16 = 6;

impl Shard {
    /// Of one request those groups that belong to this shard.
    pub fn describe(&self, to: ReplyTo, client: &ClientContext, group_ids: &[String]) -> Decision {
        let groups = group_ids.iter().map(|group_id| self.describe_one(client, group_id)).collect();
        super::answer(to, GroupReply::Describe(groups))
    }

    fn describe_one(&self, client: &ClientContext, group_id: &str) -> DescribedGroup {
        let mut described = DescribedGroup { group_id: group_id.to_owned(), ..Default::default() };
        let is_consumer = self.durable.consumer(group_id).is_some();
        if let Some(group) = self.live.get(group_id) {
            let protocol = group.protocol.as_deref().filter(|_| group.phase == Phase::Stable);
            described.group_state = group.phase.name().to_owned();
            described.protocol_type = group.protocol_type.clone().unwrap_or_default();
            described.protocol_data = protocol.unwrap_or_default().to_owned();
            let assignments = self.durable.assignments(group_id);
            let assigned = |id: &str| assignments.get(id).map(|&given| given.clone()).unwrap_or_default();
            let members = group.members.values();
            described.members =
                members.map(|member| member.describe(protocol, assigned(&member.id))).collect();
        } else if let Some(stored) = self.durable.groups.get(group_id).filter(|_| !is_consumer) {
            described.group_state = Phase::Empty.name().to_owned();
            described.protocol_type = stored.protocol_type().unwrap_or_default().to_owned();
        } else {
            described.group_state = "Dead".to_owned();
            if client.api_version >= DESCRIBE_VERSION_WITH_NOT_FOUND {
                described.error_code = ErrorCode::GroupIdNotFound.code();
                let why = if is_consumer { "is not a classic group" } else { "not found" };
                described.error_message = Some(format!("Group {group_id} {why}."));
            }
        }
        described
    }

    /// All groups of this shard that pass the request's filters, by id.
    pub fn list(&self, to: ReplyTo, request: &ListGroupsRequest) -> Decision {
        let passes = |filter: &[String], value: &str| {
            filter.is_empty() || filter.iter().any(|wanted| wanted.trim().eq_ignore_ascii_case(value))
        };
        let at_rest = self.durable.groups.iter().filter(|(id, _)| !self.live.contains_key(*id));
        let at_rest = at_rest.map(|(id, stored)| {
            let (state, kind) = match &stored.consumer {
                Some(group) => (group.state(), GroupKind::Consumer),
                None => (Phase::Empty.name(), GroupKind::Classic),
            };
            (id, state, stored.protocol_type().unwrap_or_default(), kind.name())
        });
        let live = self.live.values().map(|group| {
            let protocol_type = group.protocol_type.as_deref().unwrap_or_default();
            (&group.id, group.phase.name(), protocol_type, GroupKind::Classic.name())
        });
        let mut groups: Vec<ListedGroup> = at_rest
            .chain(live)
            .filter(|(_, state, _, _)| passes(&request.states_filter, state))
            .filter(|(_, _, _, kind)| passes(&request.types_filter, kind))
            .map(|(group_id, state, protocol_type, kind)| ListedGroup {
                group_id: group_id.clone(),
                protocol_type: protocol_type.to_owned(),
                group_state: state.to_owned(),
                group_type: kind.to_owned(),
            })
            .collect();
        stable_sort_by(&mut groups, |a, b| a.group_id.cmp(&b.group_id));
        super::answer(to, GroupReply::List(groups))
    }

    /// Deletes groups without members, with all their offsets. Of one request those that belong to this shard.
    pub fn delete_groups(&mut self, to: ReplyTo, group_ids: &[String]) -> Decision {
        let mut decision = Decision::default();
        let mut results = Vec::with_capacity(group_ids.len());
        let mut seen = SortedSet::new();
        for group_id in group_ids {
            let result = if seen.insert(group_id) {
                self.delete_group(group_id, &mut decision)
            } else {
                Err(ErrorCode::GroupIdNotFound)
            };
            let error_code = result.err().unwrap_or(ErrorCode::None).code();
            results.push(DeletableGroupResult { group_id: group_id.clone(), error_code });
        }
        decision.reply(to, GroupReply::Delete(results));
        decision
    }

    fn delete_group(&mut self, group_id: &str, decision: &mut Decision) -> Result<(), ErrorCode> {
        let stored = self.durable.groups.get(group_id).ok_or(ErrorCode::GroupIdNotFound)?;
        if stored.consumer.as_ref().is_some_and(|group| !group.is_empty()) {
            return Err(ErrorCode::NonEmptyGroup);
        }
        if let Some(group) = self.live.get(group_id) {
            if group.phase != Phase::Empty {
                return Err(ErrorCode::NonEmptyGroup);
            }
            // Only ids that were given out: those who hold them will have to ask anew.
            for member_id in &group.pending_join {
                self.timers.cancel(group_id, Timer::Session { member_id: member_id.clone() });
            }
            self.live.remove(group_id);
        }
        for (topic, partitions) in &stored.offsets {
            for &partition in partitions.keys() {
                decision.records.push(CoordinatorRecord::offset_tombstone(group_id, topic, partition));
            }
        }
        decision.records.extend(group_tombstones(group_id, stored));
        self.noticed.remove(group_id);
        decision.events.push(GroupEvent::GroupDeleted { group_id: group_id.to_owned() });
        Ok(())
    }
}

/// The records after which nothing but its offsets is left of a group.
pub(super) fn group_tombstones(group_id: &str, stored: &StoredGroup) -> Vec<CoordinatorRecord> {
    let mut records = stored.consumer.as_ref().map_or(Vec::new(), |group| group.tombstones(group_id));
    if stored.metadata.is_some() || stored.consumer.is_none() {
        records.push(CoordinatorRecord::group_tombstone(group_id));
    }
    records
}
