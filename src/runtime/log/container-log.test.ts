import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Scratch } from '../../wasi/libc/scratch.ts';
import { NativeClocks } from '../../wasi/native/native-clocks.ts';
import type { Clocks } from '../../wasi/system/clocks.ts';
import { ContainerLog } from './container-log.ts';
import { maxContent } from './log-tail.ts';

const entry = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) ([FP]) (.*)$/s;

describe('ContainerLog', () => {
  let directory = '';
  let file = '';
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'container-log-'));
    file = path.join(directory, '0.log');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function open(init: { maxBytes?: number; maxFiles?: number; clocks?: Clocks } = {}) {
    const { maxBytes = 1e9, maxFiles = 5, clocks = new NativeClocks(new Scratch()) } = init;
    const log = new ContainerLog(clocks);
    log.open({ path: file, maxBytes, maxFiles });
    return log;
  }

  function entriesOf(name = file): string[][] {
    const lines = readFileSync(name, 'latin1').split('\n');
    assert.equal(lines.pop(), '', 'the file ends in a newline');
    return lines.map((line) => {
      const [, stream = '', tag = '', content = ''] = entry.exec(line) ?? assert.fail(line);
      return [stream, tag, content];
    });
  }

  const cases: {
    what: string;
    writes: [stream: 'stdout' | 'stderr', text: string][];
    entries: string[][];
  }[] = [
    { what: 'a line', writes: [['stdout', 'hello\n']], entries: [['stdout', 'F', 'hello']] },
    { what: 'an empty line', writes: [['stderr', '\n']], entries: [['stderr', 'F', '']] },
    {
      what: 'several lines of one write',
      writes: [['stdout', 'a\n\nb\n']],
      entries: [
        ['stdout', 'F', 'a'],
        ['stdout', 'F', ''],
        ['stdout', 'F', 'b'],
      ],
    },
    {
      what: 'a line of several writes',
      writes: [
        ['stdout', 'a'],
        ['stdout', 'b'],
        ['stdout', 'c\nd\n'],
      ],
      entries: [
        ['stdout', 'F', 'abc'],
        ['stdout', 'F', 'd'],
      ],
    },
    {
      what: 'streams apart',
      writes: [
        ['stdout', 'out'],
        ['stderr', 'err\n'],
        ['stdout', 'put\n'],
      ],
      entries: [
        ['stderr', 'F', 'err'],
        ['stdout', 'F', 'output'],
      ],
    },
    {
      what: 'an unfinished last line, at the end',
      writes: [['stdout', 'a\nb']],
      entries: [
        ['stdout', 'F', 'a'],
        ['stdout', 'F', 'b'],
      ],
    },
    {
      what: 'the longest line in one entry',
      writes: [['stdout', `${'x'.repeat(maxContent)}\n`]],
      entries: [['stdout', 'F', 'x'.repeat(maxContent)]],
    },
    {
      what: 'a longer line in parts',
      writes: [
        ['stdout', 'x'.repeat(maxContent)],
        ['stdout', `${'y'.repeat(maxContent)}z\n`],
      ],
      entries: [
        ['stdout', 'P', 'x'.repeat(maxContent)],
        ['stdout', 'P', 'y'.repeat(maxContent)],
        ['stdout', 'F', 'z'],
      ],
    },
    {
      what: 'bytes that are no UTF-8 as they are',
      writes: [['stdout', '\xff\x00\r\n']],
      entries: [['stdout', 'F', '\xff\x00\r']],
    },
  ];

  for (const { what, writes, entries } of cases) {
    it(`writes ${what}`, () => {
      const log = open();
      for (const [stream, text] of writes) {
        assert.equal(log[stream].write(Buffer.from(text, 'latin1')), 0);
      }
      log.end();
      assert.deepEqual(entriesOf(), entries);
    });
  }

  it('writes what a terminal shows at once, in one stream', () => {
    const clocks = new NativeClocks(new Scratch());
    const spec = { path: file, maxBytes: 1e9, maxFiles: 1 };
    const log = new ContainerLog(clocks);
    log.open(spec, { terminal: true });
    log.stdout.write(Buffer.from('welcome\nname? '));
    log.stderr.write(Buffer.from('krustlet\n'));
    assert.deepEqual(entriesOf(), [
      ['stdout', 'F', 'welcome'],
      ['stdout', 'P', 'name? '],
      ['stdout', 'F', 'krustlet'],
    ]);
  });

  it('keeps the lines of threads apart', () => {
    const log = open();
    const [one, two] = [log.ofThread(1), log.ofThread(2)];
    one.stderr.write(Buffer.from('o'));
    two.stderr.write(Buffer.from('two\n'));
    log.stderr.write(Buffer.from('own\n'));
    one.stderr.write(Buffer.from('ne\nhalf'));
    one.stderr.end();
    assert.deepEqual(entriesOf(), [
      ['stderr', 'F', 'two'],
      ['stderr', 'F', 'own'],
      ['stderr', 'F', 'one'],
      ['stderr', 'F', 'half'],
    ]);
  });

  it('has a line in the file when the write returns', () => {
    open().stdout.write(Buffer.from('now\n'));
    assert.deepEqual(entriesOf(), [['stdout', 'F', 'now']]);
  });

  it('stamps each write with the time to the nanosecond', () => {
    const times = [
      1_795_395_723_000_000_007n,
      1_795_395_723_999_999_999n,
      1_795_395_724_120_000_000n,
    ];
    const clocks: Clocks = {
      now: () => assert.fail('not asked'),
      write(_clock, view, offset) {
        view.setBigUint64(offset, times.shift() ?? assert.fail('asked too often'), true);
        return 0;
      },
      resolution: () => 1n,
      yield: () => {},
    };
    const log = open({ clocks });
    for (const text of ['a\n', 'b\n', 'c\n']) log.stdout.write(Buffer.from(text));
    assert.equal(
      readFileSync(file, 'latin1'),
      [
        '2026-11-23T01:02:03.000000007Z stdout F a\n',
        '2026-11-23T01:02:03.999999999Z stdout F b\n',
        '2026-11-23T01:02:04.120000000Z stdout F c\n',
      ].join(''),
    );
  });

  it('appends to what is there', () => {
    open().stdout.write(Buffer.from('a\n'));
    open().stdout.write(Buffer.from('b\n'));
    assert.deepEqual(
      entriesOf().map(([, , text]) => text),
      ['a', 'b'],
    );
  });

  it('rotates before a file grows over its size and keeps as many as it may', () => {
    const log = open({ maxBytes: 1_000, maxFiles: 3 });
    for (let number = 0; number < 100; number += 1) {
      log.stdout.write(Buffer.from(`${number} ${'.'.repeat(100)}\n`));
    }
    assert.deepEqual(readdirSync(directory).sort(), ['0.log', '0.log.1', '0.log.2']);
    const kept = ['0.log.2', '0.log.1', '0.log'].flatMap((name) => {
      assert.ok(readFileSync(path.join(directory, name)).length <= 1_000);
      return entriesOf(path.join(directory, name)).map(([, , text]) =>
        Number.parseInt(text ?? '', 10),
      );
    });
    assert.deepEqual(
      kept,
      kept.map((_, index) => 100 - kept.length + index),
    );
    assert.ok(kept.length >= 14);
  });

  it('keeps one file where one is allowed', () => {
    const log = open({ maxBytes: 200, maxFiles: 1 });
    for (const text of ['a', 'b', 'c', 'd', 'e'])
      log.stdout.write(Buffer.from(`${text.repeat(60)}\n`));
    assert.deepEqual(readdirSync(directory), ['0.log']);
    assert.equal(entriesOf().at(-1)?.[2], 'e'.repeat(60));
  });

  it('carries much in one write without losing a line', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index}`.repeat(1 + (index % 40)));
    open().stdout.write(Buffer.from(`${lines.join('\n')}\n`));
    assert.deepEqual(
      entriesOf().map(([, , text]) => text),
      lines,
    );
  });
});
