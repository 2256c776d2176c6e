/**
 * Runs one module of WASI preview1 in this process, without container or sandbox:
 *
 *     node scripts/run-preview1.ts [--system native|portable] [--dir HOST::GUEST[:ro]]…
 *       [--env NAME=VALUE]… MODULE [ARGUMENT]…
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Preview1Host } from '../src/wasi/preview1/host.ts';
import type { MountInit } from '../src/wasi/preview1/open-mount.ts';
import type { System } from '../src/wasi/system/system.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    system: { type: 'string', default: 'native' },
    dir: { type: 'string', multiple: true, default: [] },
    env: { type: 'string', multiple: true, default: [] },
  },
});

const [modulePath, ...rest] = positionals;
if (modulePath === undefined) throw new Error('Cannot run without a module: name one');
const module = new WebAssembly.Module(readFileSync(modulePath));
using host = new Preview1Host(
  { system: await makeSystem(values.system) },
  { args: [modulePath, ...rest], env: values.env.map(variable), mounts: values.dir.map(mount) },
);
process.exitCode = run();

function run(): number {
  try {
    return host.run(module);
  } catch (error) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    return 134;
  }
}

async function makeSystem(name: string): Promise<System> {
  if (name === 'portable') {
    const { PortableSystem } = await import('../src/wasi/portable/portable-system.ts');
    return new PortableSystem();
  }
  const { NativeSystem } = await import('../src/wasi/native/native-system.ts');
  return new NativeSystem();
}

function mount(argument: string): MountInit {
  const [hostPath = '', guestPath = hostPath] = argument.replace(/:ro$/, '').split('::');
  return { hostPath, guestPath, readOnly: argument.endsWith(':ro') };
}

function variable(argument: string): { name: string; value: string } {
  const equals = argument.indexOf('=');
  return { name: argument.slice(0, equals), value: argument.slice(equals + 1) };
}
