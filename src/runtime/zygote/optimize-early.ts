import { setFlagsFromString } from 'node:v8';

/** How often a function is called before V8 notes what it is called with, and before each of its compilers takes it. */
interface Calls {
  readonly noted: number;
  readonly maglev: number;
  readonly turbofan: number;
}

/** As V8 has them: see `containerProcessFlags` for what they are else. */
const asUsual: Calls = { noted: 8, maglev: 400, turbofan: 3000 };
const sooner: Calls = { noted: 8, maglev: 50, turbofan: 250 };

/**
 * Optimizes what is called from now on as early as V8 does by itself: for containers that do the same
 * over and over, and rehearse that so often that they share what comes of it.
 */
export function optimizeEarly(): void {
  optimizeAfter(asUsual);
}

/** Optimizes sooner than is wise where it is not known what will be called: for rehearsals. */
export function optimizeSooner(): void {
  optimizeAfter(sooner);
}

function optimizeAfter({ noted, maglev, turbofan }: Calls): void {
  setFlagsFromString(`--invocation-count-for-feedback-allocation=${noted}`);
  setFlagsFromString(`--invocation-count-for-maglev=${maglev}`);
  setFlagsFromString(`--invocation-count-for-turbofan=${turbofan}`);
}
