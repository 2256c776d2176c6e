import { keyOf } from '../../kubernetes/api/object.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import { podRequests } from '../admission/pod-requests.ts';
import type { NodeEvent } from '../node/heartbeat/node-events.ts';
import type { NodeLog } from '../node/node-log.ts';
import type { PodContext } from '../pods/pod-context.ts';
import { stopContainers } from '../pods/stop-containers.ts';
import { measureDirectory } from '../stats/directory-usage.ts';
import { type Candidate, chooseVictim } from './choose-victim.ts';
import type { Headrooms } from './eviction-signals.ts';
import {
  crossedThresholds,
  type EvictionThreshold,
  type PressureType,
  pressuresOf,
  resourceOf,
} from './eviction-thresholds.ts';

export interface EvictionManagerComponents {
  readonly pods: () => readonly PodContext[];
  readonly measure: () => Promise<Headrooms>;
  /** Frees disk without harm to any pod; called before a pod is evicted for lack of it. */
  readonly reclaimDisk: () => Promise<void>;
  /** Hears what is done about a shortage. */
  readonly onEvent: (event: NodeEvent) => void;
  readonly clock: Clock;
  readonly log: NodeLog;
}

/** What counts as the use of a pod that cannot be measured, or has more than is counted. */
const mostBytes = Number.MAX_SAFE_INTEGER;

/** How often the machine is looked at, in milliseconds. */
const interval = 10_000;

interface EvictablePod extends Candidate {
  readonly context: PodContext;
}

/** Ends pods, one at a time, while the machine runs short of something. */
export class EvictionManager {
  readonly #components: EvictionManagerComponents;
  readonly #thresholds: readonly EvictionThreshold[];

  constructor(
    components: EvictionManagerComponents,
    init: { readonly thresholds: readonly EvictionThreshold[] },
  ) {
    this.#components = components;
    this.#thresholds = init.thresholds;
  }

  /** The pressures of now. */
  async pressures(): Promise<ReadonlySet<PressureType>> {
    return pressuresOf(crossedThresholds(this.#thresholds, await this.#components.measure()));
  }

  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { clock, log } = this.#components;
    while (!signal.aborted) {
      try {
        await this.#relieve();
      } catch (error) {
        log.warn(`Cannot look after the machine's resources: ${String(error)}`);
      }
      await clock.sleep(interval, { signal }).catch(() => undefined);
    }
  }

  async #relieve(): Promise<void> {
    const { measure, reclaimDisk, onEvent } = this.#components;
    let [crossed] = crossedThresholds(this.#thresholds, await measure());
    if (crossed === undefined) return;
    const message = `Attempting to reclaim ${resourceOf[crossed.signal]}`;
    onEvent({ type: 'Warning', reason: 'EvictionThresholdMet', message });
    if (isDisk(crossed)) {
      await reclaimDisk();
      [crossed] = crossedThresholds(this.#thresholds, await measure());
    }
    if (crossed !== undefined) await this.#evictOne(crossed, await measure());
  }

  async #evictOne(crossed: EvictionThreshold, headrooms: Headrooms): Promise<void> {
    const running = this.#components.pods().filter((context) => !context.isTerminal);
    const pods = await Promise.all(running.map((context) => this.#evictable(context, crossed)));
    const victim = chooseVictim(pods, crossed.signal);
    if (victim === undefined) return;
    const { available } = headrooms[crossed.signal];
    const message =
      `The node was low on resource: ${resourceOf[crossed.signal]}. ` +
      `Threshold quantity: ${crossed.text}, available: ${available}. `;
    victim.context.event('Warning', 'Evicted', message);
    victim.context.fail({ reason: 'Evicted', message, isDisruption: true });
    await stopContainers(victim.context, 0);
  }

  async #evictable(context: PodContext, crossed: EvictionThreshold): Promise<EvictablePod> {
    const pod = context.manifest.current;
    const resource = isDisk(crossed) ? 'ephemeral-storage' : 'memory';
    return {
      context,
      priority: pod.spec.priority ?? 0,
      usedBytes: await this.#usageOf(context, crossed),
      requestedBytes: podRequests(pod).get(resource) ?? 0,
    };
  }

  /** What cannot be measured counts as the most that may be: no pod is to hide what it uses. */
  async #usageOf(context: PodContext, crossed: EvictionThreshold): Promise<number> {
    try {
      return isDisk(crossed) ? await diskUsage(context) : await memoryUsage(context);
    } catch (error) {
      const key = keyOf(context.manifest.current);
      this.#components.log.warn(`Cannot measure pod "${key}": ${messageOf(error)}`);
      return mostBytes;
    }
  }
}

function isDisk({ signal }: EvictionThreshold): boolean {
  return signal.startsWith('nodefs') || signal.startsWith('imagefs');
}

async function memoryUsage({ containers }: PodContext): Promise<number> {
  const running = [...containers.values()].flatMap(({ record }) => record.running ?? []);
  const usages = await Promise.all(running.map((container) => container.usage()));
  return usages.reduce((sum, usage) => sum + (usage?.memoryWorkingSetBytes ?? 0), 0);
}

async function diskUsage({ components, manifest }: PodContext): Promise<number> {
  const { directories } = components;
  const { metadata } = manifest.current;
  const parts = [directories.ofPod(metadata), directories.logsOfPod(metadata)];
  const usages = await Promise.all(parts.map((directory) => measureDirectory(directory)));
  if (usages.some(({ isComplete }) => !isComplete)) return mostBytes;
  return usages.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
}
