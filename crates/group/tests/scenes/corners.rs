//! Corners of the classic protocol: what is seen in each state, leaders that die, what an administrator may not do.

use crate::at_once;
use crate::scene::{check, check_with};

#[test]
fn a_group_is_described_in_each_state() {
    check(
        "
        x describe g
          x <- GROUP_ID_NOT_FOUND Dead /
        x describe g v=5
          x <- NONE Dead /
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        x describe g
          x <- NONE PreparingRebalance consumer/ a#1[]
        +3000
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        x describe g
          x <- NONE CompletingRebalance consumer/ a#1[]
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 3000 ms a#1:1
        x describe g
          x <- NONE Stable consumer/range a#1+[t-0]
        a leave g a#1
          a <- NONE NONE
          = g gen=2 -
          ! a#1 left
          ! rebalance after gen=1: member-left
          ! empty gen=2
        x describe g
          x <- NONE Empty consumer/
        x delete g
          x <- NONE
          = g gone
          ! g deleted
        x describe g
          x <- GROUP_ID_NOT_FOUND Dead /
    ",
    );
}

#[test]
fn a_leader_that_dies_before_it_assigns_is_succeeded() {
    check_with(
        at_once(),
        "
        a join g client=a v=3 session=6000 rebalance=60000
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        b join g client=b v=3 session=30000 rebalance=60000
          ! b#1 joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1,b#1
          b <- joined b#1 gen=1 range leader=a#1
        b sync g member=b#1 gen=1
        +6000
          b <- REBALANCE_IN_PROGRESS
          ! a#1 session-expired
          ! rebalance after gen=1: session-expired
        b join g client=b member=b#1
          b <- joined b#1 gen=2 range leader=b#1 members=b#1
        b sync g member=b#1 gen=2 assign=b#1:t-0,t-1
          b <- assigned [t-0 t-1]
          = g gen=2 range b#1[t-0 t-1]
          ! gen=2 range after 0 ms b#1:2
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- UNKNOWN_MEMBER_ID
        a join g client=a member=a#1
          a <- UNKNOWN_MEMBER_ID a#1
    ",
    );
}

#[test]
fn a_sync_is_asked_for_again() {
    check_with(
        at_once(),
        "
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        b join g client=b v=3
          ! b#1 joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1,b#1
          b <- joined b#1 gen=1 range leader=a#1
        b sync g member=b#1 gen=1
        b sync g member=b#1 gen=1
          b <- REBALANCE_IN_PROGRESS
        a sync g member=a#1 gen=1 assign=a#1:t-0;b#1:t-1
          a <- assigned [t-0]
          b <- assigned [t-1]
          = g gen=1 range a#1[t-0] b#1[t-1]
          ! gen=1 range after 0 ms a#1:1 b#1:1
        b sync g member=b#1 gen=1
          b <- assigned [t-1]
        a sync g member=a#1 gen=1 assign=a#1:t-1;b#1:t-0
          a <- assigned [t-0]
        b sync g member=b#1 gen=0
          b <- ILLEGAL_GENERATION
        b sync g member=b#1 gen=1 protocol=sticky
          b <- INCONSISTENT_GROUP_PROTOCOL
    ",
    );
}

#[test]
fn offsets_are_not_reset_under_a_living_group() {
    check_with(
        at_once(),
        "
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        x commit g t-0=0
          x <- UNKNOWN_MEMBER_ID
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        x commit g t-0=0
          x <- UNKNOWN_MEMBER_ID
        x commit g gen=1 t-0=0
          x <- UNKNOWN_MEMBER_ID
        x commit g gen=0 member=a#1 t-0=0
          x <- ILLEGAL_GENERATION
        x forget g t-0
          x <- NONE GROUP_SUBSCRIBED_TO_TOPIC
        a leave g a#1
          a <- NONE NONE
          = g gen=2 -
          ! a#1 left
          ! rebalance after gen=1: member-left
          ! empty gen=2
        x commit g t-0=0
          x <- NONE
          = g t-0=0
        x forget g t-0
          x <- NONE NONE
          = g t-0 gone
    ",
    );
}

#[test]
fn an_administrator_removes_a_static_member_by_its_instance() {
    check_with(
        at_once(),
        "
        a join g client=a instance=one
          = g gen=0 -
          ! one#1 joined
          ! rebalance after gen=0: member-joined
        b join g client=b instance=two
          ! two#1 joined
        +0
          a <- joined one#1 gen=1 range leader=one#1 members=one#1,two#1
          b <- joined two#1 gen=1 range leader=one#1
        a sync g member=one#1 gen=1 instance=one assign=one#1:t-0;two#1:t-1
          a <- assigned [t-0]
          = g gen=1 range one#1[t-0] two#1[t-1]
          ! gen=1 range after 0 ms one#1:1 two#1:1
        x leave g /two
          x <- NONE NONE
          ! two#1 left
          ! rebalance after gen=1: member-left
        a heartbeat g member=one#1 gen=1 instance=one
          a <- REBALANCE_IN_PROGRESS
        b heartbeat g member=two#1 gen=1 instance=two
          b <- UNKNOWN_MEMBER_ID
        x leave g one#9/one
          x <- NONE FENCED_INSTANCE_ID
    ",
    );
}

#[test]
fn a_group_that_is_too_large_for_a_new_limit_rebalances() {
    check_with(
        at_once(),
        "
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        b join g client=b v=3
          ! b#1 joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1,b#1
          b <- joined b#1 gen=1 range leader=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0;b#1:t-1
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0] b#1[t-1]
          ! gen=1 range after 0 ms a#1:1 b#1:1
        max-size 1
        crash
        a heartbeat g member=a#1 gen=1
          a <- REBALANCE_IN_PROGRESS
        a join g client=a member=a#1
        b join g client=b member=b#1
          b <- GROUP_MAX_SIZE_REACHED
          ! b#1 missed-rebalance
        +60000
          a <- joined a#1 gen=2 range leader=a#1 members=a#1
    ",
    );
}
