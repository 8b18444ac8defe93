//! One connection to one broker: made, versions negotiated, requests pipelined by correlation id, ended by the
//! first error or the first request that runs out of time (what comes after it could not be trusted to come).
//!
//! Never knows: metadata, retries, which API means what (but ApiVersions).

use bytes::Bytes;
use futures_channel::oneshot;
use futures_util::future::{Either, LocalBoxFuture, select};
use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use tablog_record::SortedMap;
use tablog_wire::messages::{ApiVersionsRequest, ApiVersionsResponse};
use tablog_wire::{ApiKey, Encode, ErrorCode, Request, frame};

use crate::alarm::Alarm;
use crate::error::ClientError;
use crate::limits::{FRAME_BYTES_MAX, PENDING_REQUESTS_MAX};
use crate::signal::Signal;
use crate::transport::{Connection, Transport};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address {
    pub host: String,
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The versions that a broker serves, by API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiVersions {
    ranges: SortedMap<i16, (i16, i16)>,
}

impl ApiVersions {
    /// The range that the broker named.
    pub fn range(&self, api: ApiKey) -> Option<(i16, i16)> {
        self.ranges.get(&(api as i16)).copied()
    }

    /// Every API that the broker named: key, lowest and highest version.
    pub fn iter(&self) -> impl Iterator<Item = (i16, i16, i16)> + '_ {
        self.ranges.iter().map(|(&api, &(min, max))| (api, min, max))
    }

    /// The highest version that both sides know, at most `cap`.
    pub(crate) fn choose<R: Request>(&self, cap: Option<i16>) -> Result<i16, ClientError> {
        self.choose_of(R::API, R::VERSIONS, cap)
    }

    pub(crate) fn choose_of(
        &self,
        api: ApiKey,
        (own_min, own_max): (i16, i16),
        cap: Option<i16>,
    ) -> Result<i16, ClientError> {
        let unsupported = ClientError::UnsupportedVersion { api };
        let (min, max) = self.range(api).ok_or(unsupported.clone())?;
        let version = max.min(own_max).min(cap.unwrap_or(i16::MAX));
        if version >= min && version >= own_min { Ok(version) } else { Err(unsupported) }
    }
}

pub(crate) struct BrokerConnection<T: Transport> {
    pub address: Address,
    transport: T,
    client_id: String,
    state: RefCell<State<T::Connection>>,
    changed: Signal,
}

struct State<C> {
    phase: Phase<C>,
    versions: Rc<ApiVersions>,
    pending: SortedMap<i32, Pending>,
    next_correlation_id: i32,
}

enum Phase<C> {
    Connecting,
    Ready(Rc<C>),
    Gone(ClientError),
}

struct Pending {
    deadline_ms: u64,
    reply: oneshot::Sender<Result<Bytes, ClientError>>,
}

/// A connection's phase, seen from outside.
pub(crate) enum Standing {
    Connecting,
    Ready,
    Gone(ClientError),
}

/// Whether the broker answers this request (it does not answer a Produce with acks=0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Expected,
    None,
}

/// A request that is on its way.
pub(crate) struct Sent {
    pub version: i16,
    pub reply: oneshot::Receiver<Result<Bytes, ClientError>>,
}

impl<T: Transport> BrokerConnection<T> {
    pub fn new(transport: T, address: Address, client_id: String) -> Rc<BrokerConnection<T>> {
        Rc::new(BrokerConnection {
            address,
            transport,
            client_id,
            state: RefCell::new(State {
                phase: Phase::Connecting,
                versions: Rc::default(),
                pending: SortedMap::new(),
                next_correlation_id: 1,
            }),
            changed: Signal::default(),
        })
    }

    pub fn standing(&self) -> Standing {
        match &self.state.borrow().phase {
            Phase::Connecting => Standing::Connecting,
            Phase::Ready(_) => Standing::Ready,
            Phase::Gone(error) => Standing::Gone(error.clone()),
        }
    }

    /// Until the connection can be used, or cannot.
    pub async fn settled(&self) -> Result<(), ClientError> {
        loop {
            let changed = self.changed.changed();
            match self.standing() {
                Standing::Connecting => changed.await,
                Standing::Ready => return Ok(()),
                Standing::Gone(error) => return Err(error),
            }
        }
    }

    pub fn versions(&self) -> Rc<ApiVersions> {
        self.state.borrow().versions.clone()
    }

    pub fn set_will(&self, frame: Option<Bytes>) {
        if let Phase::Ready(connection) = &self.state.borrow().phase {
            connection.set_will(frame);
        }
    }

    /// Sends at once, so that the order of calls is the order on the wire.
    pub fn submit(
        &self,
        api: ApiKey,
        version: i16,
        request: &dyn Encode,
        deadline_ms: u64,
        answer: Answer,
    ) -> Result<Sent, ClientError> {
        let (sender, reply) = oneshot::channel();
        let connection = {
            let mut state = self.state.borrow_mut();
            let connection = match &state.phase {
                Phase::Ready(connection) => connection.clone(),
                Phase::Connecting => return Err(self.disconnected("not connected yet")),
                Phase::Gone(error) => return Err(error.clone()),
            };
            if state.pending.len() >= PENDING_REQUESTS_MAX {
                return Err(self.disconnected("too many requests in flight"));
            }
            let correlation_id = state.next_correlation_id;
            state.next_correlation_id = correlation_id.checked_add(1).unwrap_or(1);
            let frame = self.encode_of(api, version, correlation_id, request)?;
            if answer == Answer::Expected {
                state.pending.insert(correlation_id, Pending { deadline_ms, reply: sender });
            }
            connection.send(frame).map(|()| connection)
        };
        match connection {
            Ok(_) => {
                self.changed.raise();
                Ok(Sent { version, reply })
            }
            Err(error) => {
                let error = self.disconnected(&error.detail);
                self.end(error.clone());
                Err(error)
            }
        }
    }

    pub fn encode<R: Request>(
        &self,
        version: i16,
        correlation_id: i32,
        request: &R,
    ) -> Result<Bytes, ClientError> {
        self.encode_of(R::API, version, correlation_id, request)
    }

    fn encode_of(
        &self,
        api: ApiKey,
        version: i16,
        correlation_id: i32,
        request: &dyn Encode,
    ) -> Result<Bytes, ClientError> {
        frame::encode_request_of(api, request, version, correlation_id, Some(&self.client_id))
            .map_err(|error| ClientError::NotEncodable { api, detail: error.to_string() })
    }

    /// Fails everything that waits. Idempotent.
    pub fn end(&self, error: ClientError) {
        let pending = {
            let mut state = self.state.borrow_mut();
            if !matches!(state.phase, Phase::Gone(_)) {
                state.phase = Phase::Gone(error.clone());
            }
            std::mem::take(&mut state.pending)
        };
        for waiting in pending.into_values() {
            // Nobody listens any more: then nobody needs to know.
            let _ = waiting.reply.send(Err(error.clone()));
        }
        self.changed.raise();
    }

    /// The task of this connection: connects, negotiates, hands answers out, until it is gone.
    pub async fn serve(self: Rc<Self>, setup_timeout_ms: u64) {
        let connected = match race(self.set_up(), self.transport.sleep(setup_timeout_ms)).await {
            Either::Left(connected) => connected,
            Either::Right(()) => Err(ClientError::TimedOut { waiting_for: "a connection" }),
        };
        let ended = match connected {
            Ok((connection, versions)) => {
                {
                    let mut state = self.state.borrow_mut();
                    if matches!(state.phase, Phase::Connecting) {
                        state.phase = Phase::Ready(connection.clone());
                        state.versions = Rc::new(versions);
                    }
                }
                self.changed.raise();
                self.receive(connection).await
            }
            Err(error) => error,
        };
        self.end(ended);
    }

    async fn set_up(&self) -> Result<(Rc<T::Connection>, ApiVersions), ClientError> {
        let connection = self
            .transport
            .connect(&self.address.host, self.address.port)
            .await
            .map_err(|error| self.disconnected(&error.detail))?;
        let mut version = 3;
        // A broker that does not know our version answers with a version-0 body (KIP-511) and we ask again.
        loop {
            let request = api_versions_request(version);
            let frame = self.encode(version, 0, &request)?;
            connection.send(frame).map_err(|error| self.disconnected(&error.detail))?;
            let frame = connection.receive().await.map_err(|error| self.disconnected(&error.detail))?;
            let response = match decode::<ApiVersionsRequest>(frame.clone(), version) {
                Ok(response) if response.error_code == ErrorCode::None.code() => response,
                _ if version > 0 => {
                    version = 0;
                    continue;
                }
                Ok(response) => {
                    ClientError::check(response.error_code, None)?;
                    response
                }
                Err(error) => return Err(error),
            };
            return Ok((Rc::new(connection), ranges(&response)));
        }
    }

    /// Hands out answers until something ends the connection; that something is the result.
    async fn receive(&self, connection: Rc<T::Connection>) -> ClientError {
        // Kept across rounds: `receive` need not bear being dropped half way.
        let mut receiving = next_frame(connection.clone());
        let mut alarm = Alarm::default();
        loop {
            let changed = self.changed.changed();
            if let Standing::Gone(error) = self.standing() {
                return error;
            }
            let deadline_ms = self.state.borrow().pending.values().map(|pending| pending.deadline_ms).min();
            if deadline_ms.is_some_and(|deadline_ms| deadline_ms <= self.transport.now().monotonic_ms) {
                return ClientError::TimedOut { waiting_for: "an answer" };
            }
            let quiet = race(changed, alarm.rings(&self.transport, deadline_ms));
            match race(&mut receiving, quiet).await {
                Either::Left(Ok(frame)) => {
                    receiving = next_frame(connection.clone());
                    if let Err(error) = self.hand_out(frame) {
                        return error;
                    }
                }
                Either::Left(Err(detail)) => return self.disconnected(&detail),
                Either::Right(_) => {}
            }
        }
    }

    fn hand_out(&self, frame: Bytes) -> Result<(), ClientError> {
        if frame.len() > FRAME_BYTES_MAX {
            return Err(self.disconnected("a frame longer than the limit"));
        }
        let Some(correlation_id) = frame.first_chunk::<4>().map(|bytes| i32::from_be_bytes(*bytes)) else {
            return Err(self.disconnected("a frame without a correlation id"));
        };
        let Some(pending) = self.state.borrow_mut().pending.remove(&correlation_id) else {
            return Err(self.disconnected("an answer to no question"));
        };
        // The asker may have been dropped.
        let _ = pending.reply.send(Ok(frame));
        Ok(())
    }

    pub fn disconnected(&self, detail: &str) -> ClientError {
        ClientError::Disconnected { broker: self.address.to_string(), detail: detail.to_owned() }
    }
}

fn next_frame<C: Connection>(connection: Rc<C>) -> LocalBoxFuture<'static, Result<Bytes, String>> {
    Box::pin(async move { connection.receive().await.map_err(|error| error.detail) })
}

/// Reads a whole answer of a known version.
pub(crate) fn decode<R: Request>(frame: Bytes, version: i16) -> Result<R::Response, ClientError> {
    let (_, response) = frame::decode_response::<R>(frame, version)
        .map_err(|error| ClientError::Malformed { api: R::API, detail: error.to_string() })?;
    Ok(response)
}

fn api_versions_request(version: i16) -> ApiVersionsRequest {
    let mut request = ApiVersionsRequest::default();
    if version >= 3 {
        request.client_software_name = "tablog".to_owned();
        request.client_software_version = env!("CARGO_PKG_VERSION").to_owned();
    }
    request
}

fn ranges(response: &ApiVersionsResponse) -> ApiVersions {
    ApiVersions {
        ranges: response
            .api_keys
            .iter()
            .map(|api| (api.api_key, (api.min_version, api.max_version)))
            .collect(),
    }
}

/// The first of the two, whichever it is.
pub(crate) async fn race<A: Future, B: Future>(first: A, second: B) -> Either<A::Output, B::Output> {
    match select(pin!(first), pin!(second)).await {
        Either::Left((output, _)) => Either::Left(output),
        Either::Right((output, _)) => Either::Right(output),
    }
}
