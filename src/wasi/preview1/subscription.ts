/** What a guest waits for with `poll_oneoff`. */
export type Subscription =
  | {
      readonly kind: 'clock';
      readonly userdata: bigint;
      readonly clock: number;
      readonly timeout: bigint;
      readonly absolute: boolean;
    }
  | { readonly kind: 'read' | 'write'; readonly userdata: bigint; readonly fd: number }
  | { readonly kind: 'unknown'; readonly userdata: bigint; readonly type: number };

/** How subscriptions lie in guest memory. Snapshot 0 has an identifier before a clock's number. */
export interface SubscriptionLayout {
  readonly size: number;
  readonly clockOffset: number;
}

/** https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#subscription */
export const subscriptionLayout: SubscriptionLayout = { size: 48, clockOffset: 16 };

export const snapshot0SubscriptionLayout: SubscriptionLayout = { size: 56, clockOffset: 24 };

export const eventType = { clock: 0, read: 1, write: 2 } as const;

const absoluteTime = 1;

export function readSubscription(
  view: DataView,
  pointer: number,
  { clockOffset }: SubscriptionLayout,
): Subscription {
  const userdata = view.getBigUint64(pointer, true);
  const type = view.getUint8(pointer + 8);
  switch (type) {
    case eventType.clock: {
      const at = pointer + clockOffset;
      return {
        kind: 'clock',
        userdata,
        clock: view.getUint32(at, true),
        timeout: view.getBigUint64(at + 8, true),
        absolute: (view.getUint16(at + 24, true) & absoluteTime) !== 0,
      };
    }
    case eventType.read:
    case eventType.write: {
      const kind = type === eventType.read ? 'read' : 'write';
      return { kind, userdata, fd: view.getUint32(pointer + 16, true) };
    }
    default:
      return { kind: 'unknown', userdata, type };
  }
}

/** What came of a subscription. */
export interface Event {
  readonly userdata: bigint;
  readonly error: number;
  readonly type: number;
  /** How many bytes can be read. */
  readonly bytes: bigint;
  readonly hangup: boolean;
}

export const eventSize = 32;

/** https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#event */
export function writeEvent(view: DataView, pointer: number, event: Event): void {
  view.setBigUint64(pointer, event.userdata, true);
  view.setUint16(pointer + 8, event.error, true);
  view.setUint16(pointer + 10, event.type, true);
  view.setUint32(pointer + 12, 0, true);
  view.setBigUint64(pointer + 16, event.bytes, true);
  view.setBigUint64(pointer + 24, event.hangup ? 1n : 0n, true);
}
