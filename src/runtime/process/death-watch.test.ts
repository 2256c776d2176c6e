import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { endOfFile, processDeath } from './death-watch.ts';
import { isRunning, type ProcessIdentity, startTimeOf } from './process-identity.ts';

describe('processDeath', () => {
  let directory: string;
  let alive: string;
  let child: ChildProcess | undefined;
  const never = new AbortController().signal;

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'krustlet-death-'));
    alive = path.join(directory, 'alive');
    execFileSync('mkfifo', [alive]);
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  /** A process that holds the FIFO as descriptor 3 and has said so. */
  async function start(script: string): Promise<ProcessIdentity> {
    const command = ['-c', `exec 3<>"$0"; echo; ${script}`, alive];
    child = spawn('sh', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.stdout) await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    return { pid, startTime: startTimeOf(pid) ?? '' };
  }

  it('resolves when the process has ended', async () => {
    const identity = await start('exec sleep 60');
    const death = processDeath(identity, alive, never);
    assert.equal(await Promise.race([death.then(() => 'ended'), sleep(50, 'runs')]), 'runs');
    child?.kill('SIGKILL');
    await death;
    assert.equal(isRunning(identity), false);
  });

  it('does not read what the process writes, and hears of its end all the same', async () => {
    const identity = await start('exec yes >&3');
    const death = processDeath(identity, alive, never);
    await sleep(200);
    const written = Number(
      readFileSync(`/proc/${identity.pid}/io`, 'utf8').match(/^wchar: (\d+)$/m)?.[1],
    );
    assert.ok(written > 0 && written < 1 << 20, `${written} bytes were taken`);
    assert.equal(isRunning(identity), true);
    child?.kill('SIGKILL');
    await death;
    assert.equal(isRunning(identity), false);
  });

  it('ends with its signal', async () => {
    const identity = await start('exec sleep 60');
    const stopping = new AbortController();
    const death = processDeath(identity, alive, stopping.signal);
    stopping.abort(new Error('enough'));
    await assert.rejects(death, /enough/);
  });

  it('is not waited for at a FIFO that somebody writes to', async () => {
    await start('exec yes >&3');
    await endOfFile(alive, never);
  });
});
