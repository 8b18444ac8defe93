//! One seed from beginning to end: a plan is drawn, a world is built, things go wrong for a while, then they do not,
//! and what is left is held against what was promised.
//!
//! ```text
//!  set-up ── trouble ─────────────────── calm ─────── the broker dies once more ── audit
//!            clients work, faults happen  they finish
//! ```

use crate::chance::Chance;
use crate::checker::Endings;
use crate::client::{Client, Surroundings};
use crate::disk::{Crash, Disk, Health};
use crate::executor::Executor;
use crate::faults::{FaultPlan, Faults};
use crate::network::{HostId, Network};
use crate::plan::Plan;
use crate::process::BrokerProcess;
use crate::tally::Tally;
use crate::witness::{Tracing, Witness};
use crate::workload::{administration, audit, hand_written_member, membership, producing, reading};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use tablog_broker::BrokerConfig;
use tablog_log::storage::FaultKind;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub seed: u64,
    pub violation: Option<String>,
    pub tally: Tally,
    pub trace: String,
}

/// Clients that are not done this long after the trouble are stuck.
const CALM_MS: u64 = 30_000;
const AUDIT_MS: u64 = 60_000;

/// Runs one seed. A panic of the engine is a violation like any other.
pub fn run(seed: u64, tracing: Tracing) -> Outcome {
    let executor = Executor::new(Chance::stream(seed, "executor"));
    let witness = Witness::new(executor.clone(), tracing);
    let world = World::new(seed, executor.clone(), witness.clone());
    let ended = catch_unwind(AssertUnwindSafe(|| world.run()));
    if let Err(panic) = ended {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words =
            words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("something without words");
        witness.violation(format!("panic: {words}"));
        // What a panic left half done is not worth dropping in order.
        std::mem::forget(world);
    } else {
        executor.shut_down();
    }
    Outcome {
        seed,
        violation: witness.found_violation(),
        tally: witness.tally(),
        trace: witness.take_trace(),
    }
}

struct World {
    seed: u64,
    plan: Plan,
    surroundings: Surroundings,
    process: BrokerProcess,
}

impl World {
    fn new(seed: u64, executor: Executor, witness: Witness) -> World {
        let plan = Plan::draw(&mut Chance::stream(seed, "plan"));
        witness.note(|| format!("{plan:?}"));
        let network = Network::new(executor.clone(), Chance::stream(seed, "network"));
        let settings = plan.broker.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let config = BrokerConfig::from_settings(settings).expect("the plan's settings are valid");
        let process = BrokerProcess::new(
            executor.clone(),
            network.clone(),
            witness.clone(),
            config,
            Disk::new(Chance::stream(seed, "disk"), plan.slow_commit_one_in),
            Chance::stream(seed, "process"),
        );
        let surroundings = Surroundings { executor, network, witness, numbers: Rc::new(Cell::new(1)) };
        World { seed, plan, surroundings, process }
    }

    fn run(&self) {
        let executor = &self.surroundings.executor;
        self.process.start();
        self.set_up();
        let begin_us = executor.now_us();
        let end_us = begin_us + self.plan.trouble_ms * 1_000;
        let clients = self.clients(end_us / 1_000);
        clients.iter().for_each(|client| client.start());
        let faults = Faults {
            executor: executor.clone(),
            network: self.surroundings.network.clone(),
            process: self.process.clone(),
            witness: self.surroundings.witness.clone(),
            clients: clients.clone(),
            chance: Chance::stream(self.seed, "faults"),
        };
        executor.spawn(
            faults.run(
                FaultPlan { pause_ms_max: self.plan.fault_pause_ms_max, power: self.plan.power },
                end_us,
            ),
        );
        self.advance(end_us);
        self.calm(&clients);
        if self.is_sound() {
            self.audit();
        }
    }

    fn is_sound(&self) -> bool {
        self.surroundings.witness.found_violation().is_none()
    }

    /// In steps, so that a violation ends the run soon after it was seen.
    fn advance(&self, end_us: u64) {
        let executor = &self.surroundings.executor;
        while executor.now_us() < end_us && self.is_sound() {
            executor.run_until((executor.now_us() + 200_000).min(end_us));
            match self.process.take_fatal() {
                // What cannot be read at an opening ends it. Whoever owns the machine starts it again.
                Some(fault) if fault.kind == FaultKind::Io => {
                    self.process.crash(Crash::Process);
                    self.process.start();
                }
                Some(fault) => self.surroundings.witness.violation(format!("the broker gave up: {fault}")),
                None => {}
            }
        }
    }

    fn set_up(&self) {
        let plan = &self.plan;
        let (partitions, segment_bytes) = (plan.partitions, plan.segment_bytes);
        let admin = self.client("set-up", 0, u64::MAX, move |life| {
            Box::pin(administration::set_up(life, partitions, segment_bytes))
        });
        admin.start();
        self.advance(self.surroundings.executor.now_us() + 2_000_000);
        if admin.is_alive() {
            self.surroundings
                .witness
                .violation("set-up: the topic could not be made in two seconds".to_owned());
        }
    }

    fn client(
        &self,
        name: &str,
        host: u32,
        end_ms: u64,
        work: impl Fn(crate::workload::Life) -> futures_util::future::LocalBoxFuture<'static, ()> + 'static,
    ) -> Rc<Client> {
        let chance = Chance::stream(self.seed, name);
        Rc::new(Client::new(name.to_owned(), HostId(host), &self.surroundings, chance, end_ms, work))
    }

    fn clients(&self, end_ms: u64) -> Vec<Rc<Client>> {
        let mut clients: Vec<Rc<Client>> = Vec::new();
        let mut host = 1;
        let mut add = |name: String, work: Box<dyn Fn(crate::workload::Life) -> _>| {
            clients.push(self.client(&name, host, end_ms, work));
            host += 1;
        };
        for (index, &plan) in self.plan.producers.iter().enumerate() {
            add(format!("producer-{index}"), Box::new(move |life| Box::pin(producing::run(life, plan))));
        }
        for (index, plan) in self.plan.members.iter().cloned().enumerate() {
            add(
                format!("member-{index}"),
                Box::new(move |life| Box::pin(membership::run(life, plan.clone()))),
            );
        }
        for (index, &plan) in self.plan.readers.iter().enumerate() {
            add(format!("reader-{index}"), Box::new(move |life| Box::pin(reading::run(life, plan))));
        }
        let plan = self.plan.administration;
        add("admin".to_owned(), Box::new(move |life| Box::pin(administration::run(life, plan))));
        add("by-hand".to_owned(), Box::new(move |life| Box::pin(hand_written_member::run(life))));
        clients
    }

    /// Everything works again, and everybody comes to an end.
    fn calm(&self, clients: &[Rc<Client>]) {
        let Surroundings { executor, network, witness, .. } = &self.surroundings;
        witness.note(|| "calm".to_owned());
        let end_us = executor.now_us() + CALM_MS * 1_000;
        while executor.now_us() < end_us && self.is_sound() {
            self.process.with_disk(|disk| disk.set_health(Health::Good));
            for client in clients {
                network.heal(client.host());
                client.thaw();
            }
            self.advance(executor.now_us() + 1_000_000);
            // Who died last is back soon, and its group waits for it.
            let is_over = witness.unsettled_groups().is_empty();
            if is_over && self.process.is_up() && clients.iter().all(|client| !client.is_alive()) {
                break;
            }
        }
        let unsettled = witness.unsettled_groups();
        if !unsettled.is_empty() && self.is_sound() {
            witness.violation(format!("not owned: some partitions have no owner, or two, in {unsettled}"));
        }
        for client in clients.iter().filter(|client| client.is_alive() && self.is_sound()) {
            witness.violation(format!("stuck: {} does not come to its end", client.name()));
        }
    }

    fn audit(&self) {
        let Surroundings { executor, witness, .. } = &self.surroundings;
        self.process.crash(Crash::Process);
        self.process.start();
        let result: Rc<RefCell<Option<Result<Endings, String>>>> = Rc::default();
        let told = result.clone();
        let end_us = executor.now_us() + AUDIT_MS * 1_000;
        let auditor = self.client("audit", 1_000, end_us / 1_000, move |life| {
            let told = told.clone();
            Box::pin(async move {
                // By then the opening is over, and its new epochs are told.
                life.sleep_ms(1_000).await;
                let endings = audit::run(life).await;
                *told.borrow_mut() = Some(endings);
            })
        });
        auditor.start();
        while executor.now_us() < end_us && auditor.is_alive() && self.is_sound() {
            self.advance(executor.now_us() + 500_000);
        }
        match result.borrow_mut().take() {
            Some(Ok(endings)) => witness.finish(&endings),
            Some(Err(sentence)) => witness.violation(sentence),
            None => witness.violation("stuck: the audit does not come to its end".to_owned()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Power;

    #[test]
    fn a_seed_runs_the_same_way_each_time() {
        for seed in [0x5eed, 0x7ab106] {
            let first = run(seed, Tracing::On);
            let second = run(seed, Tracing::On);
            assert!(first.trace.len() > 10_000, "only {} bytes of trace", first.trace.len());
            assert!(first.trace == second.trace, "seed {seed:#x} ran in two ways");
            assert_eq!(first.tally, second.tally);
        }
    }

    #[test]
    fn power_is_named_in_the_plan() {
        let mut seen = [false; 2];
        for seed in 0..50 {
            seen[(Plan::draw(&mut Chance::stream(seed, "plan")).power == Power::MayFail) as usize] = true;
        }
        assert_eq!(seen, [true; 2]);
    }
}
