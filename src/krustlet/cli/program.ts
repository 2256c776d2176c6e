import { Command } from 'commander';
import { addDoctor } from '../commands/doctor.ts';
import { addExec } from '../commands/exec.ts';
import { addHelp } from '../commands/help.ts';
import { addImages } from '../commands/images.ts';
import { addInspect } from '../commands/inspect.ts';
import { addJoin } from '../commands/join.ts';
import { addLogs } from '../commands/logs.ts';
import { addNode } from '../commands/node.ts';
import { addPs } from '../commands/ps.ts';
import { addPull } from '../commands/pull.ts';
import { addPush } from '../commands/push.ts';
import { addRm } from '../commands/rm.ts';
import { addRmi } from '../commands/rmi.ts';
import { addRun } from '../commands/run.ts';
import { addStop } from '../commands/stop.ts';
import { addSupervise } from '../commands/supervise.ts';
import { addVersion } from '../commands/version.ts';
import type { Invocation } from './invocation.ts';

const exitCodesHelp = `
Exit codes:
  0         it worked
  125       krustlet itself failed: wrong usage, no such container, a machine that lacks something
  126       what should run cannot be run: not WebAssembly, truncated, no _start
  127       what should run was not found
  any other is the module's own; 134 stands for a trap, 128 + n for its end by signal n`;

/** All commands. Each loads what it needs when it is run, so that help and version come at once. */
export function createProgram(invocation: Invocation): Command {
  const program = new Command('krustlet')
    .description('Runs WebAssembly modules as containers and pods.')
    .usage('<command> [options]')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => invocation.print(text),
      writeErr: (text) => void invocation.host.stderr.write(text),
      outputError: (text, write) => write(inOneLine(text)),
    })
    .configureHelp({ showGlobalOptions: false })
    .helpCommand(false)
    .addHelpText('after', exitCodesHelp);
  addRun(program, invocation);
  addPs(program, invocation);
  addLogs(program, invocation);
  addExec(program, invocation);
  addStop(program, invocation);
  addRm(program, invocation);
  addInspect(program, invocation);
  addPull(program, invocation);
  addPush(program, invocation);
  addImages(program, invocation);
  addRmi(program, invocation);
  addDoctor(program, invocation);
  addNode(program, invocation);
  addJoin(program, invocation);
  addVersion(program, invocation);
  addSupervise(program, invocation);
  for (const command of program.commands) addCommonOptions(command);
  addHelp(program);
  return program;
}

/** Commander's own messages, in the words of the others. */
function inOneLine(text: string): string {
  return text
    .replace(/^error: /, 'krustlet: ')
    .replace(/\n\(Did you mean (.*)\)/, ', did you mean $1');
}

function addCommonOptions(command: Command): void {
  command
    .option(
      '--data-dir <folder>',
      'where images and containers are (KRUSTLET_DATA_DIR, ~/.krustlet)',
    )
    .option('--debug', 'show stack traces of errors');
}
