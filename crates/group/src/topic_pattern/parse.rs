//! Reading an expression.

use super::{Characters, Node, Position, WORD, letters};
use crate::limits;

const ALL: Characters = Characters::MAX;
const DIGITS: Characters = letters(b'0', b'9');
const LOWER: Characters = letters(b'a', b'z');
const UPPER: Characters = letters(b'A', b'Z');
const SPACES: Characters = letters(b'\t', b'\n') | letters(0x0c, b'\r') | letters(b' ', b' ');
/// RE2's most repetitions.
const REPEAT_MAX: u32 = 1_000;

struct Parser<'a> {
    rest: &'a str,
    depth: u32,
    folds_case: bool,
}

pub(super) fn parse(expression: &str) -> Result<Node, &'static str> {
    let mut parser = Parser { rest: expression, depth: 0, folds_case: false };
    let node = parser.any()?;
    if parser.rest.is_empty() { Ok(node) } else { Err("unexpected )") }
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        rest.inspect(|rest| self.rest = rest).is_some()
    }

    /// Alternatives, up to the end of the group. Flags that are set inside end with it.
    fn any(&mut self) -> Result<Node, &'static str> {
        self.depth += 1;
        if self.depth > limits::REGEX_NESTING_MAX {
            return Err("expression nests too deeply");
        }
        let mut alternatives = Vec::new();
        loop {
            let mut nodes = Vec::new();
            while !self.rest.is_empty() && !self.rest.starts_with(['|', ')']) {
                nodes.push(self.repeated()?);
            }
            alternatives.push(Node::All(nodes));
            if !self.take("|") {
                break;
            }
        }
        self.depth -= 1;
        Ok(Node::Any(alternatives))
    }

    fn repeated(&mut self) -> Result<Node, &'static str> {
        let node = self.atom()?;
        let Some((least, most)) = self.repetition()? else { return Ok(node) };
        if let Node::Empty = node {
            return Err("missing argument to repetition operator");
        }
        // Lazy or not is all the same here; twice is no expression.
        self.take("?");
        if self.repetition()?.is_some() {
            return Err("invalid nested repetition operator");
        }
        Ok(Node::Repeat { node: Box::new(node), least, most })
    }

    fn repetition(&mut self) -> Result<Option<(u32, Option<u32>)>, &'static str> {
        if self.take("*") {
            return Ok(Some((0, None)));
        }
        if self.take("+") {
            return Ok(Some((1, None)));
        }
        if self.take("?") {
            return Ok(Some((0, Some(1))));
        }
        let counted = self.rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let Some((counts, rest)) = counted else { return Ok(None) };
        let (least, most) = counts.split_once(',').map_or((counts, Some(counts)), |(least, most)| {
            (least, Some(most).filter(|most| !most.is_empty()))
        });
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(least) || !most.is_none_or(is_number) {
            // As in RE2 it means itself.
            return Ok(None);
        }
        self.rest = rest;
        let number = |text: &str| text.parse().ok().filter(|&number: &u32| number <= REPEAT_MAX);
        let least = number(least).ok_or("invalid repeat count")?;
        let most = most.map(|most| number(most).ok_or("invalid repeat count")).transpose()?;
        if most.is_some_and(|most| most < least) {
            return Err("invalid repeat count");
        }
        Ok(Some((least, most)))
    }

    fn atom(&mut self) -> Result<Node, &'static str> {
        if self.rest.starts_with('{') && self.repetition()?.is_some() {
            return Err("missing argument to repetition operator");
        }
        match self.next() {
            Some('(') => self.group(),
            Some('[') => Ok(Node::One(self.class()?)),
            Some('.') => Ok(Node::One(ALL & !letters(b'\n', b'\n'))),
            Some('^') => Ok(Node::Assert(Position::Start)),
            Some('$') => Ok(Node::Assert(Position::End)),
            Some('*' | '+' | '?') => Err("missing argument to repetition operator"),
            Some('\\') => self.escape(),
            Some(other) => Ok(Node::One(self.folded(one(other)))),
            None => Ok(Node::Empty),
        }
    }

    fn group(&mut self) -> Result<Node, &'static str> {
        let folds_case = self.folds_case;
        if self.take("?") {
            if self.take("P<") || self.take("<") {
                let (name, rest) = self.rest.split_once('>').ok_or("invalid named capture")?;
                let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                if name.is_empty() || !name.bytes().all(is_name) {
                    return Err("invalid named capture");
                }
                self.rest = rest;
            } else if self.flags()? {
                return Ok(Node::Empty);
            }
        }
        let node = self.any()?;
        self.folds_case = folds_case;
        if self.take(")") { Ok(node) } else { Err("missing closing )") }
    }

    /// Whether that was all: `(?i)` is in force up to the end of the group around it, `(?i:…)` inside only.
    fn flags(&mut self) -> Result<bool, &'static str> {
        let mut sets = true;
        loop {
            match self.next() {
                Some('i') => self.folds_case = sets,
                // Names have one line, and greed does not matter.
                Some('m' | 's' | 'U') => {}
                Some('-') if sets => sets = false,
                Some(':') => return Ok(false),
                Some(')') => return Ok(true),
                _ => return Err("invalid or unsupported Perl syntax"),
            }
        }
    }

    fn escape(&mut self) -> Result<Node, &'static str> {
        let assert = |position| Ok(Node::Assert(position));
        match self.rest.chars().next() {
            Some('b') => self.next().map_or(Ok(Node::Empty), |_| assert(Position::WordBoundary)),
            Some('B') => self.next().map_or(Ok(Node::Empty), |_| assert(Position::NoWordBoundary)),
            Some('A') => self.next().map_or(Ok(Node::Empty), |_| assert(Position::Start)),
            Some('z') => self.next().map_or(Ok(Node::Empty), |_| assert(Position::End)),
            Some('Q') => {
                self.next();
                let (quoted, rest) = split_at_mark(self.rest, b"\\E").unwrap_or((self.rest, ""));
                let nodes = quoted.chars().map(|letter| Node::One(self.folded(one(letter)))).collect();
                self.rest = rest;
                Ok(Node::All(nodes))
            }
            _ => {
                let characters = self.escaped()?;
                Ok(Node::One(self.folded(characters)))
            }
        }
    }

    /// A character or a class behind a backslash.
    fn escaped(&mut self) -> Result<Characters, &'static str> {
        Ok(match self.next().ok_or("trailing backslash at end of expression")? {
            'd' => DIGITS,
            'D' => !DIGITS,
            'w' => WORD,
            'W' => !WORD,
            's' => SPACES,
            'S' => !SPACES,
            't' => one('\t'),
            'n' => one('\n'),
            'r' => one('\r'),
            'f' => one('\x0c'),
            'v' => one('\x0b'),
            'a' => one('\x07'),
            'x' => self.hexadecimal()?,
            first @ '0'..='7' => self.octal(first)?,
            other if other.is_ascii_punctuation() => one(other),
            _ => return Err("invalid escape sequence"),
        })
    }

    /// Up to three digits; a single one would be a reference to what was captured, which RE2 does not have.
    fn octal(&mut self, first: char) -> Result<Characters, &'static str> {
        let is_octal = |byte: &u8| (b'0'..=b'7').contains(byte);
        let more = self.rest.bytes().take(2).take_while(is_octal).count();
        if first != '0' && more == 0 {
            return Err("invalid escape sequence");
        }
        let digits = format!("{first}{}", &self.rest[..more]);
        self.rest = &self.rest[more..];
        let code = u32::from_str_radix(&digits, 8).unwrap_or(u32::MAX);
        Ok(char::from_u32(code).map_or(0, one))
    }

    fn hexadecimal(&mut self) -> Result<Characters, &'static str> {
        let bad = "invalid escape sequence";
        let digits = if self.take("{") {
            let (digits, rest) = self.rest.split_once('}').ok_or(bad)?;
            self.rest = rest;
            digits
        } else {
            let digits = self.rest.get(..2).ok_or(bad)?;
            self.rest = &self.rest[2..];
            digits
        };
        let is_digit = |byte: u8| byte.is_ascii_hexdigit();
        if !digits.bytes().all(is_digit) {
            return Err(bad);
        }
        let code = u32::from_str_radix(digits, 16).map_err(|_| bad)?;
        char::from_u32(code).map(one).ok_or(bad)
    }

    fn class(&mut self) -> Result<Characters, &'static str> {
        let missing = "missing closing ]";
        let negated = self.take("^");
        let mut characters = 0;
        let mut is_first = true;
        while is_first || !self.take("]") {
            is_first = false;
            if self.take("[:") {
                characters |= self.named_class()?;
                continue;
            }
            let low = self.class_member(missing)?;
            let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]");
            // Behind a class a dash is a dash.
            if !is_range || low.count_ones() > 1 {
                characters |= low;
                continue;
            }
            self.next();
            let high = self.class_member(missing)?;
            let is_class = high.count_ones() > 1;
            // Beyond ASCII there is nothing to match, but a range may reach there.
            let (low, high) = (single(low).unwrap_or(127), single(high).unwrap_or(127));
            if low > high || is_class {
                return Err("bad character range");
            }
            characters |= letters(low, high);
        }
        let characters = self.folded(characters);
        Ok(if negated { !characters } else { characters })
    }

    fn class_member(&mut self, missing: &'static str) -> Result<Characters, &'static str> {
        match self.next().ok_or(missing)? {
            '\\' => self.escaped(),
            other => Ok(one(other)),
        }
    }

    fn named_class(&mut self) -> Result<Characters, &'static str> {
        let (name, rest) = split_at_mark(self.rest, b":]").ok_or("missing closing ]")?;
        self.rest = rest;
        let (negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
        let graph = letters(b'!', b'~');
        let characters = match name {
            "alnum" => DIGITS | LOWER | UPPER,
            "alpha" => LOWER | UPPER,
            "ascii" => ALL,
            "blank" => one('\t') | one(' '),
            "cntrl" => letters(0, 31) | letters(127, 127),
            "digit" => DIGITS,
            "graph" => graph,
            "lower" => LOWER,
            "print" => graph | one(' '),
            "punct" => graph & !(DIGITS | LOWER | UPPER),
            "space" => SPACES | one('\x0b'),
            "upper" => UPPER,
            "word" => WORD,
            "xdigit" => DIGITS | letters(b'a', b'f') | letters(b'A', b'F'),
            _ => return Err("invalid character class range"),
        };
        Ok(if negated { !characters } else { characters })
    }

    fn folded(&self, characters: Characters) -> Characters {
        if !self.folds_case {
            return characters;
        }
        // 32 places lie between `A` and `a`.
        characters | (characters & UPPER) << 32 | (characters & LOWER) >> 32
    }
}

/// A character, or none where it is beyond ASCII.
fn split_at_mark<'a>(text: &'a str, mark: &[u8]) -> Option<(&'a str, &'a str)> {
    let at = text.as_bytes().windows(mark.len()).position(|bytes| bytes == mark)?;
    Some((&text[..at], &text[at + mark.len()..]))
}

fn one(character: char) -> Characters {
    if character.is_ascii() { 1 << character as u32 } else { 0 }
}

fn single(characters: Characters) -> Option<u8> {
    (characters.count_ones() == 1).then_some(characters.trailing_zeros() as u8)
}
