//! When an application is told of its partitions, in each of the three protocols, in one story: a member is alone,
//! another one comes and leaves, and the first one stands still for longer than its session.

use crate::consumer::{Member, group_config};
use crate::producer::create;
use crate::world::World;
use tablog_broker::BrokerConfig;
use tablog_client::{Assignor, ConsumerConfig, GroupProtocol};

/// `+` assigned, `-` revoked, `!` lost, with the partitions that were named.
fn story(config: ConsumerConfig) -> [String; 2] {
    let settings = [
        ("group.consumer.min.session.timeout.ms", "1000"),
        ("group.consumer.session.timeout.ms", "10000"),
        ("group.initial.rebalance.delay.ms", "0"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let world = World::with(1, BrokerConfig::from_settings(settings).expect("settings"));
    world.run(async {
        create(&world, "t", 4).await;
        let a = Member::join(&world, "a", config.clone());
        world.sleep_ms(15_000).await;
        let b = Member::join(&world, "b", config);
        world.sleep_ms(15_000).await;
        b.consumer.close().await;
        world.sleep_ms(15_000).await;
        a.freeze(&world, true);
        world.sleep_ms(20_000).await;
        a.freeze(&world, false);
        world.sleep_ms(15_000).await;
        [a.events().join(" "), b.events().join(" ")]
    })
}

fn classic(assignor: Assignor) -> ConsumerConfig {
    ConsumerConfig { session_timeout_ms: 10_000, ..group_config(assignor) }
}

#[test]
fn eager_revokes_everything_before_each_rebalance() {
    let [a, b] = story(classic(Assignor::Range));
    assert_eq!(a, "+0,1,2,3 -0,1,2,3 +0,1 -0,1 +0,1,2,3 !0,1,2,3 +0,1,2,3");
    assert_eq!(b, "+2,3 -2,3");
}

#[test]
fn cooperative_revokes_what_moves_after_the_rebalance_and_takes_one_more() {
    let [a, b] = story(classic(Assignor::CooperativeSticky));
    // Revoked behind the first rebalance; the second one changes nothing here and gives the other its share.
    assert_eq!(a, "+0,1,2,3 -2,3 + + +2,3 !0,1,2,3 +0,1,2,3");
    assert_eq!(b, "+ +2,3 -2,3");
}

#[test]
fn the_consumer_protocol_tells_each_member_only_of_its_own_steps() {
    let [a, b] =
        story(ConsumerConfig { group_protocol: GroupProtocol::Consumer, ..classic(Assignor::Range) });
    assert_eq!(a, "+0,1,2,3 -2,3 + +2,3 !0,1,2,3 +0,1,2,3");
    assert_eq!(b, "+ +2,3 -2,3");
}

/// Said once for each rebalance, if only of nothing (KIP-429 keeps it so for the eager protocol).
#[test]
fn an_eager_member_without_partitions_hears_of_rebalances_too() {
    let world = World::new(2);
    world.run(async {
        create(&world, "t", 1).await;
        let a = Member::join(&world, "a", group_config(Assignor::Range));
        world.sleep_ms(8_000).await;
        let b = Member::join(&world, "b", group_config(Assignor::Range));
        world.sleep_ms(8_000).await;
        let (owner, idle) = if a.owned().is_empty() { (&b, &a) } else { (&a, &b) };
        owner.consumer.close().await;
        world.sleep_ms(8_000).await;
        assert!(
            idle.events().ends_with(&["+".to_owned(), "-".to_owned(), "+0".to_owned()]),
            "{:?}",
            idle.events()
        );
    });
}
