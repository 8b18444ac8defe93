//! Recovery after every cut of every write, and after failed commits.

use crate::disk::Disk;
use crate::rig::*;
use proptest::prelude::*;
use tablog_log::storage::Write;
use tablog_log::{Log, ProducerFacts};
use tablog_record::{LeaderEpoch, Offset, Record, SortedMap};

/// What the log was at one end offset.
type History = SortedMap<Offset, Vec<ProducerFacts>>;

fn facts(log: &Log) -> Vec<ProducerFacts> {
    log.producers().collect()
}

/// The end of the last append among these writes.
fn end_after(writes: &[(Write, Offset)]) -> Offset {
    writes.last().map_or(Offset::ZERO, |(_, end)| *end)
}

/// A log is written, rolled and checkpointed; then the disk stops after every write, and within every write.
#[test]
fn recovers_from_every_prefix_with_every_tear() {
    let config = small_segments();
    let mut log = Log::create(location(), config.clone(), LeaderEpoch(0), at(1000));
    let mut history = History::from([(Offset::ZERO, Vec::new())]);
    let mut records: Vec<(Offset, String)> = Vec::new();
    // Each write, and the log's end once it is whole.
    let mut writes: Vec<(Write, Offset)> = Vec::new();
    let mut sequences = [0; 3];
    for step in 0..40_i64 {
        let producer = (step % 3) as usize;
        let value = format!("value {step}");
        let now = at(1000 + step * 10);
        let count = 1 + step % 2;
        let content: Vec<_> = (0..count).map(|_| (now.wall.0, "key", Some(value.as_str()))).collect();
        let batch = batch_of(producer as i64, sequences[producer], &content);
        sequences[producer] += count as i32;
        let before = log.end_offset();
        let appended = append(&mut log, now, batch).expect("it can be appended");
        for write in appended.writes {
            let is_append = matches!(write, Write::Append { .. });
            writes.push((write, if is_append { appended.end_offset } else { before }));
        }
        for offset in 0..count {
            records.push((before.plus(offset), value.clone()));
        }
        history.insert(appended.end_offset, facts(&log));
        let end = log.end_offset();
        let extra = match step {
            7 | 19 | 31 => log.checkpoint(),
            23 => log.maybe_roll(at(now.wall.0 + 8 * 24 * 60 * 60 * 1000)),
            _ => Vec::new(),
        };
        writes.extend(extra.into_iter().map(|write| (write, end)));
    }
    assert!(log.segments().count() > 4);
    assert!(writes.iter().any(|(write, _)| write.blob().as_str().ends_with(".checkpoint")));

    let mut disk = Disk::default();
    for done in 0..=writes.len() {
        let end = end_after(&writes[..done]);
        check(&disk, end, &history, &records);
        let Some((next, next_end)) = writes.get(done) else { break };
        for cut in 0..next.bytes_len() {
            let mut torn = disk.clone();
            torn.apply_torn(next, cut);
            check(&torn, end, &history, &records);
        }
        disk.apply(next);
        assert!(*next_end >= end);
    }
}

fn check(disk: &Disk, end: Offset, history: &History, records: &[(Offset, String)]) {
    let mut disk = disk.clone();
    let recovered = recover(&disk, &small_segments(), 1);
    let mut log = recovered.log;
    assert_eq!(log.end_offset(), end);
    assert_eq!(log.durable_end_offset(), end);
    write_all(&mut disk, &recovered.writes);
    let kept: Vec<(Offset, String)> = read_records(&log, &disk).into_iter().map(offset_and_value).collect();
    let expected: Vec<_> = records.iter().filter(|(offset, _)| *offset < end).cloned().collect();
    assert_eq!(kept, expected);
    assert_eq!(facts(&log), history[&end]);

    // It goes on, and what it then has is found by the next opening.
    store(&mut log, &mut disk, at(5000), batch(&[(5000, "key", Some("after"))]));
    assert_eq!(log.epoch_end_offset(LeaderEpoch(1)), (LeaderEpoch(1), end.plus(1)));
    let again = recover(&disk, &small_segments(), 2);
    assert_eq!(again.log.end_offset(), end.plus(1));
    assert_eq!(again.truncated_bytes, 0);
    assert_eq!(facts(&again.log), history[&end]);
    assert_eq!(again.log.epoch_at(end), Some(LeaderEpoch(1)));
}

fn offset_and_value(record: Record) -> (Offset, String) {
    let value = record.value.expect("no tombstones here");
    (record.offset, String::from_utf8(value.to_vec()).expect("text"))
}

#[derive(Clone, Debug)]
enum Step {
    /// A producer (0 is none) appends this many records.
    Append {
        producer: i64,
        count: usize,
    },
    /// The writes so far become one commit, which completes.
    Commit,
    /// They become one commit that fails after this share of its writes, in 1/256, the next write torn.
    Fail {
        kept: u8,
        torn: u8,
    },
    Checkpoint,
    Roll,
    Crash {
        kept: u8,
        torn: u8,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..3_i64, 1..4_usize).prop_map(|(producer, count)| Step::Append { producer, count }),
        3 => Just(Step::Commit),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(kept, torn)| Step::Fail { kept, torn }),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Roll),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(kept, torn)| Step::Crash { kept, torn }),
    ];
    prop::collection::vec(step, 1..80)
}

/// What readers were promised and what may come on top.
#[derive(Default)]
struct Model {
    /// Every record of the log as it stands in memory.
    values: Vec<String>,
    sequences: [i32; 3],
    /// The producers' next sequences at each end offset.
    sequences_at: SortedMap<usize, [i32; 3]>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keeps_what_is_durable_whatever_fails(steps in steps()) {
        let config = small_segments();
        let mut disk = Disk::default();
        let mut log = Log::create(location(), config.clone(), LeaderEpoch(0), at(1000));
        let mut queued: Vec<Write> = Vec::new();
        let mut model = Model::default();
        model.sequences_at.insert(0, [0; 3]);
        let (mut clock, mut serial, mut epoch) = (1000_i64, 0, 0);
        for step in steps {
            clock += 10;
            match step {
                Step::Append { producer, count } => {
                    let values: Vec<String> = (0..count).map(|index| format!("{serial}.{index}")).collect();
                    serial += 1;
                    let content: Vec<_> =
                        values.iter().map(|value| (clock, "key", Some(value.as_str()))).collect();
                    let new = if producer == 0 {
                        batch(&content)
                    } else {
                        batch_of(producer, model.sequences[producer as usize], &content)
                    };
                    let appended = append(&mut log, at(clock), new).expect("sequences follow");
                    prop_assert_eq!(appended.base_offset.0 as usize, model.values.len());
                    queued.extend(appended.writes);
                    if producer != 0 {
                        model.sequences[producer as usize] += count as i32;
                    }
                    model.values.extend(values);
                    model.sequences_at.insert(model.values.len(), model.sequences);
                }
                Step::Commit => {
                    write_all(&mut disk, &std::mem::take(&mut queued));
                    log.made_durable(log.end_offset());
                }
                Step::Fail { kept, torn } => {
                    partly(&mut disk, &std::mem::take(&mut queued), kept, torn);
                    queued = log.roll_back();
                    model.return_to(log.durable_end_offset());
                }
                Step::Checkpoint => queued.extend(log.checkpoint()),
                Step::Roll => queued.extend(log.maybe_roll(at(clock + 8 * 24 * 60 * 60 * 1000))),
                Step::Crash { kept, torn } => {
                    let durable = log.durable_end_offset();
                    partly(&mut disk, &std::mem::take(&mut queued), kept, torn);
                    epoch += 1;
                    let recovered = recover(&disk, &config, epoch);
                    queued = recovered.writes;
                    log = recovered.log;
                    prop_assert!(log.end_offset() >= durable);
                    // What came on top of the durable must be what was appended last there, if it still counts.
                    model.take_over(&log, &disk, durable)?;
                }
            }
            prop_assert_eq!(log.end_offset().0 as usize, model.values.len());
            // One whose first batch was rolled back is known without a sequence.
            let producers: Vec<_> =
                log.producers().map(|facts| facts.last_sequence.0 + 1).filter(|&next| next > 0).collect();
            let expected: Vec<_> = model.sequences[1..].iter().copied().filter(|&next| next > 0).collect();
            prop_assert_eq!(producers, expected);
        }
        write_all(&mut disk, &queued);
        log.made_durable(log.end_offset());
        let values: Vec<String> =
            read_records(&log, &disk).into_iter().map(|record| offset_and_value(record).1).collect();
        prop_assert_eq!(&values, &model.values);
        let again = recover(&disk, &config, epoch + 1);
        prop_assert_eq!(again.truncated_bytes, 0);
        prop_assert_eq!(again.log.end_offset(), log.end_offset());
    }
}

fn partly(disk: &mut Disk, writes: &[Write], kept: u8, torn: u8) {
    let whole = writes.len() * usize::from(kept) / 256;
    write_all(disk, &writes[..whole]);
    if let Some(next) = writes.get(whole) {
        let cut = next.bytes_len() * usize::from(torn) / 256;
        if cut > 0 {
            disk.apply_torn(next, cut);
        }
    }
}

impl Model {
    fn return_to(&mut self, end: Offset) {
        let end = end.0 as usize;
        self.values.truncate(end);
        self.sequences_at.retain(|&at, _| at <= end);
        self.sequences = self.sequences_at[&end];
    }

    /// After a crash the log is what the disk says: the durable records, and perhaps some that were appended but
    /// never acknowledged, also of a commit that failed before its repair was stored.
    fn take_over(&mut self, log: &Log, disk: &Disk, durable: Offset) -> Result<(), TestCaseError> {
        // Read what is there; the recovery's repairs do not change whole batches.
        let values: Vec<String> =
            read_records(log, disk).into_iter().map(|record| offset_and_value(record).1).collect();
        let durable = durable.0 as usize;
        prop_assert_eq!(&values[..durable], &self.values[..durable]);
        self.sequences_at.retain(|&at, _| at <= durable);
        self.sequences = self.sequences_at[&durable];
        for facts in log.producers() {
            self.sequences[facts.producer_id.0 as usize] = facts.last_sequence.0 + 1;
        }
        self.values = values;
        self.sequences_at.insert(self.values.len(), self.sequences);
        Ok(())
    }
}
