import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Operation, RequestOperation } from './specification.ts';

/** What a test does that it shall not. */
export class UnmetExpectation extends Error {
  override readonly name = 'UnmetExpectation';
}

/** A test in a process of its own, and the peer it has in the one that watches it. */
export class RunningTest implements Disposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<number | string>;
  readonly #output: Readonly<Record<string, Output>>;
  #socket: Socket | undefined;
  #received: Output | undefined;

  constructor(command: readonly string[], { signal }: { signal: AbortSignal }) {
    const node = ['--disable-warning=ExperimentalWarning', ...command];
    this.#child = spawn(process.execPath, node, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {},
      signal,
      killSignal: 'SIGKILL',
    });
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', (code, killedBy) => resolve(code ?? killedBy ?? 'no exit code'));
      this.#child.on('error', (cause) => resolve(cause.message));
    });
    this.#output = {
      stdout: new Output(this.#child.stdout),
      stderr: new Output(this.#child.stderr),
    };
  }

  /** All that the test wrote to standard error. */
  get complaints(): string {
    return this.#output.stderr?.text ?? '';
  }

  /** @throws {UnmetExpectation} */
  async perform(operation: Operation): Promise<void> {
    switch (operation.type) {
      case 'run':
        return;
      case 'wait':
        this.#child.stdin.end();
        expect('exit code', operation.exit_code ?? 0, await this.#ended);
        return;
      case 'write':
        this.#child.stdin.write(operation.payload ?? '');
        return;
      case 'read':
        return this.#expectOutput(this.#output[operation.id ?? 'stdout'], operation.payload ?? '');
      case 'connect':
        return this.#connect();
      case 'send':
        this.#socket?.write(operation.payload ?? '');
        return;
      case 'recv':
        return this.#expectOutput(this.#received, operation.payload ?? '');
      case 'request':
        return this.#request(operation);
      case 'kill':
        this.#child.kill(operation.signal ?? 'SIGTERM');
        return;
      default:
        operation satisfies never;
    }
  }

  [Symbol.dispose](): void {
    this.#socket?.destroy();
    this.#child.kill('SIGKILL');
  }

  async #expectOutput(output: Output | undefined, payload: string): Promise<void> {
    expect('output', payload, await output?.take((text) => payload.length <= text.length, payload));
  }

  async #connect(): Promise<void> {
    const line = await this.#output.stdout?.line();
    const [host = '', port = ''] = line?.trim().split(':') ?? [];
    this.#socket = connect(Number(port), host);
    this.#received = new Output(this.#socket);
    await once(this.#socket, 'connect');
  }

  async #request({ method, path, headers = {}, body, response }: RequestOperation): Promise<void> {
    const line = await this.#output.stderr?.line(false);
    const origin = /http:\/\/[^/\s]+/.exec(line ?? '')?.[0] ?? '';
    const answer = await fetch(`${origin}${path}`, { method, headers, body: body || null });
    expect(`status of ${method} ${path}`, response.status, answer.status);
    for (const [name, value] of Object.entries(response.headers ?? {})) {
      expect(`header ${name}`, value, answer.headers.get(name));
    }
    const text = await answer.text();
    if (response.body !== undefined) expect('body', response.body, text);
  }
}

function expect(what: string, expected: unknown, actual: unknown): void {
  if (expected === actual) return;
  throw new UnmetExpectation(
    `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`,
  );
}

/** What has come so far, and how much of it has been taken. */
class Output {
  readonly #stream: Readable;
  text = '';
  #taken = 0;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.setEncoding('utf8');
    stream.on('data', (part: string) => {
      this.text += part;
    });
    stream.on('error', () => undefined);
  }

  /** The next line, as it stands where there is no end to it. */
  async line(take = true): Promise<string> {
    const text = await this.#until((rest) => rest.includes('\n'));
    const line = text.slice(0, text.indexOf('\n') + 1);
    if (take) this.#taken += line.length;
    return line;
  }

  async take(isEnough: (text: string) => boolean, payload: string): Promise<string> {
    const text = (await this.#until(isEnough)).slice(0, payload.length);
    this.#taken += text.length;
    return text;
  }

  async #until(isEnough: (text: string) => boolean): Promise<string> {
    while (!isEnough(this.text.slice(this.#taken)) && !this.#stream.readableEnded) {
      await Promise.race([once(this.#stream, 'data'), once(this.#stream, 'end')]);
    }
    return this.text.slice(this.#taken);
  }
}
