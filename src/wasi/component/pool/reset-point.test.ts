import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IncomingRequest, ResponseOutparam } from '../http/messages.ts';
import type { BodySink } from '../http/outgoing-body.ts';
import { ComponentInstance } from '../link/component-instance.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { assertAsFresh, memoriesOf } from '../testing/instance-state.ts';
import { ResetPoint } from './reset-point.ts';

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
      assertAsFresh(instance, fresh, `after ${path}`);
    }
  });

  it('notices that a request did change the instance', async () => {
    const program = loadProgram(prepareComponent(componentFixture('http-routes')));
    const fresh = new ComponentInstance(program, world, 'suspend');
    const instance = new ComponentInstance(program, world, 'suspend');
    await request(instance, '/seen');
    assert.notDeepEqual(memoriesOf(instance), memoriesOf(fresh));
  });
});
