//! Static members of consumer groups, and what members subscribe to: by name, by pattern, nothing.

use crate::scene::check;

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
          = g member B u
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
fn hostile_requests_are_refused_and_the_group_lives_on() {
    let long = "x".repeat(5_000);
    let nested = "(".repeat(60) + "a" + &")".repeat(60);
    let many = vec!["topic-with-quite-a-long-name".to_owned(); 40_000].join(",");
    let script = format!(
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
        x beat g member={long}
          x <- INVALID_REQUEST
        x beat {long} member=X
          x <- INVALID_GROUP_ID
        x beat g member=X regex={long}
          x <- INVALID_REGULAR_EXPRESSION
        x beat g member=X regex={nested}
          x <- INVALID_REGULAR_EXPRESSION
        x beat g member=X regex=((((a{{1000}}){{1000}}){{1000}}){{1000}})
          x <- INVALID_REGULAR_EXPRESSION
        x beat g member=X topics={many}
          x <- INVALID_REQUEST
        x beat g member=X epoch=7 owned=t-0,t-1
          x <- UNKNOWN_MEMBER_ID
        a beat g member=A epoch=1 owned=t-99,t--5,no-0
          a <- A epoch=1
        a beat g member=A epoch=1
          a <- A epoch=1
        "
    );
    check(&script);
}
