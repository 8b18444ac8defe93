//! What a client may do, as the bits that answers carry when they are asked for them (KIP-430).
//!
//! There are no access lists: everything is allowed, as on an Apache Kafka without an authorizer.

const READ: i32 = 1 << 3;
const WRITE: i32 = 1 << 4;
const CREATE: i32 = 1 << 5;
const DELETE: i32 = 1 << 6;
const ALTER: i32 = 1 << 7;
const DESCRIBE: i32 = 1 << 8;
const CLUSTER_ACTION: i32 = 1 << 9;
const DESCRIBE_CONFIGS: i32 = 1 << 10;
const ALTER_CONFIGS: i32 = 1 << 11;
const IDEMPOTENT_WRITE: i32 = 1 << 12;

pub(crate) const OF_TOPIC: i32 =
    READ | WRITE | CREATE | DELETE | ALTER | DESCRIBE | DESCRIBE_CONFIGS | ALTER_CONFIGS;

pub(crate) const OF_CLUSTER: i32 =
    CREATE | ALTER | DESCRIBE | CLUSTER_ACTION | DESCRIBE_CONFIGS | ALTER_CONFIGS | IDEMPOTENT_WRITE;

#[cfg(test)]
mod tests {
    #[test]
    fn the_bits_are_those_of_apache_kafka() {
        assert_eq!((super::OF_TOPIC, super::OF_CLUSTER), (3576, 8096));
    }
}
