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
