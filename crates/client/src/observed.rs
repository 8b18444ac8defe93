//! A transport that tells an observer which requests of a group's member go out and when they are answered. The frames
//! go on as they are; one that cannot be read is told of nothing.
//!
//! Never knows: what a member is, what the observer makes of it.

use bytes::{Buf, Bytes};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;
use tablog_record::Now;
use tablog_wire::header::{RequestHeader, ResponseHeader};
use tablog_wire::messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};
use tablog_wire::{ApiKey, frame};

use crate::limits::OBSERVED_CALLS_MAX;
use crate::transport::{Connection, Transport, TransportError};

/// What a member asked its coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupCall {
    pub api: ApiKey,
    pub sent_ms: u64,
    /// It says more than that the member is alive.
    pub is_news: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupAnswer {
    pub answered_ms: u64,
    /// 0 where the API has no code for the whole answer.
    pub error_code: i16,
    /// It says more than that the member is known: an assignment.
    pub is_news: bool,
}

pub trait Observer {
    /// The number is said again when the answer comes.
    fn asked(&self, number: u64, call: GroupCall);
    fn answered(&self, number: u64, answer: GroupAnswer);
    /// What the client is to take for random: of it come the ids of members.
    fn random(&self, random: u64) -> u64 {
        random
    }
}

/// Observed or not, it is the same type: code that serves both is there once.
pub struct Observed<T> {
    inner: T,
    observer: Option<Rc<dyn Observer>>,
    numbers: Rc<RefCell<u64>>,
}

pub struct ObservedConnection<C> {
    inner: C,
    observer: Option<Observing>,
}

struct Observing {
    observer: Rc<dyn Observer>,
    now: Box<dyn Fn() -> u64>,
    numbers: Rc<RefCell<u64>>,
    /// In the order in which they were sent.
    waiting: RefCell<VecDeque<Waiting>>,
}

#[derive(Clone, Copy)]
struct Waiting {
    correlation_id: i32,
    number: u64,
    api: ApiKey,
    version: i16,
}

impl<T> Observed<T> {
    pub fn unobserved(inner: T) -> Observed<T> {
        Observed { inner, observer: None, numbers: Rc::default() }
    }

    /// The same way to the same broker, with somebody who is told.
    pub fn observed_by(&self, observer: Rc<dyn Observer>) -> Observed<T>
    where
        T: Clone,
    {
        Observed { inner: self.inner.clone(), observer: Some(observer), numbers: Rc::default() }
    }
}

impl<T: Clone> Clone for Observed<T> {
    fn clone(&self) -> Observed<T> {
        Observed { inner: self.inner.clone(), observer: self.observer.clone(), numbers: self.numbers.clone() }
    }
}

impl<T: fmt::Debug> fmt::Debug for Observed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<C> fmt::Debug for ObservedConnection<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ObservedConnection")
    }
}

impl<T: Transport> Transport for Observed<T> {
    type Connection = ObservedConnection<T::Connection>;

    async fn connect(&self, host: &str, port: u16) -> Result<Self::Connection, TransportError> {
        let inner = self.inner.connect(host, port).await?;
        let observer = self.observer.clone().map(|observer| {
            let clock = self.inner.clone();
            Observing {
                observer,
                now: Box::new(move || clock.now().monotonic_ms),
                numbers: self.numbers.clone(),
                waiting: RefCell::default(),
            }
        });
        Ok(ObservedConnection { inner, observer })
    }

    async fn sleep(&self, duration_ms: u64) {
        self.inner.sleep(duration_ms).await;
    }

    fn now(&self) -> Now {
        self.inner.now()
    }

    fn random(&self) -> u64 {
        let random = self.inner.random();
        self.observer.as_ref().map_or(random, |observer| observer.random(random))
    }
}

impl<C: Connection> Connection for ObservedConnection<C> {
    fn send(&self, frame: Bytes) -> Result<(), TransportError> {
        if let Some(observing) = &self.observer {
            observing.sends(&frame);
        }
        self.inner.send(frame)
    }

    async fn receive(&self) -> Result<Bytes, TransportError> {
        let frame = self.inner.receive().await?;
        if let Some(observing) = &self.observer {
            observing.receives(&frame);
        }
        Ok(frame)
    }

    fn set_will(&self, frame: Option<Bytes>) {
        self.inner.set_will(frame);
    }
}

impl Observing {
    fn sends(&self, frame: &Bytes) {
        let mut body = frame.clone();
        let Ok(header) = RequestHeader::decode(&mut body) else { return };
        let Some(api) = ApiKey::from_i16(header.api_key).filter(|api| is_of_group(*api)) else { return };
        let number = {
            let mut numbers = self.numbers.borrow_mut();
            *numbers += 1;
            *numbers
        };
        let waiting =
            Waiting { correlation_id: header.correlation_id, number, api, version: header.api_version };
        let mut all = self.waiting.borrow_mut();
        if all.len() >= OBSERVED_CALLS_MAX {
            all.pop_front();
        }
        all.push_back(waiting);
        drop(all);
        let is_news = says_more(api, header.api_version, body);
        self.observer.asked(number, GroupCall { api, sent_ms: (self.now)(), is_news });
    }

    fn receives(&self, frame: &Bytes) {
        let Some(correlation_id) = frame.first_chunk::<4>().map(|bytes| i32::from_be_bytes(*bytes)) else {
            return;
        };
        let waiting = {
            let mut all = self.waiting.borrow_mut();
            let at = all.iter().position(|waiting| waiting.correlation_id == correlation_id);
            at.and_then(|at| all.remove(at))
        };
        let Some(Waiting { number, api, version, .. }) = waiting else { return };
        let (error_code, is_news) = read_answer(frame.clone(), api, version).unwrap_or((0, true));
        let answer = GroupAnswer { answered_ms: (self.now)(), error_code, is_news };
        self.observer.answered(number, answer);
    }
}

fn is_of_group(api: ApiKey) -> bool {
    matches!(
        api,
        ApiKey::JoinGroup
            | ApiKey::SyncGroup
            | ApiKey::Heartbeat
            | ApiKey::LeaveGroup
            | ApiKey::OffsetCommit
            | ApiKey::ConsumerGroupHeartbeat
    )
}

fn says_more(api: ApiKey, version: i16, body: Bytes) -> bool {
    if api != ApiKey::ConsumerGroupHeartbeat {
        return api != ApiKey::Heartbeat;
    }
    let request = frame::decode_body::<ConsumerGroupHeartbeatRequest>(body, version);
    request.is_ok_and(|beat| beat.member_epoch <= 0 || beat.topic_partitions.is_some())
}

/// The code for the whole answer, and whether it says more than that.
fn read_answer(mut frame: Bytes, api: ApiKey, version: i16) -> Option<(i16, bool)> {
    ResponseHeader::decode(&mut frame, api, version).ok()?;
    match api {
        ApiKey::ConsumerGroupHeartbeat => {
            let beat = frame::decode_body::<ConsumerGroupHeartbeatResponse>(frame, version).ok()?;
            Some((beat.error_code, beat.assignment.is_some()))
        }
        ApiKey::OffsetCommit => Some((0, true)),
        _ => {
            // The time for which a client is throttled stands before the code, but for the oldest versions.
            let first_throttled = if api == ApiKey::JoinGroup { 2 } else { 1 };
            let skipped = if version >= first_throttled { 4 } else { 0 };
            if frame.remaining() < skipped + 2 {
                return None;
            }
            frame.advance(skipped);
            let code = frame.get_i16();
            Some((code, api != ApiKey::Heartbeat || code != 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tablog_record::Timestamp;
    use tablog_wire::messages::consumer_group_heartbeat_response::Assignment;
    use tablog_wire::messages::{
        HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, MetadataRequest,
    };

    #[derive(Default)]
    struct Heard(RefCell<Vec<(u64, GroupCall)>>, RefCell<Vec<(u64, GroupAnswer)>>);

    impl Observer for Heard {
        fn asked(&self, number: u64, call: GroupCall) {
            self.0.borrow_mut().push((number, call));
        }

        fn answered(&self, number: u64, answer: GroupAnswer) {
            self.1.borrow_mut().push((number, answer));
        }
    }

    /// Answers with what it was given, in that order; every look at the clock takes a millisecond.
    #[derive(Clone, Default)]
    struct Told {
        answers: Rc<RefCell<VecDeque<Bytes>>>,
        sent: Rc<RefCell<Vec<Bytes>>>,
        now: Rc<RefCell<u64>>,
    }

    impl Transport for Told {
        type Connection = Told;

        async fn connect(&self, _host: &str, _port: u16) -> Result<Told, TransportError> {
            Ok(self.clone())
        }

        async fn sleep(&self, _duration_ms: u64) {}

        fn now(&self) -> Now {
            *self.now.borrow_mut() += 1;
            Now { monotonic_ms: *self.now.borrow(), wall: Timestamp(0) }
        }

        fn random(&self) -> u64 {
            7
        }
    }

    impl Connection for Told {
        fn send(&self, frame: Bytes) -> Result<(), TransportError> {
            self.sent.borrow_mut().push(frame);
            Ok(())
        }

        async fn receive(&self) -> Result<Bytes, TransportError> {
            let next = self.answers.borrow_mut().pop_front();
            next.ok_or_else(|| TransportError { detail: "no more".to_owned() })
        }
    }

    fn ready<F: std::future::Future>(future: F) -> F::Output {
        futures_util::FutureExt::now_or_never(future).expect("nothing here waits")
    }

    #[test]
    fn calls_of_groups_are_told_with_their_answers_in_any_order_and_nothing_else_is() {
        let told = Told::default();
        let heard = Rc::new(Heard::default());
        let transport = Observed::unobserved(told.clone()).observed_by(heard.clone());
        let connection = ready(transport.connect("b", 9092)).unwrap();
        let beat = ConsumerGroupHeartbeatRequest { member_epoch: 3, ..Default::default() };
        let acknowledgement =
            ConsumerGroupHeartbeatRequest { topic_partitions: Some(Vec::new()), ..beat.clone() };
        for frame in [
            frame::encode_request(&MetadataRequest::default(), 9, 1, None),
            frame::encode_request(
                &JoinGroupRequest { group_id: "g".into(), ..Default::default() },
                5,
                2,
                None,
            ),
            frame::encode_request(&HeartbeatRequest::default(), 4, 3, Some("c1")),
            frame::encode_request(&beat, 0, 4, Some("c1")),
            frame::encode_request(&acknowledgement, 0, 5, Some("c1")),
        ] {
            connection.send(frame.unwrap()).unwrap();
        }
        connection.send(Bytes::from_static(&[0, 12, 0])).unwrap();
        let apis = [
            (ApiKey::JoinGroup, true),
            (ApiKey::Heartbeat, false),
            (ApiKey::ConsumerGroupHeartbeat, false),
            (ApiKey::ConsumerGroupHeartbeat, true),
        ];
        let asked: Vec<_> = heard.0.borrow().iter().map(|(_, call)| (call.api, call.is_news)).collect();
        assert_eq!(asked, apis);
        assert_eq!(told.sent.borrow().len(), 6, "all go on, also what cannot be read");

        let rebalancing = HeartbeatResponse { error_code: 27, ..Default::default() };
        let joined = JoinGroupResponse { error_code: 79, ..Default::default() };
        let target =
            ConsumerGroupHeartbeatResponse { assignment: Some(Assignment::default()), ..Default::default() };
        told.answers.borrow_mut().extend([
            frame::encode_response(ApiKey::Heartbeat, 4, 3, &rebalancing).unwrap(),
            frame::encode_response(ApiKey::JoinGroup, 5, 2, &joined).unwrap(),
            frame::encode_response(ApiKey::ConsumerGroupHeartbeat, 0, 4, &target).unwrap(),
            frame::encode_response(ApiKey::Heartbeat, 4, 99, &rebalancing).unwrap(),
            Bytes::from_static(&[0, 0, 0, 5]),
            Bytes::from_static(&[0]),
        ]);
        while ready(connection.receive()).is_ok() {}
        let answers: Vec<_> =
            heard.1.borrow().iter().map(|(number, a)| (*number, a.error_code, a.is_news)).collect();
        assert_eq!(answers, [(2, 27, true), (1, 79, true), (3, 0, true), (4, 0, true)]);
        assert!(heard.1.borrow()[0].1.answered_ms > heard.0.borrow()[1].1.sent_ms);
    }

    #[test]
    fn unanswered_calls_are_not_kept_without_end() {
        let told = Told::default();
        let transport = Observed::unobserved(told).observed_by(Rc::new(Heard::default()));
        let connection = ready(transport.connect("b", 9092)).unwrap();
        for correlation_id in 0..OBSERVED_CALLS_MAX as i32 * 3 {
            let frame = frame::encode_request(&HeartbeatRequest::default(), 4, correlation_id, None);
            connection.send(frame.unwrap()).unwrap();
        }
        let observing = connection.observer.as_ref().unwrap();
        assert_eq!(observing.waiting.borrow().len(), OBSERVED_CALLS_MAX);
    }
}
