import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import type { AbortOptions } from '../abort-options.ts';
import { describeError, OciError } from '../errors.ts';
import type { Credential } from './credential.ts';

const answerSchema = v.object({ Username: v.string(), Secret: v.string() });

export interface CredentialHelperInit {
  /** The environment that helpers run in; PATH says where they are. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @default 30_000 */
  readonly timeoutMs?: number;
}

/**
 * Runs Docker's credential helpers, the programs `docker-credential-<name>`.
 * https://github.com/docker/docker-credential-helpers#development
 */
export class CredentialHelper {
  readonly #init: CredentialHelperInit;

  constructor(init: CredentialHelperInit) {
    this.#init = init;
  }

  /**
   * What the helper knows about a server; `undefined` when it knows nothing.
   *
   * @throws OciError `InvalidConfiguration` when the helper is missing or fails. The message never
   * has what the helper wrote to stdout, which may be a secret.
   */
  async get(
    name: string,
    server: string,
    options: AbortOptions = {},
  ): Promise<Credential | undefined> {
    // The name becomes part of a program's name: it must not become a path or an option.
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) {
      throw failure(name, 'its name may have only letters, digits, "_", "." and "-"');
    }
    const { code, stdout, stderr } = await this.#run(name, server, options);
    if (code !== 0 && /credentials not found/i.test(stdout)) return undefined;
    if (code !== 0) throw failure(name, `it ended with ${code}: ${stderr.trim().slice(0, 200)}`);
    return parseAnswer(name, stdout);
  }

  async #run(name: string, server: string, { signal }: AbortOptions) {
    const timeout = AbortSignal.timeout(this.#init.timeoutMs ?? 30_000);
    const child = spawn(`docker-credential-${name}`, ['get'], {
      env: { ...this.#init.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      killSignal: 'SIGKILL',
    });
    const ended = new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve(code ?? -1));
    });
    // A helper that does not read its input is judged by how it ends.
    child.stdin.on('error', () => {});
    child.stdin.end(`${server}\n`);
    try {
      const [code, stdout, stderr] = await Promise.all([
        ended,
        text(child.stdout),
        text(child.stderr),
      ]);
      return { code, stdout, stderr };
    } catch (cause) {
      // Its own children may hold the pipes open for as long as they like.
      child.stdout.destroy();
      child.stderr.destroy();
      signal?.throwIfAborted();
      throw failure(name, timeout.aborted ? 'it took too long' : describeError(cause), cause);
    }
  }
}

function parseAnswer(name: string, stdout: string): Credential {
  const answer = v.safeParse(v.pipe(v.string(), v.parseJson(), answerSchema), stdout);
  if (!answer.success) throw failure(name, 'its answer is not {"Username": …, "Secret": …}');
  const { Username: username, Secret: secret } = answer.output;
  // By convention of the helpers, this name marks a refresh token.
  if (username === '<token>') return { kind: 'identity-token', token: secret };
  return { kind: 'password', username, password: secret };
}

function failure(name: string, why: string, cause?: unknown): OciError {
  return new OciError(
    'InvalidConfiguration',
    `run credential helper 'docker-credential-${name}': ${why}`,
    { cause },
  );
}
