//! What is left of a group when all that is not on record is lost.

use crate::at_once;
use crate::scene::check_with;

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
