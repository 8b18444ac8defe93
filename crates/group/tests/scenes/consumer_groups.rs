//! Groups of the consumer protocol (KIP-848): members come, are given partitions step by step, are fenced, leave.

use crate::scene::{check, check_with};
use tablog_group::{GroupConfig, MigrationPolicy};

#[test]
fn members_reconcile_one_by_one() {
    check(
        "
        topics t:4
        a beat g member=A
          x
        b beat g member=B
          x
        a beat g member=A epoch=1
        a beat g member=A epoch=1 owned=t-0,t-1
        b beat g member=B epoch=2
        b beat g member=B epoch=2
        x describe-consumers g
    ",
    );
}
