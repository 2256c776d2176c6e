import { Writable } from 'node:stream';
import { HttpError } from '../http/http-error.ts';
import type { Route, RoutedRequest } from '../http/router.ts';
import type { KubeletHost } from '../kubelet-host.ts';
import { execContainer } from './exec.ts';
import { findContainer } from './find-container.ts';

/** Most output that is collected for an answer, in bytes. */
const maxOutput = 16 * 1024 * 1024;

/** `POST /run/{namespace}/{pod}/{container}?cmd=`: runs a command and answers with its output. */
export function run(host: KubeletHost): Route[] {
  const handle: Route['handle'] = async (request, response) => {
    const output = await runCommand(host, request);
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(output);
  };
  return [':pod/:container', ':pod/:uid/:container'].map((rest) => ({
    path: `/run/:namespace/${rest}`,
    methods: ['POST'],
    handle,
  }));
}

async function runCommand(host: KubeletHost, request: RoutedRequest): Promise<Buffer> {
  const command = (request.url.searchParams.get('cmd') ?? '').split(' ').filter((word) => word);
  if (command.length === 0) throw new HttpError('BadRequest', 'you must specify a command in cmd');
  const container = execContainer(findContainer(host, request), request.params.container ?? '');
  const output = new Output();
  const streams = { stdout: output.writable(), stderr: output.writable() };
  const exitCode = await container.exec({ command, tty: false }, streams, request);
  if (exitCode !== 0) throw new HttpError('InternalError', `command exited with ${exitCode}`);
  return output.bytes();
}

/** Collects what several streams write, in the order of writing. */
class Output {
  readonly #parts: Buffer[] = [];
  #size = 0;

  writable(): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#size += chunk.length;
        if (this.#size > maxOutput) return done(new Error(`run command: over ${maxOutput} bytes`));
        this.#parts.push(chunk);
        done();
      },
    });
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
