// Members by hand: what a client of either protocol says to its coordinator, in Kafka's bytes, so that a test decides
// when a member lets go. Spoken over the connection that raw_kafka.js opens.

const i8 = (n) => Buffer.from([n & 0xff]);
const i16 = (n) => { const b = Buffer.alloc(2); b.writeInt16BE(n); return b; };
const i32 = (n) => { const b = Buffer.alloc(4); b.writeInt32BE(n); return b; };
const i64 = (n) => { const b = Buffer.alloc(8); b.writeBigInt64BE(BigInt(n)); return b; };
const string = (text) => (text === null ? i16(-1) : Buffer.concat([i16(Buffer.byteLength(text)), Buffer.from(text)]));
const array = (items) => Buffer.concat([i32(items.length), ...items]);
const bytes = (body) => Buffer.concat([i32(body.length), body]);

function unsigned(n) {
  const out = [];
  for (; n >= 0x80; n >>>= 7) out.push((n & 0x7f) | 0x80);
  return Buffer.from([...out, n]);
}
const compact = (text) => (text === null ? unsigned(0) : Buffer.concat([unsigned(Buffer.byteLength(text) + 1), Buffer.from(text)]));
const compactArray = (items) => (items === null ? unsigned(0) : Buffer.concat([unsigned(items.length + 1), ...items]));
const TAGS = Buffer.from([0]);

class Answer {
  constructor(frame, at) { this.frame = Buffer.from(frame); this.at = at; }
  i8() { return this.frame.readInt8(this.at++); }
  i16() { this.at += 2; return this.frame.readInt16BE(this.at - 2); }
  i32() { this.at += 4; return this.frame.readInt32BE(this.at - 4); }
  i64() { this.at += 8; return Number(this.frame.readBigInt64BE(this.at - 8)); }
  take(n) { this.at += n; return this.frame.subarray(this.at - n, this.at); }
  string() { const n = this.i16(); return n < 0 ? null : this.take(n).toString(); }
  unsigned() { let n = 0; for (let shift = 0; ; shift += 7) { const b = this.frame[this.at++]; n |= (b & 0x7f) << shift; if (b < 0x80) return n; } }
  compact() { const n = this.unsigned(); return n === 0 ? null : this.take(n - 1).toString(); }
  list(item) { return Array.from({ length: this.unsigned() - 1 }, item); }
  array(item) { return Array.from({ length: this.i32() }, item); }
}

const ask = (page, frame) => page.evaluate((frame) => window.ask(frame), [...frame]);
const header = (api, version, clientId) => Buffer.concat([i16(api), i16(version), i32(1), string(clientId)]);

// A member of the consumer protocol (KIP-848). `beat` says what it holds; what it is told to hold comes back.
export class ConsumerMember {
  constructor(page, group, memberId, { clientId = memberId, instanceId = null, rack = null, topics = ['flights'] } = {}) {
    Object.assign(this, { page, group, memberId, clientId, instanceId, rack, topics, epoch: 0, told: [] });
  }

  // Without `holding`: as before.
  async beat(holding) {
    const joins = this.epoch <= 0;
    const owned = (list) => compactArray(list.map(({ id, partitions }) => Buffer.concat([id, compactArray(partitions.map(i32)), TAGS])));
    const body = Buffer.concat([
      compact(this.group), compact(this.memberId), i32(this.epoch), compact(this.instanceId), compact(this.rack),
      i32(joins ? 300_000 : -1), compactArray(joins ? this.topics.map(compact) : null), compact(null),
      joins ? owned([]) : holding ? owned(holding) : compactArray(null), TAGS,
    ]);
    const frame = Buffer.concat([header(68, 0, this.clientId), TAGS, body]);
    const answer = new Answer(await ask(this.page, frame), 5);
    answer.i32();
    const code = answer.i16();
    const message = answer.compact();
    if (code !== 0) throw new Error(`${code}: ${message}`);
    answer.compact();
    this.epoch = answer.i32();
    answer.i32();
    if (answer.i8() >= 0) {
      this.told = answer.list(() => {
        const topic = { id: Buffer.from(answer.take(16)), partitions: answer.list(() => answer.i32()) };
        answer.unsigned();
        return topic;
      });
    }
    return this.told;
  }

  // Holds what it was told to: takes what is new, lets go of the rest.
  async obey() { return this.beat(await this.beat()); }

  async leave() { this.epoch = -1; await this.beat(); }
}

const subscription = (topics) => Buffer.concat([i16(1), array(topics.map(string)), bytes(Buffer.alloc(0)), array([])]);
const assignment = (topic, partitions) => Buffer.concat([i16(0), array([Buffer.concat([string(topic), array(partitions.map(i32))])]), i32(-1)]);

// The only member of a classic group, which owns these partitions.
export async function joinAlone(page, group, { clientId, instanceId = null, topic = 'flights', partitions }) {
  const join = (memberId) => Buffer.concat([
    header(11, 5, clientId), string(group), i32(300_000), i32(300_000), string(memberId), string(instanceId), string('consumer'),
    array([Buffer.concat([string('range'), bytes(subscription([topic]))])]),
  ]);
  let memberId = '', generation;
  for (;;) {
    const answer = new Answer(await ask(page, join(memberId)), 4);
    answer.i32();
    const code = answer.i16();
    generation = answer.i32();
    answer.string(); answer.string();
    memberId = answer.string();
    if (code === 0) break;
    if (code !== 79) throw new Error(`JoinGroup: ${code}`);
  }
  const sync = Buffer.concat([
    header(14, 3, clientId), string(group), i32(generation), string(memberId), string(instanceId),
    array([Buffer.concat([string(memberId), bytes(assignment(topic, partitions))])]),
  ]);
  const answer = new Answer(await ask(page, sync), 4);
  answer.i32();
  const code = answer.i16();
  if (code !== 0) throw new Error(`SyncGroup: ${code}`);
  return { memberId, generation };
}

// As an admin: without a member.
export async function commit(page, group, topic, offsets) {
  const partitions = Object.entries(offsets).map(([p, offset]) => Buffer.concat([i32(Number(p)), i64(offset), string('')]));
  const frame = Buffer.concat([
    header(8, 2, 'by-hand'), string(group), i32(-1), string(''), i64(-1), array([Buffer.concat([string(topic), array(partitions)])]),
  ]);
  const answer = new Answer(await ask(page, frame), 4);
  return answer.array(() => ({ topic: answer.string(), codes: answer.array(() => { answer.i32(); return answer.i16(); }) }));
}

// The offset of the first record of this time or later; -2 is the log's start, -1 its end.
export async function listOffsets(page, topic, partitions, timestamp) {
  const one = (p) => Buffer.concat([i32(p), i64(timestamp)]);
  const frame = Buffer.concat([header(2, 1, 'by-hand'), i32(-1), array([Buffer.concat([string(topic), array(partitions.map(one))])])]);
  const answer = new Answer(await ask(page, frame), 4);
  const found = {};
  answer.array(() => { answer.string(); answer.array(() => { const p = answer.i32(); answer.i16(); answer.i64(); found[p] = answer.i64(); }); });
  return partitions.map((p) => found[p]);
}

// By partition, those that are committed.
export async function committed(page, group) {
  const frame = Buffer.concat([header(9, 2, 'by-hand'), string(group), i32(-1)]);
  const answer = new Answer(await ask(page, frame), 4);
  const found = {};
  answer.array(() => {
    const topic = answer.string();
    answer.array(() => { const p = answer.i32(); const offset = answer.i64(); answer.string(); answer.i16(); if (offset >= 0) found[`${topic}-${p}`] = offset; });
  });
  return found;
}
