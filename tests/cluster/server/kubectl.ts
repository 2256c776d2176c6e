import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { testCluster } from '../test-cluster.ts';
import { toolPath } from '../tools.ts';

/** What a run of kubectl came to. */
export interface KubectlResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KubectlInit {
  readonly namespace: string;
  /** Which protocol kubectl speaks to the API server. @default 'WebSocket' */
  readonly speaks?: 'WebSocket' | 'SPDY';
}

/** The real kubectl, as the cluster's administrator, in one namespace. */
export class Kubectl {
  readonly #init: KubectlInit;

  constructor(init: KubectlInit) {
    this.#init = init;
  }

  /** What to start for these arguments. */
  invocation(args: readonly string[]): {
    readonly command: readonly [string, ...string[]];
    readonly env: NodeJS.ProcessEnv;
  } {
    const { namespace, speaks = 'WebSocket' } = this.#init;
    const webSockets = String(speaks === 'WebSocket');
    return {
      command: [toolPath('kubectl'), '--namespace', namespace, ...args],
      env: {
        ...process.env,
        KUBECONFIG: testCluster().adminKubeconfig,
        KUBECTL_REMOTE_COMMAND_WEBSOCKETS: webSockets,
        KUBECTL_PORT_FORWARD_WEBSOCKETS: webSockets,
      },
    };
  }

  /** Starts kubectl; whoever starts it ends it. */
  start(...args: readonly string[]): ChildProcessWithoutNullStreams {
    const {
      command: [program, ...rest],
      env,
    } = this.invocation(args);
    const child = spawn(program, rest, { env });
    // A command that reads no stdin may end before it is written.
    child.stdin.on('error', () => {});
    return child;
  }

  /** Runs kubectl to its end. */
  async run(...args: readonly string[]): Promise<KubectlResult> {
    return await this.feed('', ...args);
  }

  /** Runs kubectl to its end, with this on its stdin. */
  async feed(stdin: string | Buffer, ...args: readonly string[]): Promise<KubectlResult> {
    const child = this.start(...args);
    const read = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => (read.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (read.stderr += text));
    child.stdin.end(stdin);
    const [code] = await once(child, 'close');
    return { code, ...read };
  }
}
