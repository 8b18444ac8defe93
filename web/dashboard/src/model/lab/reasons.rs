//! Why an assignment is as it is: a sentence is chosen only where what it says is so. Worked out by the tab's worker.

use super::answer::*;
use super::situation::{LabMember, Membership, Situation};

/// One assignor's answer as it is to be explained.
#[derive(Debug)]
pub struct Case<'a> {
    pub assignor: LabAssignor,
    pub situation: &'a Situation,
    /// Nothing was before.
    pub is_start: bool,
    /// By row; none of a member that went.
    pub members: &'a [Option<&'a LabMember>],
    /// How many partitions each row has.
    pub counts: &'a [usize],
    pub owners: &'a [i32],
    pub before: &'a [i32],
    pub cost: Cost,
    /// The answer of the assignor that this one may look like: of round robin for sticky, of sticky for cooperative.
    pub like: Option<&'a [i32]>,
}

pub fn explain(case: &Case) -> Reason {
    let mut facts = facts(case);
    let (rule, change) = if facts.members == 0 {
        (NOBODY_READS, None)
    } else if case.cost.rebalances == 0 {
        (UNTOUCHED, None)
    } else {
        sentences(case, &mut facts)
    };
    Reason { rule, change, facts }
}

fn sentences(case: &Case, facts: &mut Facts) -> (usize, Option<usize>) {
    let moved = facts.moved > 0;
    let is_change = !case.is_start && facts.had > 0;
    let change = |moves: usize| is_change.then_some(if moved { moves } else { STILL });
    match case.assignor {
        LabAssignor::Range => {
            let change = change(if facts.taken > 0 { RANGE_SHIFTS } else { RANGE_ORPHANS });
            (range_rule(case, facts), change)
        }
        LabAssignor::BrokerRange => {
            let change = change(if facts.taken > 0 { BROKER_SHIFTS } else { BROKER_ORPHANS });
            (range_rule(case, facts), change)
        }
        LabAssignor::RoundRobin => (deal_rule(case, facts), change(DEAL_AGAIN)),
        LabAssignor::Sticky | LabAssignor::CooperativeSticky if facts.had == 0 => {
            // Sticky lies beside round robin, cooperative-sticky beside sticky.
            let is_dealt = case.like == Some(case.owners) && case.assignor == LabAssignor::Sticky;
            (if is_dealt { STICKY_FRESH_DEAL } else { STICKY_FRESH }, None)
        }
        LabAssignor::Sticky => {
            let keeps = match (facts.free > 0, facts.taken > 0) {
                (false, false) => STICKY_KEEPS,
                (true, false) => STICKY_FREE,
                (false, true) => STICKY_TAKEN,
                (true, true) => STICKY_BOTH,
            };
            (keeps, None)
        }
        LabAssignor::CooperativeSticky => {
            let rule = if case.like == Some(case.owners) { COOPERATIVE_SAME } else { COOPERATIVE_OWN };
            (rule, (case.cost.rebalances > 1).then_some(COOPERATIVE_TWICE))
        }
        LabAssignor::Uniform if facts.had == 0 => (uniform_rule(case, facts), None),
        LabAssignor::Uniform => {
            let rule = if moved { UNIFORM_MOVES } else { UNIFORM_KEEPS };
            (rule, None)
        }
    }
}

fn range_rule(case: &Case, facts: &mut Facts) -> usize {
    let topics = &case.situation.topics;
    if case.assignor == LabAssignor::Range && looks_at_racks(case.situation) {
        return RANGE_RACKS;
    }
    if !all_read_all(case.situation) {
        return RANGE_READERS;
    }
    if let [topic] = &topics[..] {
        share(facts, topic.partitions as usize);
        let holds = first_have_one_more(case, facts);
        return match (facts.extra, facts.each) {
            _ if !holds => RANGE_READERS,
            (0, _) => RANGE_EVEN,
            (_, 0) => RANGE_FEW,
            _ => RANGE_MORE,
        };
    }
    let members = facts.members as i32;
    if topics.iter().all(|t| t.partitions % members == 0) {
        return RANGE_TOPICS_EVEN;
    }
    let order = order(case.situation);
    (facts.first, facts.last) = (name(order.first()), name(order.last()));
    let count = |member: Option<&&LabMember>| member.map_or(0, |member| count(case, member));
    // What is left over of each topic goes to the first: the first of all has most, the last fewest.
    let (first, last) = (count(order.first()), count(order.last()));
    if (first, last) != (facts.most, facts.least) {
        return RANGE_READERS;
    }
    let alike = topics.iter().all(|t| t.partitions == topics[0].partitions);
    if !alike {
        return RANGE_TOPICS;
    }
    facts.partitions = topics[0].partitions as usize;
    facts.each = facts.partitions / facts.members;
    facts.extra = facts.partitions % facts.members;
    RANGE_TOPICS_MORE
}

fn deal_rule(case: &Case, facts: &mut Facts) -> usize {
    if !all_read_all(case.situation) {
        return DEAL_READERS;
    }
    share(facts, facts.partitions);
    let holds = first_have_one_more(case, facts);
    match facts.extra {
        _ if !holds => DEAL_READERS,
        0 => DEAL_EVEN,
        _ => DEAL_MORE,
    }
}

fn uniform_rule(case: &Case, facts: &mut Facts) -> usize {
    share(facts, facts.partitions);
    let in_share = facts.most - facts.least <= 1 && all_read_all(case.situation);
    match facts.extra {
        _ if !in_share => UNIFORM_READERS,
        0 => UNIFORM_EVEN,
        _ => UNIFORM_MORE,
    }
}

/// How many each member gets of so many, and how many members get one more.
fn share(facts: &mut Facts, partitions: usize) {
    facts.each = partitions / facts.members;
    facts.extra = partitions % facts.members;
}

/// It is the first ones in the order of the client side who have one more; names the first and the last of them.
fn first_have_one_more(case: &Case, facts: &mut Facts) -> bool {
    let order = order(case.situation);
    let want = |place: usize| facts.each + usize::from(place < facts.extra);
    let holds = order.iter().enumerate().all(|(place, member)| count(case, member) == want(place));
    facts.first = name(order.first());
    facts.last = name(order.get(facts.extra.saturating_sub(1)));
    holds
}

/// Static members by instance id, then the others by member id.
fn order(situation: &Situation) -> Vec<&LabMember> {
    let mut order: Vec<&LabMember> = situation.members.iter().collect();
    order.sort_by_key(|m| (m.membership == Membership::Dynamic, m.name.as_str()));
    order
}

fn name(member: Option<&&LabMember>) -> String {
    member.map(|m| m.name.clone()).unwrap_or_default()
}

fn count(case: &Case, member: &LabMember) -> usize {
    let row = case.members.iter().position(|row| row.is_some_and(|m| m.name == member.name));
    row.map_or(0, |row| case.counts[row])
}

fn all_read_all(situation: &Situation) -> bool {
    let all = |m: &LabMember| situation.topics.iter().all(|t| m.subscription.reads(&t.name));
    situation.members.iter().all(all)
}

/// Some member stands where some replica does, and not all replicas stand in one rack.
fn looks_at_racks(situation: &Situation) -> bool {
    let racks: Vec<&String> = situation.topics.iter().flat_map(|t| &t.racks).collect();
    let differ = racks.windows(2).any(|two| two[0] != two[1]);
    differ && situation.members.iter().filter_map(|m| m.rack.as_ref()).any(|rack| racks.contains(&rack))
}

fn facts(case: &Case) -> Facts {
    let owner = |at: i32| usize::try_from(at).ok().and_then(|at| *case.members.get(at)?);
    let mut facts = Facts {
        partitions: case.owners.len(),
        members: case.situation.members.len(),
        moved: case.cost.moved,
        paused: case.cost.paused,
        ..Facts::default()
    };
    let numbers = case
        .situation
        .topics
        .iter()
        .flat_map(|topic| (0..topic.partitions as usize).map(move |p| (topic, p)));
    for ((&now, &before), (topic, number)) in case.owners.iter().zip(case.before).zip(numbers) {
        let could_keep = owner(before).is_some_and(|m| m.subscription.reads(&topic.name));
        facts.had += usize::from(before != NOBODY);
        facts.kept += usize::from(before != NOBODY && now == before);
        facts.taken += usize::from(now != NOBODY && now != before && could_keep);
        facts.free += usize::from(now != NOBODY && !could_keep);
        let rack = topic.racks.get(number % topic.racks.len().max(1));
        facts.near += usize::from(rack.is_some() && owner(now).is_some_and(|m| m.rack.as_ref() == rack));
    }
    let counts =
        case.members.iter().zip(case.counts).filter_map(|(member, n)| Some((*n, &member.as_ref()?.name)));
    let counts: Vec<(usize, &String)> = counts.collect();
    if let (Some(most), Some(least)) =
        (counts.iter().max_by_key(|(n, _)| *n), counts.iter().min_by_key(|(n, _)| *n))
    {
        (facts.most, facts.rich) = (most.0, most.1.clone());
        (facts.least, facts.poor) = (least.0, least.1.clone());
    }
    facts
}
