import type { BuiltinCommand } from './builtin-command.ts';
import type { BuiltinName } from './builtin-names.ts';
import { cat } from './cat.ts';
import { env } from './env.ts';
import { ls } from './ls.ts';
import { mkdir } from './mkdir.ts';
import { pwd } from './pwd.ts';
import { rm } from './rm.ts';
import { stat } from './stat.ts';
import { tar } from './tar.ts';
import { test } from './test.ts';

/** All built-in commands by their names. */
export const builtinCommands: Readonly<Record<BuiltinName, BuiltinCommand>> = {
  cat,
  env,
  ls,
  mkdir,
  pwd,
  rm,
  stat,
  tar,
  test,
};
