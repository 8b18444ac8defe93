//! The keys of the topic that is looked at: of the newest records first, and then of those that come.

use crate::post::report;
use crate::records::{consumer, ends};
use crate::tab::Tab;
use std::rc::Rc;
use tablog_client::Transport;
use tablog_dashboard::model::limits::STRATA_SAMPLES_MAX;
use tablog_dashboard::model::orders::{KeyRun, Report};
use tablog_record::SortedMap;

/// How often the keys in sight are told anew.
const TELL_EVERY_MS: i64 = 300;

pub async fn run(tab: Rc<Tab>, topic: String, mine: u64) {
    // The page is drawn first.
    tab.transport.sleep(50).await;
    while tab.watch.get() == mine {
        follow(&tab, &topic, mine).await;
        tab.transport.sleep(1_000).await;
    }
}

/// Until another topic is watched, it goes wrong, or the topic has another number of partitions.
async fn follow(tab: &Rc<Tab>, topic: &str, mine: u64) {
    let Ok(ends) = ends(tab, topic).await else { return };
    let samples = (STRATA_SAMPLES_MAX * 6 / ends.len().max(6)) as i64;
    let consumer = consumer(tab, 2_000, &ends);
    for (partition, (start, end)) in &ends {
        let _ = consumer.seek(partition, (*end - samples).max(*start));
    }
    let mut runs = Runs::default();
    let (mut told_at_ms, mut begun) = (0, false);
    while let Ok(records) = consumer.poll(300).await {
        if tab.watch.get() != mine {
            return;
        }
        for record in &records {
            let key = record.key.as_deref().map(String::from_utf8_lossy);
            runs.push(record.partition, record.offset, key.as_deref());
        }
        let now_ms = tab.now_ms();
        if !runs.0.is_empty() && now_ms - told_at_ms >= TELL_EVERY_MS {
            told_at_ms = now_ms;
            if !begun {
                begun = true;
                report(&Report::KeysBegin { topic: topic.to_owned(), partitions: ends.len() });
            }
            report(&Report::Keys(runs.take()));
        }
        if tab.topics.borrow().get(topic).is_some_and(|partitions| *partitions != ends.len()) {
            return;
        }
    }
}

/// One run a partition, with the number of each name that it has.
#[derive(Default)]
struct Runs(SortedMap<i32, (KeyRun, SortedMap<Option<String>, u32>)>);

impl Runs {
    fn push(&mut self, partition: i32, offset: i64, key: Option<&str>) {
        let (run, numbers) = self.0.entry(partition).or_insert_with(|| {
            let run = KeyRun { partition: partition as usize, ..KeyRun::default() };
            (run, SortedMap::default())
        });
        let name = key.map(str::to_owned);
        let number = match numbers.get(&name) {
            Some(number) => *number,
            None => {
                let number = run.names.len() as u32;
                run.names.push(name.clone());
                numbers.insert(name, number);
                number
            }
        };
        run.samples.push((offset, number));
    }

    fn take(&mut self) -> Vec<KeyRun> {
        std::mem::take(&mut self.0).into_values().map(|(run, _)| run).collect()
    }
}
