import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GuestTrap } from '../abi/guest-trap.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { hostileSteps, seededRandom } from '../testing/hostile-steps.ts';
import { ComponentInstance } from './component-instance.ts';

describe('a component that does what it likes to another', () => {
  const program = loadProgram(prepareComponent(componentFixture('composed-hostile')));
  const world = testWorld();
  const run = (steps: readonly bigint[]) => {
    const instance = new ComponentInstance(program, world, 'suspend');
    // The fixture's: eight numbers of 64 bits to one of 32.
    const exported = instance.exported('', 'run') as (...values: bigint[]) => number;
    try {
      return exported(...steps);
    } finally {
      instance.endCall();
    }
  };

  it('goes on or is ended by a trap, and is never told of an error of the host', () => {
    const random = seededRandom(7);
    const outcomes = { returned: 0, trapped: 0 };
    const traps = new Set<string>();
    for (let round = 0; round < 500; round++) {
      const steps = hostileSteps(random);
      try {
        assert.equal(typeof run(steps), 'number');
        outcomes.returned++;
      } catch (thrown) {
        const isTrap = thrown instanceof GuestTrap || thrown instanceof WebAssembly.RuntimeError;
        assert.ok(isTrap, `[${steps.join(', ')}] threw ${String(thrown)}`);
        traps.add(thrown.message.replaceAll(/\d+/g, 'N'));
        outcomes.trapped++;
      }
    }
    assert.ok(outcomes.returned > 20 && outcomes.trapped > 100, JSON.stringify(outcomes));
    assert.ok(traps.size > 8, [...traps].join('\n'));
  });

  const step = (operation: number, first = 0, second = 0) =>
    BigInt(operation) | (BigInt(first) << 8n) | (BigInt(second) << 32n);
  const nothing = step(3, 1); // of a handle that is there once
  const hostile: Readonly<Record<string, readonly [RegExp, ...bigint[]]>> = {
    'an allocation out of range': [/out of bounds/, step(7, 1), step(5, 64, 4)],
    'a misaligned allocation': [/misaligned/, step(7, 2), step(6, 64, 4)],
    'an allocator that traps': [/unreachable/, step(7, 3), step(5, 64, 4)],
    'an allocator that calls somebody': [/Cannot leave the component/, step(7, 4), step(5, 64, 4)],
    'a clean-up that traps': [/unreachable/, step(7, 5), step(5, 64, 4)],
    'a clean-up that calls somebody': [/Cannot leave the component/, step(7, 6), step(5, 64, 4)],
    'a string that is none': [/not UTF-8/, step(5, 64, 20)],
    'a list out of range': [/out of bounds/, step(6, 65532, 6)],
    'a handle that is dropped twice': [/Cannot use handle 1/, step(0), nothing, nothing],
    'a stream that is used after it was given away': [
      /no ChannelEnd/,
      step(8),
      step(15, 1),
      step(9, 1, 4),
    ],
    'a stream that is given away while it is read': [
      /nobody reads/,
      step(8),
      step(9, 1, 4),
      step(15, 1),
    ],
  };
  for (const [what, [message, ...steps]] of Object.entries(hostile)) {
    it(`is ended by ${what}`, () => {
      const all = [...steps, ...Array.from({ length: 8 - steps.length }, () => step(0))];
      assert.throws(() => run(all), message);
    });
  }
});
