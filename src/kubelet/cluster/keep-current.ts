import type { Clock } from '../../kubernetes/clock.ts';
import { untilAborted } from '../../kubernetes/until-aborted.ts';
import type { Doorbell } from '../doorbell.ts';
import type { NodeLog } from '../node/node-log.ts';

/** How long changes are collected before files are written, in milliseconds. */
const collecting = 50;
/** How long until files that could not be written are tried again, in milliseconds. */
const repeating = 5_000;

export interface KeepCurrentComponents {
  readonly clock: Clock;
  readonly log: NodeLog;
  /** Rings at every change. */
  readonly bell: Doorbell;
  /** Resolves when there is something to write; not before. */
  readonly followed: Promise<void>;
  /** Writes what has changed; may throw, and is called again then. */
  readonly update: () => void;
}

/** Writes files whenever there is something new, but not for every change; until the signal aborts. */
export async function keepCurrent(
  { clock, log, bell, followed, update }: KeepCurrentComponents,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  await Promise.race([followed, untilAborted(signal)]);
  while (!signal.aborted) {
    let pause = collecting;
    try {
      update();
    } catch (error) {
      log.warn(`Cannot tell containers of the network: ${error}`);
      pause = repeating;
      bell.ring();
    }
    await bell.wait({ signal });
    await clock.sleep(pause, { signal }).catch(() => undefined); // aborted: seen by the loop
  }
}
