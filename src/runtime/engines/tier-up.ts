import { setFlagsFromString } from 'node:v8';

/** Optimizing every hot function of a module up to this size takes no time worth speaking of. */
const smallModule = 1024 * 1024;

/**
 * How much a function of a big module runs before it is optimized, in bytes of its code: fifteen
 * times V8's own figure. With that, esbuild would take 0.2 s longer to show its version.
 */
const patientBudget = 200_000_000;

/**
 * Makes V8 optimize hot code where it has no thread to do so in the background, as in a forked
 * process: in the guest's own time, which stops for it. To be called before the module is compiled.
 *
 * @param module what will be run, `bytes` long
 */
export function tierUp({ bytes }: { readonly bytes: number }): void {
  if (!process.execArgv.includes('--single-threaded')) return;
  if (bytes > smallModule) setFlagsFromString(`--wasm-tiering-budget=${patientBudget}`);
  setFlagsFromString('--wasm-sync-tier-up');
}
