import type { Clock } from '../../kubernetes/clock.ts';
import type { Pod } from './schema/pod.ts';

/** How much longer than its grace period the end of a pod may take, in milliseconds. */
const allowance = 120_000;

interface Ending {
  readonly pod: Pod;
  readonly begun: number;
}

/**
 * Knows which pods should have ended on this node by now. Of all that is done for pods, ending their
 * containers alone has a time within which it must be done, whatever happens elsewhere.
 */
export class OverdueEnds {
  readonly #clock: Clock;
  /** By uid, in the order in which they began to end. */
  readonly #ending = new Map<string, Ending>();

  constructor(components: { readonly clock: Clock }) {
    this.#clock = components.clock;
  }

  /** The pod entered a state of its life. */
  entered(state: string, pod: Pod): void {
    const { uid } = pod.metadata;
    if (state === 'Terminated') this.#ending.delete(uid);
    // A step that failed is entered again.
    if (state !== 'Terminating' || this.#ending.has(uid)) return;
    this.#ending.set(uid, { pod, begun: this.#clock.now() });
  }

  /** Which pod is overdue, for people; `undefined` where none is. */
  get problem(): string | undefined {
    const now = this.#clock.now();
    for (const { pod, begun } of this.#ending.values()) {
      const elapsed = now - begun;
      if (elapsed <= graceOf(pod) * 1000 + allowance) continue;
      const { namespace, name } = pod.metadata;
      const seconds = Math.floor(elapsed / 1000);
      return `pod '${namespace}/${name}' has been ending for ${seconds} s, with ${graceOf(pod)} s of grace`;
    }
    return undefined;
  }
}

function graceOf({ metadata, spec }: Pod): number {
  return metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds;
}
