//! The classic group protocol in small scenes: what each request is answered, what is written, what is told.

#[path = "scene/scene.rs"]
mod scene;

use scene::{check, check_with};
use tablog_group::GroupConfig;

/// No waiting for a first rebalance, for scenes that are about something else.
fn at_once() -> GroupConfig {
    GroupConfig { group_initial_rebalance_delay_ms: 0, ..GroupConfig::default() }
}

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
fn a_follower_waits_for_the_leader_s_assignment() {
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
        b commit g member=b#1 gen=1 t-0=4
          b <- REBALANCE_IN_PROGRESS
        b heartbeat g member=b#1 gen=1
          b <- NONE
        a sync g member=a#1 gen=1 assign=a#1:t-0;b#1:t-1
          a <- assigned [t-0]
          b <- assigned [t-1]
          = g gen=1 range a#1[t-0] b#1[t-1]
          ! gen=1 range after 0 ms a#1:1 b#1:1
        b sync g member=b#1 gen=1
          b <- assigned [t-1]
        a join g client=a member=b#1
          a <- joined b#1 gen=1 range leader=a#1
    ",
    );
}

#[test]
fn a_member_that_the_leader_forgot_gets_nothing() {
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
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          b <- assigned []
          = g gen=1 range a#1[t-0] b#1[]
          ! gen=1 range after 0 ms a#1:1 b#1:0
    ",
    );
}

#[test]
fn a_new_member_starts_a_rebalance_that_the_others_hear_of_by_heartbeat() {
    check_with(
        at_once(),
        "
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0,t-1
          a <- assigned [t-0 t-1]
          = g gen=1 range a#1[t-0 t-1]
          ! gen=1 range after 0 ms a#1:2
        +5000
        b join g client=b v=3
          ! b#1 joined
          ! rebalance after gen=1: member-joined
        a heartbeat g member=a#1 gen=1
          a <- REBALANCE_IN_PROGRESS
        a join g client=a member=a#1
          a <- joined a#1 gen=2 range leader=a#1 members=a#1,b#1
          b <- joined b#1 gen=2 range leader=a#1
        a sync g member=a#1 gen=2 assign=a#1:t-0;b#1:t-1
          a <- assigned [t-0]
          = g gen=2 range a#1[t-0] b#1[t-1]
          ! gen=2 range after 0 ms a#1:1 b#1:1
        b sync g member=b#1 gen=2
          b <- assigned [t-1]
        a heartbeat g member=a#1 gen=1
          a <- ILLEGAL_GENERATION
        a sync g member=a#1 gen=1
          a <- ILLEGAL_GENERATION
        x heartbeat g member=nobody gen=2
          x <- UNKNOWN_MEMBER_ID
        x sync g member=nobody gen=2
          x <- UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn who_does_not_join_again_in_time_is_out() {
    check_with(
        at_once(),
        "
        a join g client=a v=3 rebalance=30000 session=60000
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        b join g client=b v=3 rebalance=30000 session=60000
          ! b#1 joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1,b#1
          b <- joined b#1 gen=1 range leader=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0;b#1:t-1
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0] b#1[t-1]
          ! gen=1 range after 0 ms a#1:1 b#1:1
        b sync g member=b#1 gen=1
          b <- assigned [t-1]
        c join g client=c v=3 rebalance=30000 session=60000
          ! c#1 joined
          ! rebalance after gen=1: member-joined
        b join g client=b member=b#1 rebalance=30000 session=60000
        +29999
        +1
          b <- joined b#1 gen=2 range leader=b#1 members=b#1,c#1
          c <- joined c#1 gen=2 range leader=b#1
          ! a#1 missed-rebalance
        a heartbeat g member=a#1 gen=1
          a <- UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn a_session_ends_without_heartbeats() {
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
        b sync g member=b#1 gen=1
          b <- assigned [t-1]
        +6000
        b heartbeat g member=b#1 gen=1
          b <- NONE
        +3999
        +1
          ! a#1 session-expired
          ! rebalance after gen=1: session-expired
        b join g client=b member=b#1
          b <- joined b#1 gen=2 range leader=b#1 members=b#1
        b sync g member=b#1 gen=2 assign=b#1:t-0,t-1
          b <- assigned [t-0 t-1]
          = g gen=2 range b#1[t-0 t-1]
          ! gen=2 range after 0 ms b#1:2
        +10000
          = g gen=3 -
          ! b#1 session-expired
          ! rebalance after gen=2: session-expired
          ! empty gen=3
        b heartbeat g member=b#1 gen=2
          b <- UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn a_commit_keeps_the_session() {
    check_with(
        at_once(),
        "
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        +9000
        a commit g member=a#1 gen=1 t-0=7
          a <- NONE
          = g t-0=7
        +9000
        a heartbeat g member=a#1 gen=1
          a <- NONE
    ",
    );
}

#[test]
fn who_joined_and_never_asks_for_its_assignment_is_out() {
    check_with(
        at_once(),
        "
        a join g client=a v=3 rebalance=20000 session=100000
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        b join g client=b v=3 rebalance=20000 session=100000
          ! b#1 joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1,b#1
          b <- joined b#1 gen=1 range leader=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0;b#1:t-1
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0] b#1[t-1]
          ! gen=1 range after 0 ms a#1:1 b#1:1
        +19999
        +1
          ! b#1 missed-sync
          ! rebalance after gen=1: sync-expired
        a join g client=a member=a#1 rebalance=20000 session=100000
          a <- joined a#1 gen=2 range leader=a#1 members=a#1
    ",
    );
}

#[test]
fn a_rebalance_sends_waiting_followers_back() {
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
        c join g client=c v=3
          b <- REBALANCE_IN_PROGRESS
          ! c#1 joined
          ! rebalance after gen=1: member-joined
    ",
    );
}

#[test]
fn leaving_one_by_one_and_in_a_batch() {
    check_with(
        at_once(),
        r#"
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        b join g client=b v=3
          ! b#1 joined
        s join g client=s instance=one
          ! one#1 joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1,b#1,one#1
          b <- joined b#1 gen=1 range leader=a#1
          s <- joined one#1 gen=1 range leader=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0] b#1[] one#1[]
          ! gen=1 range after 0 ms a#1:1 b#1:0 one#1:0
        a leave g v=2 member=b#1
          a <- NONE
          ! b#1 left
          ! rebalance after gen=1: member-left
        a leave g v=2 member=b#1
          a <- UNKNOWN_MEMBER_ID
        x leave g v=4 ""/one ""/two a#1/one nobody
          x <- NONE NONE UNKNOWN_MEMBER_ID UNKNOWN_MEMBER_ID UNKNOWN_MEMBER_ID
          ! one#1 left
        x leave h v=1 member=nobody
          x <- UNKNOWN_MEMBER_ID
        x leave h v=3 nobody
          x <- NONE UNKNOWN_MEMBER_ID
        a leave g a#1
          a <- NONE NONE
          = g gen=2 -
          ! a#1 left
          ! empty gen=2
        a leave g a#1
          a <- NONE UNKNOWN_MEMBER_ID
        a describe g
          a <- NONE Empty consumer/
    "#,
    );
}

#[test]
fn the_leader_s_place_is_inherited() {
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
        b sync g member=b#1 gen=1
          b <- assigned [t-1]
        a leave g a#1
          a <- NONE NONE
          ! a#1 left
          ! rebalance after gen=1: member-left
        b join g client=b member=b#1
          b <- joined b#1 gen=2 range leader=b#1 members=b#1
    ",
    );
}

#[test]
fn a_leader_that_is_late_is_replaced() {
    check_with(
        at_once(),
        "
        a join g client=a v=3 session=100000
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        b join g client=b v=3 session=100000
          ! b#1 joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1,b#1
          b <- joined b#1 gen=1 range leader=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0;b#1:t-1
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0] b#1[t-1]
          ! gen=1 range after 0 ms a#1:1 b#1:1
        b sync g member=b#1 gen=1
          b <- assigned [t-1]
        b join g client=b member=b#1 topics=t,u session=100000
          ! rebalance after gen=1: subscription-changed
        +60000
          b <- joined b#1 gen=2 range leader=b#1 members=b#1
          ! a#1 missed-rebalance
    ",
    );
}

#[test]
fn a_follower_that_joins_again_unchanged_disturbs_nobody() {
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
        a join g client=a member=a#1
          a <- joined a#1 gen=1 range leader=a#1 members=a#1,b#1
        b join g client=b member=b#1
          b <- joined b#1 gen=1 range leader=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0;b#1:t-1
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0] b#1[t-1]
          ! gen=1 range after 0 ms a#1:1 b#1:1
        b sync g member=b#1 gen=1
          b <- assigned [t-1]
        b join g client=b member=b#1
          b <- joined b#1 gen=1 range leader=a#1
        b join g client=b member=b#1 topics=t,u
          ! rebalance after gen=1: subscription-changed
        a join g client=a member=a#1
          a <- joined a#1 gen=2 range leader=a#1 members=a#1,b#1
          b <- joined b#1 gen=2 range leader=a#1
        a sync g member=a#1 gen=2 assign=a#1:t-0;b#1:t-1
          a <- assigned [t-0]
          = g gen=2 range a#1[t-0] b#1[t-1]
          ! gen=2 range after 0 ms a#1:1 b#1:1
        a join g client=a member=a#1
          ! rebalance after gen=2: leader-rejoined
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
fn what_no_member_may_ask_for() {
    check_with(
        at_once(),
        r#"
        a join "" client=a
          a <- INVALID_GROUP_ID
        a join g client=a session=5999
          a <- INVALID_SESSION_TIMEOUT
        a join g client=a session=1800001
          a <- INVALID_SESSION_TIMEOUT
        a join g client=a member=ghost
          a <- UNKNOWN_MEMBER_ID ghost
        a sync "" member=ghost gen=1
          a <- INVALID_GROUP_ID
        a sync g member=ghost gen=1
          a <- UNKNOWN_MEMBER_ID
        a heartbeat "" member=ghost gen=1
          a <- INVALID_GROUP_ID
        a heartbeat g member=ghost gen=1
          a <- UNKNOWN_MEMBER_ID
        a leave "" ghost
          a <- INVALID_GROUP_ID
        a list *
          a <-
    "#,
    );
}

#[test]
fn a_static_member_comes_back_without_a_rebalance() {
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
        b sync g member=two#1 gen=1 instance=two
          b <- assigned [t-1]
        b join g client=b instance=two
          b <- joined two#2 gen=1 range leader=one#1
          = g gen=1 range one#1[t-0] two#2[t-1]
          ! two#1 fenced
          ! two#2 joined
        b sync g member=two#2 gen=1 instance=two
          b <- assigned [t-1]
        a heartbeat g member=one#1 gen=1 instance=one
          a <- NONE
        b heartbeat g member=two#1 gen=1 instance=two
          b <- FENCED_INSTANCE_ID
        b heartbeat g member=two#1 gen=1
          b <- UNKNOWN_MEMBER_ID
        b sync g member=two#1 gen=1 instance=two
          b <- FENCED_INSTANCE_ID
        b commit g member=two#1 gen=1 instance=two t-1=3
          b <- FENCED_INSTANCE_ID
        b join g client=b member=two#1 instance=two
          b <- FENCED_INSTANCE_ID two#1
        x heartbeat g member=two#2 gen=1 instance=three
          x <- UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn a_static_leader_comes_back() {
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
        a join g client=a instance=one v=9
          a <- joined one#2 gen=1 range leader=one#2 members=one#2,two#1 skip
          = g gen=1 range one#2[t-0] two#1[t-1]
          ! one#1 fenced
          ! one#2 joined
        a sync g member=one#2 gen=1 instance=one
          a <- assigned [t-0]
        a join g client=a instance=one v=8
          a <- joined one#3 gen=1 range leader=one#2
          = g gen=1 range one#3[t-0] two#1[t-1]
          ! one#2 fenced
          ! one#3 joined
        a heartbeat g member=one#3 gen=1 instance=one
          a <- NONE
    ",
    );
}

#[test]
fn a_static_member_that_would_change_the_protocol_starts_a_rebalance() {
    check_with(
        at_once(),
        "
        a join g client=a instance=one protocols=range,roundrobin
          = g gen=0 -
          ! one#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined one#1 gen=1 range leader=one#1 members=one#1
        a sync g member=one#1 gen=1 instance=one assign=one#1:t-0
          a <- assigned [t-0]
          = g gen=1 range one#1[t-0]
          ! gen=1 range after 0 ms one#1:1
        a join g client=a instance=one protocols=roundrobin
          a <- joined one#2 gen=2 roundrobin leader=one#2 members=one#2
          ! one#1 fenced
          ! one#2 joined
          ! rebalance after gen=1: static-member-replaced
    ",
    );
}

#[test]
fn a_static_member_that_comes_back_while_the_leader_assigns_starts_over() {
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
        b sync g member=two#1 gen=1 instance=two
        b join g client=b instance=two
          b <- FENCED_INSTANCE_ID
          ! two#1 fenced
          ! two#2 joined
          ! rebalance after gen=1: static-member-replaced
        a join g client=a member=one#1 instance=one
          a <- joined one#1 gen=2 range leader=one#1 members=one#1,two#2
          b <- joined two#2 gen=2 range leader=one#1
    ",
    );
}

#[test]
fn a_waiting_static_member_is_fenced_by_its_successor() {
    check(
        "
        a join g client=a instance=one
          = g gen=0 -
          ! one#1 joined
          ! rebalance after gen=0: member-joined
        a join g client=a instance=one
          a <- FENCED_INSTANCE_ID one#1
          ! one#1 fenced
          ! one#2 joined
        +3000
          a <- joined one#2 gen=1 range leader=one#2 members=one#2
    ",
    );
}

#[test]
fn a_static_member_keeps_its_place_until_its_session_ends() {
    check_with(
        at_once(),
        "
        a join g client=a instance=one session=100000
          = g gen=0 -
          ! one#1 joined
          ! rebalance after gen=0: member-joined
        b join g client=b v=3 session=100000
          ! b#1 joined
        +0
          b <- joined b#1 gen=1 range leader=one#1
          a <- joined one#1 gen=1 range leader=one#1 members=b#1,one#1
        b sync g member=b#1 gen=1 assign=one#1:t-0;b#1:t-1
        a sync g member=one#1 gen=1 instance=one
          b <- assigned []
          a <- assigned []
          = g gen=1 range b#1[] one#1[]
          ! gen=1 range after 0 ms b#1:0 one#1:0
        b join g client=b member=b#1 topics=t,u session=100000
          ! rebalance after gen=1: subscription-changed
        +60000
          b <- joined b#1 gen=2 range leader=b#1 members=b#1,one#1
        b sync g member=b#1 gen=2 assign=one#1:t-0;b#1:t-1
          b <- assigned [t-1]
          = g gen=2 range b#1[t-1] one#1[t-0]
          ! gen=2 range after 60000 ms b#1:1 one#1:1
        +50000
        b heartbeat g member=b#1 gen=2
          b <- NONE
        +9999
        +1
          ! one#1 missed-sync
          ! rebalance after gen=2: sync-expired
    ",
    );
}

#[test]
fn offsets_are_committed_by_members_of_the_generation_or_by_nobody() {
    check_with(
        at_once(),
        "
        x commit s t-0=5@note
          x <- NONE
          = s t-0=5
        x commit s gen=3 member=ghost t-0=6
          x <- UNKNOWN_MEMBER_ID
        x commit n gen=3 member=ghost t-0=6
          x <- GROUP_ID_NOT_FOUND
        x commit n gen=3 v=8 member=ghost t-0=6
          x <- ILLEGAL_GENERATION
        x fetch s t-0 t-1 u-0
          x <- [t-0=5@note t-1=-1 u-0=-1]
        x fetch s
          x <- [t-0=5@note]
        x fetch n t-0
          x <- [t-0=-1]
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        x commit g t-0=1
          x <- UNKNOWN_MEMBER_ID
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        a commit g member=a#1 gen=1 t-0=9 t-1=10
          a <- NONE NONE
          = g t-0=9
          = g t-1=10
        a commit g member=a#1 gen=0 t-0=9
          a <- ILLEGAL_GENERATION
        a commit g member=ghost gen=1 t-0=9
          a <- UNKNOWN_MEMBER_ID
        x commit g t-0=1
          x <- UNKNOWN_MEMBER_ID
        a leave g a#1
          a <- NONE NONE
          = g gen=2 -
          ! a#1 left
          ! rebalance after gen=1: member-left
          ! empty gen=2
        x commit g t-0=2
          x <- NONE
          = g t-0=2
        x fetch g
          x <- [t-0=2 t-1=10]
        a describe s
          a <- NONE Empty /
        a list *
          a <- g:consumer:Empty:classic s::Empty:classic
    ",
    );
}

#[test]
fn offset_metadata_has_a_size() {
    check_with(
        GroupConfig { offset_metadata_max_bytes: 8, ..at_once() },
        "
        x commit g t-0=1@12345678 t-1=2@123456789
          x <- NONE OFFSET_METADATA_TOO_LARGE
          = g t-0=1
    ",
    );
}

#[test]
fn offsets_are_deleted_unless_a_member_reads_them() {
    check_with(
        at_once(),
        "
        x commit g t-0=1 u-0=2
          x <- NONE NONE
          = g t-0=1
          = g u-0=2
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        x forget g t-0 u-0 u-1
          x <- NONE GROUP_SUBSCRIBED_TO_TOPIC NONE NONE
          = g u-0 gone
        x forget h t-0
          x <- GROUP_ID_NOT_FOUND
        a leave g a#1
          a <- NONE NONE
          = g gen=2 -
          ! a#1 left
          ! rebalance after gen=1: member-left
          ! empty gen=2
        x forget g t-0
          x <- NONE NONE
          = g t-0 gone
        x fetch g
          x <- []
    ",
    );
}

#[test]
fn a_topic_takes_its_offsets_along() {
    check_with(
        at_once(),
        "
        x commit g t-0=1 t-1=2 u-0=3
          x <- NONE NONE NONE
          = g t-0=1
          = g t-1=2
          = g u-0=3
        x commit h t-0=1
          x <- NONE
          = h t-0=1
        topic-deleted t
          = g t-0 gone
          = g t-1 gone
          = h t-0 gone
        x fetch g
          x <- [u-0=3]
        x list *
          x <- g::Empty:classic
    ",
    );
}

#[test]
fn only_empty_groups_are_deleted() {
    check_with(
        at_once(),
        "
        a join g client=a v=3
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
        x delete g
          x <- NON_EMPTY_GROUP
        x delete h
          x <- GROUP_ID_NOT_FOUND
        a leave g a#1
          a <- NONE NONE
          = g gen=2 -
          ! a#1 left
          ! rebalance after gen=1: member-left
          ! empty gen=2
        x delete g
          x <- NONE
          = g t-0 gone
          = g gone
          ! g deleted
        x fetch g
          x <- []
        x describe g v=5
          x <- NONE Dead /
        x describe g v=6
          x <- GROUP_ID_NOT_FOUND Dead /
        x delete g
          x <- GROUP_ID_NOT_FOUND
        x list *
          x <-
    ",
    );
}

#[test]
fn lists_are_filtered_by_state_and_type() {
    check_with(
        at_once(),
        "
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        x commit s t-0=1
          x <- NONE
          = s t-0=1
        x list *
          x <- g:consumer:Stable:classic s::Empty:classic
        x list * state=stable
          x <- g:consumer:Stable:classic
        x list * state=Empty type=Classic
          x <- s::Empty:classic
        x list * type=consumer
          x <-
    ",
    );
}

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
fn after_a_crash_members_have_a_session_to_be_heard_from() {
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
        a commit g member=a#1 gen=1 t-0=4
          a <- NONE
          = g t-0=4
        +9000
        crash
        a describe g
          a <- NONE Stable consumer/range a#1+[t-0] b#1+[t-1]
        +9000
        b heartbeat g member=b#1 gen=1
          b <- NONE
        +1000
          ! a#1 session-expired
          ! rebalance after gen=1: session-expired
        b join g client=b member=b#1
          b <- joined b#1 gen=2 range leader=b#1 members=b#1
        b fetch g
          b <- [t-0=4]
    ",
    );
}

#[test]
fn a_crash_before_the_assignment_ends_the_generation() {
    check_with(
        at_once(),
        "
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        crash
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- UNKNOWN_MEMBER_ID
        a join g client=a member=a#1
          a <- UNKNOWN_MEMBER_ID a#1
        a join g client=a v=3
          ! a#2 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#2 gen=1 range leader=a#2 members=a#2
    ",
    );
}

#[test]
fn bytes_that_are_no_subscription_belong_to_the_clients_alone() {
    check_with(
        at_once(),
        "
        a join g client=a v=3 metadata=?
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        x commit g t-0=1
          x <- UNKNOWN_MEMBER_ID
        x forget g t-0
          x <- NONE GROUP_SUBSCRIBED_TO_TOPIC
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
fn a_rebalance_waits_for_ids_that_were_given_out() {
    check_with(
        at_once(),
        "
        a join g client=a v=3
          = g gen=0 -
          ! a#1 joined
          ! rebalance after gen=0: member-joined
        +0
          a <- joined a#1 gen=1 range leader=a#1 members=a#1
        a sync g member=a#1 gen=1 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=1 range a#1[t-0]
          ! gen=1 range after 0 ms a#1:1
        b join g client=b session=6000
          b <- MEMBER_ID_REQUIRED b#1
        c join g client=c v=3
          ! c#1 joined
          ! rebalance after gen=1: member-joined
        a join g client=a member=a#1
        +5999
        +1
          a <- joined a#1 gen=2 range leader=a#1 members=a#1,c#1
          c <- joined c#1 gen=2 range leader=a#1
        a sync g member=a#1 gen=2 assign=a#1:t-0
          a <- assigned [t-0]
          = g gen=2 range a#1[t-0] c#1[]
          ! gen=2 range after 6000 ms a#1:1 c#1:0
        d join g client=d
          d <- MEMBER_ID_REQUIRED d#1
        e join g client=e v=3
          ! e#1 joined
          ! rebalance after gen=2: member-joined
        a join g client=a member=a#1
        c join g client=c member=c#1
        d leave g d#1
          a <- joined a#1 gen=3 range leader=a#1 members=a#1,c#1,e#1
          c <- joined c#1 gen=3 range leader=a#1
          e <- joined e#1 gen=3 range leader=a#1
          d <- NONE NONE
    ",
    );
}

#[test]
fn an_assignment_that_no_record_can_hold_is_refused() {
    let huge: Vec<String> = (0..250).map(|n| format!("{}{n}-0", "t".repeat(200))).collect();
    let mut scene = scene::Scene::new(at_once());
    scene.act("a join g client=a v=3");
    scene.act("+0");
    let one = format!("a#1:{}", huge.join(","));
    let lines = scene.act(&format!("a sync g member=a#1 gen=1 assign={one}"));
    assert!(lines[0].starts_with("a <- assigned"), "50 kB are fine: {}", lines[0]);
    scene.act("a join g client=a member=a#1");
    let long: Vec<String> = (0..25).map(|n| format!("{}{n}-0", "t".repeat(30_000))).collect();
    let lines = scene.act(&format!("a sync g member=a#1 gen=2 assign=a#1:{}", long.join(",")));
    assert!(lines[0].starts_with("a <- assigned"), "750 kB are fine: {}", lines[0]);
    scene.act("a join g client=a member=a#1");
    let long: Vec<String> = (0..40).map(|n| format!("{}{n}-0", "t".repeat(30_000))).collect();
    let lines = scene.act(&format!("a sync g member=a#1 gen=3 assign=a#1:{}", long.join(",")));
    assert_eq!(
        lines,
        ["a <- UNKNOWN_SERVER_ERROR", "! rebalance after gen=3: assignment-too-large"],
        "nothing is written"
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
