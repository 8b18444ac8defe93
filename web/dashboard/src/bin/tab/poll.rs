//! Reads the cluster four times a second while the page is seen: metadata, log ends, sizes, groups, offsets.

use crate::post::report;
use crate::tab::{Tab, Transported};
use std::rc::Rc;
use tablog_client::{
    Admin, ClientError, ConfigResource, GroupDescription, GroupType, MemberDescription, Metadata, OffsetSpec,
    Transport,
};
use tablog_dashboard::model::orders::Report;
use tablog_dashboard::model::snapshot::{
    Broker, Epochs, Group, Member, Partition, Progress, Setting, Snapshot, Topic, TopicPartition,
};
use tablog_record::{SortedMap, SortedSet};

const POLL_MS: u64 = 250;
/// A page that is one member looks at its topic's partitions only.
const MEMBER_POLL_MS: u64 = 1_000;
const HIDDEN_POLL_MS: u64 = 2_000;
/// Sizes and settings change slowly.
const SIZES_EVERY_MS: i64 = 1_000;
const SETTINGS_EVERY_MS: i64 = 5_000;
/// Groups whose offsets are read.
const GROUPS_MAX: usize = 64;

/// What is read less often than the rest, as it was read last.
#[derive(Default)]
struct Slow {
    sizes: SortedMap<TopicPartition, u64>,
    sizes_at_ms: i64,
    settings: SortedMap<String, SortedMap<String, Setting>>,
    settings_at_ms: i64,
    /// Of groups of the consumer kind: session timeout and heartbeat interval.
    times: SortedMap<String, Times>,
    times_at_ms: i64,
}

type Times = (Option<i64>, Option<i64>);

pub async fn run(tab: Rc<Tab>) {
    let mut slow = Slow::default();
    loop {
        let begun_ms = tab.now_ms();
        if tab.settings_changed.take() {
            slow.settings_at_ms = 0;
        }
        // A reading that fails is said by the age of the picture, and asked again soon.
        if let Ok(snapshot) = read(&tab, &mut slow).await {
            let count = |(name, topic): (&String, &Topic)| (name.clone(), topic.partitions.len());
            *tab.topics.borrow_mut() = snapshot.topics.iter().map(count).collect();
            report(&Report::Snapshot(snapshot));
        }
        let took_ms = (tab.now_ms() - begun_ms).max(0) as u64;
        rest(&tab, took_ms).await;
    }
}

/// Until it is time to read again. A page that is looked at again does not wait for what a hidden one may wait for.
async fn rest(tab: &Tab, took_ms: u64) {
    let mut rested_ms = 20;
    tab.transport.sleep(rested_ms).await;
    loop {
        let every_ms = match (tab.seen.get(), tab.member()) {
            (false, _) => HIDDEN_POLL_MS,
            (true, Some(_)) => MEMBER_POLL_MS,
            (true, None) => POLL_MS,
        };
        let left_ms = every_ms.saturating_sub(took_ms + rested_ms).min(POLL_MS);
        if left_ms == 0 {
            return;
        }
        tab.transport.sleep(left_ms).await;
        rested_ms += left_ms;
    }
}

async fn read(tab: &Tab, slow: &mut Slow) -> Result<Snapshot, ClientError> {
    let admin = &tab.reading;
    let metadata = admin.cluster().metadata(None).await?;
    let offsets = |spec: OffsetSpec| {
        let all = metadata.topics.iter().flat_map(|(name, topic)| {
            topic.partitions.keys().map(move |p| tablog_record::TopicPartition::new(name.clone(), *p))
        });
        all.map(|p| (p, spec)).collect::<SortedMap<_, _>>()
    };
    let starts = admin.list_offsets(&offsets(OffsetSpec::Earliest)).await?;
    let ends = admin.list_offsets(&offsets(OffsetSpec::Latest)).await?;
    let mut groups = read_groups(admin).await?;
    let now_ms = tab.now_ms();
    slow.read_times(admin, &groups, now_ms).await;
    for (id, group) in &mut groups {
        if let (Some(epochs), Some((session, heartbeat))) = (&mut group.epochs, slow.times.get(id)) {
            epochs.session_timeout_ms = *session;
            epochs.heartbeat_interval_ms = *heartbeat;
        }
    }
    if now_ms - slow.sizes_at_ms >= SIZES_EVERY_MS {
        slow.sizes = read_sizes(admin).await?;
        slow.sizes_at_ms = now_ms;
    }
    let known = metadata.topics.keys().all(|name| slow.settings.contains_key(name));
    if !known || now_ms - slow.settings_at_ms >= SETTINGS_EVERY_MS {
        slow.settings = read_settings(admin, &metadata).await?;
        slow.settings_at_ms = now_ms;
    }
    let offset = |from: &SortedMap<
        tablog_record::TopicPartition,
        Result<tablog_client::ListedOffset, ClientError>,
    >,
                  name: &str,
                  p: i32| {
        let key = tablog_record::TopicPartition::new(name, p);
        from.get(&key).and_then(|r| r.as_ref().ok()).map_or(0, |listed| listed.offset.max(0))
    };
    let topics = metadata.topics.iter().map(|(name, topic)| {
        let partitions = topic.partitions.iter().map(|(p, facts)| Partition {
            log_start: offset(&starts, name, *p),
            high_watermark: offset(&ends, name, *p),
            bytes: slow.sizes.get(&TopicPartition::new(name.clone(), *p)).copied().unwrap_or(0),
            leader: facts.leader,
        });
        let settings = slow.settings.get(name).cloned().unwrap_or_default();
        let internal = topic.is_internal || name.starts_with("__");
        (name.clone(), Topic { internal, partitions: partitions.collect(), settings })
    });
    Ok(Snapshot {
        at_ms: tab.now_ms(),
        cluster_id: metadata.cluster_id.clone().unwrap_or_default(),
        brokers: metadata
            .brokers
            .values()
            .map(|b| Broker { node_id: b.id, host: b.host.clone(), port: i32::from(b.port) })
            .collect(),
        topics: topics.collect(),
        groups,
    })
}

async fn read_groups(admin: &Admin<Transported>) -> Result<SortedMap<String, Group>, ClientError> {
    let listed = admin.list_groups().await?;
    let ids: Vec<String> = listed.iter().take(GROUPS_MAX).map(|g| g.group_id.clone()).collect();
    let mut groups = SortedMap::new();
    if ids.is_empty() {
        return Ok(groups);
    }
    let described = admin.describe_groups(&ids).await?;
    for listing in listed.into_iter().take(GROUPS_MAX) {
        let Some(Ok(description)) = described.get(&listing.group_id) else { continue };
        let committed = admin.list_consumer_group_offsets(&listing.group_id, None).await?;
        let committed = committed
            .into_iter()
            .filter_map(|(p, offset)| Some((TopicPartition::new(p.topic, p.partition), offset.ok()?.offset)));
        let group = group(description, listing.group_type.to_ascii_lowercase(), committed.collect());
        groups.insert(listing.group_id, group);
    }
    Ok(groups)
}

fn group(
    description: &GroupDescription,
    listed_type: String,
    committed: SortedMap<TopicPartition, i64>,
) -> Group {
    let epochs = description.epochs.map(|epochs| Epochs {
        group: epochs.group_epoch,
        assignment: epochs.assignment_epoch,
        ..Epochs::default()
    });
    // A broker that describes epochs knows the kind, whatever it lists.
    let kind = if epochs.is_some() { type_name(GroupType::Consumer) } else { listed_type };
    let mut members: Vec<Member> = description.members.iter().map(member).collect();
    members.sort_by(|a, b| (&a.client_id, &a.member_id).cmp(&(&b.client_id, &b.member_id)));
    Group {
        state: description.state.clone(),
        kind,
        assignor: description.protocol.clone(),
        members,
        committed,
        epochs,
    }
}

fn member(m: &MemberDescription) -> Member {
    let progress = m.progress.as_ref().map(|progress| Progress {
        epoch: progress.member_epoch,
        target: partitions(&progress.target_assignment),
        revoking: Vec::new(),
        rack: progress.rack_id.clone(),
        pattern: progress.subscribed_pattern.clone(),
        protocol: progress.protocol.map_or(String::new(), type_name),
    });
    Member {
        member_id: m.member_id.clone(),
        client_id: m.client_id.clone(),
        host: m.client_host.clone(),
        owned: partitions(&m.assignment),
        instance_id: m.group_instance_id.clone(),
        topics: m.subscribed_topics.clone(),
        progress,
    }
}

fn partitions(set: &SortedSet<tablog_record::TopicPartition>) -> Vec<TopicPartition> {
    set.iter().map(|p| TopicPartition::new(p.topic.clone(), p.partition)).collect()
}

fn type_name(group_type: GroupType) -> String {
    group_type.name().to_ascii_lowercase()
}

impl Slow {
    /// What a cluster does not tell of its groups' settings is left out.
    async fn read_times(
        &mut self,
        admin: &Admin<Transported>,
        groups: &SortedMap<String, Group>,
        now_ms: i64,
    ) {
        let consumer = groups.iter().filter(|(_, g)| g.epochs.is_some());
        let resources: Vec<_> = consumer.map(|(id, _)| ConfigResource::Group(id.clone())).collect();
        let known =
            resources.iter().all(|r| matches!(r, ConfigResource::Group(id) if self.times.contains_key(id)));
        if resources.is_empty() || (known && now_ms - self.times_at_ms < SETTINGS_EVERY_MS) {
            return;
        }
        self.times_at_ms = now_ms;
        self.times = groups
            .iter()
            .filter(|(_, g)| g.epochs.is_some())
            .map(|(id, _)| (id.clone(), (None, None)))
            .collect();
        for (resource, entries) in admin.describe_configs(&resources).await.unwrap_or_default() {
            let (ConfigResource::Group(id), Ok(entries)) = (resource, entries) else { continue };
            let number = |name: &str| entries.get(name)?.value.as_ref()?.parse().ok();
            let times = (number("consumer.session.timeout.ms"), number("consumer.heartbeat.interval.ms"));
            self.times.insert(id, times);
        }
    }
}

async fn read_sizes(admin: &Admin<Transported>) -> Result<SortedMap<TopicPartition, u64>, ClientError> {
    let mut sizes = SortedMap::new();
    for dirs in admin.describe_log_dirs(None).await?.into_values() {
        for dir in dirs?.into_iter().flatten() {
            for (p, size) in dir.replicas {
                *sizes.entry(TopicPartition::new(p.topic, p.partition)).or_default() +=
                    size.bytes.max(0) as u64;
            }
        }
    }
    Ok(sizes)
}

async fn read_settings(
    admin: &Admin<Transported>,
    metadata: &Metadata,
) -> Result<SortedMap<String, SortedMap<String, Setting>>, ClientError> {
    let resources: Vec<_> = metadata.topics.keys().cloned().map(ConfigResource::Topic).collect();
    let mut settings = SortedMap::new();
    if resources.is_empty() {
        return Ok(settings);
    }
    for (resource, entries) in admin.describe_configs(&resources).await? {
        let (ConfigResource::Topic(name), Ok(entries)) = (resource, entries) else { continue };
        let entries = entries.into_iter().map(|(setting, entry)| {
            let inherited = entry.is_default();
            let value = entry.value.unwrap_or_default();
            (setting, Setting { value, inherited, read_only: entry.is_read_only })
        });
        settings.insert(name, entries.collect());
    }
    // A topic without an answer is not asked for again four times a second.
    for name in metadata.topics.keys() {
        settings.entry(name.clone()).or_default();
    }
    Ok(settings)
}
