import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { prepareComponent } from './prepared-component.ts';
import { decodePrepared, encodePrepared } from './prepared-file.ts';
import { componentFixture } from './testing/fixtures.ts';

describe('decodePrepared', () => {
  const prepared = prepareComponent(componentFixture('http-hello'));
  const file = encodePrepared(prepared);

  it('reads what encodePrepared wrote', () => {
    // Through JSON, as the file has it: what is undefined is left out.
    const read = decodePrepared(file);
    assert.deepEqual(read?.plan, JSON.parse(JSON.stringify(prepared.plan)));
    assert.deepEqual(read?.isolation, { kind: 'reset' });
    assert.deepEqual(
      read?.modules.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
      prepared.modules.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
    );
  });

  it('wants a file that is cut short or of another version made again', () => {
    assert.equal(decodePrepared(file.subarray(0, file.length - 1)), undefined);
    assert.equal(decodePrepared(file.subarray(0, 20)), undefined);
    const other = Buffer.from(file);
    other[19] = 99;
    assert.equal(decodePrepared(other), undefined);
  });
});
