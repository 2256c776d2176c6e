import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../cli/user-error.ts';
import { parseCpus, parseMemory } from './parse-amount.ts';
import { parseSeconds, parseSince } from './parse-duration.ts';
import { parseEnv } from './parse-env.ts';
import { parsePublish } from './parse-publish.ts';
import { parseUser } from './parse-user.ts';
import { parseVolume } from './parse-volume.ts';

const now = new Date('2026-11-23T12:00:00Z');
const env = (text: string) => parseEnv(text, { OUTER: 'from outside' });
const seconds = (text: string) => parseSeconds('--time', text);
const since = (text: string) => parseSince(text, now).toISOString();
const temporary = os.tmpdir();

interface Table {
  readonly parse: (text: string) => unknown;
  readonly accepted: readonly (readonly [text: string, value: unknown])[];
  readonly refused: readonly string[];
}

const tables: Readonly<Record<string, Table>> = {
  parseEnv: {
    parse: env,
    accepted: [
      ['A=b', { name: 'A', value: 'b' }],
      ['A=b=c', { name: 'A', value: 'b=c' }],
      ['A=', { name: 'A', value: '' }],
      ['OUTER', { name: 'OUTER', value: 'from outside' }],
      ['UNSET', undefined],
    ],
    refused: ['', '=x'],
  },
  parseVolume: {
    parse: parseVolume,
    accepted: [
      [`${temporary}:/data`, { hostPath: temporary, guestPath: '/data', readOnly: false }],
      [`${temporary}:/data/:rw`, { hostPath: temporary, guestPath: '/data/', readOnly: false }],
      [`${temporary}:/a/../b:ro`, { hostPath: temporary, guestPath: '/b', readOnly: true }],
      [`.:/here`, { hostPath: process.cwd(), guestPath: '/here', readOnly: false }],
    ],
    refused: [
      temporary,
      ':/data',
      `${temporary}:data`,
      `${temporary}:/data:rx`,
      `${temporary}:/data:ro:x`,
      `${path.join(temporary, 'no-such-folder')}:/data`,
    ],
  },
  parseMemory: {
    parse: parseMemory,
    accepted: [
      ['64Mi', 67_108_864],
      ['1.5Gi', 1_610_612_736],
      ['500M', 500_000_000],
      ['1000', 1000],
    ],
    refused: ['', '0', '-1Mi', '64mb', '64 Mi', 'much'],
  },
  parseCpus: {
    parse: parseCpus,
    accepted: [
      ['0.5', 500],
      ['2', 2000],
      ['250m', 250],
    ],
    refused: ['', '0', '-1', 'all'],
  },
  parseSeconds: {
    parse: seconds,
    accepted: [
      ['30', 30],
      ['0', 0],
      ['1.5', 1.5],
      ['5m', 300],
      ['1h30m', 5400],
    ],
    refused: ['', '-1', '5 m', 'soon', '5y'],
  },
  parseSince: {
    parse: since,
    accepted: [
      ['10m', '2026-11-23T11:50:00.000Z'],
      ['2026-11-22T01:02:03Z', '2026-11-22T01:02:03.000Z'],
    ],
    refused: ['2026-99-99', 'yesterday'],
  },
  parsePublish: {
    parse: parsePublish,
    accepted: [
      ['8080', { address: '127.0.0.1', port: 8080 }],
      ['0.0.0.0:80', { address: '0.0.0.0', port: 80 }],
      ['[::1]:80', { address: '::1', port: 80 }],
    ],
    refused: ['', '0', '65536', '8080:80', 'localhost:80', '::1:80', 'http'],
  },
  parseUser: {
    parse: parseUser,
    accepted: [
      ['1000', { uid: 1000, gid: 1000 }],
      ['1000:50', { uid: 1000, gid: 50 }],
    ],
    refused: ['', 'ada', '1000:', '1000:staff', '4294967295'],
  },
};

for (const [name, { parse, accepted, refused }] of Object.entries(tables)) {
  describe(name, () => {
    for (const [text, value] of accepted) {
      it(`reads '${text}'`, () => assert.deepEqual(parse(text), value));
    }
    for (const text of refused) {
      it(`refuses '${text}'`, () => {
        assert.throws(
          () => parse(text),
          (error) => error instanceof UserError,
        );
      });
    }
  });
}
