import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { prepareComponent } from '../../../wasi/component/prepared-component.ts';
import { encodePrepared, headerSize } from '../../../wasi/component/prepared-file.ts';
import { componentFixture } from '../../../wasi/component/testing/fixtures.ts';
import { TemporaryDirectory } from '../../../wasi/testing/temporary-directory.ts';
import { readPreparedHeader } from './read-prepared-header.ts';

describe('readPreparedHeader', () => {
  const prepared = prepareComponent(componentFixture('command'));

  it('reads what is before the code', () => {
    using directory = new TemporaryDirectory();
    const file = directory.file('prepared');
    writeFileSync(file, encodePrepared(prepared));
    assert.deepEqual(readPreparedHeader(file)?.plan, JSON.parse(JSON.stringify(prepared.plan)));
    assert.equal(readPreparedHeader(file, { longest: headerSize }), undefined);
  });

  it('takes no more memory than there is file, whatever it says', () => {
    using directory = new TemporaryDirectory();
    const file = directory.file('prepared');
    const bytes = Buffer.from(encodePrepared(prepared));
    bytes.writeUInt32LE(0xffff_ffff, headerSize - 4);
    writeFileSync(file, bytes);
    const before = process.memoryUsage().arrayBuffers;
    assert.equal(readPreparedHeader(file), undefined);
    assert.ok(process.memoryUsage().arrayBuffers - before < 16 * bytes.length);
  });
});
