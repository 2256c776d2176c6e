import type { State } from './state.ts';

/** How a run of states is observed, and what follows a state that throws. */
export interface RunStatesOptions<Context> {
  readonly signal: AbortSignal;
  /** Hears of every state that is entered. */
  readonly onEnter?: (state: State<Context>) => void;
  /** Says which state follows one that threw; `undefined` ends the run. */
  readonly onError: (error: unknown, state: State<Context>) => State<Context> | undefined;
}

/**
 * Runs state after state until a last one or until the signal aborts. Resolves to the state that
 * was interrupted, or to `undefined` where the last one was reached.
 */
export async function runStates<Context>(
  initial: State<Context>,
  context: Context,
  { signal, onEnter, onError }: RunStatesOptions<Context>,
): Promise<State<Context> | undefined> {
  let state: State<Context> | undefined = initial;
  while (state && !signal.aborted) {
    onEnter?.(state);
    state = await follow(state);
  }
  return state;

  async function follow(current: State<Context>): Promise<State<Context> | undefined> {
    try {
      return await current.next(context, { signal });
    } catch (error) {
      return signal.aborted ? current : onError(error, current);
    }
  }
}
