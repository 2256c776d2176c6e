import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { duplicateTo } from '../../wasi/libc/process.ts';
import type { ContainerBodies } from '../container/container-body.ts';
import { libuvDescriptors } from '../container/descriptors.ts';
import type { StartForm } from '../container-spec.ts';
import { ContainerStartError } from '../container-starter.ts';
import { wasOutOfMemory } from '../limits/oom-kills.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { chooseForm } from './choose-form.ts';
import type { ContainerChild } from './container-child.ts';
import { executeChild } from './executed-child.ts';
import { Nurseries } from './nurseries.ts';
import { Reaper } from './reaper.ts';
import { spawnChild } from './spawned-child.ts';
import { type MakeChild, notWanted, Zygote } from './zygote.ts';
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
  const forking = { bodies, reaper, libuvs: libuvDescriptors() };
  const verdict = await chooseForm(forking, config);
  const directory = path.dirname(config.socket);
  const title = `${config.title} (fork server)`;
  const forks = verdict.form === 'fork';
  using nurseries = forks ? await Nurseries.open({ ...forking, directory, title }) : undefined;
  const execute = (request: StartRequest) =>
    forks ? executeChild(reaper, containerMain, request) : spawnChild(containerMain, request);
  const makeChild: MakeChild = (request, release) =>
    (request.form === 'fork' && nurseries?.child(request)) ||
    (release === undefined ? execute(request) : executeReleased(request, release, execute));
  const started = (form: StartForm) => form === 'fork' && nurseries?.refill();
  const zygote = new Zygote({ makeChild, started, wasOutOfMemory }, config);
  const server = new ZygoteServer(zygote, verdict);
  const taken = await takeSocket(server, config.socket);
  sayReady();
  if (!taken) return;
  started(verdict.form);
  await zygoteLife({ zygote, server }, config);
  server.retire();
}

/** What is executed cannot be held: it is made when its guest may run. */
async function executeReleased(
  request: StartRequest,
  release: Promise<boolean>,
  execute: (request: StartRequest) => ContainerChild | Promise<ContainerChild>,
): Promise<ContainerChild> {
  if (await release) return await execute(request);
  throw new ContainerStartError('PreparationFailed', notWanted);
}

/** Says it and lets go of the pipe, whose other end is about to leave. */
function sayReady(): void {
  writeSync(1, 'ready\n');
  const nowhere = openSync('/dev/null', constants.O_RDWR);
  for (const fd of [0, 1]) must('leave the launcher', duplicateTo(nowhere, fd));
  closeSync(nowhere);
}
