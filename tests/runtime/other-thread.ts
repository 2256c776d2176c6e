import { Worker } from 'node:worker_threads';

const state = { starting: 0, ready: 1, asked: 2, answered: 3 } as const;
const textOffset = 16;

/**
 * A thread that is there before the sandbox closes, as V8's own are: what has escaped may have it do
 * whatever it wants. Neither thread comes to its event loop.
 */
export class OtherThread {
  readonly #memory = new SharedArrayBuffer(4096);
  readonly #state = new Int32Array(this.#memory, 0, 2);

  constructor() {
    const attacks = JSON.stringify(new URL('attacks.ts', import.meta.url).href);
    const code = `
      import(${attacks}).then(({ attack }) => {
        const memory = require('node:worker_threads').workerData;
        const state = new Int32Array(memory, 0, 2);
        const text = Buffer.from(memory, ${textOffset});
        const become = (next) => {
          Atomics.store(state, 0, next);
          Atomics.notify(state, 0);
        };
        become(${state.ready});
        Atomics.wait(state, 0, ${state.ready});
        const answer = attack(JSON.parse(text.toString('utf8', 0, state[1])));
        state[1] = text.write(answer);
        become(${state.answered});
        Atomics.wait(state, 0, ${state.answered});
      });`;
    new Worker(code, { eval: true, workerData: this.#memory });
    this.#wait(state.ready);
  }

  /** Makes one attack there, as `attack` does here. */
  attack(args: readonly string[]): string {
    const text = Buffer.from(this.#memory, textOffset);
    this.#state[1] = text.write(JSON.stringify(args));
    Atomics.store(this.#state, 0, state.asked);
    Atomics.notify(this.#state, 0);
    this.#wait(state.answered);
    return text.toString('utf8', 0, this.#state[1]);
  }

  #wait(awaited: number): void {
    for (;;) {
      const seen = Atomics.load(this.#state, 0);
      if (seen === awaited) return;
      Atomics.wait(this.#state, 0, seen);
    }
  }
}
