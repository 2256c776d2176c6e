import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { mendLog } from './mend-log.ts';

const whole = '2026-11-23T01:02:03.000000007Z stdout F a\n';

describe('mendLog', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'mend-log-'));
  const file = path.join(directory, '0.log');
  after(() => rmSync(directory, { recursive: true }));

  const cases = [
    { what: 'leaves a whole log', before: whole + whole, mended: whole + whole },
    { what: 'leaves an empty log', before: '', mended: '' },
    { what: 'removes a torn last entry', before: `${whole}2026-11-23T01`, mended: whole },
    { what: 'removes a torn first entry', before: '2026-11', mended: '' },
    {
      what: 'removes a long torn entry',
      before: `${whole}${whole.slice(0, -2)}${'x'.repeat(16_000)}`,
      mended: whole,
    },
  ];
  for (const { what, before, mended } of cases) {
    it(what, () => {
      writeFileSync(file, before);
      mendLog(file);
      assert.equal(readFileSync(file, 'latin1'), mended);
    });
  }

  it('does not cut what a link in place of the log leads to', () => {
    const [link, target] = [path.join(directory, 'link.log'), path.join(directory, 'other')];
    writeFileSync(target, 'torn');
    symlinkSync(target, link);
    mendLog(link);
    assert.equal(readFileSync(target, 'latin1'), 'torn');
  });

  it('does nothing where there is no log', () => {
    mendLog(path.join(directory, 'absent.log'));
  });
});
