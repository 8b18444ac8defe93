//! Both protocols in one group: from the classic one to the consumer protocol and back (KIP-848's migration).

use crate::at_once;
use crate::scene::{check, check_with};
use tablog_group::{GroupConfig, MigrationPolicy};

#[test]
fn a_classic_group_becomes_a_consumer_group_and_goes_back() {
    check_with(
        at_once(),
        "
        topics t:4
        c join g client=c v=3
          = g gen=0 -
          ! c#1 joined
          ! rebalance after gen=0: member-joined
        +0
          c <- joined c#1 gen=1 range leader=c#1 members=c#1
        c sync g member=c#1 gen=1 protocol=range assign=c#1:t-0,t-1,t-2,t-3
          c <- assigned [t-0 t-1 t-2 t-3]
          = g gen=1 range c#1[t-0 t-1 t-2 t-3]
          ! gen=1 range after 0 ms c#1:4
        x beat g member=B epoch=1
          x <- GROUP_ID_NOT_FOUND
        b beat g member=B
          b <- B epoch=2 []
          = g gone
          = g member c#1 t
          = g epoch 1
          = g target c#1 [t-0 t-1 t-2 t-3]
          = g target epoch 1
          = g owns c#1 1>1 stable [t-0 t-1 t-2 t-3]
          = g member B t
          = g epoch 2
          = g target B [t-2 t-3]
          = g target c#1 [t-0 t-1]
          = g target epoch 2
          = g owns B 0>2 unreleased []
          ! now consumer
          ! B joined
          ! epoch 2: member-joined
          ! target 2 uniform c#1:2 B:2
          ! B 2 unreleased-partitions +0 -0
        x describe-consumers g
          x <- NONE Reconciling 2/2 uniform B@2[]->[t-2 t-3] c#1@1[t-0 t-1 t-2 t-3]->[t-0 t-1] classic
        c heartbeat g member=c#1 gen=1
          c <- REBALANCE_IN_PROGRESS
        c sync g member=c#1 gen=1
          c <- REBALANCE_IN_PROGRESS
        c commit g member=c#1 gen=1 t-0=5
          c <- NONE
          = g t-0=5
        c commit g member=c#1 gen=0 t-0=5
          c <- ILLEGAL_GENERATION
        c join g member=c#1 owned=t-0,t-1,t-2,t-3
          c <- joined c#1 gen=1 range leader=
          = g member c#1 t
          = g owns c#1 1>1 unrevoked [t-0 t-1] -[t-2 t-3]
          ! c#1 1 unrevoked-partitions +2 -2
        c sync g member=c#1 gen=1 protocol=range
          c <- assigned [t-0 t-1]
        c heartbeat g member=c#1 gen=1
          c <- REBALANCE_IN_PROGRESS
        c join g member=c#1 owned=t-0,t-1
          c <- joined c#1 gen=2 range leader=
          = g member c#1 t
          = g owns c#1 1>2 stable [t-0 t-1]
          ! c#1 2 stable +2 -0
        c sync g member=c#1 gen=2 protocol=range
          c <- assigned [t-0 t-1]
        b beat g member=B epoch=2
          b <- B epoch=2 [t-2 t-3]
          = g owns B 2>2 stable [t-2 t-3]
          ! B 2 stable +2 -0
        b beat g member=B epoch=2
          b <- B epoch=2
        c heartbeat g member=c#1 gen=2
          c <- NONE
        x describe-consumers g
          x <- NONE Stable 2/2 uniform B@2[t-2 t-3]->[t-2 t-3] c#1@2[t-0 t-1]->[t-0 t-1] classic
        x list g
          x <- g:consumer:Stable:consumer
        d join g client=d
          d <- MEMBER_ID_REQUIRED id#1
        d join g client=d protocols=strange
          d <- INCONSISTENT_GROUP_PROTOCOL
        d leave g c#9
          d <- NONE UNKNOWN_MEMBER_ID
        b beat g member=B epoch=-1
          b <- B epoch=-1
          = g owns B gone
          = g target B gone
          = g member B gone
          = g owns c#1 gone
          = g target c#1 gone
          = g member c#1 gone
          = g target epoch gone
          = g epoch gone
          = g gen=2 range c#1[t-0 t-1]
          ! B left
          ! now classic
          ! rebalance after gen=2: member-left
        x describe g
          x <- NONE PreparingRebalance consumer/ c#1[t-0 t-1]
        c heartbeat g member=c#1 gen=2
          c <- REBALANCE_IN_PROGRESS
        c join g member=c#1
          c <- joined c#1 gen=3 range leader=c#1 members=c#1
        x describe g
          x <- NONE CompletingRebalance consumer/ c#1[t-0 t-1]
    ",
    );
}

#[test]
fn waiting_members_are_sent_back_by_an_upgrade() {
    check_with(
        at_once(),
        "
        topics t:2
        c join g client=c v=3
          = g gen=0 -
          ! c#1 joined
          ! rebalance after gen=0: member-joined
        +0
          c <- joined c#1 gen=1 range leader=c#1 members=c#1
        d join g client=d v=3
          ! d#1 joined
          ! rebalance after gen=1: member-joined
        b beat g member=B
          d <- REBALANCE_IN_PROGRESS d#1
          b <- B epoch=2 []
          = g gone
          = g member c#1 t
          = g member d#1 t
          = g epoch 1
          = g target c#1 []
          = g target d#1 []
          = g target epoch 1
          = g owns c#1 1>1 stable []
          = g owns d#1 1>1 stable []
          = g member B t
          = g epoch 2
          = g target B []
          = g target c#1 [t-0]
          = g target d#1 [t-1]
          = g target epoch 2
          = g owns B 0>2 stable []
          ! now consumer
          ! B joined
          ! epoch 2: member-joined
          ! target 2 uniform c#1:1 d#1:1 B:0
          ! B 2 stable +0 -0
        c join g member=c#1
          c <- joined c#1 gen=2 range leader=
          = g owns c#1 1>2 stable [t-0]
          ! c#1 2 stable +1 -0
    ",
    );
}

#[test]
fn migration_is_a_matter_of_policy() {
    let config = GroupConfig { consumer_migration_policy: MigrationPolicy::Disabled, ..at_once() };
    check_with(
        config,
        "
        topics t:2
        c join g client=c v=3
          = g gen=0 -
          ! c#1 joined
          ! rebalance after gen=0: member-joined
        +0
          c <- joined c#1 gen=1 range leader=c#1 members=c#1
        b beat g member=B
          b <- GROUP_ID_NOT_FOUND
        b beat h member=B
          b <- B epoch=1 [t-0 t-1]
          = h member B t
          = h epoch 1
          = h target B [t-0 t-1]
          = h target epoch 1
          = h owns B 0>1 stable [t-0 t-1]
          ! B joined
          ! epoch 1: member-joined
          ! target 1 uniform B:2
          ! B 1 stable +2 -0
        d join h client=d v=3
          d <- joined id#1 gen=2 range leader=
          = h member id#1 t
          = h epoch 2
          = h target B [t-0]
          = h target id#1 [t-1]
          = h target epoch 2
          = h owns id#1 0>2 unreleased []
          ! id#1 joined
          ! epoch 2: member-joined
          ! target 2 uniform B:1 id#1:1
          ! id#1 2 unreleased-partitions +0 -0
        b beat h member=B epoch=-1
          b <- B epoch=-1
          = h owns B gone
          = h target B gone
          = h member B gone
          = h epoch 3
          ! B left
          ! epoch 3: member-left
        x describe h
          x <- GROUP_ID_NOT_FOUND Dead /
        x describe-consumers h
          x <- NONE Assigning 3/2 uniform id#1@2[]->[t-1] classic
    ",
    );
}

#[test]
fn what_is_no_group_of_consumers_stays_what_it_is() {
    check_with(
        at_once(),
        "
        topics t:2
        c join g client=c v=3 type=connect
          = g gen=0 -
          ! c#1 joined
          ! rebalance after gen=0: member-joined
        +0
          c <- joined c#1 gen=1 range leader=c#1 members=c#1
        b beat g member=B
          b <- GROUP_ID_NOT_FOUND
        d join h client=d v=3 metadata=bad
          = h gen=0 -
          ! d#1 joined
          ! rebalance after gen=0: member-joined
        +0
          d <- joined d#1 gen=1 range leader=d#1 members=d#1
        b beat h member=B
          b <- GROUP_ID_NOT_FOUND
        x describe h
          x <- NONE CompletingRebalance consumer/ d#1[]
    ",
    );
}

#[test]
fn empty_groups_change_their_protocol_freely() {
    check(
        "
        topics t:1
        x commit g t-0=5
          x <- NONE
          = g t-0=5
        b beat g member=B
          b <- B epoch=1 [t-0]
          = g gone
          = g member B t
          = g epoch 1
          = g target B [t-0]
          = g target epoch 1
          = g owns B 0>1 stable [t-0]
          ! B joined
          ! epoch 1: member-joined
          ! target 1 uniform B:1
          ! B 1 stable +1 -0
        b beat g member=B epoch=-1
          b <- B epoch=-1
          = g owns B gone
          = g target B gone
          = g member B gone
          = g epoch 2
          ! B left
          ! epoch 2: member-left
          ! empty gen=2
        c join g client=c member=gone
          c <- UNKNOWN_MEMBER_ID gone
        c join g client=c
          c <- MEMBER_ID_REQUIRED c#1
          = g target epoch gone
          = g epoch gone
          = g gen=0 -
        x list g
          x <- g::Empty:classic
        b beat g member=B
          b <- B epoch=1 [t-0]
          = g gone
          = g member B t
          = g epoch 1
          = g target B [t-0]
          = g target epoch 1
          = g owns B 0>1 stable [t-0]
          ! B joined
          ! epoch 1: member-joined
          ! target 1 uniform B:1
          ! B 1 stable +1 -0
        x list g
          x <- g:consumer:Stable:consumer
        x fetch g t-0
          x <- [t-0=5]
    ",
    );
}

#[test]
fn a_classic_member_that_does_not_join_or_sync_is_out() {
    check_with(
        at_once(),
        "
        topics t:2
        b beat g member=B
          b <- B epoch=1 [t-0 t-1]
          = g member B t
          = g epoch 1
          = g target B [t-0 t-1]
          = g target epoch 1
          = g owns B 0>1 stable [t-0 t-1]
          ! B joined
          ! epoch 1: member-joined
          ! target 1 uniform B:2
          ! B 1 stable +2 -0
        c join g client=c v=3 rebalance=10000 session=30000
          c <- joined id#1 gen=2 range leader=
          = g member id#1 t
          = g epoch 2
          = g target id#1 [t-1]
          = g target B [t-0]
          = g target epoch 2
          = g owns id#1 0>2 unreleased []
          ! id#1 joined
          ! epoch 2: member-joined
          ! target 2 uniform B:1 id#1:1
          ! id#1 2 unreleased-partitions +0 -0
        c heartbeat g member=id#1 gen=2
          c <- NONE
        b beat g member=B epoch=1 owned=t-0
          b <- B epoch=2 [t-0]
          = g owns B 1>2 stable [t-0]
          ! B 2 stable +1 -0
        c heartbeat g member=id#1 gen=2
          c <- REBALANCE_IN_PROGRESS
        +10000
          = g owns id#1 gone
          = g target id#1 gone
          = g member id#1 gone
          = g epoch 3
          ! id#1 missed-rebalance
          ! epoch 3: member-left
        d join g client=d v=3 rebalance=10000 session=30000
          d <- joined id#2 gen=4 range leader=
          = g member id#2 t
          = g epoch 4
          = g target id#2 [t-1]
          = g target epoch 4
          = g owns id#2 0>4 stable [t-1]
          ! id#2 joined
          ! epoch 4: member-joined
          ! target 4 uniform B:1 id#2:1
          ! id#2 4 stable +1 -0
        d sync g member=id#2 gen=4 protocol=range
          d <- assigned [t-1]
        e beat g member=E
          e <- E epoch=5 []
          = g member E t
          = g epoch 5
          = g target E []
          = g target epoch 5
          = g owns E 0>5 stable []
          ! E joined
          ! epoch 5: member-joined
          ! target 5 uniform B:1 id#2:1 E:0
          ! E 5 stable +0 -0
        d heartbeat g member=id#2 gen=4
          d <- REBALANCE_IN_PROGRESS
        +5000
        d heartbeat g member=id#2 gen=4
          d <- REBALANCE_IN_PROGRESS
        +5000
          = g owns id#2 gone
          = g target id#2 gone
          = g member id#2 gone
          = g epoch 6
          ! id#2 missed-rebalance
          ! epoch 6: member-left
        x leave g B
          x <- NONE NONE
          = g owns B gone
          = g target B gone
          = g member B gone
          = g epoch 7
          ! B left
          ! epoch 7: member-left
        x describe-consumers g
          x <- NONE Assigning 7/5 uniform E@5[]->[]
    ",
    );
}

#[test]
fn a_static_member_changes_its_protocol() {
    check_with(
        at_once(),
        "
        topics t:2
        c join g client=c v=5 instance=one
          = g gen=0 -
          ! one#1 joined
          ! rebalance after gen=0: member-joined
        +0
          c <- joined one#1 gen=1 range leader=one#1 members=one#1
        c sync g member=one#1 gen=1 instance=one protocol=range assign=one#1:t-0,t-1
          c <- assigned [t-0 t-1]
          = g gen=1 range one#1[t-0 t-1]
          ! gen=1 range after 0 ms one#1:2
        b beat g member=B instance=one
          b <- B epoch=1 [t-0 t-1]
          = g gone
          = g member one#1 t
          = g epoch 1
          = g target one#1 [t-0 t-1]
          = g target epoch 1
          = g owns one#1 1>1 stable [t-0 t-1]
          = g owns one#1 gone
          = g target one#1 gone
          = g member one#1 gone
          = g member B t
          = g target B [t-0 t-1]
          = g owns B 0>0 stable [t-0 t-1]
          = g member B t
          = g owns B 0>1 stable [t-0 t-1]
          ! now consumer
          ! one#1 fenced
          ! B joined
          ! B 1 stable +2 -0
        x describe-consumers g
          x <- NONE Stable 1/1 uniform B@1[t-0 t-1]->[t-0 t-1]
        c heartbeat g member=one#1 gen=1 instance=one
          c <- FENCED_INSTANCE_ID
        c join g client=c v=5 instance=one owned=t-0,t-1
          c <- joined id#1 gen=1 range leader=
          = g owns B gone
          = g target B gone
          = g member B gone
          = g member id#1 t
          = g target id#1 [t-0 t-1]
          = g owns id#1 0>0 stable [t-0 t-1]
          = g member id#1 t
          = g owns id#1 0>1 stable [t-0 t-1]
          = g owns id#1 gone
          = g target id#1 gone
          = g member id#1 gone
          = g owns B gone
          = g target B gone
          = g member B gone
          = g target epoch gone
          = g epoch gone
          = g gen=1 range id#1[t-0 t-1]
          ! B fenced
          ! id#1 joined
          ! id#1 1 stable +2 -0
          ! now classic
        x describe g
          x <- NONE Stable consumer/range id#1+[t-0 t-1]
        x leave g /one
          x <- NONE NONE
          = g gen=2 -
          ! id#1 left
          ! rebalance after gen=1: member-left
          ! empty gen=2
        x describe g
          x <- NONE Empty consumer/
    ",
    );
}
