//! What happened to a group: how it began, the steps since, and where in them one stands. Every step of a history can
//! be done; one that cannot is refused when it is added.

use super::situation::{Membership, Situation};
use super::step::{Refusal, Step};
use crate::model::limits::LAB_STEPS_MAX;
use crate::model::message::Message;
use crate::model::packing::packed_struct;

#[derive(Clone, Debug, PartialEq)]
pub struct History {
    start: Situation,
    steps: Vec<Step>,
    /// Steps that are done: 0 is the start.
    at: usize,
}

impl History {
    pub fn new(start: Situation) -> Result<Self, Refusal> {
        Ok(History { start: start.checked()?, steps: Vec::new(), at: 0 })
    }

    /// One topic of 12 partitions, read by five.
    pub fn example() -> Self {
        History { start: Situation::simple(12, 5), steps: Vec::new(), at: 0 }
    }

    /// Nobody reads yet.
    pub fn empty() -> Self {
        History { start: Situation::simple(12, 0), steps: Vec::new(), at: 0 }
    }

    pub fn start(&self) -> &Situation {
        &self.start
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn go(&mut self, at: usize) {
        self.at = at.min(self.steps.len());
    }

    /// From here on it goes otherwise: what came after is cut off.
    pub fn add(&mut self, step: Step) -> Result<(), Refusal> {
        if self.at >= LAB_STEPS_MAX {
            return Err(Refusal::TooManySteps);
        }
        step.apply(&mut self.situation())?;
        self.steps.truncate(self.at);
        self.steps.push(step);
        self.at += 1;
        Ok(())
    }

    /// Where one stands.
    pub fn situation(&self) -> Situation {
        self.situation_at(self.at)
    }

    /// After this many steps.
    pub fn situation_at(&self, at: usize) -> Situation {
        let mut situation = self.start.clone();
        for step in self.steps.iter().take(at) {
            // It was applied when it was added.
            let _ = step.apply(&mut situation);
        }
        situation
    }

    /// The situation at the start and after each step.
    pub fn situations(&self) -> Vec<Situation> {
        let mut situations = vec![self.start.clone()];
        for step in &self.steps {
            let mut next = situations[situations.len() - 1].clone();
            let _ = step.apply(&mut next);
            situations.push(next);
        }
        situations
    }

    /// Who went in the step where one stands, and at which place it was.
    pub fn gone(&self) -> Option<(usize, String)> {
        let before = self.situation_at(self.at.checked_sub(1)?);
        let (Step::Leave(name) | Step::Crash(name)) = self.steps.get(self.at - 1)? else { return None };
        Some((before.members.iter().position(|m| m.name == *name)?, name.clone()))
    }

    /// The page in one sentence: what stood before the step, and the step.
    pub fn headline(&self) -> Message {
        let Some(before) = self.at.checked_sub(1).map(|at| self.situation_at(at)) else {
            return headline(&self.start);
        };
        let step = self.steps[self.at - 1].message(&before);
        Message::new("lab-headline-then").message("before", headline(&before)).message("step", step)
    }

    /// What is to be known of the step where one stands, beside who gets what.
    pub fn note(&self) -> Option<Message> {
        let before = self.situation_at(self.at.checked_sub(1)?);
        match self.steps.get(self.at - 1)? {
            Step::Crash(name) => Some(Message::new("lab-crash-what").text("member", name)),
            Step::Leave(name) if before.member(name)?.membership == Membership::Static => {
                Some(Message::new("lab-static-leaves").text("member", name))
            }
            _ => None,
        }
    }

    /// A name in few words of the start and of each step.
    pub fn names(&self) -> Vec<Message> {
        let start = Message::new("lab-step-start")
            .number("partitions", f64::from(self.start.partition_count()))
            .number("consumers", self.start.members.len() as f64);
        let situations = self.situations();
        let steps = self.steps.iter().zip(&situations).map(|(step, before)| step.message(before));
        std::iter::once(start).chain(steps).collect()
    }
}

fn headline(situation: &Situation) -> Message {
    let partitions = Message::new("lab-n-partitions").number("n", f64::from(situation.partition_count()));
    let consumers = Message::new("lab-n-consumers").number("n", situation.members.len() as f64);
    let topics = situation.topics.len();
    let key = if topics > 1 { "lab-headline-topics" } else { "lab-headline" };
    let message = Message { key, arguments: Vec::new() };
    message.number("topics", topics as f64).message("partitions", partitions).message("consumers", consumers)
}

packed_struct! { History { start, steps, at } }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lab::situation::{LabMember, LabTopic, Subscription};
    use crate::model::packing::{packed, unpacked};

    #[test]
    fn a_step_in_the_middle_cuts_what_came_after() {
        let mut history = History::example();
        history.add(Step::Leave("c3".into())).unwrap();
        history.add(Step::Join(LabMember::new("c6"))).unwrap();
        history.add(Step::AddPartitions { topic: "lab".into(), partitions: 15 }).unwrap();
        assert_eq!(history.situations()[3], history.situation());
        assert_eq!(history.situation().partition_count(), 15);
        history.go(1);
        history.add(Step::Crash("c1".into())).unwrap();
        assert_eq!(history.steps(), [Step::Leave("c3".into()), Step::Crash("c1".into())]);
        assert_eq!(history.situation().members.len(), 3);
        assert_eq!(unpacked(&packed(&history)), Some(history));
    }

    #[test]
    fn what_cannot_be_changes_nothing() {
        let mut history = History::example();
        let refused = [
            (Step::Leave("c9".into()), Refusal::NoSuchMember("c9".into())),
            (Step::Join(LabMember::new("c1")), Refusal::MemberTwice("c1".into())),
            (Step::Join(LabMember::new("a b")), Refusal::Name("a b".into())),
            (Step::Join(LabMember::new("-c")), Refusal::Name("-c".into())),
            (Step::AddPartitions { topic: "lab".into(), partitions: 12 }, Refusal::NotMore("lab".into())),
            (Step::AddPartitions { topic: "lab".into(), partitions: i32::MAX }, Refusal::TooManyPartitions),
            (Step::CreateTopic(LabTopic::new("lab", 1)), Refusal::TopicTwice("lab".into())),
            (Step::CreateTopic(LabTopic::new("x", i32::MAX)), Refusal::TooManyPartitions),
            (Step::CreateTopic(LabTopic::new("x", 0)), Refusal::NoPartition("x".into())),
            (
                Step::Subscribe { member: "c1".into(), subscription: Subscription::Only(vec!["x".into()]) },
                Refusal::NoSuchTopic("x".into()),
            ),
        ];
        for (step, refusal) in refused {
            assert_eq!(history.add(step), Err(refusal));
        }
        assert_eq!(history, History::example());
        assert_eq!(History::new(Situation::simple(12, 10_000)), Err(Refusal::TooManyMembers));
        assert_eq!(History::new(Situation::simple(10_000, 1)), Err(Refusal::TooManyPartitions));
        assert_eq!(History::new(Situation::default()), Err(Refusal::NoTopic));
    }
}
