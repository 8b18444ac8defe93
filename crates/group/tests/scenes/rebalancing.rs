//! From one generation to the next: followers, leaders, and those who do not come.

use crate::at_once;
use crate::scene::{Scene, check_with};

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
    let mut scene = Scene::new(at_once());
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
