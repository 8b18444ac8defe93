//! A member of an earlier generation is told so: its heartbeat is never answered with "all is well".

use super::Verdict;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub struct Fencing {
    /// The newest generation that the coordinator announced, and the newest whose assignment it handed out, which
    /// it must have stored.
    announced: BTreeMap<String, i32>,
    stored: BTreeMap<String, i32>,
}

impl Fencing {
    /// JoinGroup was answered. Whether that was a new generation.
    pub fn announced(&mut self, group: &str, generation: i32) -> bool {
        let known = self.announced.entry(group.to_owned()).or_insert(-1);
        let is_new = generation > *known;
        *known = generation.max(*known);
        is_new
    }

    pub fn handed_out(&mut self, group: &str, generation: i32) {
        let known = self.stored.entry(group.to_owned()).or_insert(-1);
        *known = generation.max(*known);
    }

    /// The group counts from the beginning.
    pub fn begun_anew(&mut self, group: &str) {
        self.announced.remove(group);
        self.stored.remove(group);
    }

    pub fn newest(&self, group: &str) -> i32 {
        self.announced.get(group).copied().unwrap_or(-1)
    }

    /// What was announced and not stored may be forgotten.
    pub fn unstored_lost(&mut self) {
        self.announced = self.stored.clone();
    }

    /// A heartbeat is answered without an error. `newest_when_asked`: what was announced when it arrived.
    pub fn heartbeat_accepted(&self, group: &str, generation: i32, newest_when_asked: i32) -> Verdict {
        if generation < newest_when_asked && newest_when_asked <= self.newest(group) {
            return Err(format!(
                "fencing: a heartbeat of generation {generation} of {group} was accepted \
                         in generation {newest_when_asked}"
            ));
        }
        Ok(())
    }
}
