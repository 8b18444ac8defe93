//! What seeds did, counted: a simulation that does nothing finds nothing.

use std::fmt;
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub acknowledgements: u64,
    /// That brought records.
    pub fetches: u64,
    pub rebalances: u64,
    /// Member epochs that members of the consumer protocol reached.
    pub member_epochs: u64,
    pub groups_settled: u64,
    pub crashes: u64,
    pub power_losses: u64,
    pub commits_lost: u64,
    pub commits_failed: u64,
    pub reads_failed: u64,
    /// That went out beside one in flight.
    pub commits_side_by_side: u64,
    pub batches_sent_again: u64,
    pub links_broken: u64,
    pub hosts_cut: u64,
    pub clients_frozen: u64,
    pub clients_crashed: u64,
    pub offset_commits: u64,
    pub records_deleted: u64,
    pub records_read: u64,
}

impl Tally {
    pub fn lines(&self) -> [(&'static str, u64); 19] {
        [
            ("acknowledgements", self.acknowledgements),
            ("fetches", self.fetches),
            ("rebalances", self.rebalances),
            ("member epochs", self.member_epochs),
            ("groups settled", self.groups_settled),
            ("crashes", self.crashes),
            ("power losses", self.power_losses),
            ("commits lost", self.commits_lost),
            ("commits failed", self.commits_failed),
            ("reads failed", self.reads_failed),
            ("commits side by side", self.commits_side_by_side),
            ("batches sent again", self.batches_sent_again),
            ("links broken", self.links_broken),
            ("hosts cut off", self.hosts_cut),
            ("clients frozen", self.clients_frozen),
            ("clients crashed", self.clients_crashed),
            ("offset commits", self.offset_commits),
            ("deletions of records", self.records_deleted),
            ("records read", self.records_read),
        ]
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.acknowledgements += other.acknowledgements;
        self.fetches += other.fetches;
        self.rebalances += other.rebalances;
        self.member_epochs += other.member_epochs;
        self.groups_settled += other.groups_settled;
        self.crashes += other.crashes;
        self.power_losses += other.power_losses;
        self.commits_lost += other.commits_lost;
        self.commits_failed += other.commits_failed;
        self.reads_failed += other.reads_failed;
        self.commits_side_by_side += other.commits_side_by_side;
        self.batches_sent_again += other.batches_sent_again;
        self.links_broken += other.links_broken;
        self.hosts_cut += other.hosts_cut;
        self.clients_frozen += other.clients_frozen;
        self.clients_crashed += other.clients_crashed;
        self.offset_commits += other.offset_commits;
        self.records_deleted += other.records_deleted;
        self.records_read += other.records_read;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.lines().iter().map(|(name, count)| format!("{count} {name}")).collect();
        f.write_str(&words.join(", "))
    }
}
