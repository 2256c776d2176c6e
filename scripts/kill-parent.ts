import { killParent } from '../tests/runtime/kill-parent.ts';
import { TestRuntime } from '../tests/runtime/test-runtime.ts';

/* Kills the parent of containers at random moments and takes over: `npm run test:kill -- [ROUNDS]`. */

const rounds = Number(process.argv[2] ?? 50);
await using test = new TestRuntime();
for (let round = 1; round <= rounds; round += 1) {
  const { running, ended, neverStarted } = await killParent(test, round);
  console.log(
    `${round}/${rounds}: ${running} running, ${ended} ended, ${neverStarted} never started`,
  );
}
