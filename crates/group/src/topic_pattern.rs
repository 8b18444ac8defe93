//! Regular expressions over topics' names: RE2's syntax, in time linear in the name, whole names only.
//!
//! A name is at most 249 characters of ASCII, so a set of characters is 128 bits, and what an expression captures, and
//! in which order it tries, does not matter: only whether it matches. That is a tenth of what a library weighs.
//!
//! ```text
//! (t|u)[0-9]*  ─►  0 split 1,3   1 t   2 jump 4   3 u   4 split 5,7   5 0-9   6 jump 4   7 match
//! ```
//! Not there, and refused: Unicode's classes (`\p{…}`). Characters beyond ASCII are read, and match no name.
//!
//! Never knows: groups, topics.

mod parse;
#[cfg(test)]
mod tests;

use crate::limits;

/// A set of ASCII characters, a bit each.
type Characters = u128;

#[derive(Clone, Debug)]
pub(crate) struct TopicPattern {
    program: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    One(Characters),
    Split(usize, usize),
    Assert(Position),
    Match,
}

/// What can be asked of a place between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Start,
    End,
    WordBoundary,
    NoWordBoundary,
}

/// An expression as it is read.
#[derive(Clone, Debug)]
enum Node {
    Empty,
    One(Characters),
    Assert(Position),
    All(Vec<Node>),
    Any(Vec<Node>),
    Repeat { node: Box<Node>, least: u32, most: Option<u32> },
}

const WORD: Characters =
    letters(b'0', b'9') | letters(b'A', b'Z') | letters(b'a', b'z') | letters(b'_', b'_');

/// The characters from one to another.
const fn letters(first: u8, last: u8) -> Characters {
    (Characters::MAX >> (127 - last)) & (Characters::MAX << first)
}

impl TopicPattern {
    /// The error says what is wrong, in words.
    pub fn compile(expression: &str) -> Result<TopicPattern, &'static str> {
        let node = parse::parse(expression)?;
        let mut pattern = TopicPattern { program: Vec::new() };
        pattern.emit(&node)?;
        pattern.program.push(Step::Match);
        Ok(pattern)
    }

    fn push(&mut self, step: Step) -> Result<usize, &'static str> {
        if self.program.len() >= limits::REGEX_STEPS_MAX {
            return Err("expression too large");
        }
        self.program.push(step);
        Ok(self.program.len() - 1)
    }

    fn emit(&mut self, node: &Node) -> Result<(), &'static str> {
        match node {
            Node::Empty => {}
            Node::One(characters) => drop(self.push(Step::One(*characters))?),
            Node::Assert(position) => drop(self.push(Step::Assert(*position))?),
            Node::All(nodes) => {
                for node in nodes {
                    self.emit(node)?;
                }
            }
            Node::Any(nodes) => {
                let mut ends = Vec::new();
                for (at, node) in nodes.iter().enumerate() {
                    if at + 1 == nodes.len() {
                        self.emit(node)?;
                        break;
                    }
                    let split = self.push(Step::Split(0, 0))?;
                    self.emit(node)?;
                    ends.push(self.push(Step::Split(0, 0))?);
                    self.program[split] = Step::Split(split + 1, self.program.len());
                }
                let end = self.program.len();
                ends.into_iter().for_each(|jump| self.program[jump] = Step::Split(end, end));
            }
            Node::Repeat { node, least, most } => self.emit_repeat(node, *least, *most)?,
        }
        Ok(())
    }

    fn emit_repeat(&mut self, node: &Node, least: u32, most: Option<u32>) -> Result<(), &'static str> {
        for _ in 0..least {
            // What matches nothing is not emitted, however often.
            let before = self.program.len();
            self.emit(node)?;
            if self.program.len() == before {
                return Ok(());
            }
        }
        let Some(most) = most else {
            let split = self.push(Step::Split(0, 0))?;
            self.emit(node)?;
            self.push(Step::Split(split, split))?;
            self.program[split] = Step::Split(split + 1, self.program.len());
            return Ok(());
        };
        let mut splits = Vec::new();
        for _ in least..most {
            splits.push(self.push(Step::Split(0, 0))?);
            self.emit(node)?;
        }
        let end = self.program.len();
        splits.into_iter().for_each(|split| self.program[split] = Step::Split(split + 1, end));
        Ok(())
    }

    pub fn matches(&self, name: &str) -> bool {
        let name = name.as_bytes();
        let mut now = States::new(self.program.len());
        let mut next = States::new(self.program.len());
        self.reach(&mut now, 0, name, 0);
        for (at, &byte) in name.iter().enumerate() {
            let bit = if byte < 128 { 1 << byte } else { 0 };
            for &state in &now.list {
                if let Step::One(characters) = self.program[state]
                    && characters & bit != 0
                {
                    self.reach(&mut next, state + 1, name, at + 1);
                }
            }
            std::mem::swap(&mut now, &mut next);
            next.clear();
        }
        now.list.iter().any(|&state| matches!(self.program[state], Step::Match))
    }

    /// Adds what can be reached without reading a character.
    fn reach(&self, states: &mut States, from: usize, name: &[u8], at: usize) {
        let mut open = vec![from];
        while let Some(state) = open.pop() {
            if std::mem::replace(&mut states.has[state], true) {
                continue;
            }
            states.list.push(state);
            match self.program[state] {
                Step::Split(one, other) => open.extend([other, one]),
                Step::Assert(position) if holds(position, name, at) => open.push(state + 1),
                Step::One(_) | Step::Assert(_) | Step::Match => {}
            }
        }
    }
}

/// Places in the program, each once.
struct States {
    list: Vec<usize>,
    has: Vec<bool>,
}

impl States {
    fn new(len: usize) -> States {
        States { list: Vec::new(), has: vec![false; len] }
    }

    fn clear(&mut self) {
        self.list.drain(..).for_each(|state| self.has[state] = false);
    }
}

fn holds(position: Position, name: &[u8], at: usize) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|&byte| byte < 128 && WORD >> byte & 1 != 0);
    let boundary = || is_word(at.checked_sub(1).and_then(|before| name.get(before))) != is_word(name.get(at));
    match position {
        Position::Start => at == 0,
        Position::End => at == name.len(),
        Position::WordBoundary => boundary(),
        Position::NoWordBoundary => !boundary(),
    }
}
