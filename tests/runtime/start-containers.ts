import { setTimeout as sleep } from 'node:timers/promises';
import { TestRuntime } from './test-runtime.ts';

/* A parent that starts containers as fast as it can, half of them held for a while, until it is killed. */

const [dataDir = '', prefix = '', ...modules] = process.argv.slice(2);
const test = new TestRuntime({ dataDir });
// So that the zygote is there: what is of interest comes after.
await test.runtime.start(test.spec(modules[0] ?? '', { id: `${prefix}-first` }));
process.stdout.write('ready\n');

for (let number = 0; number < 200; number += 2) {
  await Promise.all(
    modules.map(async (module, index) => {
      const spec = test.spec(module, { id: `${prefix}-${number + index}` });
      await test.runtime.start(spec, number % 4 === 0 ? {} : { ready: sleep(Math.random() * 10) });
    }),
  );
}
