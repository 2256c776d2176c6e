import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Part } from '../abi/part.ts';
import { HostFault } from '../abi/uncatchable.ts';
import { unit } from '../abi/variants.ts';
import type { Readiness } from '../io/readiness.ts';
import { testWorld } from '../testing/fixtures.ts';
import { asyncFunction } from './async-function.ts';

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
});
