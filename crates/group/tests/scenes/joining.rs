//! Into a group: ids, the first rebalance, the protocol, the size.

use crate::at_once;
use crate::scene::{check, check_with};
use tablog_group::GroupConfig;

#[test]
fn a_dynamic_member_is_told_its_id_first() {
    check(
        "
        a join g client=a
          a <- MEMBER_ID_REQUIRED a#1
          = g gen=0 -
        a join g client=a member=a#1
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +2999
        +1
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0,t-1
          a <- assigned [t-0 t-1]
          = g gen=1 range a#1[t-0 t-1]
          ! gen=1 range after 3000 ms a#1:2
        a heartbeat g member=a#1 gen=1
          a <- NONE
        a describe g
          a <- NONE Stable consumer/range a#1+[t-0 t-1]
    ",
    );
}

#[test]
fn before_version_4_a_member_is_let_in_at_once() {
    check(
        "
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +3000
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
    ",
    );
}

#[test]
fn an_id_that_never_comes_back_does_not_hold_the_others_up() {
    check_with(
        at_once(),
        "
        a join g client=a
          a <- MEMBER_ID_REQUIRED a#1
          = g gen=0 -
        b join g client=b
          b <- MEMBER_ID_REQUIRED b#1
        a join g client=a member=a#1
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        +9999
        +1
          = g gen=2 -
          ! a#1 session-expired
          ! rebalance after gen=1: session-expired
          ! empty gen=2
        b join g client=b member=b#1
          b <- UNKNOWN_MEMBER_ID b#1
    ",
    );
}

#[test]
fn the_first_rebalance_waits_for_latecomers_up_to_the_rebalance_timeout() {
    check(
        "
        a join g client=a v=3 rebalance=8000
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +2000
        b join g client=b v=3 rebalance=8000
          ! b#1 joined
        +1000
        +2000
        c join g client=c v=3 rebalance=8000
          ! c#1 joined
        +1000
        +2000
          a <- joined a#1 gen=1 range leader=a#1 members=a#1,b#1,c#1
          b <- joined b#1 gen=1 range leader=a#1
          c <- joined c#1 gen=1 range leader=a#1
    ",
    );
}

#[test]
fn the_protocol_is_chosen_by_vote_among_those_that_all_support() {
    check_with(
        at_once(),
        "
        a join g client=a v=3 protocols=range,roundrobin,sticky
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        b join g client=b v=3 protocols=sticky,roundrobin
          ! b#1 joined
        c join g client=c v=3 protocols=roundrobin,sticky
          ! c#1 joined
        +0
          a <- joined a#1 gen=1 roundrobin leader=a#1 members=a#1,b#1,c#1
          b <- joined b#1 gen=1 roundrobin leader=a#1
          c <- joined c#1 gen=1 roundrobin leader=a#1
        x join g client=x v=3 protocols=range
          x <- INCONSISTENT_GROUP_PROTOCOL
        x join g client=x v=3 protocols=sticky type=connect
          x <- INCONSISTENT_GROUP_PROTOCOL
        x join h client=x v=3 protocols=
          x <- INCONSISTENT_GROUP_PROTOCOL
        x join h client=x v=3 type=
          x <- INCONSISTENT_GROUP_PROTOCOL
        x sync g member=a#1 gen=1 protocol=sticky
          x <- INCONSISTENT_GROUP_PROTOCOL
        a list *
          a <- g:consumer:CompletingRebalance:classic
    ",
    );
}

#[test]
fn a_group_has_a_size() {
    check_with(
        GroupConfig { group_max_size: 2, ..at_once() },
        "
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        b join g client=b v=3
          ! b#1 joined
        c join g client=c v=3
          c <- GROUP_MAX_SIZE_REACHED
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1,b#1
          b <- joined b#1 gen=1 range leader=a#1
        c join g client=c v=3
          c <- GROUP_MAX_SIZE_REACHED
        a sync g member=a#1 gen=1 assign=a#1:t-0;b#1:t-1
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0] b#1[t-1]
          ! gen=1 range after 0 ms a#1:1 b#1:1
        c join g client=c
          c <- GROUP_MAX_SIZE_REACHED
        c join g client=c member=c#1
          c <- GROUP_MAX_SIZE_REACHED
    ",
    );
}

#[test]
fn a_request_that_is_sent_again_answers_the_first() {
    check(
        "
        a join g client=a
          a <- MEMBER_ID_REQUIRED a#1
          = g gen=0 -
        a join g client=a member=a#1
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        b join g client=b v=3
          ! b#1 joined
        +6000
          a <- joined a#1 gen=1 range leader=a#1 members=a#1,b#1
          b <- joined b#1 gen=1 range leader=a#1
        b2 sync g member=b#1 gen=1
        b3 sync g member=b#1 gen=1
          b2 <- REBALANCE_IN_PROGRESS
        a1 join g client=a member=a#1 topics=u
          b3 <- REBALANCE_IN_PROGRESS
          ! rebalance after gen=1: subscription-changed
        a2 join g client=a member=a#1 topics=v
          a1 <- REBALANCE_IN_PROGRESS a#1
    ",
    );
}

#[test]
fn a_new_member_is_not_waited_for_for_ever() {
    check_with(
        GroupConfig { new_member_join_timeout_ms: 20_000, ..at_once() },
        "
        a join g client=a v=3 session=100000 rebalance=90000
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        b join g client=b v=3 session=100000 rebalance=90000
          ! b#1 joined
          ! rebalance after gen=1: member-joined
        +19999
        +1
          b <- UNKNOWN_MEMBER_ID
          ! b#1 session-expired
        a join g client=a member=a#1 session=100000 rebalance=90000
          a <- joined a#1 gen=2 range leader=a#1 members=a#1
    ",
    );
}
