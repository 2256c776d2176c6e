import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place, placedBytes } from './struct-page.ts';

const sigSetMask = 2;
const setBytes = 128; // sizeof(sigset_t)
const lastSignal = 64;
const defaultAction = 0n; // SIG_DFL
const signalError = 0xffff_ffff_ffff_ffffn; // SIG_ERR

const sigKill = 9;
const sigSegv = 11;
const sigPipe = 13;
const sigStop = 19;
/** Internal to libc (thread cancellation, set*id of all threads): signal(2) refuses them. */
const libcSignals = [32, 33];

/** A set of signals, as the kernel wrote it. */
export type SignalSet = Uint8Array;

/** Blocks every signal that can be blocked, and returns the set that was blocked before. */
export function blockAllSignals(): SignalSet {
  const [all, before] = place(new Uint8Array(setBytes), new Uint8Array(setBytes));
  libc.sigfillset(all);
  const result = callResult(libc.sigprocmask(sigSetMask, all, before));
  if (result < 0) throw new Error(`Cannot block signals: errno ${-result}`);
  return placedBytes(before, setBytes);
}

/** Blocks exactly the signals of `set`. */
export function setBlockedSignals(set: SignalSet): void {
  const [pointer] = place(set);
  const result = callResult(libc.sigprocmask(sigSetMask, pointer, 0n));
  if (result < 0) throw new Error(`Cannot unblock signals: errno ${-result}`);
}

/** No signals: everything is delivered. */
export const noSignals: SignalSet = new Uint8Array(setBytes);

/**
 * Gives every signal its default action, except SIGSEGV, which V8 uses to find out-of-bounds
 * accesses of WebAssembly, and SIGPIPE, which stays ignored so that a write answers EPIPE.
 */
export function restoreDefaultActions(): void {
  const kept = [sigKill, sigStop, sigSegv, sigPipe, ...libcSignals];
  for (let signal = 1; signal <= lastSignal; signal++) {
    if (kept.includes(signal)) continue;
    if (libc.signal(signal, defaultAction) === signalError) {
      throw new Error(`Cannot restore the default action of signal ${signal}`);
    }
  }
}
