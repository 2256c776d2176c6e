import type { PulledImage } from '../../oci/pull/pulled-image.ts';
import { UserError } from '../cli/user-error.ts';
import type { EnvironmentVariable } from '../options/parse-env.ts';

/** What can be run: a module, and what an image says of how to run it. */
export interface Program {
  /** As the user named it. */
  readonly name: string;
  /** Absolute path of the module. */
  readonly modulePath: string;
  /** Absolute path of what was made of it when it came here, where something is. */
  readonly preparedPath: string | undefined;
  /** `args[0]` and what comes before the user's arguments. */
  readonly entrypoint: readonly string[];
  /** Arguments where the user gives none. */
  readonly defaultArgs: readonly string[];
  readonly env: readonly EnvironmentVariable[];
  readonly workingDir: string;
}

/** Takes from an image what is needed to run it; `fallbackName` is `args[0]` where it names none. */
export function programOf(name: string, image: PulledImage, fallbackName: string): Program {
  const { modulePath, preparedPath, config } = image;
  if (modulePath === undefined) throw new UserError(`running '${name}' failed: it has no module`);
  const { entrypoint, cmd, env, workingDir = '/' } = config;
  const [program, ...args] = [...entrypoint, ...cmd];
  return {
    name,
    modulePath,
    preparedPath,
    entrypoint: entrypoint.length > 0 ? entrypoint : [program ?? fallbackName],
    defaultArgs: entrypoint.length > 0 ? cmd : args,
    env,
    workingDir,
  };
}
