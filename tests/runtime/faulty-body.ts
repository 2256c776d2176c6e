import type { ContainerBody } from '../../src/runtime/container/container-body.ts';

/** An engine with a fault of its own: it throws on the event loop, where nobody catches it. */
export const faultyBody: ContainerBody = {
  warm: () => {},

  prepare: () => ({
    open: () => ({
      threads: 'event-loop',
      files: [],
      async run() {
        setTimeout(() => {
          throw new Error('a fault of ours');
        }, 1);
        return await new Promise(() => {});
      },
    }),
  }),
};
