//! "Run it for real": a history of the lab, played once for each way by real members of the broker in the tab, one way
//! after the other so that they do not disturb each other. What was made is removed, whatever happens; what an earlier
//! run left behind is removed first. One tab at a time plays.
//!
//! Never knows: the page, how an assignor works.

#[path = "lab_run/grounds.rs"]
mod grounds;
#[path = "lab_run/lock.rs"]
mod lock;
#[path = "lab_run/member.rs"]
mod member;
#[path = "lab_run/play.rs"]
mod play;
#[path = "lab_run/stage.rs"]
mod stage;
#[path = "lab_run/supply.rs"]
mod supply;

use crate::requests::Asked;
use grounds::Grounds;
use play::Play;
use tablog_dashboard::model::lab::run::{Protocol, RunOrder, check};
use tablog_dashboard::model::orders::{Reply, Trouble};

const LOCK: &str = "tablog/lab-run";

pub async fn run(asked: &Asked, order: RunOrder) -> Result<Reply, Trouble> {
    if check(&order.history).is_err() {
        return Ok(Reply::Finished);
    }
    let Some(_held) = lock::hold(LOCK).await else { return Err(Trouble::AnotherRun) };
    grounds::remove_leftovers(&asked.tab).await?;
    let run = asked.tab.now_ms();
    for (number, way) in order.ways.into_iter().take(Protocol::ALL.len()).enumerate() {
        if !asked.is_wanted() {
            break;
        }
        let grounds = Grounds::new(&asked.tab, run, number, way);
        let mut play = Play::new(asked, &order.history, &grounds, number);
        let played = play.perform().await;
        play.disband().await;
        let removed = grounds.remove().await;
        played?;
        removed?;
    }
    Ok(Reply::Finished)
}
