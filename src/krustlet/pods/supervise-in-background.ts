import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import type { Manifest } from '../../kubelet/pods/manifest.ts';
import type { Invocation } from '../cli/invocation.ts';
import { UserError } from '../cli/user-error.ts';
import type { RunOptions } from '../run/run-options.ts';
import type { SupervisorMessage } from './supervise.ts';

/** Starts a process that runs the pods, and prints their names when they have started. */
export async function superviseInBackground(
  invocation: Invocation,
  file: string,
  manifest: Manifest,
  options: RunOptions,
): Promise<number> {
  const dataDir = invocation.dataDir(options);
  const log = path.join(dataDir, 'logs', 'supervisor.log');
  const message = await startSupervisor(file, dataDir, log, options);
  if (message.kind === 'failed') throw new UserError(message.message);
  for (const { metadata } of manifest.pods) invocation.print(`${metadata.name}\n`);
  return 0;
}

async function startSupervisor(
  file: string,
  dataDir: string,
  log: string,
  options: RunOptions,
): Promise<SupervisorMessage> {
  mkdirSync(path.dirname(log), { recursive: true, mode: 0o700 });
  const errors = openSync(log, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [...process.execArgv, ...commandLine(file, dataDir, options)],
    {
      cwd: '/',
      detached: true,
      stdio: ['ignore', errors, errors, 'ipc'],
    },
  );
  closeSync(errors);
  const { promise, resolve } = Promise.withResolvers<SupervisorMessage>();
  child.once('message', (message: SupervisorMessage) => resolve(message));
  child.once('error', (error) => resolve({ kind: 'failed', message: error.message }));
  child.once('exit', (code) => {
    resolve({
      kind: 'failed',
      message: `running '${file}' failed with code ${code}: see '${log}'`,
    });
  });
  const message = await promise;
  child.removeAllListeners();
  if (child.connected) child.disconnect();
  child.unref();
  return message;
}

function commandLine(file: string, dataDir: string, options: RunOptions): string[] {
  const [, program = ''] = process.argv;
  return [
    program,
    'supervise',
    '--data-dir',
    dataDir,
    ...(options.mirror ?? []).flatMap((mirror) => ['--mirror', mirror]),
    ...(options.insecureRegistries === undefined
      ? []
      : ['--insecure-registries', options.insecureRegistries]),
    ...(options.wasmtime === undefined ? [] : ['--wasmtime', path.resolve(options.wasmtime)]),
    path.resolve(file),
  ];
}
