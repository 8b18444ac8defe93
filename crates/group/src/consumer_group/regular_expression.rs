//! Subscriptions by regular expression: checked when they come, resolved to topics a moment later for the whole
//! group at once, so that one change of the topics is one rebalance.

use tablog_record::{SortedMap, SortedSet};
use tablog_wire::ErrorCode;
use tablog_wire::records::ConsumerGroupRegularExpressionValue;

use super::{Call, ConsumerGroup, ConsumerMember, GroupEpoch, Refusal, subscribed_regex};
use crate::coordinator_record::CoordinatorRecord;
use crate::event::{GroupEvent, RebalanceCause};
use crate::limits;
use crate::timers::Timer;
use crate::topic_pattern::TopicPattern;
use crate::topics::{SubscribedBy, Topic, Topics};

/// Expressions of a group are not resolved more often than this.
const REFRESH_MIN_INTERVAL_MS: i64 = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BumpEpoch {
    Yes,
    No,
}

pub(super) fn compile(regex: &str) -> Result<TopicPattern, Refusal> {
    let compiled = match regex.len() <= limits::REGEX_BYTES_MAX {
        true => TopicPattern::compile(regex),
        false => Err("expression too long"),
    };
    compiled.map_err(|reason| {
        let message = format!("SubscribedTopicRegex `{regex}` is not a valid regular expression: {reason}.");
        Refusal::new(ErrorCode::InvalidRegularExpression, message)
    })
}

impl ConsumerGroup {
    /// Takes notice of what a member's expression has become, and sees to it that expressions are resolved when
    /// there is reason to. What is resolved already may be read at once.
    pub(super) fn update_regexes(
        &self,
        call: &mut Call<'_>,
        member: &ConsumerMember,
        updated: &ConsumerMember,
    ) -> Result<BumpEpoch, Refusal> {
        let (before, after) = (subscribed_regex(&member.metadata), subscribed_regex(&updated.metadata));
        let subscribers = |regex: &str| self.regex_subscribers.get(regex).copied().unwrap_or(0);
        let mut bump = BumpEpoch::No;
        let mut is_new = false;
        if before != after {
            if let Some(before) = before
                && subscribers(before) == 1
            {
                call.record(CoordinatorRecord::consumer_regex(call.group_id, before, None));
            }
            if let Some(after) = after {
                if subscribers(after) == 0 {
                    compile(after)?;
                    if self.regex_subscribers.len() >= limits::REGEXES_PER_GROUP_MAX {
                        let message = "The group has too many regular expressions.";
                        return Err(Refusal::new(ErrorCode::InvalidRegularExpression, message));
                    }
                    is_new = true;
                } else if self.regexes.contains_key(after) {
                    bump = BumpEpoch::Yes;
                }
            }
        }
        let mut subscribed = self.regex_subscribers.len();
        if before != after {
            subscribed += usize::from(is_new);
            subscribed -= usize::from(before.is_some_and(|before| subscribers(before) == 1));
        }
        if subscribed > 0 && self.needs_refresh(call, subscribed, is_new) {
            call.start_timer(Timer::Regexes, 0);
        }
        Ok(bump)
    }

    fn needs_refresh(&self, call: &Call<'_>, subscribed: usize, is_new: bool) -> bool {
        let Some((_, last)) = self.regexes.first_key_value() else { return true };
        let since_ms = call.now.wall.0.saturating_sub(last.timestamp);
        if since_ms <= REFRESH_MIN_INTERVAL_MS {
            return false;
        }
        is_new
            || subscribed != self.regexes.len()
            || last.version < call.topics.version_with_new_topics
            || since_ms > call.config.consumer_regex_refresh_interval_ms
    }

    /// Resolves all expressions of the group anew; a change starts a new epoch.
    pub fn refresh_regexes(&self, call: &mut Call<'_>) {
        let named = self.members.values().flat_map(|member| member.subscribed_topic_names.iter().cloned());
        let mut subscribed: SortedSet<String> = named.collect();
        let mut changed = false;
        for regex in self.regex_subscribers.keys() {
            let topics = matching(regex, call.topics);
            let before = self.regexes.get(regex).map_or(&[][..], |before| &before.topics);
            changed |= before != topics.as_slice();
            subscribed.extend(topics.iter().cloned());
            let value = ConsumerGroupRegularExpressionValue {
                topics,
                version: call.topics.version,
                timestamp: call.now.wall.0,
            };
            call.record(CoordinatorRecord::consumer_regex(call.group_id, regex, Some(&value)));
        }
        let metadata_hash = call.topics.hash(subscribed.iter());
        if changed || metadata_hash != self.metadata_hash() {
            let epoch = self.epoch() + 1;
            let value = GroupEpoch { epoch, metadata_hash };
            call.record(CoordinatorRecord::consumer_epoch(call.group_id, value));
            call.event(GroupEvent::GroupEpochBumped {
                group_id: call.group_id.to_owned(),
                epoch,
                cause: RebalanceCause::SubscriptionResolved,
                member_id: None,
            });
            call.draft.has_noticed_topics = true;
        }
    }

    /// Of the expressions of members that go, those that nobody else has.
    pub(super) fn drop_regexes_of(&self, call: &mut Call<'_>, gone: &[String]) {
        let mut counts: SortedMap<&str, usize> = SortedMap::new();
        for regex in gone.iter().filter_map(|id| subscribed_regex(self.members.get(id)?)) {
            *counts.entry(regex).or_default() += 1;
        }
        for (regex, count) in counts {
            if self.regex_subscribers.get(regex) == Some(&count) {
                call.record(CoordinatorRecord::consumer_regex(call.group_id, regex, None));
            }
        }
    }
}

/// The topics that an expression matches, by name.
fn matching(regex: &str, topics: &Topics) -> Vec<String> {
    let Ok(regex) = compile(regex) else { return Vec::new() };
    let matches =
        |name: &str, topic: &Topic| topic.subscription == SubscribedBy::NameOrPattern && regex.matches(name);
    topics.iter().filter(|(name, topic)| matches(name, topic)).map(|(name, _)| name.clone()).collect()
}
