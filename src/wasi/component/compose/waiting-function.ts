import { Loans } from '../abi/borrowed-resource.ts';
import type { CoreValue } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import { unsignedAt } from '../abi/numbers.ts';
import { afterwards, whenReady, yieldTurn } from '../async/built-in.ts';
import { callbackCode, codeBits, codeMask } from '../async/callback-code.ts';
import { subtaskState } from '../async/subtask.ts';
import { Task } from '../async/task.ts';
import { type Event, eventCode, noEvent } from '../async/waitable.ts';
import { WaitableSet } from '../async/waitable-set.ts';
import type { Readiness } from '../io/readiness.ts';
import { GuestSubtask } from './guest-subtask.ts';
import { type AroundCalls, linkTrampoline } from './link-trampoline.ts';
import { isInMemory, liftFrom, lowerTo, storeTo } from './passing.ts';
import type { Running } from './running.ts';
import type { Signature } from './signature.ts';

/** The most flat parameters of a function that is called asynchronously. */
const mostFlatParameters = 4;

/** How the function is lifted, and the modules that call its core functions. */
export interface LiftedCallee {
  readonly kind: 'sync' | 'stackful' | 'callback';
  readonly core: WebAssembly.ExportValue;
  readonly trampoline: WebAssembly.Module;
  readonly callback: WebAssembly.ExportValue | undefined;
  readonly callbackTrampoline: WebAssembly.Module;
  readonly postReturn: CoreFunction | undefined;
}

interface WaitingFunctionComponents {
  readonly signature: Signature;
  readonly caller: Guest;
  readonly callee: Guest;
  readonly lifted: LiftedCallee;
  readonly running: Running;
}

/** One call. */
interface Run {
  readonly task: Task;
  readonly loans: Loans;
  readonly values: readonly CoreValue[];
  /** Whether the caller goes on meanwhile. */
  readonly async: boolean;
  readonly onStarted: () => void;
  readonly onResolved: (state: number, result: CoreValue | undefined) => void;
}

/** The callee is entered for a call: at first, or to be told of an event. */
interface Entry {
  readonly run: Run;
  readonly event: Event;
}

/**
 * A function of one component that another one calls, and that may wait: each call is a task of the
 * callee's, on a stack of its own, and a subtask of the caller's.
 */
export class WaitingFunction {
  readonly #signature: Signature;
  readonly #caller: Guest;
  readonly #callee: Guest;
  readonly #lifted: LiftedCallee;
  readonly #running: Running;
  readonly #call: () => Promise<unknown>;
  readonly #callBack: () => Promise<unknown>;
  /** What is about to be entered. */
  #next: Entry | undefined;

  constructor(components: WaitingFunctionComponents) {
    this.#signature = components.signature;
    this.#caller = components.caller;
    this.#callee = components.callee;
    this.#lifted = components.lifted;
    this.#running = components.running;
    const { callback, callbackTrampoline, core, trampoline } = this.#lifted;
    this.#call = this.#link(trampoline, core, () => this.#passParameters());
    this.#callBack =
      callback === undefined
        ? this.#call
        : this.#link(callbackTrampoline, callback, ({ event }) => event);
  }

  /** What a caller imports that goes on meanwhile: returns the state of the subtask and its handle. */
  readonly begin: CoreFunction = (...values) => {
    const { handles } = this.#caller;
    const subtask = new GuestSubtask();
    const run = this.#makeRun(values, true, {
      onStarted: () => subtask.advance(subtaskState.started),
      onResolved: (state) => subtask.advance(state),
    });
    subtask.follow(run.task, run.loans, this.#enter(run));
    if (subtask.state === subtaskState.returned) {
      subtask.deliver();
      return subtask.state;
    }
    const { state } = subtask;
    const handle = handles.add(subtask);
    subtask.givenHandle(handle);
    return state | (handle << 4);
  };

  /** What a caller imports that waits. */
  readonly wait: CoreFunction = (...values) => {
    let outcome: { readonly result: CoreValue | undefined } | undefined;
    let wake: (() => void) | undefined;
    const run = this.#makeRun(values, false, {
      onStarted: () => undefined,
      onResolved: (_state, result) => {
        outcome = { result };
        wake?.();
      },
    });
    this.#enter(run);
    const returned: Readiness = {
      ready: () => outcome !== undefined,
      source: () => ({
        kind: 'event',
        happened: new Promise<void>((resolve) => {
          wake = resolve;
        }),
      }),
    };
    const finish = () => {
      run.loans.end();
      return outcome?.result;
    };
    return this.#running.must(() =>
      afterwards(this.#caller, { readiness: returned, mayHappen: false }, finish),
    );
  };

  #makeRun(
    values: readonly CoreValue[],
    async: boolean,
    told: Pick<Run, 'onStarted' | 'onResolved'>,
  ): Run {
    this.#running.must(() => {
      this.#running.mustBeSound();
      this.#caller.part.leave();
    });
    const loans = new Loans();
    const task = new Task((guest, returned) => this.#passResult(run, guest, returned), {
      loans,
      onCancelled: () => told.onResolved(subtaskState.cancelled, undefined),
    });
    const run: Run = { task, loans, values, async, ...told };
    return run;
  }

  /** @returns a function that gives up waiting for the callee, if that is what the call does */
  #enter(run: Run): (() => void) | undefined {
    const { admission } = this.#callee.part;
    this.#running.begin();
    let isGivenUp = false;
    const giveUp = admission.enter(() => {
      if (isGivenUp) {
        admission.leave();
        return;
      }
      run.onStarted();
      this.#goOn(run, noEvent, this.#call);
    });
    this.#running.mustGoOn();
    if (giveUp === undefined) return undefined;
    return () => {
      isGivenUp = true;
      giveUp();
      this.#running.end();
      run.onResolved(subtaskState.cancelledBeforeStarted, undefined);
    };
  }

  #goOn(run: Run, event: Event, call: () => Promise<unknown>): void {
    this.#next = { run, event };
    this.#callee.part.task = run.task;
    call().catch((cause: unknown) => this.#fail(cause));
  }

  #passParameters(): readonly CoreValue[] {
    const run = this.#next?.run;
    if (run === undefined) return [];
    const [caller, callee] = [this.#caller, this.#callee];
    const { parameters } = this.#signature;
    caller.part.loans = run.loans;
    callee.part.loans = run.loans;
    const most = run.async ? mostFlatParameters : undefined;
    return callee.part.aside(() =>
      lowerTo(callee, parameters, liftFrom(caller, parameters, run.values, most)),
    );
  }

  /** @param guest the scope whose values these are */
  #passResult(run: Run, guest: Guest, returned: readonly CoreValue[]): void {
    const { parameters, result } = this.#signature;
    let outcome: CoreValue | undefined;
    if (result !== undefined) {
      const most = this.#lifted.kind === 'sync' ? 1 : undefined;
      const value = liftFrom(guest, result, returned, most);
      const mostBefore = run.async ? mostFlatParameters : undefined;
      const before = isInMemory(parameters, mostBefore) ? 1 : (parameters.flat?.length ?? 1);
      outcome = this.#caller.part.aside(() => {
        if (!run.async && !isInMemory(result, 1)) return lowerTo(this.#caller, result, value)[0];
        storeTo(this.#caller, result, value, unsignedAt(run.values, before));
        return undefined;
      });
    }
    run.onResolved(subtaskState.returned, outcome);
  }

  /** Called with what a core function of the callee's returned. */
  #returned(run: Run, values: readonly CoreValue[]): void {
    const { kind, postReturn } = this.#lifted;
    const { part } = this.#callee;
    if (kind === 'sync') {
      run.task.return(this.#callee, values);
      if (postReturn !== undefined) part.aside(() => postReturn(...values));
    } else if (kind === 'callback') {
      const packed = unsignedAt(values, 0);
      if ((packed & codeMask) !== callbackCode.exit) {
        part.admission.leave();
        this.#goOnLater(run, packed & codeMask, packed >>> codeBits).catch((cause: unknown) =>
          this.#fail(cause),
        );
        return;
      }
    }
    run.task.end();
    part.admission.leave();
    this.#running.end();
    part.waits.mustGoOn();
  }

  /** Waits for something to tell the callee, and for its turn. */
  async #goOnLater(run: Run, code: number, handle: number): Promise<void> {
    const { handles, part } = this.#callee;
    if (code !== callbackCode.yield && code !== callbackCode.wait) {
      throw new GuestTrap(`Cannot go on: there is no code ${code}`);
    }
    const set = code === callbackCode.wait ? handles.borrow(handle, WaitableSet) : undefined;
    const stop = set?.waitFor();
    const { task } = run;
    const { unwanted } = task;
    let hasGoneOn = false;
    const isOver = { ...unwanted, ready: () => hasGoneOn || unwanted.ready() };
    const goOn = (event: Event) => {
      hasGoneOn = true;
      task.onUnwanted = undefined;
      stop?.();
      this.#goOn(run, event, this.#callBack);
    };
    task.onUnwanted = () => {
      if (part.admission.tryReturn() && task.takeCancellation()) goOn(cancelled);
    };
    for (;;) {
      if (set === undefined) await yieldTurn(this.#callee);
      else {
        await whenReady(
          this.#callee,
          [isOver, set.readiness],
          () => set.mayHappen,
          () => undefined,
        );
      }
      if (hasGoneOn) return;
      await part.admission.return();
      if (hasGoneOn) {
        part.admission.leave();
        return;
      }
      if (task.takeCancellation()) return goOn(cancelled);
      if (set === undefined) return goOn(noEvent);
      if (set.readiness.ready()) return goOn(set.take());
      part.admission.leave();
    }
  }

  #fail(cause: unknown): void {
    this.#running.end();
    this.#running.stop(cause);
  }

  #link(
    trampoline: WebAssembly.Module,
    callee: WebAssembly.ExportValue,
    valuesFor: (next: Entry) => readonly CoreValue[],
  ): () => Promise<unknown> {
    const around: AroundCalls<Run> = {
      enter: () => {
        this.#running.mustBeSound();
        const next = this.#next;
        if (next === undefined) throw new GuestTrap('Cannot enter the component: nobody calls');
        const values = valuesFor(next);
        this.#next = undefined;
        return [values, next.run];
      },
      leave: (values, run) => {
        this.#returned(run, values);
        return undefined;
      },
    };
    return WebAssembly.promising(linkTrampoline(trampoline, callee, around, this.#running));
  }
}

const cancelled: Event = [eventCode.taskCancelled, 0, 0];
