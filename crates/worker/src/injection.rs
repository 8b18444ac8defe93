//! Deaths to order, for the crash tests.

use crate::death;
use std::cell::Cell;
use tablog_host::{Completion, Storage};
use tablog_log::storage::{Commit, Read, ReadId};

thread_local! {
    static DIES_AFTER_COMMIT: Cell<bool> = const { Cell::new(false) };
}

pub fn inject(what: &str) {
    match what {
        "panic" => panic!("injected"),
        "die" => {
            death::close();
            wasm_bindgen::throw_str("died without a word");
        }
        "die-after-commit" => DIES_AFTER_COMMIT.set(true),
        other => panic!("unknown injection {other}"),
    }
}

/// A storage whose worker dies, when it is told to, with a commit completed and nobody told.
#[derive(Debug)]
pub struct Deadly<S>(pub S);

impl<S: Storage> Storage for Deadly<S> {
    fn commit(&mut self, commit: Commit) {
        self.0.commit(commit);
    }

    fn read(&mut self, id: ReadId, read: Read) {
        self.0.read(id, read);
    }

    fn list(&mut self) {
        self.0.list();
    }

    fn poll_completion(&mut self) -> Option<Completion> {
        let completion = self.0.poll_completion();
        if DIES_AFTER_COMMIT.get() && matches!(completion, Some(Completion::Committed { .. })) {
            death::close();
            wasm_bindgen::throw_str("died between commit and reply");
        }
        completion
    }
}
