import { mkdir, rm, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import { GrpcError, grpcCodes } from '../../src/grpc/grpc-error.ts';
import { GrpcServer, type ServedMethod, serve } from '../../src/grpc/grpc-server.ts';
import type { Method } from '../../src/grpc/method.ts';
import { csiNode, nodeCapabilities } from '../../src/kubelet/csi/csi-api.ts';
import { registration } from '../../src/kubelet/csi/plugin-registration-api.ts';

export interface MockCsiDriverInit {
  /** Where the node looks for plugins. */
  readonly directory: string;
  /** Folders of volumes, by their ids. */
  readonly volumes: string;
  readonly name: string;
  readonly nodeId?: string;
  /** @default true */
  readonly stages?: boolean;
  readonly topology?: Readonly<Record<string, string>>;
  readonly supportedVersions?: readonly string[];
}

/** A CSI driver of tests: a real one, whose volumes are folders and whose mounts are links. */
export class MockCsiDriver implements AsyncDisposable {
  /** Each call, with its request. */
  readonly calls: { readonly method: string; readonly request: object }[] = [];
  /** What the node said of the registration; empty for good. */
  readonly statuses: string[] = [];
  /** Has calls of this name fail. */
  failing = '';
  readonly #init: MockCsiDriverInit;
  readonly #node: GrpcServer;
  readonly #registration: GrpcServer;

  constructor(init: MockCsiDriverInit) {
    const { nodeId = 'mock-node', stages = true, topology, name } = init;
    this.#init = init;
    const rpc = { type: nodeCapabilities.stageUnstage };
    this.#node = new GrpcServer([
      serve(csiNode.getInfo, () => ({
        nodeId,
        maxVolumes: 7,
        topology: topology && { segments: topology },
      })),
      serve(csiNode.getCapabilities, () => ({ capabilities: stages ? [{ rpc }] : [] })),
      this.#serve(csiNode.stage, async () => undefined),
      this.#serve(csiNode.unstage, async () => undefined),
      this.#serve(csiNode.publish, async ({ volumeId, targetPath }) => {
        const volume = path.join(init.volumes, volumeId);
        await mkdir(volume, { recursive: true });
        await rm(targetPath, { force: true });
        await symlink(volume, targetPath);
      }),
      this.#serve(csiNode.unpublish, async ({ targetPath }) => {
        // Whatever is there that is no link is left, as by a driver that lost its way.
        await unlink(targetPath).catch(() => undefined);
      }),
    ]);
    this.#registration = new GrpcServer([
      serve(registration.getInfo, () => ({
        type: 'CSIPlugin',
        name,
        endpoint: this.#endpoint,
        supportedVersions: init.supportedVersions ?? ['1.0.0'],
      })),
      serve(registration.notifyStatus, ({ error }) => {
        this.statuses.push(error);
        return {};
      }),
    ]);
  }

  /** The names of the calls so far. */
  get methods(): readonly string[] {
    return this.calls.map(({ method }) => method);
  }

  /** Starts to serve, so that the node finds it. */
  async listen(): Promise<void> {
    const { directory, name } = this.#init;
    await this.#node.listen(this.#endpoint);
    await this.#registration.listen(path.join(directory, `${name}-reg.sock`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#registration[Symbol.asyncDispose]();
    await this.#node[Symbol.asyncDispose]();
  }

  get #endpoint(): string {
    return path.join(this.#init.directory, this.#init.name, 'csi.sock');
  }

  #serve<Request extends object>(
    method: Method<Request, object>,
    act: (request: Request) => Promise<void>,
  ): ServedMethod {
    const name = path.basename(method.path);
    return serve(method, async (request) => {
      this.calls.push({ method: name, request });
      if (this.failing === name) throw new GrpcError(grpcCodes.internal, 'out of order');
      await act(request);
      return {};
    });
  }
}
