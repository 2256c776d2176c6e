import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import loadWabt from 'wabt';
import { NativeSystem } from '../native/native-system.ts';
import { TimeLimit, TimeLimitError } from './time-limit.ts';

/** Waits, and catches all it can of what comes instead. */
const catching = `(module
  (import "host" "wait" (func $wait))
  (func (export "run") (result i32)
    (try (do (call $wait)) (catch_all (return (i32.const 1))))
    (i32.const 0)))`;

describe('TimeLimit', () => {
  it('ends a guest that waits, which cannot catch that', async () => {
    const wabt = await loadWabt();
    const { buffer } = wabt.parseWat('module', catching, { exceptions: true }).toBinary({});
    const limit = new TimeLimit(10_000);
    // The wait is over long before all is.
    const { poller } = new TimeLimit(20).bound(new NativeSystem());
    const host = { wait: () => void poller.wait([], undefined) };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(buffer)), {
      host,
    });
    const run = exports['run'] as () => number; // the module above has it
    assert.throws(() => limit.run(run), TimeLimitError);
  });
});
