import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { duplicateTo } from '../../wasi/libc/process.ts';
import type { ContainerBodies } from '../container/container-body.ts';
import { wakeupDescriptors } from '../container/descriptors.ts';
import type { StartForm } from '../container-spec.ts';
import { wasOutOfMemory } from '../limits/oom-kills.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { chooseForm } from './choose-form.ts';
import { Fork } from './fork.ts';
import { Nursery } from './nursery.ts';
import { Reaper } from './reaper.ts';
import { spawnChild } from './spawned-child.ts';
import { Zygote } from './zygote.ts';
import { zygoteConfigSchema } from './zygote-config.ts';
import { zygoteLife } from './zygote-life.ts';
import type { StartRequest } from './zygote-protocol.ts';
import { ZygoteServer } from './zygote-server.ts';
import { takeSocket } from './zygote-socket.ts';

export interface RunZygoteComponents {
  readonly bodies: ContainerBodies;
  /** Script that the launcher executes in the exec form. */
  readonly containerMain: string;
}

/**
 * Is a zygote, configured by the JSON document on standard input, until it may end. Says `ready` on
 * standard output when it listens.
 */
export async function runZygote({ bodies, containerMain }: RunZygoteComponents): Promise<void> {
  const config = v.parse(zygoteConfigSchema, JSON.parse(readFileSync(0, 'utf8')));
  process.title = config.title;
  using reaper = new Reaper();
  const forking = { bodies, reaper, fork: new Fork(), wakeups: wakeupDescriptors() };
  const verdict = await chooseForm(forking, config);
  const directory = path.dirname(config.socket);
  const title = `${config.title} (fork server)`;
  using nursery = new Nursery({ ...forking, directory, title });
  const makeChild = ({ form, ...orders }: StartRequest) =>
    form === 'fork' && verdict.form === 'fork'
      ? nursery.child(orders)
      : spawnChild(containerMain, orders);
  const started = (form: StartForm) => form === 'fork' && nursery.refill();
  const zygote = new Zygote({ makeChild, started, wasOutOfMemory }, config);
  const server = new ZygoteServer(zygote, verdict);
  const taken = await takeSocket(server, config.socket);
  sayReady();
  if (!taken) return;
  started(verdict.form);
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
