//! Leaving, describing, listing, deleting, and what is refused.

use crate::at_once;
use crate::scene::check_with;

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
