import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import * as v from 'valibot';
import { duplicateTo } from '../../wasi/libc/process.ts';
import type { ContainerBodies } from '../container/container-body.ts';
import { wakeupDescriptors } from '../container/descriptors.ts';
import { hasErrorCode } from '../errors.ts';
import { wasOutOfMemory } from '../limits/oom-kills.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { Fork } from './fork.ts';
import { Nursery } from './nursery.ts';
import { Reaper } from './reaper.ts';
import { spawnChild } from './spawned-child.ts';
import { Zygote } from './zygote.ts';
import { zygoteConfigSchema } from './zygote-config.ts';
import { zygoteLife } from './zygote-life.ts';
import { ZygoteServer } from './zygote-server.ts';

export interface RunZygoteComponents {
  readonly bodies: ContainerBodies;
  /** Script that the launcher executes in the exec form. */
  readonly containerMain: string;
}

/**
 * Is a zygote, configured by the JSON document on standard input, until it may end. Says `ready` on
 * standard output when it listens.
 */
export async function runZygote(components: RunZygoteComponents): Promise<void> {
  const config = v.parse(zygoteConfigSchema, JSON.parse(readFileSync(0, 'utf8')));
  if (await isServed(config.socket)) {
    sayReady();
    return;
  }
  process.title = config.title;
  for (const body of Object.values(components.bodies)) body.warm();
  using reaper = new Reaper();
  const { bodies, containerMain } = components;
  using nursery = new Nursery({
    bodies,
    reaper,
    fork: new Fork(),
    wakeups: wakeupDescriptors(),
  });
  const zygote = new Zygote(
    {
      makeChild: (request) =>
        request.form === 'fork' ? nursery.child(request) : spawnChild(containerMain, request),
      wasOutOfMemory,
      started: (form) => form === 'fork' && nursery.refill(),
    },
    config,
  );
  const server = new ZygoteServer(zygote);
  if (await isTaken(server.listen(config.socket))) {
    sayReady();
    return;
  }
  sayReady();
  nursery.refill();
  await zygoteLife({ zygote, server }, config);
  server.retire();
}

/** Says it and lets go of the pipe, whose other end is about to leave. */
function sayReady(): void {
  writeSync(1, 'ready\n');
  const nowhere = openSync('/dev/null', constants.O_RDWR);
  for (const fd of [0, 1]) must('leave the launcher', duplicateTo(nowhere, fd));
  closeSync(nowhere);
}

/** Another zygote may have been launched at the same time. */
async function isTaken(listening: Promise<void>): Promise<boolean> {
  try {
    await listening;
    return false;
  } catch (error) {
    if (hasErrorCode(error, 'EADDRINUSE')) return true;
    throw error;
  }
}

/** Whether a zygote listens already. A socket nobody listens at is what a killed one has left. */
async function isServed(socket: string): Promise<boolean> {
  const probe = connect(socket);
  try {
    await once(probe, 'connect');
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'ECONNREFUSED')) rmSync(socket, { force: true });
    return false;
  } finally {
    probe.destroy();
  }
}
