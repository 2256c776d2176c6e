import { setFlagsFromString } from 'node:v8';
import type { Clocks } from '../../wasi/system/clocks.ts';
import type { Streams } from '../../wasi/system/streams.ts';
import type { System } from '../../wasi/system/system.ts';

/** Optimizing every hot function of a module up to this size takes no time worth speaking of. */
const smallModule = 1024 * 1024;
/** Milliseconds after which a guest is taken for one that runs long. */
const patience = 1_000;
/** How many host calls pass between two looks at the clock, a power of two. */
const callsBetweenLooks = 64;

/**
 * Makes V8 optimize hot code where it has no thread to do so in the background, as in a forked
 * process: in the guest's own time, which stops for it.
 *
 * For a small module that begins at once. A big one may be done before it pays (esbuild would take
 * 0.2 s longer to show its version), so for those it begins with a host call after a second.
 *
 * @param module what is run, `bytes` long
 * @returns the system to run it on
 */
export function withTierUp(system: System, module: { readonly bytes: number }): System {
  if (!process.execArgv.includes('--single-threaded')) return system;
  if (module.bytes <= smallModule) {
    tierUp();
    return system;
  }
  const watch = new CallWatch();
  return {
    ...system,
    clocks: watchedClocks(system.clocks, watch),
    streams: watchedStreams(system.streams, watch),
  };
}

function tierUp(): void {
  setFlagsFromString('--wasm-sync-tier-up');
}

/** Counts host calls, and begins to optimize when the guest has run for long enough. */
class CallWatch {
  readonly #start = performance.now();
  #calls = 0;
  #over = false;

  count(): void {
    if (this.#over || ++this.#calls % callsBetweenLooks !== 0) return;
    if (performance.now() - this.#start < patience) return;
    this.#over = true;
    tierUp();
  }
}

function watchedClocks(clocks: Clocks, watch: CallWatch): Clocks {
  return {
    now: (clock) => clocks.now(clock),
    write(clock, view, offset) {
      watch.count();
      return clocks.write(clock, view, offset);
    },
    resolution: (clock) => clocks.resolution(clock),
    yield() {
      watch.count();
      clocks.yield();
    },
  };
}

function watchedStreams(streams: Streams, watch: CallWatch): Streams {
  return {
    read(handle, memory, vectors) {
      watch.count();
      return streams.read(handle, memory, vectors);
    },
    write(handle, memory, vectors) {
      watch.count();
      return streams.write(handle, memory, vectors);
    },
    readAt: (handle, memory, vectors, offset) => streams.readAt(handle, memory, vectors, offset),
    writeAt: (handle, memory, vectors, offset) => streams.writeAt(handle, memory, vectors, offset),
    seek: (handle, offset, whence) => streams.seek(handle, offset, whence),
    close: (handle) => streams.close(handle),
  };
}
