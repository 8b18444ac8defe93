//! Groups of the consumer protocol (KIP-848): members come, are given partitions step by step, are fenced, leave.

use crate::scene::{check, check_with};
use tablog_group::{GroupConfig, GroupSettings};

#[test]
fn members_reconcile_one_by_one() {
    check(
        "
        topics t:4
        a beat g member=A
          a <- A epoch=1 [t-0 t-1 t-2 t-3]
          = g member A t
          = g epoch 1
          = g target A [t-0 t-1 t-2 t-3]
          = g target epoch 1
          = g owns A 0>1 stable [t-0 t-1 t-2 t-3]
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:4
          ! A 1 stable +4 -0
        b beat g member=B
          b <- B epoch=2 []
          = g member B t
          = g epoch 2
          = g target A [t-0 t-1]
          = g target B [t-2 t-3]
          = g target epoch 2
          = g owns B 0>2 unreleased []
          ! B joined
          ! epoch 2: member-joined
          ! target 2 uniform A:2 B:2
          ! B 2 unreleased-partitions +0 -0
        a heartbeat g member=A gen=1
          a <- UNKNOWN_MEMBER_ID
        a beat g member=A epoch=1
          a <- A epoch=1 [t-0 t-1]
          = g owns A 1>1 unrevoked [t-0 t-1] -[t-2 t-3]
          ! A 1 unrevoked-partitions +2 -2
        a beat g member=A epoch=1 owned=t-0,t-1,t-2,t-3
          a <- A epoch=1
        a beat g member=A epoch=1 owned=t-0,t-1
          a <- A epoch=2
          = g owns A 1>2 stable [t-0 t-1]
          ! A 2 stable +2 -0
        b beat g member=B epoch=2
          b <- B epoch=2 [t-2 t-3]
          = g owns B 2>2 stable [t-2 t-3]
          ! B 2 stable +2 -0
        b beat g member=B epoch=2
          b <- B epoch=2
        x describe-consumers g
          x <- NONE Stable 2/2 uniform A@2[t-0 t-1]->[t-0 t-1] B@2[t-2 t-3]->[t-2 t-3]
        x describe g
          x <- GROUP_ID_NOT_FOUND Dead /
        x list g
          x <- g:consumer:Stable:consumer
    ",
    );
}

#[test]
fn an_epoch_that_is_not_the_member_s_is_fenced() {
    check(
        "
        topics t:2
        a beat g member=A
          a <- A epoch=1 [t-0 t-1]
          = g member A t
          = g epoch 1
          = g target A [t-0 t-1]
          = g target epoch 1
          = g owns A 0>1 stable [t-0 t-1]
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:2
          ! A 1 stable +2 -0
        a beat g member=A epoch=2
          a <- FENCED_MEMBER_EPOCH
        a beat g member=A epoch=-3
          a <- INVALID_REQUEST
        b beat g member=B
          b <- B epoch=2 []
          = g member B t
          = g epoch 2
          = g target A [t-0]
          = g target B [t-1]
          = g target epoch 2
          = g owns B 0>2 unreleased []
          ! B joined
          ! epoch 2: member-joined
          ! target 2 uniform A:1 B:1
          ! B 2 unreleased-partitions +0 -0
        a beat g member=A epoch=1 owned=t-0
          a <- A epoch=2 [t-0]
          = g owns A 1>2 stable [t-0]
          ! A 2 stable +1 -0
        b beat g member=B epoch=2
          b <- B epoch=2 [t-1]
          = g owns B 2>2 stable [t-1]
          ! B 2 stable +1 -0
        a beat g member=A epoch=1 owned=t-0
          a <- A epoch=2
        a beat g member=A epoch=1 owned=t-0,t-1
          a <- FENCED_MEMBER_EPOCH
        a beat g member=A epoch=1
          a <- FENCED_MEMBER_EPOCH
        a beat g member=A epoch=0
          a <- FENCED_MEMBER_EPOCH
        x beat g member=X epoch=1
          x <- UNKNOWN_MEMBER_ID
        x beat h member=X epoch=1
          x <- GROUP_ID_NOT_FOUND
        x beat h member=X epoch=-1
          x <- GROUP_ID_NOT_FOUND
        x beat g member=X epoch=-1
          x <- UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn who_does_not_let_go_in_time_is_fenced() {
    check(
        "
        topics t:2
        a beat g member=A rebalance=10000
          a <- A epoch=1 [t-0 t-1]
          = g member A t
          = g epoch 1
          = g target A [t-0 t-1]
          = g target epoch 1
          = g owns A 0>1 stable [t-0 t-1]
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:2
          ! A 1 stable +2 -0
        b beat g member=B
          b <- B epoch=2 []
          = g member B t
          = g epoch 2
          = g target A [t-0]
          = g target B [t-1]
          = g target epoch 2
          = g owns B 0>2 unreleased []
          ! B joined
          ! epoch 2: member-joined
          ! target 2 uniform A:1 B:1
          ! B 2 unreleased-partitions +0 -0
        a beat g member=A epoch=1
          a <- A epoch=1 [t-0]
          = g owns A 1>1 unrevoked [t-0] -[t-1]
          ! A 1 unrevoked-partitions +1 -1
        a beat g member=A epoch=1 owned=t-0,t-1
          a <- A epoch=1
        +9999
        a beat g member=A epoch=1 owned=t-0,t-1
          a <- A epoch=1
        +1
          = g owns A gone
          = g target A gone
          = g member A gone
          = g epoch 3
          ! A missed-revocation
          ! epoch 3: member-left
        b beat g member=B epoch=2
          b <- B epoch=3 [t-0 t-1]
          = g target B [t-0 t-1]
          = g target epoch 3
          = g owns B 2>3 stable [t-0 t-1]
          ! target 3 uniform B:2
          ! B 3 stable +2 -0
        a beat g member=A epoch=1
          a <- UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn a_session_ends_without_heartbeats() {
    check(
        "
        topics t:2
        settings g session=45000 interval=6000
        a beat g member=A
          a <- A epoch=1 [t-0 t-1]
          = g member A t
          = g epoch 1
          = g target A [t-0 t-1]
          = g target epoch 1
          = g owns A 0>1 stable [t-0 t-1]
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:2
          ! A 1 stable +2 -0
        b beat g member=B epoch=0
          b <- B epoch=2 []
          = g member B t
          = g epoch 2
          = g target A [t-0]
          = g target B [t-1]
          = g target epoch 2
          = g owns B 0>2 unreleased []
          ! B joined
          ! epoch 2: member-joined
          ! target 2 uniform A:1 B:1
          ! B 2 unreleased-partitions +0 -0
        +44000
        b beat g member=B epoch=2
          b <- B epoch=2
          = g owns B 2>2 unreleased []
          ! B 2 unreleased-partitions +0 -0
        +1000
          = g owns A gone
          = g target A gone
          = g member A gone
          = g epoch 3
          ! A session-expired
          ! epoch 3: session-expired
        b beat g member=B epoch=2
          b <- B epoch=3 [t-0 t-1]
          = g target B [t-0 t-1]
          = g target epoch 3
          = g owns B 2>3 stable [t-0 t-1]
          ! target 3 uniform B:2
          ! B 3 stable +2 -0
        b beat g member=B epoch=-1
          b <- B epoch=-1
          = g owns B gone
          = g target B gone
          = g member B gone
          = g epoch 4
          ! B left
          ! epoch 4: member-left
          ! empty gen=4
        x describe-consumers g
          x <- NONE Empty 4/3 uniform
        x delete g
          x <- NONE
          = g target epoch gone
          = g epoch gone
          ! g deleted
        x describe-consumers g
          x <- GROUP_ID_NOT_FOUND  0/0
    ",
    );
}

#[test]
fn a_static_member_leaves_for_a_while_and_comes_back() {
    check(
        "
        topics t:2
        a beat g member=A instance=one
          a <- A epoch=1 [t-0 t-1]
          = g member A t
          = g epoch 1
          = g target A [t-0 t-1]
          = g target epoch 1
          = g owns A 0>1 stable [t-0 t-1]
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:2
          ! A 1 stable +2 -0
        b beat g member=B instance=two
          b <- B epoch=2 []
          = g member B t
          = g epoch 2
          = g target A [t-0]
          = g target B [t-1]
          = g target epoch 2
          = g owns B 0>2 unreleased []
          ! B joined
          ! epoch 2: member-joined
          ! target 2 uniform A:1 B:1
          ! B 2 unreleased-partitions +0 -0
        a beat g member=A epoch=1 instance=one owned=t-0
          a <- A epoch=2 [t-0]
          = g owns A 1>2 stable [t-0]
          ! A 2 stable +1 -0
        b beat g member=B epoch=2 instance=two
          b <- B epoch=2 [t-1]
          = g owns B 2>2 stable [t-1]
          ! B 2 stable +1 -0
        x beat g member=X instance=two
          x <- UNRELEASED_INSTANCE_ID
        b beat g member=B epoch=-2 instance=two
          b <- B epoch=-2
          = g owns B 2>-2 stable [t-1]
          ! B left-for-a-while
        x beat g member=X epoch=-2 instance=nobody
          x <- UNKNOWN_MEMBER_ID
        b beat g member=B2 instance=two
          b <- B2 epoch=2 [t-1]
          = g owns B gone
          = g target B gone
          = g member B gone
          = g member B2 t
          = g target B2 [t-1]
          = g owns B2 0>0 stable [t-1]
          = g owns B2 0>2 stable [t-1]
          ! B2 joined
          ! B2 2 stable +1 -0
        b beat g member=B epoch=2 instance=two
          b <- FENCED_INSTANCE_ID
        b beat g member=B2 epoch=2 instance=two
          b <- B2 epoch=2
        x beat g member=X epoch=2 instance=three
          x <- UNKNOWN_MEMBER_ID
        x beat g member=B2 epoch=-1 instance=one
          x <- FENCED_INSTANCE_ID
        b beat g member=B2 epoch=-2 instance=two
          b <- B2 epoch=-2
          = g owns B2 0>-2 stable [t-1]
          ! B2 left-for-a-while
        +45000
          = g owns A gone
          = g target A gone
          = g member A gone
          = g epoch 3
          ! A session-expired
          ! epoch 3: session-expired
          = g owns B2 gone
          = g target B2 gone
          = g member B2 gone
          = g epoch 4
          ! B2 session-expired
          ! epoch 4: session-expired
          ! empty gen=4
        x describe-consumers g
          x <- NONE Empty 4/2 uniform
    ",
    );
}

#[test]
fn a_static_member_that_does_not_come_back_is_out_after_its_session() {
    check(
        "
        topics t:2
        a beat g member=A instance=one
          a <- A epoch=1 [t-0 t-1]
          = g member A t
          = g epoch 1
          = g target A [t-0 t-1]
          = g target epoch 1
          = g owns A 0>1 stable [t-0 t-1]
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:2
          ! A 1 stable +2 -0
        +1000
        a beat g member=A epoch=-2 instance=one
          a <- A epoch=-2
          = g owns A 0>-2 stable [t-0 t-1]
          ! A left-for-a-while
        +43999
        x describe-consumers g
          x <- NONE Reconciling 1/1 uniform A@-2[t-0 t-1]->[t-0 t-1]
        +1
          = g owns A gone
          = g target A gone
          = g member A gone
          = g epoch 2
          ! A session-expired
          ! epoch 2: session-expired
          ! empty gen=2
        x describe-consumers g
          x <- NONE Empty 2/1 uniform
    ",
    );
}

#[test]
fn topics_that_come_grow_and_vanish_are_assigned_anew() {
    check(
        "
        topics u:1
        a beat g member=A topics=t,u
          a <- A epoch=1 [u-0]
          = g member A t,u
          = g epoch 1
          = g target A [u-0]
          = g target epoch 1
          = g owns A 0>1 stable [u-0]
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:1
          ! A 1 stable +1 -0
        topics t:1 u:1
        a beat g member=A epoch=1
          a <- A epoch=2 [t-0 u-0]
          = g epoch 2
          = g target A [t-0 u-0]
          = g target epoch 2
          = g owns A 1>2 stable [t-0 u-0]
          ! epoch 2: topics-changed
          ! target 2 uniform A:2
          ! A 2 stable +2 -0
        a beat g member=A epoch=2
          a <- A epoch=2
        topics t:2 u:1 v:9
        a beat g member=A epoch=2
          a <- A epoch=3 [t-0 t-1 u-0]
          = g epoch 3
          = g target A [t-0 t-1 u-0]
          = g target epoch 3
          = g owns A 2>3 stable [t-0 t-1 u-0]
          ! epoch 3: topics-changed
          ! target 3 uniform A:3
          ! A 3 stable +3 -0
        topics u:1 v:9
        a beat g member=A epoch=3
          a <- A epoch=3 [u-0]
          = g epoch 4
          = g target A [u-0]
          = g target epoch 4
          = g owns A 3>3 unrevoked [u-0] -[?-0 ?-1]
          ! epoch 4: topics-changed
          ! target 4 uniform A:1
          ! A 3 unrevoked-partitions +1 -0
        a beat g member=A epoch=3 owned=u-0
          a <- A epoch=4
          = g owns A 3>4 stable [u-0]
          ! A 4 stable +1 -0
        topics u:1 v:8
        a beat g member=A epoch=4
          a <- A epoch=4
    ",
    );
}

#[test]
fn regular_expressions_are_resolved_a_moment_later() {
    check(
        "
        topics ta:1 tb:1 u:1
        a beat g member=A regex=t.*
          a <- A epoch=1 []
          = g member A ~t.*
          = g epoch 1
          = g target A []
          = g target epoch 1
          = g owns A 0>1 stable []
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:0
          ! A 1 stable +0 -0
        +0
          = g regex t.* ta,tb
          = g epoch 2
          ! epoch 2: subscription-resolved
        a beat g member=A epoch=1
          a <- A epoch=2 [ta-0 tb-0]
          = g target A [ta-0 tb-0]
          = g target epoch 2
          = g owns A 1>2 stable [ta-0 tb-0]
          ! target 2 uniform A:2
          ! A 2 stable +2 -0
        b beat g member=B regex=t.*
          b <- B epoch=3 []
          = g member B ~t.*
          = g epoch 3
          = g target A [ta-0]
          = g target B [tb-0]
          = g target epoch 3
          = g owns B 0>3 unreleased []
          ! B joined
          ! epoch 3: member-joined
          ! target 3 uniform A:1 B:1
          ! B 3 unreleased-partitions +0 -0
        topics ta:1 tb:1 u:1 tc:1
        a beat g member=A epoch=2 owned=ta-0
          a <- A epoch=3 [ta-0]
          = g owns A 2>3 stable [ta-0]
          ! A 3 stable +1 -0
        b beat g member=B epoch=3
          b <- B epoch=3 [tb-0]
          = g owns B 3>3 stable [tb-0]
          ! B 3 stable +1 -0
        +0
        +10001
        b beat g member=B epoch=3
          b <- B epoch=3
        +0
          = g regex t.* ta,tb,tc
          = g epoch 4
          ! epoch 4: subscription-resolved
        b beat g member=B epoch=3
          b <- B epoch=4 [tb-0 tc-0]
          = g target B [tb-0 tc-0]
          = g target epoch 4
          = g owns B 3>4 stable [tb-0 tc-0]
          ! target 4 uniform A:1 B:2
          ! B 4 stable +2 -0
        x beat g member=X regex=(
          x <- INVALID_REGULAR_EXPRESSION
        x beat g member=X regex=a)|(b
          x <- INVALID_REGULAR_EXPRESSION
        a beat g member=A epoch=-1
          a <- A epoch=-1
          = g owns A gone
          = g target A gone
          = g member A gone
          = g epoch 5
          ! A left
          ! epoch 5: member-left
        b beat g member=B epoch=4 topics=u regex=
          b <- B epoch=4 []
          = g member B u,~
          = g regex t.* gone
          = g epoch 6
          = g target B [u-0]
          = g target epoch 6
          = g owns B 4>4 unrevoked [] -[tb-0 tc-0]
          ! epoch 6: subscription-changed
          ! target 6 uniform B:1
          ! B 4 unrevoked-partitions +0 -2
        b beat g member=B epoch=-1
          b <- B epoch=-1
          = g owns B gone
          = g target B gone
          = g member B gone
          = g epoch 7
          ! B left
          ! epoch 7: member-left
          ! empty gen=7
    ",
    );
}

#[test]
fn what_no_member_may_ask_for() {
    check_with(
        GroupConfig { consumer_max_size: 1, ..GroupConfig::default() },
        "
        topics t:1
        x beat '' member=A
          x <- INVALID_REQUEST
        x beat g member=
          x <- INVALID_REQUEST
        x beat g member= v=0 epoch=1
          x <- INVALID_REQUEST
        x beat g member= v=0 epoch=-1
          x <- INVALID_REQUEST
        x beat g member=A instance=
          x <- INVALID_REQUEST
        x beat g member=A rack=
          x <- INVALID_REQUEST
        x beat g member=A rebalance=-1
          x <- INVALID_REQUEST
        x beat g member=A owned=t-0
          x <- INVALID_REQUEST
        x beat g member=A owned=null
          x <- INVALID_REQUEST
        x beat g member=A topics=null
          x <- INVALID_REQUEST
        x beat g member=A epoch=-2
          x <- INVALID_REQUEST
        x beat g member=A epoch=-3
          x <- INVALID_REQUEST
        x beat g member=A assignor=sticky
          x <- UNSUPPORTED_ASSIGNOR
        x describe-consumers g
          x <- GROUP_ID_NOT_FOUND  0/0
        a beat g member= v=0 assignor=range
          a <- id#1 epoch=1 [t-0]
          = g member id#1 t
          = g epoch 1
          = g target id#1 [t-0]
          = g target epoch 1
          = g owns id#1 0>1 stable [t-0]
          ! id#1 joined
          ! epoch 1: member-joined
          ! target 1 range id#1:1
          ! id#1 1 stable +1 -0
        b beat g member=B
          b <- GROUP_MAX_SIZE_REACHED
        x describe-consumers g
          x <- NONE Stable 1/1 range id#1@1[t-0]->[t-0]
        x describe-consumers ''
          x <- GROUP_ID_NOT_FOUND  0/0
    ",
    );
}

#[test]
fn a_group_without_topics_and_one_with_none_to_give() {
    check(
        "
        a beat g member=A topics=
          a <- A epoch=1 []
          = g member A 
          = g epoch 1
          = g target A []
          = g target epoch 1
          = g owns A 0>1 stable []
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:0
          ! A 1 stable +0 -0
        b beat g member=B topics=nothing
          b <- B epoch=2 []
          = g member B nothing
          = g epoch 2
          = g target B []
          = g target epoch 2
          = g owns B 0>2 stable []
          ! B joined
          ! epoch 2: member-joined
          ! target 2 uniform A:0 B:0
          ! B 2 stable +0 -0
        b beat g member=B epoch=2
          b <- B epoch=2
    ",
    );
}

#[test]
fn offsets_are_committed_and_read_in_the_member_s_epoch() {
    check(
        "
        topics t:1
        a beat g member=A
          a <- A epoch=1 [t-0]
          = g member A t
          = g epoch 1
          = g target A [t-0]
          = g target epoch 1
          = g owns A 0>1 stable [t-0]
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:1
          ! A 1 stable +1 -0
        a commit g member=A gen=1 t-0=5
          a <- NONE
          = g t-0=5
        a commit g member=A gen=0 t-0=6
          a <- STALE_MEMBER_EPOCH
        a commit g member=A gen=1 t-0=6 v=8
          a <- UNSUPPORTED_VERSION
        a commit g member=B gen=1 t-0=6
          a <- UNKNOWN_MEMBER_ID
        x commit g t-0=6
          x <- UNKNOWN_MEMBER_ID
        a fetch g member=A gen=1 t-0
          a <- [t-0=5]
        a fetch g member=A gen=0 t-0
          a <- STALE_MEMBER_EPOCH
        a fetch g member=B gen=1 t-0
          a <- UNKNOWN_MEMBER_ID
        x fetch g t-0
          x <- [t-0=5]
        x forget g t-0
          x <- NONE GROUP_SUBSCRIBED_TO_TOPIC
        x delete g
          x <- NON_EMPTY_GROUP
        a beat g member=A epoch=-1
          a <- A epoch=-1
          = g owns A gone
          = g target A gone
          = g member A gone
          = g epoch 2
          ! A left
          ! epoch 2: member-left
          ! empty gen=2
        x commit g t-0=7
          x <- NONE
          = g t-0=7
        x forget g t-0
          x <- NONE NONE
          = g t-0 gone
        x commit g t-0=8
          x <- NONE
          = g t-0=8
        x delete g
          x <- NONE
          = g t-0 gone
          = g target epoch gone
          = g epoch gone
          ! g deleted
        x list g
          x <-
    ",
    );
}

#[test]
fn offsets_of_what_nobody_reads_expire_and_the_empty_group_with_them() {
    check_with(
        GroupConfig { offsets_retention_ms: 600_000, ..GroupConfig::default() },
        "
        topics t:1 u:1
        settings g session=4000000
        a beat g member=A
          a <- A epoch=1 [t-0]
          = g member A t
          = g epoch 1
          = g target A [t-0]
          = g target epoch 1
          = g owns A 0>1 stable [t-0]
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:1
          ! A 1 stable +1 -0
        a commit g member=A gen=1 t-0=5 u-0=5
          a <- NONE NONE
          = g t-0=5
          = g u-0=5
        +600000
          = g u-0 gone
          ! expired 1
        a beat g member=A epoch=-1
          a <- A epoch=-1
          = g owns A gone
          = g target A gone
          = g member A gone
          = g epoch 2
          ! A left
          ! epoch 2: member-left
          ! empty gen=2
        +600000
          = g t-0 gone
          = g target epoch gone
          = g epoch gone
          ! expired 1
          ! g deleted
        x list g
          x <-
    ",
    );
}

#[test]
fn a_crash_leaves_members_where_they_were() {
    check(
        "
        topics t:2
        a beat g member=A
          a <- A epoch=1 [t-0 t-1]
          = g member A t
          = g epoch 1
          = g target A [t-0 t-1]
          = g target epoch 1
          = g owns A 0>1 stable [t-0 t-1]
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:2
          ! A 1 stable +2 -0
        b beat g member=B
          b <- B epoch=2 []
          = g member B t
          = g epoch 2
          = g target A [t-0]
          = g target B [t-1]
          = g target epoch 2
          = g owns B 0>2 unreleased []
          ! B joined
          ! epoch 2: member-joined
          ! target 2 uniform A:1 B:1
          ! B 2 unreleased-partitions +0 -0
        a beat g member=A epoch=1
          a <- A epoch=1 [t-0]
          = g owns A 1>1 unrevoked [t-0] -[t-1]
          ! A 1 unrevoked-partitions +1 -1
        crash
        x describe-consumers g
          x <- NONE Reconciling 2/2 uniform A@1[t-0]->[t-0] B@2[]->[t-1]
        a beat g member=A epoch=1 owned=t-0
          a <- A epoch=2
          = g owns A 1>2 stable [t-0]
          ! A 2 stable +1 -0
        b beat g member=B epoch=2
          b <- B epoch=2 [t-1]
          = g owns B 2>2 stable [t-1]
          ! B 2 stable +1 -0
        +45000
          = g owns A gone
          = g target A gone
          = g member A gone
          = g epoch 3
          ! A session-expired
          ! epoch 3: session-expired
          = g owns B gone
          = g target B gone
          = g member B gone
          = g epoch 4
          ! B session-expired
          ! epoch 4: session-expired
          ! empty gen=4
        x describe-consumers g
          x <- NONE Empty 4/2 uniform
    ",
    );
}

const SHORT: GroupSettings = GroupSettings { session_timeout_ms: 6_000, heartbeat_interval_ms: 2_000 };

#[test]
fn a_group_s_time_is_the_broker_s_where_it_has_none_of_its_own() {
    check_with(
        GroupConfig { consumer: SHORT, ..GroupConfig::default() },
        "
        topics t:3
        a beat g member=A
          a <- A epoch=1 [t-0 t-1 t-2]
          = g member A t
          = g epoch 1
          = g target A [t-0 t-1 t-2]
          = g target epoch 1
          = g owns A 0>1 stable [t-0 t-1 t-2]
          ! A joined
          ! epoch 1: member-joined
          ! target 1 uniform A:3
          ! A 1 stable +3 -0
        +6000
          = g owns A gone
          = g target A gone
          = g member A gone
          = g epoch 2
          ! A session-expired
          ! epoch 2: session-expired
          ! empty gen=2
        x describe-consumers g
          x <- NONE Empty 2/1 uniform
    ",
    );
}
