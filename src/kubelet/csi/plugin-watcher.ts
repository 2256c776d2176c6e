import { watch } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { call } from '../../grpc/call.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import { Doorbell } from '../doorbell.ts';
import type { NodeLog } from '../node/node-log.ts';
import { type PluginInfo, registration } from './plugin-registration-api.ts';

/** Takes plugins of one type. */
export interface PluginHandler {
  /** The plugin is there. @throws where it cannot be used: it is told why */
  register(plugin: PluginInfo, signal: AbortSignal): Promise<void>;
  /** Its socket is gone. */
  deregister(plugin: PluginInfo): void;
}

/** What `PluginWatcher` needs. */
export interface PluginWatcherComponents {
  /** By type, such as `CSIPlugin`. */
  readonly handlers: Readonly<Record<string, PluginHandler>>;
  readonly clock: Clock;
  readonly log: NodeLog;
}

interface SeenSocket {
  /** Which socket it is: one that was made anew is another. */
  readonly inode: bigint;
  readonly plugin?: PluginInfo;
  /** Tries that failed. */
  readonly failures: number;
}

const answerWithin = 10_000;
/** How often folders are looked at when nobody tells of a change, in milliseconds. */
const lookInterval = 10_000;
/** How soon a plugin is asked again that could not be used. */
const retryInterval = 2_000;

/** Finds plugins by the sockets that they have in some folders, and registers them. */
export class PluginWatcher {
  readonly #components: PluginWatcherComponents;
  readonly #directories: readonly string[];
  readonly #seen = new Map<string, SeenSocket>();

  constructor(components: PluginWatcherComponents, directories: readonly string[]) {
    this.#components = components;
    this.#directories = directories;
  }

  /** Watches until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { clock, log } = this.#components;
    const doorbell = new Doorbell();
    for (const directory of this.#directories) {
      try {
        await mkdir(directory, { recursive: true, mode: 0o750 });
        const watching = watch(directory, { signal }, () => doorbell.ring());
        watching.on('error', () => doorbell.ring());
      } catch (error) {
        log.warn(`Plugins in ${directory} may be seen late: ${messageOf(error)}`);
      }
    }
    while (!signal.aborted) {
      await this.#look(signal);
      const hasFailed = [...this.#seen.values()].some(({ plugin }) => plugin === undefined);
      const over = new AbortController();
      const timer = clock
        .sleep(hasFailed ? retryInterval : lookInterval, {
          signal: AbortSignal.any([signal, over.signal]),
        })
        .then(
          () => doorbell.ring(),
          () => undefined,
        );
      await doorbell.wait({ signal });
      over.abort();
      await timer;
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const found = await this.#sockets();
    for (const [socket, { plugin }] of this.#seen) {
      if (found.has(socket)) continue;
      this.#seen.delete(socket);
      if (plugin) this.#components.handlers[plugin.type]?.deregister(plugin);
    }
    const unknown = [...found].filter(([socket, inode]) => {
      const seen = this.#seen.get(socket);
      return seen?.inode !== inode || seen.plugin === undefined;
    });
    await Promise.all(unknown.map(([socket, inode]) => this.#register(socket, inode, signal)));
  }

  async #sockets(): Promise<ReadonlyMap<string, bigint>> {
    const found = new Map<string, bigint>();
    for (const directory of this.#directories) {
      const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        if (!entry.isSocket() || entry.name.startsWith('.')) continue;
        const socket = path.join(directory, entry.name);
        const { ino } = await stat(socket, { bigint: true }).catch(() => ({ ino: -1n }));
        if (ino !== -1n) found.set(socket, ino);
      }
    }
    return found;
  }

  async #register(socket: string, inode: bigint, signal: AbortSignal): Promise<void> {
    const { handlers, log } = this.#components;
    const failures = this.#seen.get(socket)?.failures ?? 0;
    const address = { path: socket };
    const options = { signal, timeout: answerWithin };
    try {
      const plugin = await call(address, registration.getInfo, {}, options);
      try {
        const handler = handlers[plugin.type];
        if (!Object.hasOwn(handlers, plugin.type) || handler === undefined) {
          throw new Error(`plugins of type "${plugin.type}" are not known here`);
        }
        const endpoint = plugin.endpoint === '' ? socket : plugin.endpoint;
        const known = { ...plugin, endpoint };
        await handler.register(known, signal);
        this.#seen.set(socket, { inode, plugin: known, failures: 0 });
        await call(address, registration.notifyStatus, { pluginRegistered: true }, options);
      } catch (error) {
        const status = { pluginRegistered: false, error: messageOf(error) };
        await call(address, registration.notifyStatus, status, options).catch(() => undefined);
        throw error;
      }
    } catch (error) {
      if (signal.aborted) return;
      const isRegistered =
        this.#seen.get(socket)?.inode === inode && this.#seen.get(socket)?.plugin;
      if (isRegistered) return;
      this.#seen.set(socket, { inode, failures: failures + 1 });
      if (failures === 0) log.warn(`The plugin at ${socket} cannot register: ${messageOf(error)}`);
    }
  }
}
