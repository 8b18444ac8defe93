//! Takes the schemas out of Apache Kafka's published jars with Maven and keeps what the generator reads:
//! names, types and versions, none of the sentences.

use super::schema::names_in;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

const KAFKA: &str = "4.1.1";

/// The jars, the folder inside each, our folder, and the schemas that we keep. A name without an ending
/// stands for a request and its response.
const SOURCES: &[(&str, &str, &str, &[&str])] = &[
    ("kafka-clients", "common/message", "message", MESSAGES),
    ("kafka-group-coordinator", "common/message", "coordinator", COORDINATOR_RECORDS),
    ("kafka-metadata", "common/metadata", "metadata", METADATA_RECORDS),
];

const MESSAGES: &[&str] = &[
    "Produce*",
    "Fetch*",
    "ListOffsets*",
    "Metadata*",
    "OffsetCommit*",
    "OffsetFetch*",
    "FindCoordinator*",
    "JoinGroup*",
    "Heartbeat*",
    "LeaveGroup*",
    "SyncGroup*",
    "DescribeGroups*",
    "ListGroups*",
    "SaslHandshake*",
    "ApiVersions*",
    "CreateTopics*",
    "DeleteTopics*",
    "DeleteRecords*",
    "InitProducerId*",
    "OffsetForLeaderEpoch*",
    "AddPartitionsToTxn*",
    "AddOffsetsToTxn*",
    "EndTxn*",
    "WriteTxnMarkers*",
    "TxnOffsetCommit*",
    "DescribeConfigs*",
    "AlterConfigs*",
    "DescribeLogDirs*",
    "SaslAuthenticate*",
    "CreatePartitions*",
    "DeleteGroups*",
    "IncrementalAlterConfigs*",
    "OffsetDelete*",
    "DescribeCluster*",
    "DescribeProducers*",
    "DescribeTransactions*",
    "ListTransactions*",
    "ConsumerGroupHeartbeat*",
    "ConsumerGroupDescribe*",
    "ListConfigResources*",
    "DescribeTopicPartitions*",
    "ConsumerProtocolSubscription",
    "ConsumerProtocolAssignment",
    "EndTxnMarker",
];

const COORDINATOR_RECORDS: &[&str] = &[
    "OffsetCommitKey",
    "OffsetCommitValue",
    "GroupMetadataKey",
    "GroupMetadataValue",
    "ConsumerGroupMetadataKey",
    "ConsumerGroupMetadataValue",
    "ConsumerGroupMemberMetadataKey",
    "ConsumerGroupMemberMetadataValue",
    "ConsumerGroupTargetAssignmentMetadataKey",
    "ConsumerGroupTargetAssignmentMetadataValue",
    "ConsumerGroupTargetAssignmentMemberKey",
    "ConsumerGroupTargetAssignmentMemberValue",
    "ConsumerGroupCurrentMemberAssignmentKey",
    "ConsumerGroupCurrentMemberAssignmentValue",
    "ConsumerGroupRegularExpressionKey",
    "ConsumerGroupRegularExpressionValue",
];

const METADATA_RECORDS: &[&str] = &[
    "RegisterBrokerRecord",
    "TopicRecord",
    "PartitionRecord",
    "ConfigRecord",
    "PartitionChangeRecord",
    "FenceBrokerRecord",
    "UnfenceBrokerRecord",
    "RemoveTopicRecord",
    "FeatureLevelRecord",
    "ProducerIdsRecord",
    "BrokerRegistrationChangeRecord",
    "NoOpRecord",
    "BeginTransactionRecord",
    "EndTransactionRecord",
    "AbortTransactionRecord",
];

pub fn fetch(schemas: &Path) -> Result<(), String> {
    let scratch = env::temp_dir().join(format!("tablog-schemas-{}", std::process::id()));
    for (jar, inside, folder, names) in SOURCES {
        let artifact = format!("-Dartifact=org.apache.kafka:{jar}:{KAFKA}");
        let output = format!("-DoutputDirectory={}", scratch.display());
        command("mvn", &["-q", "dependency:copy", &artifact, &output])?;
        let jar_path = scratch.join(format!("{jar}-{KAFKA}.jar"));
        let unpacked = scratch.join(jar);
        let (from, to) = (jar_path.display().to_string(), unpacked.display().to_string());
        command("unzip", &["-qo", &from, &format!("{inside}/*.json"), "-d", &to])?;
        keep(&unpacked.join(inside), &schemas.join(folder), names)?;
    }
    let _ = fs::remove_dir_all(&scratch);
    Ok(())
}

fn command(program: &str, args: &[&str]) -> Result<(), String> {
    match Command::new(program).args(args).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} {}: {status}", args.join(" "))),
        Err(error) => Err(format!("{program} is needed to fetch the schemas: {error}")),
    }
}

fn keep(from: &Path, to: &Path, names: &[&str]) -> Result<(), String> {
    if to.is_dir() {
        for stale in names_in(to)? {
            fs::remove_file(to.join(&stale)).map_err(|error| format!("{stale}: {error}"))?;
        }
    }
    fs::create_dir_all(to).map_err(|error| format!("{}: {error}", to.display()))?;
    let spelled = names.iter().flat_map(|name| match name.strip_suffix('*') {
        Some(stem) => vec![format!("{stem}Request.json"), format!("{stem}Response.json")],
        None => vec![format!("{name}.json")],
    });
    for name in spelled {
        let text = fs::read_to_string(from.join(&name)).map_err(|error| format!("{name}: {error}"))?;
        let stripped = strip(&text).map_err(|error| format!("{name}: {error}"))?;
        fs::write(to.join(&name), stripped).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

const TOP_KEYS: &[&str] =
    &["apiKey", "type", "name", "validVersions", "flexibleVersions", "latestVersionUnstable"];
const FIELD_KEYS: &[&str] = &[
    "name",
    "type",
    "versions",
    "nullableVersions",
    "taggedVersions",
    "tag",
    "default",
    "ignorable",
    "mapKey",
    "entityType",
];

/// The schema without comments and sentences, one field a line.
fn strip(text: &str) -> Result<String, String> {
    let bare: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let value: Value = serde_json::from_str(&bare).map_err(|error| error.to_string())?;
    let mut out = String::from("{\n");
    for key in TOP_KEYS {
        if let Some(found) = value.get(key) {
            let _ = writeln!(out, "  \"{key}\": {found},");
        }
    }
    if let Some(structs) = value.get("commonStructs").and_then(Value::as_array) {
        out.push_str("  \"commonStructs\": [\n");
        print_items(structs, 4, &mut out);
        out.push_str("  ],\n");
    }
    out.push_str("  \"fields\": [\n");
    print_items(
        value.get("fields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default(),
        4,
        &mut out,
    );
    out.push_str("  ]\n}\n");
    Ok(out)
}

fn print_items(items: &[Value], indent: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        let present =
            FIELD_KEYS.iter().filter_map(|key| item.get(key).map(|found| format!("\"{key}\": {found}")));
        let _ = write!(out, "{:indent$}{{ {}", "", present.collect::<Vec<_>>().join(", "));
        if let Some(inner) = item.get("fields").and_then(Value::as_array) {
            out.push_str(", \"fields\": [\n");
            print_items(inner, indent + 2, out);
            let _ = write!(out, "{:indent$}]", "");
        }
        out.push_str(if index + 1 < items.len() { " },\n" } else { " }\n" });
    }
}
