import { errno } from '../errno.ts';
import type { Descriptor } from '../preview1/descriptor.ts';
import { Preview1Host } from '../preview1/host.ts';
import type { Sink } from '../preview1/sink.ts';
import type { System } from '../system/system.ts';
import { type CgiResponse, CgiResponseError, cgiResponse } from './cgi-response.ts';
import { requestInput, withInput } from './request-input.ts';
import { type CgiRequest, requestVariables } from './request-variables.ts';
import { TimeLimit } from './time-limit.ts';

export interface CgiProgramComponents {
  readonly system: System;
  readonly module: WebAssembly.Module;
  /** What is open to every request; it stays open. */
  readonly preopens: readonly Descriptor[];
  /** Takes what the program says on standard error. */
  readonly stderr: number | Sink;
}

export interface CgiProgramInit {
  readonly args: readonly string[];
  /** The variables of a request go before these. */
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** Absolute path in the guest that its relative paths start from. */
  readonly workingDir: string;
  /** Milliseconds that one request may take. */
  readonly timeout: number;
  /** The most bytes of an answer. */
  readonly maximumOutput: number;
}

/** A command that answers requests as RFC 3875 has it: for each it is run anew, from the beginning. */
export class CgiProgram {
  readonly #components: CgiProgramComponents;
  readonly #init: CgiProgramInit;
  readonly #limit: TimeLimit;

  constructor(components: CgiProgramComponents, init: CgiProgramInit) {
    this.#components = components;
    this.#init = init;
    this.#limit = new TimeLimit(init.timeout);
  }

  /**
   * Answers a request; blocks the thread meanwhile. How the program ends does not matter where it
   * has answered, unless it traps.
   *
   * @throws {CgiResponseError} for an answer that is none, {TimeLimitError}, {URIError} for a path
   * that is no text, {TrapError}
   */
  answer(request: CgiRequest, body: Uint8Array): CgiResponse {
    const { module, preopens, stderr, system } = this.#components;
    const { args, maximumOutput, workingDir } = this.#init;
    const output = new Output(maximumOutput);
    using host = new Preview1Host(
      { system: withInput(this.#limit.bound(system), body) },
      {
        args,
        env: this.#environment(request),
        preopens,
        workingDir,
        stdio: { stdin: requestInput, stdout: output, stderr },
      },
    );
    this.#limit.run(() => host.run(module));
    return cgiResponse(output.bytes);
  }

  #environment(request: CgiRequest) {
    const variables = requestVariables(request);
    const others = this.#init.env.filter(({ name }) => !variables.has(name));
    return [...others, ...[...variables].map(([name, value]) => ({ name, value }))];
  }
}

/** What a program writes, kept until it has ended. */
class Output implements Sink {
  readonly #most: number;
  readonly #parts: Buffer[] = [];
  #length = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get bytes(): Buffer {
    if (this.#length <= this.#most) return Buffer.concat(this.#parts);
    throw new CgiResponseError(`Cannot send the response: it has more than ${this.#most} bytes`);
  }

  write(bytes: Uint8Array): number {
    this.#length += bytes.length;
    if (this.#length > this.#most) return errno.fbig;
    this.#parts.push(Buffer.from(bytes));
    return errno.success;
  }
}
