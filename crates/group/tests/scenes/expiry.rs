//! Offsets and groups that nobody has wanted for long (KIP-211).

use crate::at_once;
use crate::scene::{check, check_with};
use tablog_group::GroupConfig;

#[test]
fn offsets_expire_when_the_group_has_been_empty_for_long() {
    check_with(
        GroupConfig { offsets_retention_ms: 3_000_000, ..at_once() },
        "
        x commit simple t-0=1
          x <- NONE
          = simple t-0=1
        a join g client=a v=3 session=1800000
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        a commit g member=a#1 gen=1 t-0=9 u-0=9
          a <- NONE NONE
          = g t-0=9
          = g u-0=9
        a leave g a#1
          a <- NONE NONE
          = g gen=2 -
          ! a#1 left
          ! rebalance after gen=1: member-left
          ! empty gen=2
        +599999
        +2400001
          = g t-0 gone
          = g u-0 gone
          = g gone
          = simple t-0 gone
          = simple gone
          ! expired 2
          ! g deleted
          ! expired 1
          ! simple deleted
        +1200000
        x list *
          x <-
    ",
    );
}

#[test]
fn a_stable_group_loses_only_what_it_does_not_read() {
    check_with(
        GroupConfig { offsets_retention_ms: 3_000_000, ..at_once() },
        "
        a join g client=a v=3 session=1800000
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        a commit g member=a#1 gen=1 t-0=9 u-0=9
          a <- NONE NONE
          = g t-0=9
          = g u-0=9
        +1700000
        a heartbeat g member=a#1 gen=1
          a <- NONE
        +1700000
          = g u-0 gone
          ! expired 1
        a heartbeat g member=a#1 gen=1
          a <- NONE
        +1700000
        x fetch g
          x <- [t-0=9]
    ",
    );
}

#[test]
fn a_commit_may_name_its_own_end() {
    check(
        "
        x commit g v=4 retention=1200000 t-0=1
          x <- NONE
          = g t-0=1
        +600000
        +600000
          = g t-0 gone
          = g gone
          ! expired 1
          ! g deleted
    ",
    );
}

#[test]
fn retention_counts_from_when_the_last_member_left() {
    check_with(
        GroupConfig { offsets_retention_ms: 3_000_000, ..at_once() },
        "
        a join g client=a v=3 session=1800000
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        a commit g member=a#1 gen=1 t-0=9
          a <- NONE
          = g t-0=9
        +1200000
        a leave g a#1
          a <- NONE NONE
          = g gen=2 -
          ! a#1 left
          ! rebalance after gen=1: member-left
          ! empty gen=2
        +2400000
        x fetch g
          x <- [t-0=9]
        +600000
          = g t-0 gone
          = g gone
          ! expired 1
          ! g deleted
    ",
    );
}

#[test]
fn a_group_that_empties_in_the_moment_of_the_check_keeps_its_offsets() {
    check_with(
        GroupConfig { offsets_retention_ms: 500_000, ..at_once() },
        "
        a join g client=a v=3 session=600000
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        a commit g member=a#1 gen=1 t-0=9
          a <- NONE
          = g t-0=9
        +0
        a heartbeat g member=a#1 gen=1
          a <- NONE
        +600000
          = g gen=2 -
          ! a#1 session-expired
          ! rebalance after gen=1: session-expired
          ! empty gen=2
        x fetch g
          x <- [t-0=9]
    ",
    );
}

#[test]
fn nothing_expires_while_a_group_rebalances() {
    check_with(
        GroupConfig { offsets_retention_ms: 500_000, ..at_once() },
        "
        a join g client=a v=3 session=1800000 rebalance=1800000
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        a commit g member=a#1 gen=1 u-0=9
          a <- NONE
          = g u-0=9
        +599000
        b join g client=b v=3 session=1800000 rebalance=1800000
          ! b#1 joined
          ! rebalance after gen=1: member-joined
        +1000
        x fetch g
          x <- [u-0=9]
    ",
    );
}
