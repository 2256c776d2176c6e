import type { ContainerBody } from '../../src/runtime/container/container-body.ts';
export const echo: ContainerBody = {
  open: (spec, stdio) => ({
    descriptors: [],
    files: [],
    run() {
      stdio.stdout.write(Buffer.from(`hello from ${spec.id}\n`));
      return { exitCode: 7, message: 'seven' };
    },
  }),
};
