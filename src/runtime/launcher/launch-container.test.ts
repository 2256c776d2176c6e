import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { TestContainers } from '../../../tests/runtime/test-containers.ts';

const main = path.resolve(import.meta.dirname, '../../../tests/runtime/hostile-zygote.ts');
const modulePath = path.resolve(import.meta.dirname, 'launch-container.ts');
/** Whose files the container's are: the worst that it can be. */
const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: [] };

describe('launchContainer, exec, against code that has escaped to a thread of the engine', () => {
  const containers = new TestContainers('exec', { main });
  after(() => containers[Symbol.asyncDispose]());

  /** What came of an attack on a file of the container's directory. */
  async function outcome(...args: readonly string[]): Promise<string> {
    const env = [{ name: 'OTHER_THREAD', value: '' }];
    const container = containers.create({ modulePath, user, env, args, stdin: 'open' });
    await containers.run(container);
    return container.output.trim();
  }

  it('lets it change nothing that the runtime relies on', async () => {
    for (const attack of [
      ['openForWriting', 'spec.json'],
      ['openForWriting', 'process.json'],
      ['truncate', 'spec.json'],
      ['write', 'exit.json'],
      ['write', 'exec'],
    ] as const) {
      assert.match(await outcome(...attack), /^EACCES/, attack.join(' '));
    }
  });

  it('lets it write to what is its own', async () => {
    for (const file of ['alive', 'stdin', 'exit-note.json', 'log-tail']) {
      assert.equal(await outcome('openForWriting', file), 'done', file);
    }
  });
});
