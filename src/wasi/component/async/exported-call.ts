import type { Codec, CoreValue } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { maximumFlatParameters } from '../abi/host-function.ts';
import { unsignedAt } from '../abi/numbers.ts';
import type { ComponentInstance, LiftedFunction } from '../link/component-instance.ts';
import { whenReady, yieldTurn } from './built-in.ts';
import { callbackCode, codeBits, codeMask } from './callback-code.ts';
import { Task } from './task.ts';
import { noEvent } from './waitable.ts';
import { WaitableSet } from './waitable-set.ts';

/** The function to be called, and the type of its result. */
export interface ExportedFunction<R> {
  readonly interface: string;
  readonly name: string;
  readonly result: Codec<R>;
}

/**
 * Calls a function that is `async` in WIT, with parameters that are lowered already, in whichever
 * way the guest was compiled for.
 *
 * @param onReturn is given the result, which may be long before the guest is done
 * @returns when the guest is done; rejects as the guest traps, exits or is cancelled
 */
export async function callAsync<R>(
  instance: ComponentInstance,
  { interface: interfaceName, name, result }: ExportedFunction<R>,
  parameters: readonly CoreValue[],
  onReturn: (value: R, guest: Guest) => void,
): Promise<void> {
  const lifted = instance.lifted(interfaceName, name);
  const task = new Task((guest, values) => onReturn(liftResult(result, guest, values), guest));
  lifted.guest.part.task = task;
  await finishCall(lifted, task, result, parameters, onReturn);
  if (!instance.isQuiet) await instance.settle();
}

async function finishCall<R>(
  lifted: LiftedFunction,
  task: Task,
  result: Codec<R>,
  parameters: readonly CoreValue[],
  onReturn: (value: R, guest: Guest) => void,
): Promise<void> {
  const returned = await WebAssembly.promising(lifted.core)(...parameters);
  switch (lifted.abi.kind) {
    case 'sync':
      onReturn(loadResult(result, lifted.guest, coreValue(returned)), lifted.guest);
      await lifted.postReturn?.(returned);
      return;
    case 'stackful':
      task.end();
      return;
    case 'callback':
      await callBack(lifted, lifted.abi.callback, Number(returned));
      task.end();
      return;
    default:
      lifted.abi satisfies never;
  }
}

/** Waits for what the guest wants to wait for, and calls it back, until it is done. */
async function callBack(
  { guest }: LiftedFunction,
  callback: (...values: CoreValue[]) => unknown,
  first: number,
): Promise<void> {
  const again = WebAssembly.promising(callback);
  for (let packed = first; (packed & codeMask) !== callbackCode.exit; ) {
    const event = await nextEvent(guest, packed & codeMask, packed >>> codeBits);
    packed = Number(await again(...event));
  }
}

async function nextEvent(guest: Guest, code: number, handle: number) {
  if (code === callbackCode.yield) {
    await yieldTurn(guest);
    return noEvent;
  }
  if (code !== callbackCode.wait) throw new GuestTrap(`Cannot go on: there is no code ${code}`);
  const set = guest.handles.borrow(handle, WaitableSet);
  return whenReady(
    guest,
    [set.readiness],
    () => set.mayHappen,
    () => set.take(),
  );
}

/** `task.return` passes a result as parameters are passed. */
function liftResult<R>(result: Codec<R>, guest: Guest, values: readonly CoreValue[]): R {
  if (result.flat.length <= maximumFlatParameters) return result.lift(guest, values, 0);
  return result.load(guest, unsignedAt(values, 0));
}

/** A function that returns gives one value, or a pointer to more. */
function loadResult<R>(result: Codec<R>, guest: Guest, value: CoreValue): R {
  if (result.flat.length <= 1) return result.lift(guest, [value], 0);
  return result.load(guest, unsignedAt([value], 0));
}

function coreValue(returned: unknown): CoreValue {
  return typeof returned === 'number' || typeof returned === 'bigint' ? returned : 0;
}
