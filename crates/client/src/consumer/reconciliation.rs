//! Coming to own what the coordinator wants (KIP-848), one step at a time: commit, give up what goes, take what
//! comes, say so with the next heartbeat. And what becomes of partitions when the group went on without us.
//!
//! ```text
//!            subscribe, poll        answer            owned = target
//!  Outside ───────────────▶ Joining ──────▶ Reconciling ──────────▶ Acknowledging ──heartbeat──▶ Stable
//!                              ▲                 ▲                                                 │
//!                 told that    │                 └────────────── another target ───────────────────┘
//!  Fenced, Stale ──they went───┘
//! ```
//!
//! Never knows: how a heartbeat is sent.

use std::rc::Rc;
use tablog_record::{SortedMap, SortedSet, TopicPartition, Uuid};

use super::coordinator::JoinFailure;
use super::fetcher::PATIENCE_MS;
use super::position::Assigned;
use super::{Shared, State};
use crate::limits::ASSIGNED_PARTITIONS_MAX;
use crate::transport::Transport;

/// Partitions as the consumer protocol names them, ascending.
pub(crate) type PartitionsById = SortedMap<Uuid, Vec<i32>>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No member, and not about to be one.
    #[default]
    Outside,
    /// The next heartbeat asks to be a member.
    Joining,
    /// What is owned is not what is wanted.
    Reconciling,
    /// The coordinator is to hear of what is owned now.
    Acknowledging,
    Stable,
    /// The group went on without us; the application is to hear of it.
    Fenced,
    /// We left because the application does not poll; it is to hear of it when it does.
    Stale,
    /// Refused for good; the application is to hear of what it lost.
    Fatal,
}

#[derive(Debug, Default)]
pub(crate) struct Reconciliation {
    pub phase: Phase,
    /// What the coordinator wants us to own.
    pub target: PartitionsById,
    /// What we own. `None`: nothing was ever assigned in this membership.
    pub owned: Option<PartitionsById>,
    /// Names of the topics we own, which may be deleted under us.
    names: SortedMap<Uuid, String>,
    /// What the coordinator knows of us; `None`: it has to be told everything.
    pub told: Option<Told>,
    /// The coordinator's wish.
    pub heartbeat_interval_ms: u64,
    /// After a failure there is a pause whatever is urgent.
    pub not_before_ms: u64,
    pub attempts: u32,
}

/// What we said of ourselves and was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub topics: Vec<String>,
    pub pattern: String,
    pub owned: Option<PartitionsById>,
}

impl Reconciliation {
    pub fn is_under_way(&self) -> bool {
        matches!(self.phase, Phase::Joining | Phase::Reconciling | Phase::Acknowledging)
    }

    pub fn has_reached_target(&self) -> bool {
        self.owned.as_ref() == Some(&self.target)
    }
}

/// The task that reconciles whenever there is something to reconcile.
pub(super) async fn keep_reconciled<T: Transport>(shared: Rc<Shared<T>>) {
    loop {
        let next = shared.until(|state| match state.membership.reconciliation.phase {
            _ if state.is_closed => Some(Phase::Outside),
            Phase::Outside if state.wants_to_join() => Some(Phase::Joining),
            phase @ (Phase::Reconciling | Phase::Fenced | Phase::Stale) => Some(phase),
            Phase::Fatal if !state.partitions.is_empty() => Some(Phase::Fatal),
            // Another subscription is another attempt.
            Phase::Fatal if state.wants_to_join() => Some(Phase::Joining),
            _ => None,
        });
        let done = match next.await {
            Phase::Outside => return,
            Phase::Joining => shared.begin_to_join().await,
            Phase::Reconciling => shared.reconcile().await,
            phase => shared.lose_partitions(phase).await,
        };
        shared.close_step();
        if done.is_err() {
            shared.cluster.sleep(shared.cluster.retry_backoff_ms(0)).await;
        }
    }
}

impl State {
    /// Out of the group, whatever it was. What is owned stays until the application has been told.
    pub(super) fn fall_out(&mut self, phase: Phase) {
        let membership = &mut self.membership;
        membership.generation = -1;
        membership.will = None;
        let reconciliation = &mut membership.reconciliation;
        reconciliation.phase = phase;
        reconciliation.target.clear();
        reconciliation.told = None;
    }
}

impl<T: Transport> Shared<T> {
    /// A member comes when the application polls.
    async fn begin_to_join(&self) -> Result<(), JoinFailure> {
        self.open_step().await?;
        let now_ms = self.cluster.now_ms();
        let random = || self.cluster.transport().random();
        let mut state = self.state.borrow_mut();
        let membership = &mut state.membership;
        if membership.member_id.is_empty() {
            membership.member_id = Uuid::from_random(random(), random()).to_string();
        }
        membership.rejoin = super::membership::Rejoin::No;
        membership.rejoin_since_ms.get_or_insert(now_ms);
        membership.reconciliation.phase = Phase::Joining;
        Ok(())
    }

    /// One round: to the target as it stands now, as far as its topics' names are known.
    async fn reconcile(&self) -> Result<(), JoinFailure> {
        let now_ms = self.cluster.now_ms();
        let unknown = self.state.borrow_mut().unnamed_topics(&self.cluster.cached_metadata());
        if !unknown.is_empty() {
            // Those that are known need not wait for the others.
            let _ = self.cluster.learn_topic_names(&unknown).await;
        }
        let (named, target) = {
            let mut state = self.state.borrow_mut();
            state.membership.rejoin_since_ms.get_or_insert(now_ms);
            let unknown = state.unnamed_topics(&self.cluster.cached_metadata());
            let mut named = state.membership.reconciliation.target.clone();
            named.retain(|id, _| !unknown.contains(id));
            (named, state.membership.reconciliation.target.clone())
        };
        let is_owned = self.state.borrow().membership.reconciliation.owned.as_ref() == Some(&named);
        if is_owned && named == target {
            // Nothing moves but the epoch.
            let mut state = self.state.borrow_mut();
            if state.membership.reconciliation.phase == Phase::Reconciling {
                state.acknowledge(named);
            }
            return Ok(());
        }
        if is_owned {
            self.cluster.sleep(PATIENCE_MS).await;
            return Ok(());
        }
        self.open_step().await?;
        if self.state.borrow().membership.reconciliation.target == target {
            self.move_to(named).await;
        }
        Ok(())
    }

    async fn move_to(&self, mut wanted: PartitionsById) {
        let join_epoch = self.state.borrow().join_epoch;
        let is_same = |state: &State| state.join_epoch == join_epoch;
        let is_still =
            |state: &State| is_same(state) && state.membership.reconciliation.phase == Phase::Reconciling;
        if !is_still(&self.state.borrow()) {
            return;
        }
        if self.config.enable_auto_commit {
            let offsets = self.state.borrow().uncommitted();
            self.commit_in_farewell(offsets).await;
        }
        let (revoked, listener) = {
            let state = self.state.borrow();
            (state.not_in(&wanted), state.listener.clone())
        };
        if !is_still(&self.state.borrow()) {
            return;
        }
        if !revoked.is_empty() {
            listener.on_partitions_revoked(&revoked);
            let queued = std::mem::take(&mut self.state.borrow_mut().queued_commits);
            self.commit_in_farewell(queued).await;
        }
        let added = {
            let mut state = self.state.borrow_mut();
            if is_same(&state) {
                // What was given up is given up, whatever became of us meanwhile: it is not to be lost again.
                revoked.iter().for_each(|partition| drop(state.partitions.remove(partition)));
            }
            if !is_still(&state) {
                return;
            }
            state.take_over(&mut wanted)
        };
        listener.on_partitions_assigned(&added);
        let now_ms = self.cluster.now_ms();
        let mut state = self.state.borrow_mut();
        if !is_still(&state) {
            return;
        }
        let since_ms = state.membership.rejoin_since_ms.take().unwrap_or(now_ms);
        state.metrics.rebalances += 1;
        state.metrics.rebalance_last_ms = now_ms.saturating_sub(since_ms);
        state.acknowledge(wanted);
    }

    /// Tells the application that its partitions are somebody else's; joins again unless that is hopeless.
    async fn lose_partitions(&self, phase: Phase) -> Result<(), JoinFailure> {
        let has_any = !self.state.borrow().partitions.is_empty();
        // Without partitions there is nothing to tell, but an application that does not poll is no member.
        if has_any || phase == Phase::Stale {
            self.open_step().await?;
        }
        let (lost, listener) = {
            let state = self.state.borrow();
            if state.membership.reconciliation.phase != phase {
                return Ok(());
            }
            let lost: Vec<TopicPartition> = state.partitions.keys().cloned().collect();
            (lost, state.listener.clone())
        };
        if !lost.is_empty() {
            listener.on_partitions_lost(&lost);
        }
        let now_ms = self.cluster.now_ms();
        let mut state = self.state.borrow_mut();
        if state.membership.reconciliation.phase != phase {
            return Ok(());
        }
        state.metrics.times_lost += u64::from(has_any);
        state.partitions.clear();
        state.queued_commits.clear();
        state.membership.reconciliation.owned = None;
        if phase != Phase::Fatal {
            state.membership.rejoin_since_ms.get_or_insert(now_ms);
            state.membership.reconciliation.phase = Phase::Joining;
        }
        Ok(())
    }
}

impl State {
    /// Topics of the target whose names are not known. Those that are known are kept: topics go.
    fn unnamed_topics(&mut self, metadata: &crate::metadata::Metadata) -> Vec<Uuid> {
        let reconciliation = &mut self.membership.reconciliation;
        let mut unknown = Vec::new();
        for id in reconciliation.target.keys() {
            if reconciliation.names.contains_key(id) {
                continue;
            }
            match metadata.topic_name(*id) {
                Some(name) => drop(reconciliation.names.insert(*id, name.to_owned())),
                None => unknown.push(*id),
            }
        }
        unknown
    }

    fn named(&self, partitions: &PartitionsById) -> SortedSet<TopicPartition> {
        let names = &self.membership.reconciliation.names;
        let known = partitions.iter().filter_map(|(id, indexes)| Some((names.get(id)?, indexes)));
        let named = known.flat_map(|(name, indexes)| {
            indexes.iter().map(|&index| TopicPartition::new(name.clone(), index))
        });
        named.take(ASSIGNED_PARTITIONS_MAX).collect()
    }

    /// What is owned and is not to be. A topic that was made anew under its old name is another topic.
    fn not_in(&self, wanted: &PartitionsById) -> Vec<TopicPartition> {
        let mut kept = self.membership.reconciliation.owned.clone().unwrap_or_default();
        kept.retain(|id, _| wanted.contains_key(id));
        let (kept, wanted) = (self.named(&kept), self.named(wanted));
        let stays = |owned: &&TopicPartition| kept.contains(*owned) && wanted.contains(*owned);
        self.partitions.keys().filter(|owned| !stays(owned)).cloned().collect()
    }

    /// Takes what is new; what that is. What is not wanted any more by now is not taken first.
    fn take_over(&mut self, wanted: &mut PartitionsById) -> Vec<TopicPartition> {
        let Reconciliation { target, owned, .. } = &self.membership.reconciliation;
        let has = |known: &PartitionsById, id: &Uuid, index: i32| {
            known.get(id).is_some_and(|indexes| indexes.contains(&index))
        };
        for (id, indexes) in wanted.iter_mut() {
            let owned = owned.as_ref();
            indexes.retain(|&index| has(target, id, index) || owned.is_some_and(|it| has(it, id, index)));
        }
        wanted.retain(|_, indexes| !indexes.is_empty());
        let mut added = self.named(wanted);
        added.retain(|partition| !self.partitions.contains_key(partition));
        let fresh: SortedMap<TopicPartition, Assigned> =
            added.iter().map(|partition| (partition.clone(), Assigned::new(self.token()))).collect();
        self.partitions.extend(fresh);
        self.membership.reconciliation.owned = Some(wanted.clone());
        added.into_iter().collect()
    }

    fn acknowledge(&mut self, owned: PartitionsById) {
        let Reconciliation { names, target, owned: known, phase, .. } = &mut self.membership.reconciliation;
        names.retain(|id, _| owned.contains_key(id) || target.contains_key(id));
        *known = Some(owned);
        *phase = Phase::Acknowledging;
    }
}
