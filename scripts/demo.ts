import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// `npm start`: runs the example pods with the same commands that a person would type, and cleans up.

const root = path.resolve(import.meta.dirname, '..');
const program = path.join(root, 'bin', 'krustlet.js');
const dataDir = mkdtempSync(path.join(os.tmpdir(), 'krustlet-demo-'));
const environment = { ...process.env, KRUSTLET_DATA_DIR: dataDir };

try {
  await tour();
} finally {
  cleanUp();
}

async function tour(): Promise<void> {
  say('A pod that writes and exits. Its container is a WebAssembly module in a sandboxed process.');
  run('run', 'examples/hello.yaml');

  say('A pod that goes on, with a volume, a ConfigMap and a Secret, and one that serves HTTP.');
  run('run', '--detach', 'examples/journal.yaml');
  run('run', '--detach', 'examples/web.yaml');
  run('ps');

  say('Each pod has an address of its own. Calling the web server on its container port:');
  const url = `http://${addressOf('web/web')}/`;
  console.log(`$ curl ${url}`);
  process.stdout.write(await (await fetch(url)).text());

  await sleep(1000);
  say('What they have written, and a look into the volume. There is no shell: cat is built in.');
  run('logs', '--timestamps', 'web');
  run('logs', '--tail', '2', 'journal');
  run('exec', 'journal', 'cat', '/journal/entries.txt');

  say('Stopping them.');
  run('stop', 'web', 'journal');
  run('ps', '--all');

  say(`Nothing is left running. Try next:

  npx krustlet run examples/modules/hello.wasm -- Ada        a module without a pod
  npx krustlet run --detach examples/web.yaml                then: ps, logs -f, exec, inspect, stop, rm
  npx krustlet doctor                                        what this machine can do
  npx krustlet help                                          everything else`);
}

function say(text: string): void {
  const bold = process.stdout.isTTY ? ['\x1b[1m', '\x1b[0m'] : ['', ''];
  console.log(`\n${bold[0]}${text}${bold[1]}\n`);
}

/** Runs a command in front of the audience; the tour ends where one fails. */
function run(...args: string[]): void {
  console.log(`$ krustlet ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`'krustlet ${args.join(' ')}' ended with ${status}`);
}

function addressOf(name: string): string {
  const text = execFileSync(process.execPath, [program, 'ps', '--output', 'json'], {
    env: environment,
    encoding: 'utf8',
  });
  const containers: { name: string; listeners: { address: string; port: number }[] }[] =
    JSON.parse(text);
  const [listener] = containers.find((container) => container.name === name)?.listeners ?? [];
  if (listener === undefined) throw new Error(`'${name}' listens nowhere`);
  return `${listener.address}:${listener.port}`;
}

/** Whatever happened before, nothing stays behind. */
function cleanUp(): void {
  const list = () =>
    execFileSync(process.execPath, [program, 'ps', '--all', '--quiet'], {
      env: environment,
      encoding: 'utf8',
    });
  const ids = list()
    .split('\n')
    .filter((id) => id !== '');
  if (ids.length > 0) {
    execFileSync(process.execPath, [program, 'rm', '--force', ...ids], { env: environment });
  }
  rmSync(dataDir, { recursive: true, force: true });
}
