//! Committed offsets: who may commit, and what is found afterwards.

use crate::at_once;
use crate::scene::check_with;
use tablog_group::GroupConfig;

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
