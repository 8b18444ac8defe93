//! Idempotence: under which producer id, epoch and sequence a batch goes out, and when the epoch has to be
//! bumped (KIP-360) because a sequence will never be used.
//!
//! The rule that keeps "no double": a stamp is taken off a batch only when the broker said that it did not
//! store the batch under it. The rule that keeps order: nothing new goes out while a stamped batch waits.
//!
//! Never knows: requests, queues.

use tablog_record::{ProducerEpoch, ProducerId, Sequence};

use super::batch::{Identity, Stamp};

/// The identity of a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identification {
    Disabled,
    /// To be asked for.
    Missing,
    Asked,
    Known(Identity),
}

impl Identification {
    pub fn known(self) -> Option<Identity> {
        match self {
            Identification::Known(identity) => Some(identity),
            _ => None,
        }
    }

    /// The next epoch of the same id; a new id where the epochs are used up.
    pub fn bumped(self) -> Identification {
        match self {
            Identification::Known(Identity { producer_id, epoch }) => match epoch.0.checked_add(1) {
                Some(next) if next < i16::MAX => {
                    Identification::Known(Identity { producer_id, epoch: ProducerEpoch(next) })
                }
                _ => Identification::Missing,
            },
            other => other,
        }
    }
}

/// The numbering of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sequences {
    identity: Identity,
    next: Sequence,
    /// A sequence was given out that will not arrive: go on under a new epoch once nothing is unresolved.
    pub bump_wanted: bool,
    /// A batch was acknowledged under this identity. Before that the broker knows nothing of it and would take
    /// whatever sequence comes first, so there must be only one that can.
    is_established: bool,
}

impl Default for Sequences {
    fn default() -> Sequences {
        let identity = Identity { producer_id: ProducerId::NONE, epoch: ProducerEpoch::NONE };
        Sequences { identity, next: Sequence(0), bump_wanted: false, is_established: false }
    }
}

impl Sequences {
    /// The number of a new batch. `current` is taken over only when nothing under the old one is unresolved.
    pub fn stamp(&mut self, current: Identity, unresolved: usize, record_count: i32) -> Stamp {
        if unresolved == 0 && self.identity != current {
            self.restart(current);
        }
        let stamp = Stamp { identity: self.identity, base_sequence: self.next };
        self.next = self.next.plus(record_count);
        stamp
    }

    /// From 0 again, under this identity.
    pub fn restart(&mut self, identity: Identity) {
        *self = Sequences { identity, next: Sequence(0), bump_wanted: false, is_established: false };
    }

    pub fn identity(&self) -> Identity {
        self.identity
    }

    pub fn acknowledged(&mut self, stamp: Stamp) {
        self.is_established |= stamp.identity == self.identity;
    }

    /// How many batches may be in flight, of as many as the caller would allow.
    pub fn in_flight_max(&self, most: usize) -> usize {
        if self.identity.producer_id.is_some() && !self.is_established { most.min(1) } else { most }
    }

    /// A batch was given up. If the broker surely did not store it and nothing came after it, its numbers are
    /// used again; else the epoch has to change.
    pub fn given_up(&mut self, stamp: Stamp, record_count: i32, fate: Fate, unresolved: usize) {
        if stamp.identity != self.identity {
            return;
        }
        let was_last = stamp.base_sequence.plus(record_count) == self.next;
        if fate == Fate::NotStored && was_last && unresolved == 0 {
            self.next = stamp.base_sequence;
        } else {
            self.bump_wanted = true;
        }
    }
}

/// What is known of a batch that was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    NotStored,
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(epoch: i16) -> Identity {
        Identity { producer_id: ProducerId(7), epoch: ProducerEpoch(epoch) }
    }

    #[test]
    fn a_new_epoch_waits_until_the_old_one_is_resolved() {
        let mut sequences = Sequences::default();
        assert_eq!(sequences.stamp(identity(0), 0, 5).base_sequence, Sequence(0));
        let still_old = sequences.stamp(identity(1), 1, 5);
        assert_eq!((still_old.identity, still_old.base_sequence), (identity(0), Sequence(5)));
        let new = sequences.stamp(identity(1), 0, 5);
        assert_eq!((new.identity, new.base_sequence), (identity(1), Sequence(0)));
    }

    #[test]
    fn numbers_are_used_again_only_when_surely_unused() {
        let mut sequences = Sequences::default();
        let first = sequences.stamp(identity(0), 0, 5);
        sequences.given_up(first, 5, Fate::NotStored, 0);
        assert!(!sequences.bump_wanted);
        let again = sequences.stamp(identity(0), 0, 3);
        assert_eq!(again.base_sequence, Sequence(0));
        sequences.given_up(again, 3, Fate::Unknown, 0);
        assert!(sequences.bump_wanted);
    }

    #[test]
    fn epochs_run_out_into_a_new_id() {
        assert_eq!(Identification::Known(identity(0)).bumped(), Identification::Known(identity(1)));
        assert_eq!(Identification::Known(identity(i16::MAX - 1)).bumped(), Identification::Missing);
    }
}
