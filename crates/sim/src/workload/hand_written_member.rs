//! A member that speaks the group protocol by hand and, after each rebalance, as if it had missed it: with the
//! generation before. What it is told, the witness judges.

use super::Life;
use tablog_client::{Cluster, Node};
use tablog_group::consumer_protocol::{ConsumerAssignment, ConsumerSubscription, VERSION_MAX};
use tablog_wire::ErrorCode;
use tablog_wire::messages::join_group_request::JoinGroupRequestProtocol;
use tablog_wire::messages::sync_group_request::SyncGroupRequestAssignment;
use tablog_wire::messages::{HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest, SyncGroupRequest};

const GROUP: &str = "by-hand";

pub async fn run(life: Life) {
    let cluster = life.cluster();
    let mut member_id = String::new();
    let mut generation = -1;
    while !life.is_over() {
        let before = generation;
        match join(&cluster, &member_id).await {
            Ok((id, joined)) => {
                member_id = id;
                generation = joined;
            }
            Err(Some(id)) => {
                member_id = id;
                continue;
            }
            Err(None) => {
                member_id.clear();
                cluster.forget_coordinator(GROUP);
                life.sleep_ms(100).await;
                continue;
            }
        }
        for _ in 0..life.between(1, 3) {
            let stale = if before >= 0 && life.one_in(2) { before } else { generation };
            let request = HeartbeatRequest {
                group_id: GROUP.to_owned(),
                generation_id: stale,
                member_id: member_id.clone(),
                ..HeartbeatRequest::default()
            };
            if let Err(error) = cluster.request(Node::Coordinator(GROUP.to_owned()), request).await {
                life.witness.note(|| format!("{}: heartbeat: {error}", life.name));
            }
            life.sleep_ms(life.between(50, 700)).await;
        }
    }
    let leave =
        |_| LeaveGroupRequest { group_id: GROUP.to_owned(), member_id, ..LeaveGroupRequest::default() };
    let options = tablog_client::RequestOptions { max_version: Some(2), timeout_ms: Some(2_000) };
    // It is over for this member in any case.
    let _ = cluster.request_with(Node::Coordinator(GROUP.to_owned()), options, leave).await;
}

/// The member's id and generation; a member id to join with; or nothing.
async fn join(
    cluster: &Cluster<crate::network::SimTransport>,
    member_id: &str,
) -> Result<(String, i32), Option<String>> {
    let subscription = ConsumerSubscription { topics: vec![super::TOPIC.to_owned()], ..Default::default() };
    let request = JoinGroupRequest {
        group_id: GROUP.to_owned(),
        session_timeout_ms: 6_000,
        rebalance_timeout_ms: 6_000,
        member_id: member_id.to_owned(),
        protocol_type: "consumer".to_owned(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".to_owned(),
            metadata: subscription.encode(VERSION_MAX),
        }],
        ..JoinGroupRequest::default()
    };
    let to = Node::Coordinator(GROUP.to_owned());
    let joined = cluster.request(to.clone(), request).await.map_err(|_| None)?;
    match ErrorCode::from_code(joined.error_code) {
        ErrorCode::None => {}
        ErrorCode::MemberIdRequired => return Err(Some(joined.member_id)),
        _ => return Err(None),
    }
    let assignments = joined.members.iter().map(|member| SyncGroupRequestAssignment {
        member_id: member.member_id.clone(),
        assignment: ConsumerAssignment::default().encode(VERSION_MAX),
    });
    let request = SyncGroupRequest {
        group_id: GROUP.to_owned(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        protocol_type: Some("consumer".to_owned()),
        protocol_name: Some("range".to_owned()),
        assignments: assignments.collect(),
        ..SyncGroupRequest::default()
    };
    let synced = cluster.request(to, request).await.map_err(|_| None)?;
    match ErrorCode::from_code(synced.error_code) {
        ErrorCode::None => Ok((joined.member_id, joined.generation_id)),
        _ => Err(None),
    }
}
