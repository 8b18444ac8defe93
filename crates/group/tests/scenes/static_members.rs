//! Members with an instance id: they come back, take over, and fence (KIP-345).

use crate::at_once;
use crate::scene::{check, check_with};

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
