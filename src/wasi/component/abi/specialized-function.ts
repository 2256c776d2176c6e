import type { Codec, CoreValue } from './codec.ts';
import type { Guest } from './guest.ts';
import { HostLoans } from './host-loans.ts';

export interface FunctionShape {
  /** Of each parameter; their flat values are the first that the function is called with. */
  readonly parameters: readonly Codec<unknown>[];
  readonly result: Codec<unknown>;
  /** Whether what is returned may be a promise of the result. */
  readonly suspends: boolean;
}

type Bind = (
  guest: Guest,
) => (...values: CoreValue[]) => CoreValue | undefined | Promise<undefined>;

/**
 * Lifts parameters, calls and lowers the result, by code that is made for this one function. V8
 * learns how a function behaves by its place in the source: of one closure that serves all host
 * functions it would learn that everything may be anything, and optimize nothing.
 *
 * The code is made of counts alone. Parameters must be flat; a result of more than one core value is
 * stored where the value behind them points.
 */
export function specializedFunction<P extends readonly unknown[]>(
  shape: FunctionShape,
  implementation: (guest: Guest, ...values: P) => unknown,
): Bind {
  const { parameters, result } = shape;
  const codecs = parameters.map((_, index) => `codec${index}`);
  // What it makes takes a guest and is a function of core values: see sourceOf.
  const make = new Function('implementation', 'HostLoans', 'result', ...codecs, sourceOf(shape));
  return make(implementation, HostLoans, result, ...parameters) as Bind;
}

function sourceOf({ parameters, result, suspends }: FunctionShape): string {
  const values: string[] = [];
  const lifted = parameters.map(({ flat }, index) => {
    const own = flat.map((_, at) => `v${values.length + at}`);
    values.push(...own);
    return `codec${index}.lift(guest, [${own}], 0)`;
  });
  const finish = lowering(result, `v${values.length}`);
  if (result.flat.length > 1) values.push(`v${values.length}`);
  const call = `implementation(${['guest', ...lifted]})`;
  return `return (guest) => (${values}) => {
    ${suspends ? waitingFor(call, finish) : `const value = ${call};`}
    ${finish}
  };`;
}

/** What the guest lends is its host's until the promise has settled. */
function waitingFor(call: string, finish: string): string {
  return `
    const loans = (guest.loans = new HostLoans());
    const value = ${call};
    guest.loans = undefined;
    if (value instanceof Promise) {
      loans.lend();
      return value.then(
        (value) => {
          loans.end();
          ${finish}
        },
        (cause) => {
          loans.end();
          throw cause;
        },
      );
    }`;
}

function lowering({ flat }: Codec<unknown>, returnAt: string): string {
  if (flat.length === 0) return '';
  if (flat.length === 1) return 'return result.lower(guest, value);';
  return `result.store(guest, ${returnAt} >>> 0, value);`;
}
