import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeResponse, encodeQuery } from './dns-message.ts';

const question = { name: 'a.example', type: 'a' } as const;
const query = Buffer.from(encodeQuery(4711, question.name, question.type));
const header = Buffer.of(0x12, 0x67, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0);
const asked = query.subarray(12);

/** A record in full but for its owner's name. */
function record(type: number, data: readonly number[]): Buffer {
  return Buffer.of(0, type, 0, 1, 0, 0, 0, 9, data.length >> 8, data.length & 255, ...data);
}

function response(...records: readonly Buffer[]): Buffer {
  const message = Buffer.concat([header, asked, ...records]);
  message.writeUInt16BE(records.length, 6);
  return message;
}

const owner = Buffer.of(0xc0, 12);
const other = Buffer.from('\x01b\x00', 'latin1');
const address = record(1, [192, 0, 2, 1]);

describe('decodeResponse', () => {
  for (const [what, message, addresses] of [
    ['an address', response(Buffer.concat([owner, address])), ['192.0.2.1']],
    [
      'the address of an alias',
      response(Buffer.concat([owner, record(5, [...other])]), Buffer.concat([other, address])),
      ['192.0.2.1'],
    ],
    ['an address of a name that nobody asked for', response(Buffer.concat([other, address])), []],
    [
      'aliases in a circle',
      response(Buffer.concat([owner, record(5, [0xc0, 12])]), Buffer.concat([owner, address])),
      [],
    ],
    ['an address of a wrong length', response(Buffer.concat([owner, record(1, [1, 2, 3])])), []],
  ] as const) {
    it(`reads ${what}`, () => {
      assert.deepEqual(decodeResponse(message, query, question), { kind: 'answer', addresses });
    });
  }

  for (const [what, message] of [
    ['another id', Buffer.concat([Buffer.of(1, 1), response().subarray(2)])],
    ['a question', query],
    [
      'another question',
      Buffer.concat([header, Buffer.from(encodeQuery(1, 'b.example', 'a')).subarray(12)]),
    ],
    ['a name that points to itself', response(Buffer.concat([Buffer.of(0xc0, 27), address]))],
    [
      'a record that ends behind its message',
      response(Buffer.concat([owner, address.subarray(0, -1)])),
    ],
    ['nothing', Buffer.alloc(0)],
  ] as const) {
    it(`takes ${what} for no response`, () => {
      assert.equal(decodeResponse(message, query, question), undefined);
    });
  }

  it('survives whatever is cut off or changed', () => {
    const whole = response(
      Buffer.concat([owner, record(5, [...other])]),
      Buffer.concat([other, address]),
    );
    for (let at = 0; at < whole.length; at++) {
      decodeResponse(whole.subarray(0, at), query, question);
      for (const value of [0, 1, 63, 64, 0xc0, 0xff]) {
        const changed = Buffer.from(whole);
        changed[at] = value;
        decodeResponse(changed, query, question);
      }
    }
  });
});
