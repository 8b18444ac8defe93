//! A sleep that outlives the wait it was made for: loops that wait for "an event or this moment" would
//! otherwise make a new timer for each event, and a timer may be a message to another thread.
//!
//! Never knows: what is waited for.

use futures_util::future::LocalBoxFuture;

use crate::transport::Transport;

#[derive(Default)]
pub(crate) struct Alarm {
    set: Option<(u64, LocalBoxFuture<'static, ()>)>,
}

impl Alarm {
    /// Ready at `at_ms`, or earlier if an older setting rings first; never if there is no such moment.
    /// Dropping it half way loses nothing.
    pub async fn rings<T: Transport>(&mut self, transport: &T, at_ms: Option<u64>) {
        let Some(at_ms) = at_ms else { return std::future::pending().await };
        let now_ms = transport.now().monotonic_ms;
        if at_ms <= now_ms {
            return;
        }
        if self.set.as_ref().is_none_or(|(set_ms, _)| *set_ms > at_ms) {
            let transport = transport.clone();
            self.set = Some((at_ms, Box::pin(async move { transport.sleep(at_ms - now_ms).await })));
        }
        if let Some((_, sleep)) = &mut self.set {
            sleep.await;
        }
        self.set = None;
    }
}
