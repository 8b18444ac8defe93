//! `uniform` of KIP-848: counts as even as the subscriptions allow, then as few moves as possible.
//!
//! Two ways, as for the clients' [`super::super::sticky`]: [`homogeneous`] where all members subscribe to the same
//! topics, [`heterogeneous`] where they do not. It differs from sticky in that it starts from the target that stands
//! and not from what members say, and that it need not withhold anything: a member is told of a partition when the
//! one before has let go of it, and the coordinator sees to that.

mod heterogeneous;
mod homogeneous;

use super::{GroupAssignment, GroupSpec, SubscriptionType};

pub(super) fn assign(group: &GroupSpec) -> GroupAssignment {
    match group.subscription_type {
        SubscriptionType::Homogeneous => homogeneous::assign(group),
        SubscriptionType::Heterogeneous => heterogeneous::assign(group),
    }
}
