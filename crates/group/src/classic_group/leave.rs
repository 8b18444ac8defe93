//! LeaveGroup: members go, or are told to by their instance id.

use tablog_wire::ErrorCode;
use tablog_wire::messages::leave_group_request::MemberIdentity;
use tablog_wire::messages::leave_group_response::MemberResponse;

use super::{ClassicGroup, Turn};
use crate::event::{Departure, RebalanceCause};

impl ClassicGroup {
    pub fn leave(&mut self, turn: &mut Turn<'_>, leaving: Vec<MemberIdentity>) -> Vec<MemberResponse> {
        let mut responses = Vec::with_capacity(leaving.len());
        let mut gone: Option<(String, Option<String>)> = None;
        for identity in leaving {
            let reason = identity.reason.clone().filter(|reason| !reason.is_empty());
            let result = self.leave_one(turn, &identity, reason.clone());
            if let Ok(member_id) = &result {
                gone.get_or_insert_with(|| (member_id.clone(), reason));
            }
            responses.push(MemberResponse {
                member_id: identity.member_id,
                group_instance_id: identity.group_instance_id,
                error_code: result.err().unwrap_or(ErrorCode::None).code(),
            });
        }
        if let Some((member_id, reason)) = gone {
            match self.phase {
                super::Phase::PreparingRebalance { .. } => self.complete_if_all_joined(turn),
                _ => self.after_loss(turn, RebalanceCause::MemberLeft, &member_id, reason),
            }
        }
        responses
    }

    fn leave_one(
        &mut self,
        turn: &mut Turn<'_>,
        identity: &MemberIdentity,
        reason: Option<String>,
    ) -> Result<String, ErrorCode> {
        let instance_id = identity.group_instance_id.as_deref();
        let member_id = if identity.member_id.is_empty() {
            // An administrator knows the instance, not the member.
            let holder = instance_id.and_then(|instance_id| self.static_members.get(instance_id));
            holder.cloned().ok_or(ErrorCode::UnknownMemberId)?
        } else {
            identity.member_id.clone()
        };
        if self.pending_join.remove(&member_id) {
            self.end_session(turn, &member_id);
            return Ok(member_id);
        }
        self.check_member(&member_id, instance_id)?;
        if let Some(member) = self.remove(&member_id) {
            self.dismiss(turn, member, Departure::Left { reason });
        }
        Ok(member_id)
    }
}
