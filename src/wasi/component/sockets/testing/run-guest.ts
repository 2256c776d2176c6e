import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ResolverInit } from '../../dns/resolver.ts';
import type { EgressRule, GuardedAddresses } from '../../http/egress-policy.ts';

export interface GuestInit {
  /** What the component `sockets` is told to do; see its source. */
  readonly args: readonly string[];
  /** Without addresses it is given no network. */
  readonly addresses?: readonly string[];
  readonly rules?: readonly EgressRule[];
  readonly guarded?: readonly GuardedAddresses[];
  readonly resolver?: ResolverInit;
}

export interface RunningGuest {
  /** The first line of its output. */
  readonly firstLine: Promise<string>;
  /** All of its output, without white space at the ends, once it has ended. */
  readonly output: Promise<string>;
}

/** Runs the component `sockets` beside the test, which can be its peer. */
export function runGuest(init: GuestInit): RunningGuest {
  const worker = new Worker(new URL('./guest-thread.ts', import.meta.url), {
    workerData: init,
    env: {},
  });
  let text = '';
  const lines = Promise.withResolvers<string>();
  worker.on('message', (part: string) => {
    text += part;
    if (text.includes('\n')) lines.resolve(text.split('\n', 1)[0] ?? '');
  });
  const ended = once(worker, 'exit').then(() => text.trim());
  ended.then(lines.resolve, lines.reject);
  return { firstLine: lines.promise, output: ended };
}
