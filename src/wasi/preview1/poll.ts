import { errno } from '../errno.ts';
import { clock } from '../system/clocks.ts';
import { PollInterest } from '../system/poller.ts';
import type { Context } from './context.ts';
import { right } from './rights.ts';
import {
  type Event,
  eventSize,
  eventType,
  readSubscription,
  type Subscription,
  type SubscriptionLayout,
  subscriptionLayout,
  writeEvent,
} from './subscription.ts';

type PollContext = Pick<Context, 'descriptors' | 'memory' | 'system'>;

/** More at once is `inval`: as many clocks and descriptors no program waits for. */
const maxSubscriptions = 4096;

/** A subscription on its way to an event. */
type Pending =
  | { readonly kind: 'event'; readonly event: Event }
  | {
      readonly kind: 'clock';
      readonly userdata: bigint;
      readonly clock: number;
      readonly due: bigint;
    }
  | { readonly kind: 'handle'; readonly userdata: bigint; readonly interest: PollInterest };

/** Waiting: `ppoll` of Linux. */
export function pollFunctions(
  { descriptors, memory, system }: PollContext,
  layout: SubscriptionLayout = subscriptionLayout,
) {
  const { clocks, poller } = system;

  return {
    /**
     * Waits until at least one of `count` subscriptions has come true, and writes an event for each
     * that has, in their order, and how many these are. What is wrong with one of them is in its
     * event. `inval` none at all, or too many; `fault`
     */
    poll_oneoff(list: number, events: number, count: number, result: number): number {
      const size = count >>> 0;
      if (size === 0 || size > maxSubscriptions) return errno.inval;
      if (!memory.covers(list >>> 0, size * layout.size)) return errno.fault;
      if (!memory.covers(events >>> 0, size * eventSize)) return errno.fault;
      if (!memory.covers(result >>> 0, 4)) return errno.fault;

      const pending = Array.from({ length: size }, (_, index) =>
        prepare(readSubscription(memory.view, (list >>> 0) + index * layout.size, layout)),
      );
      const occurred = wait(pending);
      if (typeof occurred === 'number') return occurred;
      for (const [index, event] of occurred.entries()) {
        writeEvent(memory.view, (events >>> 0) + index * eventSize, event);
      }
      memory.view.setUint32(result >>> 0, occurred.length, true);
      return errno.success;
    },
  };

  /** Repeats the wait as long as it ends before a clock has got there. */
  function wait(pending: readonly Pending[]): Event[] | number {
    const interests = pending.flatMap((each) => (each.kind === 'handle' ? each.interest : []));
    for (;;) {
      const ready = poller.wait(interests, timeUntilFirst(pending));
      if (ready < 0) return -ready;
      const events = pending.flatMap((each) => occurredEvent(each) ?? []);
      if (events.length > 0) return events;
    }
  }

  function prepare(subscription: Subscription): Pending {
    switch (subscription.kind) {
      case 'clock':
        return prepareClock(subscription);
      case 'read':
      case 'write':
        return prepareHandle(subscription);
      case 'unknown':
        return failure(subscription.userdata, subscription.type, errno.inval);
      default:
        return subscription satisfies never;
    }
  }

  function prepareClock(subscription: Subscription & { kind: 'clock' }): Pending {
    const { absolute, timeout, userdata } = subscription;
    if (subscription.clock > clock.threadCpuTime) {
      return failure(userdata, eventType.clock, errno.inval);
    }
    if (subscription.clock > clock.monotonic) {
      return failure(userdata, eventType.clock, errno.notsup);
    }
    // A span of time is the same on either clock, but only one of them is never set.
    return absolute
      ? { kind: 'clock', userdata, clock: subscription.clock, due: timeout }
      : {
          kind: 'clock',
          userdata,
          clock: clock.monotonic,
          due: clocks.now(clock.monotonic) + timeout,
        };
  }

  function prepareHandle(subscription: Subscription & { kind: 'read' | 'write' }): Pending {
    const { fd, kind, userdata } = subscription;
    const type = eventType[kind];
    const descriptor = descriptors.get(fd, right.pollFdReadwrite);
    if (typeof descriptor === 'number') return failure(userdata, type, descriptor);
    // A sink takes whatever it is given, so it is always ready.
    if (descriptor.sink !== undefined) return failure(userdata, type, errno.success);
    return { kind: 'handle', userdata, interest: new PollInterest(descriptor.handle, kind) };
  }

  /** How long to wait at most: not at all if something has come true, for ever without a clock. */
  function timeUntilFirst(pending: readonly Pending[]): bigint | undefined {
    let shortest: bigint | undefined;
    for (const each of pending) {
      if (each.kind === 'handle') continue;
      const time = each.kind === 'event' ? 0n : each.due - clocks.now(each.clock);
      if (shortest === undefined || time < shortest) shortest = time;
    }
    return shortest !== undefined && shortest < 0n ? 0n : shortest;
  }

  function occurredEvent(pending: Pending): Event | undefined {
    if (pending.kind === 'event') return pending.event;
    const { userdata } = pending;
    if (pending.kind === 'clock') {
      if (clocks.now(pending.clock) < pending.due) return undefined;
      return { userdata, error: errno.success, type: eventType.clock, bytes: 0n, hangup: false };
    }
    const { error, handle, hangup, kind, ready } = pending.interest;
    if (!ready) return undefined;
    const bytes = kind === 'read' ? poller.bytesReadable(handle) : 0n;
    return { userdata, error, type: eventType[kind], bytes, hangup };
  }
}

/** Something that is known without a wait. */
function failure(userdata: bigint, type: number, error: number): Pending {
  return { kind: 'event', event: { userdata, error, type, bytes: 0n, hangup: false } };
}
