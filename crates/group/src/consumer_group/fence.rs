//! Members that are out: they left, were not heard of, or were too slow. The group goes on in a new epoch, or goes
//! back to the classic protocol where only members of that one are left.

use super::subscription::Roster;
use super::{Call, ConsumerGroup, GroupEpoch};
use crate::coordinator_record::CoordinatorRecord;
use crate::event::{Departure, GroupEvent, RebalanceCause};
use crate::timers::Timer;

impl ConsumerGroup {
    pub fn fence(&self, call: &mut Call<'_>, gone: &[String], why: &Departure) {
        if gone.is_empty() {
            return;
        }
        let group_id = call.group_id.to_owned();
        for member in gone.iter().filter_map(|id| self.member(id)) {
            self.cancel_timers(call, &member.id);
            let (group_id, why) = (group_id.clone(), why.clone());
            call.event(GroupEvent::MemberLeft { group_id, member: member.identity(), why });
        }
        if self.may_downgrade(call, gone) && self.downgrade(call, gone, None).is_ok() {
            return;
        }
        for id in gone {
            call.draft.records.extend(CoordinatorRecord::consumer_member_gone(&group_id, id));
        }
        self.drop_regexes_of(call, gone);
        let subscriptions = Roster::new(self, None, gone).subscriptions();
        let metadata_hash = call.topics.hash(subscriptions.topics.iter());
        let epoch = self.epoch() + 1;
        call.record(CoordinatorRecord::consumer_epoch(&group_id, GroupEpoch { epoch, metadata_hash }));
        let member_id = gone.first().cloned();
        let cause = match why {
            Departure::SessionExpired => RebalanceCause::SessionExpired,
            _ => RebalanceCause::MemberLeft,
        };
        let bumped = GroupEvent::GroupEpochBumped { group_id: group_id.clone(), epoch, cause, member_id };
        call.event(bumped);
        if self.members.len() == gone.len() {
            call.event(GroupEvent::GroupEmptied { group_id, generation: epoch });
        }
    }

    pub(super) fn cancel_timers(&self, call: &mut Call<'_>, member_id: &str) {
        let member_id = member_id.to_owned();
        call.cancel_timer(Timer::Session { member_id: member_id.clone() });
        call.cancel_timer(Timer::Revocation { member_id: member_id.clone() });
        call.cancel_timer(Timer::ClassicJoin { member_id: member_id.clone() });
        call.cancel_timer(Timer::ClassicSync { member_id });
    }

    /// The records that leave nothing of the group but its offsets.
    pub fn tombstones(&self, group_id: &str) -> Vec<CoordinatorRecord> {
        let mut records = Vec::new();
        let members = self.members.keys();
        let owners = self.current.keys().filter(|id| !self.members.contains_key(*id));
        let targeted = self.targets.keys().filter(|id| !self.members.contains_key(*id));
        for member_id in members.chain(owners).chain(targeted) {
            records.extend(CoordinatorRecord::consumer_member_gone(group_id, member_id));
        }
        for regex in self.regexes.keys() {
            records.push(CoordinatorRecord::consumer_regex(group_id, regex, None));
        }
        records.push(CoordinatorRecord::consumer_assignment_epoch_tombstone(group_id));
        records.push(CoordinatorRecord::consumer_epoch_tombstone(group_id));
        records
    }
}
