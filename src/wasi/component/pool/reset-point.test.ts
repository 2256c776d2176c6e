import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IncomingRequest, ResponseOutparam } from '../http/messages.ts';
import type { BodySink } from '../http/outgoing-body.ts';
import { ComponentInstance } from '../link/component-instance.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { ownMemoryExport } from '../rewrite/rewriter.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { ResetPoint } from './reset-point.ts';

/** Everything an instance could remember, as one comparable value. */
function stateOf(instance: ComponentInstance): unknown {
  return instance.coreInstances.map(({ exports }) =>
    Object.entries(exports).map(([name, value]) => {
      if (value instanceof WebAssembly.Global) return [name, value.value];
      if (value instanceof WebAssembly.Table) return [name, entriesOf(value)];
      return [name, typeof value];
    }),
  );
}

/** Functions by their names: those of two instances are not the same objects. */
function entriesOf(table: WebAssembly.Table): unknown[] {
  return Array.from({ length: table.length }, (_, index) => String(table.get(index)?.name ?? null));
}

function memoryOf(instance: ComponentInstance): Buffer {
  const memory = instance.coreInstances
    .map(({ exports }) => exports[ownMemoryExport])
    .find((value) => value instanceof WebAssembly.Memory);
  assert.ok(memory);
  return Buffer.from(memory.buffer);
}

/** Grown pages, which a fresh instance has not yet, must be as empty as it would find them. */
function assertSameMemory(used: Buffer, fresh: Buffer, what: string): void {
  assert.ok(used.subarray(0, fresh.length).equals(fresh), `memory differs after ${what}`);
  assert.ok(!used.subarray(fresh.length).some((byte) => byte !== 0), `growth after ${what}`);
}

const nowhere: BodySink = {
  backlog: 0,
  failure: undefined,
  write() {},
  drained: () => Promise.resolve(),
  end() {},
  abandon() {},
};

function request(instance: ComponentInstance, path: string): Promise<unknown> {
  const head = {
    method: 'GET',
    path,
    scheme: undefined,
    authority: 'test',
    rawHeaders: ['a', path],
  };
  const body = {
    stream: undefined,
    limit: 0,
    tooLarge: { kind: 'internal-error', value: undefined },
    trailers: () => [],
  } as const;
  const { handles } = instance.guestOf('wasi:http/incoming-handler', 'handle');
  const incoming = handles.add(new IncomingRequest(head, body));
  const outparam = handles.add(
    new ResponseOutparam((outcome) => {
      if (outcome.kind === 'ok') outcome.value.body?.attachTo(nowhere);
    }),
  );
  const handle = instance.exported('wasi:http/incoming-handler', 'handle');
  return WebAssembly.promising(handle)(incoming, outparam);
}

describe('ResetPoint', () => {
  const world = testWorld();

  it('makes an instance of a handler what a fresh one is, whatever it was asked', async () => {
    const program = loadProgram(prepareComponent(componentFixture('http-routes')));
    const fresh = new ComponentInstance(program, world, 'suspend');
    const instance = new ComponentInstance(program, world, 'suspend');
    const resetPoint = new ResetPoint(instance);
    const paths = [
      '/seen',
      '/headers',
      '/big/1000',
      '/json',
      '/allocate/300000',
      '/status/404',
      '/silent',
    ];
    let state = 1;
    for (let round = 0; round < 60; round++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const path = paths[(state >>> 16) % paths.length] ?? '/';
      await request(instance, `${path}`);
      instance.endCall();
      assert.ok(resetPoint.restore());
      assertSameMemory(memoryOf(instance), memoryOf(fresh), path);
      assert.deepEqual(stateOf(instance), stateOf(fresh));
      assert.ok(instance.isIdle);
    }
  });

  it('notices that a request did change the instance', async () => {
    const program = loadProgram(prepareComponent(componentFixture('http-routes')));
    const fresh = new ComponentInstance(program, world, 'suspend');
    const instance = new ComponentInstance(program, world, 'suspend');
    await request(instance, '/seen');
    assert.ok(!memoryOf(instance).equals(memoryOf(fresh)));
  });
});
