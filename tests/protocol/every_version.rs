//! Every served API answers at every version that it accepts, in that version's own form.

use crate::Bench;
use crate::requests::{all, prepare};

#[test]
fn every_served_version_is_answered_in_its_own_form() {
    let mut bench = Bench::new();
    let topic_id = prepare(&mut bench);
    let mut failures = Vec::new();
    let said = all(topic_id);
    assert!(said.len() > 250, "{}", said.len());
    for said in said {
        let connection = bench.broker.connect();
        bench.broker.send_frame(connection, said.frame);
        bench.broker.advance(20_000);
        let what = format!("{:?} v{}", said.api, said.version);
        match bench.broker.receive_frame(connection) {
            None if bench.broker.is_closed(connection) => failures.push(format!("{what}: closed")),
            None => failures.push(format!("{what}: no answer")),
            Some(frame) => {
                failures.extend((said.read)(frame, said.version).err().map(|e| format!("{what}: {e}")))
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
