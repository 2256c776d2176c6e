import { readdirSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import type { ContainerBodies } from './container-body.ts';
import { becomeContainer } from './container-process.ts';
import { wakeupDescriptors } from './descriptors.ts';

const requestSchema = v.strictObject({ directory: v.string(), cgroups: v.array(v.string()) });
const reportDescriptor = 3;

/**
 * Turns this process, a fresh one, into a container: what to run is on standard input, the start
 * report goes to descriptor 3.
 */
export function runContainer(bodies: ContainerBodies): never {
  const { directory, cgroups } = v.parse(requestSchema, JSON.parse(readFileSync(0, 'utf8')));
  const threads = readdirSync('/proc/self/task').length;
  if (threads !== 1) throw new Error(`Cannot confine a process of ${threads} threads, only of one`);
  const wakeups = wakeupDescriptors();
  return becomeContainer({ directory, cgroups, report: reportDescriptor, wakeups }, bodies);
}
