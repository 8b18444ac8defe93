//! What goes wrong, and when: crashes, full disks, broken links, hosts out of reach, frozen and dying clients.
//!
//! Never knows: what anybody was doing at that moment.

use crate::chance::Chance;
use crate::client::Client;
use crate::disk::{Crash, Health};
use crate::executor::Executor;
use crate::network::Network;
use crate::process::BrokerProcess;
use crate::witness::Witness;
use std::rc::Rc;

/// Which kinds may happen in this seed.
#[derive(Clone, Copy, Debug)]
pub struct FaultPlan {
    pub pause_ms_max: u64,
    pub power: Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    Steady,
    MayFail,
}

#[derive(Debug)]
pub struct Faults {
    pub executor: Executor,
    pub network: Network,
    pub process: BrokerProcess,
    pub witness: Witness,
    pub clients: Vec<Rc<Client>>,
    pub chance: Chance,
}

impl Faults {
    pub async fn run(mut self, plan: FaultPlan, end_us: u64) {
        loop {
            let pause_ms = self.chance.between(20, plan.pause_ms_max);
            self.executor.sleep_ms(pause_ms).await;
            if self.executor.now_us() >= end_us {
                break;
            }
            match self.chance.below(16) {
                0..=3 => self.crash_broker(Crash::Process).await,
                4 if plan.power == Power::MayFail => self.crash_broker(Crash::PowerLoss).await,
                5 => self.ail(Health::Full),
                6..=7 => self.ail(Health::FailsOneIn(2)),
                8..=10 => self.break_links(),
                11 => self.cut_off(),
                12..=13 => self.freeze_client(),
                _ => self.crash_client(),
            }
        }
    }

    async fn crash_broker(&mut self, crash: Crash) {
        if self.chance.one_in(3) {
            // Right after something was asked for, most of it is under way.
            let wait_us = self.chance.between(0, 4_000);
            self.executor.sleep_us(wait_us).await;
        }
        self.process.crash(crash);
        let down_ms =
            if self.chance.one_in(4) { self.chance.between(500, 4_000) } else { self.chance.between(1, 300) };
        self.executor.sleep_ms(down_ms).await;
        self.process.start();
        if self.chance.one_in(5) {
            // It dies while it opens.
            let wait_us = self.chance.between(10, 20_000);
            self.executor.sleep_us(wait_us).await;
            self.process.crash(crash);
            let down_ms = self.chance.between(1, 50);
            self.executor.sleep_ms(down_ms).await;
            self.process.start();
        }
    }

    fn ail(&mut self, health: Health) {
        self.witness.note(|| format!("the disk: {health:?}"));
        self.process.with_disk(|disk| disk.set_health(health));
        let until_us = self.executor.now_us() + self.chance.between(5_000, 800_000);
        let (process, witness) = (self.process.clone(), self.witness.clone());
        self.executor.call_at(until_us, move || {
            witness.note(|| "the disk is well".to_owned());
            process.with_disk(|disk| disk.set_health(Health::Good));
        });
    }

    fn break_links(&mut self) {
        for link in self.network.open_links() {
            if self.chance.one_in(2) {
                self.witness.note(|| format!("link {} breaks", link.0));
                self.witness.count(|tally| tally.links_broken += 1);
                self.network.break_link(link);
            }
        }
    }

    fn cut_off(&mut self) {
        let client = self.chance.pick(&self.clients).clone();
        let host = client.host();
        self.witness.note(|| format!("{} is out of reach", client.name()));
        self.witness.count(|tally| tally.hosts_cut += 1);
        self.network.cut(host);
        let until_us = self.executor.now_us() + self.chance.between(50_000, 9_000_000);
        let (network, witness) = (self.network.clone(), self.witness.clone());
        self.executor.call_at(until_us, move || {
            witness.note(|| format!("{} is in reach", client.name()));
            network.heal(host);
        });
    }

    fn freeze_client(&mut self) {
        let client = self.chance.pick(&self.clients).clone();
        if !client.is_alive() {
            return;
        }
        self.witness.note(|| format!("{} freezes", client.name()));
        self.witness.count(|tally| tally.clients_frozen += 1);
        client.freeze();
        let until_us = self.executor.now_us() + self.chance.between(50_000, 10_000_000);
        let witness = self.witness.clone();
        self.executor.call_at(until_us, move || {
            witness.note(|| format!("{} thaws", client.name()));
            client.thaw();
        });
    }

    fn crash_client(&mut self) {
        let client = self.chance.pick(&self.clients).clone();
        if !client.is_alive() {
            return;
        }
        self.witness.note(|| format!("{} dies", client.name()));
        self.witness.count(|tally| tally.clients_crashed += 1);
        client.crash();
        let again_us = self.executor.now_us() + self.chance.between(10_000, 2_000_000);
        let witness = self.witness.clone();
        self.executor.call_at(again_us, move || {
            witness.note(|| format!("{} is back", client.name()));
            client.start();
        });
    }
}
