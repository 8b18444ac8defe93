//! What a member of the consumer protocol promises (KIP-848): partitions move one by one, callbacks come at their
//! moments, who was put out comes back, who is refused says so.

use crate::consumer::{Listener, Log, Member, at, group_config, produce, values};
use crate::producer::create;
use crate::world::{Weather, World};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use tablog_broker::BrokerConfig;
use tablog_client::{
    Admin, AdminConfig, Assignor, ConfigChange, ConfigResource, Consumer, ConsumerConfig, GroupEpochs,
    GroupProtocol, GroupType,
};

fn config() -> ConsumerConfig {
    ConsumerConfig { group_protocol: GroupProtocol::Consumer, ..group_config(Assignor::Range) }
}

/// Heartbeats each second, sessions of six.
fn brisk(seed: u64) -> World {
    let settings = [
        ("group.consumer.min.session.timeout.ms", "1000"),
        ("group.consumer.session.timeout.ms", "6000"),
        ("group.consumer.min.heartbeat.interval.ms", "100"),
        ("group.consumer.heartbeat.interval.ms", "1000"),
        ("group.consumer.max.size", "3"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    World::with(seed, BrokerConfig::from_settings(settings).expect("settings"))
}

fn all_owned(members: &[&Member]) -> Vec<i32> {
    let mut owned: Vec<i32> = members.iter().flat_map(|member| member.owned()).collect();
    owned.sort_unstable();
    owned
}

#[test]
fn a_group_shares_partitions_and_hands_them_over_without_loss_or_double() {
    let world = brisk(1);
    world.run(async {
        create(&world, "t", 6).await;
        let a = Member::join(&world, "a", config());
        world.sleep_ms(3_000).await;
        assert_eq!(a.owned(), (0..6).collect(), "{:?}", a.errors.borrow());
        produce(&world, 60, 6).await;
        world.sleep_ms(1_000).await;
        let b = Member::join(&world, "b", config());
        let c = Member::join(&world, "c", config());
        world.sleep_ms(8_000).await;
        let members = [&a, &b, &c];
        assert!(members.iter().all(|member| member.owned().len() == 2), "{:?}", all_owned(&members));
        assert_eq!(all_owned(&members), [0, 1, 2, 3, 4, 5]);
        produce(&world, 60, 6).await;
        world.sleep_ms(1_000).await;
        let epochs: BTreeSet<i32> =
            members.iter().map(|member| member.consumer.group_metadata().generation).collect();
        assert_eq!(epochs.len(), 1, "{epochs:?}");
        let began_ms = world.now_ms();
        c.consumer.close().await;
        assert!(world.now_ms() - began_ms < 1_000);
        world.sleep_ms(4_000).await;
        assert_eq!((a.owned().len(), b.owned().len()), (3, 3));
        produce(&world, 60, 6).await;
        world.sleep_ms(1_000).await;
        let expected: Vec<i32> = (0..60).flat_map(|value| [value; 3]).collect();
        assert_eq!(values(&members), expected);
        assert!(members.iter().all(|member| member.errors.borrow().is_empty()));
    });
}

/// What a member hears while another one comes and goes, then while it stands still for too long.
#[test]
fn callbacks_come_at_their_moments() {
    let world = brisk(2);
    world.run(async {
        create(&world, "t", 4).await;
        let a = Member::join(&world, "a", config());
        world.sleep_ms(3_000).await;
        assert_eq!(a.events(), ["+0,1,2,3"]);
        let b = Member::join(&world, "b", config());
        world.sleep_ms(6_000).await;
        // Only what moves is named; the reconciliation ends with an assignment, if only of nothing. The new member
        // is told of its empty assignment before others let go.
        assert_eq!(a.events(), ["+0,1,2,3", "-2,3", "+"]);
        assert_eq!(b.events(), ["+", "+2,3"]);
        b.consumer.close().await;
        assert_eq!(b.events(), ["+", "+2,3", "-2,3"]);
        world.sleep_ms(3_000).await;
        assert_eq!(a.events(), ["+0,1,2,3", "-2,3", "+", "+2,3"]);
        a.freeze(&world, true);
        world.sleep_ms(10_000).await;
        a.freeze(&world, false);
        world.sleep_ms(3_000).await;
        assert_eq!(a.events()[4..], ["!0,1,2,3", "+0,1,2,3"]);
        let metrics = a.consumer.metrics();
        assert_eq!((metrics.times_lost, a.errors.borrow().len()), (1, 0));
    });
}

#[test]
fn an_application_that_does_not_poll_is_put_out_and_told_when_it_comes_back() {
    let world = brisk(3);
    world.run(async {
        create(&world, "t", 2).await;
        let events = Log::default();
        let slow = ConsumerConfig { max_poll_interval_ms: 5_000, ..config() };
        let slow = Consumer::new(world.cluster("slow"), slow);
        slow.subscribe(&["t".to_owned()], Listener { events: events.clone() }).expect("a group");
        world.spawn(slow.run());
        produce(&world, 2, 2).await;
        // It holds records: nothing is taken from it behind its back.
        while slow.poll(100).await.expect("nothing yet").is_empty() {}
        let other = Member::join(&world, "other", config());
        world.sleep_ms(12_000).await;
        assert_eq!(other.owned().len(), 2, "{:?} {:?}", other.events(), other.errors.borrow());
        assert_eq!(*events.borrow(), ["+0,1"]);
        for _ in 0..60 {
            slow.poll(100).await.expect("nothing");
        }
        assert_eq!(events.borrow()[1], "!0,1");
        assert_eq!((slow.assignment().len(), other.owned().len()), (1, 1));
    });
}

#[test]
fn reading_goes_on_where_it_was_committed_when_partitions_move() {
    let world = brisk(4);
    world.run(async {
        create(&world, "t", 4).await;
        produce(&world, 40, 4).await;
        // Too rarely to help.
        let config = ConsumerConfig { auto_commit_interval_ms: 3_600_000, ..config() };
        let a = Member::join(&world, "a", config.clone());
        world.sleep_ms(3_000).await;
        let b = Member::join(&world, "b", config.clone());
        world.sleep_ms(6_000).await;
        assert_eq!(b.owned().len(), 2);
        a.consumer.close().await;
        b.consumer.close().await;
        let c = Member::join(&world, "c", config);
        world.sleep_ms(4_000).await;
        assert_eq!(c.owned().len(), 4);
        assert_eq!(values(&[&a, &b, &c]), (0..40).collect::<Vec<_>>());
        let committed = c.consumer.committed(&[at(0)]).await.expect("offsets");
        assert_eq!(committed[&at(0)].offset, 10);
        c.consumer.commit().await.expect("committed");
    });
}

#[test]
fn a_commit_from_before_a_loss_is_not_sent_when_the_partitions_have_come_back() {
    let world = brisk(41);
    world.run(async {
        create(&world, "t", 1).await;
        produce(&world, 10, 1).await;
        let config = ConsumerConfig { enable_auto_commit: false, ..config() };
        let a = Member::join(&world, "a", config.clone());
        world.sleep_ms(3_000).await;
        assert_eq!(a.seen.borrow().len(), 10);
        world.set_weather(Weather { cut_before: 1_000, ..Weather::default() });
        let (consumer, outcome) = (a.consumer.clone(), Rc::new(Cell::new(None)));
        let told = outcome.clone();
        let commit = world.spawn(async move { told.set(Some(consumer.commit().await.is_ok())) });
        world.sleep_ms(10).await;
        world.set_weather(Weather::default());
        world.freeze(commit, true);
        a.freeze(&world, true);
        let b = Member::join(&world, "b", config);
        world.sleep_ms(10_000).await;
        produce(&world, 10, 1).await;
        world.sleep_ms(1_000).await;
        b.consumer.commit().await.expect("committed");
        b.consumer.close().await;
        a.freeze(&world, false);
        world.sleep_ms(5_000).await;
        assert_eq!((a.consumer.metrics().times_lost, a.owned().len()), (1, 1));
        world.freeze(commit, false);
        world.sleep_ms(2_000).await;
        assert_eq!(outcome.get(), Some(false), "it tells of a reading that is over");
        let committed = a.consumer.committed(&[at(0)]).await.expect("offsets");
        assert_eq!(committed[&at(0)].offset, 20);
    });
}

#[test]
fn the_will_makes_a_dead_member_leave_at_once() {
    let world = World::new(5);
    world.run(async {
        create(&world, "t", 2).await;
        let a = Member::join(&world, "a", config());
        let b = Member::join(&world, "b", config());
        world.sleep_ms(12_000).await;
        assert_eq!((a.owned().len(), b.owned().len()), (1, 1));
        assert!(a.consumer.leave_frame().is_some());
        a.freeze(&world, true);
        assert_eq!(world.execute_wills("a"), 1);
        // The session is 45 seconds; the next heartbeat is at most 5 away.
        world.sleep_ms(6_000).await;
        assert_eq!(b.owned().len(), 2);
        b.consumer.close().await;
        assert_eq!(world.execute_wills("b"), 0);
    });
}

#[test]
fn a_will_is_left_on_every_new_connection() {
    let world = World::new(51);
    world.run(async {
        create(&world, "t", 2).await;
        let a = Member::join(&world, "a", config());
        world.sleep_ms(3_000).await;
        // A connection may come to lie where the one before lay.
        for _ in 0..8 {
            world.crash_broker();
            world.sleep_ms(8_000).await;
            assert_eq!((a.owned().len(), a.consumer.metrics().times_lost), (2, 0));
            assert_eq!(world.wills("a"), 1);
        }
    });
}

#[test]
fn a_static_member_that_died_with_its_will_read_is_succeeded_at_once() {
    let world = brisk(52);
    world.run(async {
        create(&world, "t", 2).await;
        let named = || ConsumerConfig { group_instance_id: Some("desk".to_owned()), ..config() };
        let a = Member::join(&world, "a", named());
        world.sleep_ms(3_000).await;
        a.freeze(&world, true);
        assert_eq!(world.execute_wills("a"), 1);
        let again = Member::join(&world, "again", named());
        world.sleep_ms(3_000).await;
        assert_eq!((again.owned().len(), again.errors.borrow().len()), (2, 0));
    });
}

#[test]
fn a_static_member_that_comes_back_keeps_its_partitions_and_a_double_is_refused() {
    let world = brisk(6);
    world.run(async {
        create(&world, "t", 4).await;
        let named = |name: &str| ConsumerConfig { group_instance_id: Some(name.to_owned()), ..config() };
        let a = Member::join(&world, "a", named("a"));
        let b = Member::join(&world, "b", named("b"));
        world.sleep_ms(5_000).await;
        let (owned, epoch) = (b.owned(), a.consumer.group_metadata().generation);
        assert_eq!(owned.len(), 2);
        let double = Member::join(&world, "double", named("b"));
        world.sleep_ms(1_000).await;
        assert!(
            double.errors.borrow()[0].starts_with("UNRELEASED_INSTANCE_ID"),
            "{:?}",
            double.errors.borrow()
        );
        assert_eq!((double.errors.borrow().len(), b.owned().len()), (1, 2));
        double.consumer.close().await;
        b.consumer.close().await;
        world.sleep_ms(3_000).await;
        assert_eq!(a.owned().len(), 2);
        let again = Member::join(&world, "b2", named("b"));
        world.sleep_ms(2_000).await;
        assert_eq!(again.owned(), owned);
        assert_eq!(a.consumer.group_metadata().generation, epoch);
    });
}

#[test]
fn refusals_reach_the_application_and_another_subscription_is_another_attempt() {
    let world = brisk(7);
    world.run(async {
        create(&world, "t", 3).await;
        let wrong = ConsumerConfig { group_remote_assignor: Some("ghost".to_owned()), ..config() };
        let wrong = Member::join(&world, "wrong", wrong);
        world.sleep_ms(1_000).await;
        assert!(wrong.errors.borrow()[0].starts_with("UNSUPPORTED_ASSIGNOR"));
        let members: Vec<Member> =
            ["a", "b", "c"].iter().map(|name| Member::join(&world, name, config())).collect();
        world.sleep_ms(6_000).await;
        let late = Member::join(&world, "late", config());
        world.sleep_ms(1_000).await;
        assert!(late.errors.borrow()[0].starts_with("GROUP_MAX_SIZE_REACHED"), "{:?}", late.errors.borrow());
        members[0].consumer.close().await;
        let again = Listener { events: late.events.clone() };
        late.consumer.subscribe(&["t".to_owned()], again).expect("a group");
        world.sleep_ms(4_000).await;
        assert_eq!(late.owned().len(), 1);
        assert_eq!(late.errors.borrow().len(), 1);
    });
}

#[test]
fn a_pattern_is_resolved_by_the_coordinator() {
    let world = brisk(8);
    world.run(async {
        create(&world, "t", 2).await;
        create(&world, "other", 1).await;
        let subscribe = |name: &str, pattern: &str| {
            let consumer = Rc::new(Consumer::new(world.cluster(name), config()));
            let events = Log::default();
            consumer.subscribe_pattern(pattern, Listener { events: events.clone() }).expect("a group");
            Member::at_work(&world, consumer, events)
        };
        let member = subscribe("member", "[t-z]+");
        world.sleep_ms(8_000).await;
        assert_eq!(member.consumer.assignment(), [at(0), at(1)].into(), "{:?}", member.errors.borrow());
        let broken = subscribe("broken", "(");
        world.sleep_ms(1_000).await;
        assert!(broken.errors.borrow()[0].starts_with("INVALID_REGULAR_EXPRESSION"));
        let classic = Consumer::new(world.cluster("classic"), group_config(Assignor::Range));
        assert!(classic.subscribe_pattern("t", ()).is_err());
    });
}

#[test]
fn groups_of_both_kinds_are_administrated() {
    let world = brisk(10);
    world.run(async {
        create(&world, "t", 2).await;
        let a = Member::join(&world, "a", config());
        let named = ConsumerConfig {
            group_instance_id: Some("b".to_owned()),
            client_rack: Some("attic".to_owned()),
            ..config()
        };
        let b = Member::join(&world, "b", named);
        let classic = ConsumerConfig { group_id: Some("old".to_owned()), ..group_config(Assignor::Range) };
        let old = Member::join(&world, "old", classic);
        world.sleep_ms(8_000).await;
        let admin = Admin::new(world.cluster("admin"), AdminConfig::default());
        let all = admin.list_groups().await.expect("groups");
        let kinds: Vec<(&str, &str)> =
            all.iter().map(|it| (it.group_id.as_str(), it.group_type.as_str())).collect();
        assert_eq!(kinds, [("g", "consumer"), ("old", "classic")]);
        let new = admin.list_groups_of(&[GroupType::Consumer]).await.expect("groups");
        assert_eq!((new.len(), new[0].state.as_str()), (1, "Stable"));

        let names = ["g".to_owned(), "old".to_owned(), "ghost".to_owned()];
        let described = admin.describe_groups(&names).await.expect("an answer");
        assert_eq!(described["old"].as_ref().expect("a group").group_type, GroupType::Classic);
        assert!(described["ghost"].is_err());
        let group = described["g"].as_ref().expect("a group");
        let epoch = a.consumer.group_metadata().generation;
        let epochs = GroupEpochs { group_epoch: epoch, assignment_epoch: epoch };
        assert_eq!((group.group_type, group.epochs), (GroupType::Consumer, Some(epochs)));
        assert_eq!((group.protocol.as_str(), group.state.as_str()), ("uniform", "Stable"));
        let member = group.members.iter().find(|it| it.client_id == "b").expect("b");
        let progress = member.progress.as_ref().expect("of a consumer group");
        assert_eq!(member.group_instance_id.as_deref(), Some("b"));
        assert_eq!((progress.rack_id.as_deref(), progress.member_epoch), (Some("attic"), epoch));
        assert_eq!(progress.protocol, Some(GroupType::Consumer));
        assert_eq!((member.assignment.len(), &member.assignment), (1, &progress.target_assignment));

        let resource = ConfigResource::Group("g".to_owned());
        let change = ConfigChange::Set("2000".to_owned());
        let changes = [("consumer.heartbeat.interval.ms".to_owned(), change)].into();
        let altered = admin.incremental_alter_configs(&[(resource.clone(), changes)].into()).await;
        altered.expect("an answer")[&resource].as_ref().expect("altered");
        let entries = admin.describe_configs(std::slice::from_ref(&resource)).await.expect("an answer");
        let entry = &entries[&resource].as_ref().expect("settings")["consumer.heartbeat.interval.ms"];
        assert_eq!(entry.value.as_deref(), Some("2000"));

        let gone = admin.remove_members("g", &[member.member_id.clone(), "ghost".to_owned()]).await;
        let gone = gone.expect("an answer");
        assert!(gone[&member.member_id].is_ok() && gone["ghost"].is_err(), "{gone:?}");
        world.sleep_ms(12_000).await;
        // It is told, and comes back.
        assert!(b.events().iter().any(|event| event.starts_with('!')), "{:?}", b.events());
        assert_eq!((a.owned().len(), b.owned().len(), old.owned().len()), (1, 1, 2));
    });
}

#[test]
fn both_protocols_share_one_group() {
    let world = brisk(9);
    world.run(async {
        create(&world, "t", 4).await;
        let classic = ConsumerConfig { session_timeout_ms: 6_000, ..group_config(Assignor::Range) };
        let old = Member::join(&world, "old", classic);
        world.sleep_ms(6_000).await;
        assert_eq!(old.owned().len(), 4);
        let new = Member::join(&world, "new", config());
        world.sleep_ms(12_000).await;
        assert_eq!((old.owned().len(), new.owned().len()), (2, 2), "{:?}", new.errors.borrow());
        assert!(old.owned().is_disjoint(&new.owned()));
        produce(&world, 40, 4).await;
        world.sleep_ms(2_000).await;
        assert_eq!(values(&[&old, &new]), (0..40).collect::<Vec<_>>());
        new.consumer.close().await;
        world.sleep_ms(12_000).await;
        assert_eq!(old.owned().len(), 4);
    });
}

#[test]
fn every_record_is_read_through_cuts_and_crashes() {
    let mut cuts = 0;
    for seed in 1..=12 {
        let world = brisk(seed);
        world.run(async {
            create(&world, "t", 4).await;
            let members: Vec<Member> =
                ["a", "b"].iter().map(|name| Member::join(&world, name, config())).collect();
            world.sleep_ms(4_000).await;
            world.set_weather(Weather { cut_before: 60, cut_after: 60, ..Weather::default() });
            produce(&world, 200, 4).await;
            if seed % 2 == 0 {
                world.crash_broker();
            }
            world.sleep_ms(5_000).await;
            world.set_weather(Weather::default());
            world.sleep_ms(30_000).await;
            let members: Vec<&Member> = members.iter().collect();
            let read: BTreeSet<i32> = values(&members).into_iter().collect();
            assert_eq!(read.len(), 200, "seed {seed}: {:?}", members[0].errors.borrow());
            assert_eq!(all_owned(&members), [0, 1, 2, 3], "seed {seed}");
        });
        cuts += world.cuts();
    }
    assert!(cuts > 50, "{cuts} cuts");
}
