import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { addNodeSettings, type NodeOptions, nodeFlags } from './node-options.ts';

function flagsOf(...args: string[]): object {
  const command = addNodeSettings(new Command()).exitOverride().parse(args, { from: 'user' });
  return nodeFlags(command.opts<NodeOptions>(), {}).flags ?? {};
}

describe('addNodeSettings', () => {
  it('takes what is true or false as true where only its flag is given', () => {
    assert.deepEqual(flagsOf('--drain-on-shutdown', '--max-pods', '7'), {
      drainOnShutdown: true,
      maxPods: '7',
    });
    assert.deepEqual(flagsOf('--drain-on-shutdown=false'), { drainOnShutdown: 'false' });
    assert.deepEqual(flagsOf('--x-allow-local-modules', 'true'), { allowLocalModules: 'true' });
  });
});
