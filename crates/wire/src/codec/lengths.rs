//! In tests: where the length fields of what was encoded last stand.

use super::Form;
use std::cell::RefCell;

#[derive(Clone, Copy, Debug)]
pub struct Length {
    pub at: usize,
    pub form: Form,
    pub is_short: bool,
}

thread_local! {
    static FOUND: RefCell<Vec<Length>> = const { RefCell::new(Vec::new()) };
}

pub fn note(at: usize, form: Form, is_short: bool) {
    FOUND.with_borrow_mut(|found| found.push(Length { at, form, is_short }));
}

/// A size of `count` bytes is put in at `mark`.
pub fn shift(mark: usize, count: usize) {
    FOUND.with_borrow_mut(|found| {
        for length in found.iter_mut().filter(|length| length.at >= mark) {
            length.at += count;
        }
        found.push(Length { at: mark, form: Form::Flexible, is_short: false });
    });
}

pub fn take() -> Vec<Length> {
    FOUND.take()
}
