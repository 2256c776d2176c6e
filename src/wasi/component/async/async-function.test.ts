import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ComponentMemory } from '../abi/component-memory.ts';
import { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { borrow } from '../abi/handles.ts';
import { hostFunction, suspendingFunction } from '../abi/host-function.ts';
import { list } from '../abi/lists.ts';
import { Part } from '../abi/part.ts';
import { Resource } from '../abi/resource.ts';
import { HostFault } from '../abi/uncatchable.ts';
import { unit } from '../abi/variants.ts';
import type { Readiness } from '../io/readiness.ts';
import { testWorld } from '../testing/fixtures.ts';
import { asyncFunction } from './async-function.ts';
import { HostSubtask } from './subtask.ts';

describe('asyncFunction', () => {
  const newGuest = () => new Guest({ part: new Part(0), world: testWorld() });
  const fault = new TypeError('Cannot do what it should');
  const faulty = asyncFunction([], unit, async () => {
    throw fault;
  });

  it('does not return to a guest that was cancelled meanwhile, whatever came of the call', async () => {
    const guest = newGuest();
    // As a request is sent: it ends when its signal aborts, by an error code.
    const send = asyncFunction([], unit, async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return undefined;
    });
    const called = send.bind(guest)();
    const reason = new GuestTrap('The request took too long');
    guest.cancellation.cancel(reason);
    await assert.rejects(async () => called, reason);
  });

  it('throws no error through the guest that it could catch', async () => {
    await assert.rejects(async () => faulty.bind(newGuest())(), HostFault);
  });

  it('ends a guest by no error that it could catch, where it went on meanwhile', async () => {
    const guest = newGuest();
    faulty.bindAsync?.(guest)();
    const never: Readiness = { ready: () => false, source: () => ({ kind: 'any', sources: [] }) };
    await assert.rejects(
      async () => guest.wait([never]),
      (thrown: Error) => thrown instanceof HostFault && thrown.cause === fault,
    );
  });

  describe('keeps what a guest lends', () => {
    class Door extends Resource {}
    const self = borrow(() => Door);
    const begin = () => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const guest = newGuest();
      const handle = guest.handles.add(new Door());
      const drop = () => guest.handles.drop(handle, Door);
      const isKept = () => assert.throws(drop, /handle 1: it is lent/);
      return { promise, resolve, guest, handle, drop, isKept };
    };

    it('until a call returns for which it waits', async () => {
      for (const define of [asyncFunction, suspendingFunction]) {
        const { promise, resolve, guest, handle, drop, isKept } = begin();
        const returned = define([self], unit, (_call, _lent) => promise).bind(guest)(handle);
        isKept();
        resolve(undefined);
        await returned;
        drop();
      }
    });

    it('until a call fails for which it waits', async () => {
      for (const define of [asyncFunction, suspendingFunction]) {
        const { promise, resolve, guest, handle, drop, isKept } = begin();
        const reason = new GuestTrap('The request took too long');
        const failing = promise.then(() => {
          throw reason;
        });
        const returned = define([self], unit, (_call, _lent) => failing).bind(guest)(handle);
        isKept();
        resolve(undefined);
        await assert.rejects(async () => returned, reason);
        drop();
      }
    });

    it('until a call returns beside which it goes on', async () => {
      const { promise, resolve, guest, handle, drop, isKept } = begin();
      asyncFunction([self], unit, (_call, _lent) => promise).bindAsync?.(guest)(handle);
      isKept();
      resolve(undefined);
      await setImmediate();
      drop();
    });

    it('until it cancels a call', () => {
      const { promise, guest, handle, drop, isKept } = begin();
      const state = asyncFunction([self], unit, (_call, _lent) => promise).bindAsync?.(guest)(
        handle,
      );
      isKept();
      const subtask = guest.handles.entry(Number(state) >> 4);
      assert.ok(subtask instanceof HostSubtask);
      subtask.cancel();
      drop();
    });

    it('not for a call that returns at once', () => {
      const { guest, handle, drop } = begin();
      const atOnce = asyncFunction([self], unit, (_call, _lent) => undefined);
      atOnce.bind(guest)(handle);
      atOnce.bindAsync?.(guest)(handle);
      drop();
    });

    it('also where it is in a list, and not what another call was lent meanwhile', async () => {
      const { promise, resolve, guest, drop, isKept } = begin();
      guest.bind(new ComponentMemory(new WebAssembly.Memory({ initial: 1 })), undefined);
      guest.memory.setU32(0, 1);
      const other = guest.handles.add(new Door());
      const returned = suspendingFunction([list(self)], unit, (_call, _lent) => promise).bind(
        guest,
      )(0, 1);
      hostFunction([self], unit, (_call, _lent) => undefined).bind(guest)(other);
      guest.handles.drop(other, Door);
      isKept();
      resolve(undefined);
      await returned;
      drop();
    });
  });
});
