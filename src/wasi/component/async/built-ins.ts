import { GuestTrap } from '../abi/guest-trap.ts';
import type { BuiltIn } from './built-in.ts';
import { channelBuiltIns } from './channel-built-ins.ts';
import { errorContextBuiltIns } from './error-context-built-ins.ts';
import { taskBuiltIns } from './task-built-ins.ts';
import { waitableBuiltIns } from './waitable-built-ins.ts';

/** Every built-in but for those of threads, by its name in the specification. */
const builtIns: Readonly<Record<string, BuiltIn>> = {
  ...taskBuiltIns,
  ...waitableBuiltIns,
  ...channelBuiltIns,
  ...errorContextBuiltIns,
};

export function isBuiltIn(name: string): boolean {
  return Object.hasOwn(builtIns, name);
}

/** @param name of a built-in that there is, as {@link isBuiltIn} says */
export function builtInNamed(name: string): BuiltIn {
  const found = builtIns[name];
  if (found === undefined) throw new GuestTrap(`Cannot use '${name}': there is no such built-in`);
  return found;
}
