import {
  experimentalHttpFunctions,
  experimentalHttpModule,
} from '../experimental-http/host-functions.ts';
import { argsFunctions } from './args.ts';
import { clockFunctions } from './clock.ts';
import type { Context } from './context.ts';
import { environFunctions } from './environ.ts';
import { MissingImportsError } from './errors.ts';
import { fdFileFunctions } from './fd-file.ts';
import { fdIoFunctions } from './fd-io.ts';
import { fdReaddirFunctions } from './fd-readdir.ts';
import { fdTableFunctions } from './fd-table.ts';
import { pathFunctions } from './path.ts';
import { pathOpenFunctions } from './path-open.ts';
import { pollFunctions } from './poll.ts';
import { procFunctions } from './proc.ts';
import { randomFunctions } from './random.ts';
import { schedFunctions } from './sched.ts';
import { sockFunctions } from './sock.ts';
import { unstableFunctions } from './unstable.ts';

/** The names of the modules that a guest imports from. */
export const preview1Module = 'wasi_snapshot_preview1';
export const unstableModule = 'wasi_unstable';

/**
 * What a module imports, each name bound to its host function.
 *
 * @param previews what {@link providePreviews} has made before
 * @throws MissingImportsError where the module wants what no preview of WASI before 0.2 has
 */
export function importsFor(
  module: WebAssembly.Module,
  context: Context,
  previews = providePreviews(context),
): WebAssembly.Imports {
  const imports = WebAssembly.Module.imports(module);
  const isSending = imports.some((each) => each.module === experimentalHttpModule);
  const provided = { ...previews, ...(isSending && provideHttp(context)) };
  const missing = imports.filter(
    ({ module, name, kind }) => kind !== 'function' || !isProvided(provided, module, name),
  );
  if (missing.length > 0) throw new MissingImportsError(missing);
  return provided;
}

/** All the functions of both previews, for one guest. */
export function providePreviews(context: Context) {
  const preview1 = preview1Functions(context);
  const { sock_accept: _, ...snapshot0 } = preview1;
  return {
    [preview1Module]: preview1,
    [unstableModule]: { ...snapshot0, ...unstableFunctions(context) },
  };
}

function provideHttp(context: Context) {
  return { [experimentalHttpModule]: experimentalHttpFunctions(context, context.http) };
}

/** All 46, by the prefixes of the specification. */
function preview1Functions(context: Context) {
  return {
    ...argsFunctions(context),
    ...clockFunctions(context),
    ...environFunctions(context),
    ...fdFileFunctions(context),
    ...fdIoFunctions(context),
    ...fdReaddirFunctions(context),
    ...fdTableFunctions(context),
    ...pathFunctions(context),
    ...pathOpenFunctions(context),
    ...pollFunctions(context),
    ...procFunctions(context),
    ...randomFunctions(context),
    ...schedFunctions(context),
    ...sockFunctions(context),
  };
}

function isProvided(
  provided: Readonly<Record<string, object>>,
  module: string,
  name: string,
): boolean {
  return Object.hasOwn(provided, module) && Object.hasOwn(provided[module] ?? {}, name);
}
