// Kafka's bytes, written by hand: a Produce request with one batch, and a tab that speaks to the worker without the
// SDK. The control port's words are those of crates/sdk/src/control.rs.

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit += 1) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
  return n;
});

function crc32c(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const i16 = (n) => { const b = Buffer.alloc(2); b.writeInt16BE(n); return b; };
const i32 = (n) => { const b = Buffer.alloc(4); b.writeInt32BE(n); return b; };
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
const i64 = (n) => { const b = Buffer.alloc(8); b.writeBigInt64BE(BigInt(n)); return b; };
const string = (text) => Buffer.concat([i16(Buffer.byteLength(text)), Buffer.from(text)]);
const array = (items) => Buffer.concat([i32(items.length), ...items]);

function varint(n) {
  let zigzag = (n << 1) ^ (n >> 31);
  const bytes = [];
  for (; zigzag & ~0x7f; zigzag >>>= 7) bytes.push((zigzag & 0x7f) | 0x80);
  return Buffer.from([...bytes, zigzag & 0x7f]);
}

const measured = (bytes) => Buffer.concat([varint(bytes.length), bytes]);

function batch(records, timestampMs) {
  const bodies = records.map(([key, value], i) => measured(Buffer.concat([
    Buffer.from([0]), varint(0), varint(i), measured(Buffer.from(key)), measured(Buffer.from(value)), varint(0),
  ])));
  const checked = Buffer.concat([
    i16(0), i32(records.length - 1), i64(timestampMs), i64(timestampMs), i64(-1), i16(-1), i32(-1), i32(records.length),
    ...bodies,
  ]);
  return Buffer.concat([i64(0), i32(4 + 1 + 4 + checked.length), i32(-1), Buffer.from([2]), u32(crc32c(checked)), checked]);
}

// A frame without its length: Produce version 3, acks=all.
export function produceFrame(correlationId, topic, partition, records) {
  const bytes = batch(records, Date.now());
  return Buffer.concat([
    i16(0), i16(3), i32(correlationId), string('by-hand'),
    i16(-1), i16(-1), i32(30_000),
    array([Buffer.concat([string(topic), array([Buffer.concat([i32(partition), i32(bytes.length), bytes])])])]),
  ]);
}

// Correlation id, then the one partition's error code and base offset.
export function readProduceAnswer(frame, topic) {
  const at = 4 + 4 + 2 + Buffer.byteLength(topic) + 4 + 4;
  return { correlationId: frame.readInt32BE(0), code: frame.readInt16BE(at), baseOffset: Number(frame.readBigInt64BE(at + 2)) };
}

// Says hello on the control port of a bare page and opens one connection on it.
export function connect(page) {
  return page.evaluate(async () => {
    const lock = `tablog/tab/by-hand-${Math.random()}`;
    await new Promise((held) => { navigator.locks.request(lock, () => { held(); return new Promise(() => {}); }); });
    const { port } = new SharedWorker('tablog-worker.js', { name: 'tablog/local' });
    const heard = [], waiting = [];
    port.onmessage = ({ data }) => { heard.push(data); waiting.splice(0).forEach((wake) => wake()); };
    const hear = async (type) => {
      for (;;) {
        const found = heard.find((message) => message.type === type || message.type === 'fault' || message.type === 'refused');
        if (found?.type === type) return found;
        if (found) throw new Error(found.detail);
        await new Promise((wake) => waiting.push(wake));
      }
    };
    await hear('here');
    port.postMessage({ type: 'hello', format: 1, version: 'by-hand', lock });
    await hear('ready');
    const { port1, port2 } = new MessageChannel();
    port.postMessage({ type: 'open', id: 1, host: 'broker-1.local.tablog', port: 9092 }, [port2]);
    await hear('opened');
    const answers = [];
    port1.onmessage = ({ data }) => answers.shift()(data);
    window.ask = (bytes) => new Promise((resolve) => {
      answers.push((data) => resolve([...new Uint8Array(data)]));
      const frame = Uint8Array.from(bytes).buffer;
      port1.postMessage(frame, [frame]);
    });
  });
}

// Answers the offset of the first record.
export async function produceRaw(page, topic, partition, records) {
  const frame = produceFrame(7, topic, partition, records);
  const answer = await page.evaluate((bytes) => window.ask(bytes), [...frame]);
  const { correlationId, code, baseOffset } = readProduceAnswer(Buffer.from(answer), topic);
  if (correlationId !== 7 || code !== 0) throw new Error(`correlation id ${correlationId}, error code ${code}`);
  return baseOffset;
}
