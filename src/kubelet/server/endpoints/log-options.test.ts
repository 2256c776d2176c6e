import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseLogOptions } from './log-options.ts';

const now = Date.parse('2026-11-23T00:01:00Z');
const none = { follow: false, previous: false, timestamps: false, stream: 'All' };

describe('parseLogOptions', () => {
  const right: readonly [string, object][] = [
    ['', none],
    ['follow=true&previous=1', { ...none, follow: true, previous: true }],
    ['tailLines=0', { ...none, tailLines: 0 }],
    ['limitBytes=10&timestamps=true', { ...none, limitBytes: 10, timestamps: true }],
    ['sinceSeconds=60', { ...none, sinceTime: new Date('2026-11-23T00:00:00Z') }],
    [
      'sinceTime=2026-11-22T23:00:00%2B01:00',
      { ...none, sinceTime: new Date('2026-11-22T22:00:00Z') },
    ],
    ['stream=Stderr', { ...none, stream: 'Stderr' }],
  ];
  for (const [query, options] of right) {
    it(`reads '${query}'`, () => {
      assert.deepEqual(parseLogOptions(new URLSearchParams(query), now), options);
    });
  }

  const wrong: readonly [string, RegExp][] = [
    ['tailLines=-1', /tailLines '-1'/],
    ['tailLines=many', /tailLines 'many'/],
    ['limitBytes=0', /limitBytes '0'/],
    ['sinceSeconds=0', /sinceSeconds '0'/],
    ['sinceTime=yesterday', /sinceTime 'yesterday'/],
    ['sinceSeconds=5&sinceTime=2026-11-22T23:00:00Z', /not together with sinceSeconds/],
    ['stream=stdin', /stream 'stdin'/],
    ['follow=maybe', /follow 'maybe'/],
  ];
  for (const [query, message] of wrong) {
    it(`refuses '${query}'`, () => {
      assert.throws(() => parseLogOptions(new URLSearchParams(query), now), message);
    });
  }
});
