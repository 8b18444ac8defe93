//! DescribeCluster (60): this broker, the cluster's id, the controller. Served 0–2.
//!
//! Endpoint type 1 (brokers) is served, 2 (controllers) is refused as Kafka's brokers refuse it.

use crate::authorized_operations;
use crate::broker::{Broker, Context};
use tablog_wire::ErrorCode;
use tablog_wire::messages::describe_cluster_request::DescribeClusterRequest;
use tablog_wire::messages::describe_cluster_response::{DescribeClusterBroker, DescribeClusterResponse};

const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

pub(crate) fn handle(broker: &mut Broker, context: Context, request: DescribeClusterRequest) {
    if request.endpoint_type != BROKERS {
        let (code, message) = match request.endpoint_type {
            CONTROLLERS => (
                ErrorCode::MismatchedEndpointType,
                "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER"
                    .to_string(),
            ),
            other => (ErrorCode::UnsupportedEndpointType, format!("Unsupported endpoint type {other}")),
        };
        let response = DescribeClusterResponse {
            error_code: code.code(),
            error_message: Some(message),
            ..Default::default()
        };
        return broker.reply(context.reply, &response);
    }
    let mut response = DescribeClusterResponse {
        endpoint_type: BROKERS,
        cluster_id: broker.cluster_id.clone(),
        controller_id: broker.config.node_id,
        brokers: vec![DescribeClusterBroker {
            broker_id: broker.config.node_id,
            host: broker.config.advertised_host.clone(),
            port: i32::from(broker.config.advertised_port),
            rack: broker.config.rack.clone(),
            is_fenced: false,
        }],
        ..Default::default()
    };
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = authorized_operations::OF_CLUSTER;
    }
    broker.reply(context.reply, &response);
}
