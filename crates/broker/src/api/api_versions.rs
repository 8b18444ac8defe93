//! ApiVersions (18): which APIs are served, at which versions. Served 0–4.
//!
//! An unknown version is answered in version 0 with `UNSUPPORTED_VERSION` (KIP-511). Client software names must look
//! like names. Of the features `group.version` 1 is final: there
//! are consumer groups (KIP-848), and Java clients act on it.

use crate::broker::{Broker, Context};
use tablog_wire::messages::api_versions_request::ApiVersionsRequest;
use tablog_wire::messages::api_versions_response::{
    ApiVersion, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};
use tablog_wire::{ErrorCode, served};

const GROUP_VERSION: &str = "group.version";
/// From this version on a supported feature may begin at 0.
const FIRST_WITH_ZERO: i16 = 4;

pub(crate) fn handle(broker: &mut Broker, context: Context, request: ApiVersionsRequest) {
    if context.version >= 3
        && !(is_name(&request.client_software_name) && is_name(&request.client_software_version))
    {
        let response =
            ApiVersionsResponse { error_code: ErrorCode::InvalidRequest.code(), ..Default::default() };
        return broker.reply(context.reply, &response);
    }
    if let Some(connection) = broker.connections.get_mut(context.connection) {
        connection.software_name = request.client_software_name;
        connection.software_version = request.client_software_version;
    }
    // Before version 4 a feature that begins at 0 could not be told (KIP-584).
    let supported = (context.version >= FIRST_WITH_ZERO).then(|| SupportedFeatureKey {
        name: GROUP_VERSION.into(),
        min_version: 0,
        max_version: 1,
    });
    let finalized =
        FinalizedFeatureKey { name: GROUP_VERSION.into(), max_version_level: 1, min_version_level: 1 };
    let response = ApiVersionsResponse {
        api_keys: table(),
        supported_features: supported.into_iter().collect(),
        finalized_features_epoch: 0,
        finalized_features: vec![finalized],
        ..Default::default()
    };
    broker.reply(context.reply, &response);
}

pub(crate) fn refuse_version(broker: &mut Broker, context: Context) {
    let response = ApiVersionsResponse {
        error_code: ErrorCode::UnsupportedVersion.code(),
        api_keys: table(),
        ..Default::default()
    };
    broker.reply(context.reply, &response);
}

fn table() -> Vec<ApiVersion> {
    served::SERVED
        .iter()
        .map(|&(api, min_version, max_version)| ApiVersion { api_key: api.code(), min_version, max_version })
        .collect()
}

/// Kafka's rule: letters and digits, inside also `-` and `.`.
fn is_name(text: &str) -> bool {
    let alphanumeric = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    alphanumeric(bytes.first())
        && alphanumeric(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}
