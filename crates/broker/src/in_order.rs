//! Answers in the order of the questions: storage may finish reads in any order, logs want them as they asked.

use tablog_record::SortedMap;

#[derive(Debug)]
pub(crate) struct InOrder<T> {
    asked: u64,
    handed_on: u64,
    early: SortedMap<u64, T>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        InOrder { asked: 0, handed_on: 0, early: SortedMap::new() }
    }
}

impl<T> InOrder<T> {
    /// Numbers a question.
    pub fn ask(&mut self) -> u64 {
        self.asked += 1;
        self.asked - 1
    }

    pub fn answer(&mut self, number: u64, answer: T) {
        let before = self.early.insert(number, answer);
        assert!(before.is_none() && number < self.asked, "question {number} is answered once");
    }

    /// The next answer in order, if it is there.
    pub fn next(&mut self) -> Option<T> {
        let answer = self.early.remove(&self.handed_on)?;
        self.handed_on += 1;
        Some(answer)
    }

    /// Questions whose answers were not handed on.
    pub fn outstanding(&self) -> u64 {
        self.asked - self.handed_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_early_answer_waits_for_those_before_it() {
        let mut order = InOrder::default();
        let (first, second) = (order.ask(), order.ask());
        order.answer(second, "b");
        assert_eq!(order.next(), None);
        order.answer(first, "a");
        assert_eq!((order.next(), order.next(), order.next()), (Some("a"), Some("b"), None));
        assert_eq!(order.outstanding(), 0);
    }
}
