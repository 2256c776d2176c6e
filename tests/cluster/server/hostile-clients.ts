import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { deflateSync } from 'node:zlib';
import { encodeHeaderBlock } from '../../../src/kubelet/server/spdy/header-block.ts';
import { headerDictionary } from '../../../src/kubelet/server/spdy/header-dictionary.ts';

/** Clients of a kubelet that mean it no good; they come from an address that nobody else has. */
export class HostileClients implements AsyncDisposable {
  readonly #port: number;
  readonly #sockets = new Set<Duplex>();

  constructor(port: number) {
    this.#port = port;
  }

  /** How many of their connections are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Connects so many times and says nothing; every second one begins a handshake. */
  async connectOnly(count: number): Promise<void> {
    const clientHello = Buffer.from('16030100fa010000f60303', 'hex');
    for (let done = 0; done < count; done += 250) {
      const sockets = Array.from({ length: 250 }, () => this.#keep(net.connect(this.#target)));
      await Promise.all(sockets.map((socket) => settled(socket, 'connect')));
      for (const [index, socket] of sockets.entries()) if (index % 2) socket.write(clientHello);
    }
  }

  /** Connects so many times, and sends a request's head that never ends, a little at a time. */
  async dribble(count: number): Promise<void> {
    for (const socket of await this.#secure(count)) {
      if (socket.destroyed) continue; // for another one
      socket.write('GET /pods HTTP/1.1\r\nHost: node\r\n');
      const timer = setInterval(() => socket.write('X-More: x\r\n'), 200);
      socket.once('close', () => clearInterval(timer));
    }
  }

  /** Sends heads of more megabytes than there are connections. */
  async floodHeaders(count: number): Promise<void> {
    const header = `X-Flood: ${'x'.repeat(8_000)}\r\n`;
    for (const socket of await this.#secure(count)) {
      socket.write('GET /pods HTTP/1.1\r\n');
      for (let written = 0; written < 1 << 20; written += header.length) socket.write(header);
    }
  }

  /** Asks for something so many times, and reads none of it. */
  async askAndNotRead(count: number, path: string, token: string): Promise<void> {
    for (const socket of await this.#secure(count)) {
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    }
  }

  /** Begins a stream whose headers are 32 MB, in a frame of some 32 kB. */
  async sendZlibBombs(count: number, path: string, token: string): Promise<void> {
    const block = encodeHeaderBlock(new Map([['streamtype', ['x'.repeat(32 << 20)]]]));
    const bomb = synStream(deflateSync(block, { dictionary: headerDictionary, level: 9 }));
    await this.#afterUpgrades(count, path, token, (socket) => void socket.write(bomb));
  }

  /** Speaks no SPDY where that was agreed on. */
  async sendNoise(count: number, path: string, token: string): Promise<void> {
    await this.#afterUpgrades(count, path, token, (socket) => {
      const noise = randomBytes(100_000);
      noise.writeUInt32BE(0x8003_0000 + (noise.readUInt8(4) % 12), 0);
      socket.end(noise);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = [...this.#sockets].map(settledClose);
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  get #target() {
    return { host: '127.0.0.1', port: this.#port } as const;
  }

  async #secure(count: number): Promise<readonly Duplex[]> {
    const sockets = Array.from({ length: count }, () =>
      this.#keep(tls.connect({ ...this.#target, rejectUnauthorized: false })),
    );
    await Promise.all(sockets.map((socket) => settled(socket, 'secureConnect')));
    return sockets;
  }

  async #afterUpgrades(
    count: number,
    path: string,
    token: string,
    attack: (socket: Duplex) => void,
  ): Promise<void> {
    for (let done = 0; done < count; done++) {
      const socket = this.#keep(await this.#upgrade(path, token));
      const closed = settledClose(socket);
      attack(socket);
      socket.resume();
      await closed;
    }
  }

  async #upgrade(path: string, token: string): Promise<Duplex> {
    const request = https.request({
      ...this.#target,
      path,
      method: 'POST',
      agent: false,
      rejectUnauthorized: false,
      headers: {
        authorization: `Bearer ${token}`,
        connection: 'Upgrade',
        upgrade: 'SPDY/3.1',
        'x-stream-protocol-version': 'v4.channel.k8s.io',
      },
    });
    request.end();
    const [, socket] = await once(request, 'upgrade');
    return socket;
  }

  #keep<Socket extends Duplex>(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => {}); // to be cut off is what they have to expect
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

/** Resolves when the connection is made or is not. */
async function settled(socket: Duplex, event: string): Promise<void> {
  await Promise.race([once(socket, event), once(socket, 'close')]).catch(() => {});
}

async function settledClose(socket: Duplex): Promise<void> {
  if (!socket.destroyed) await once(socket, 'close').catch(() => {});
}

function synStream(block: Buffer): Buffer {
  const header = Buffer.alloc(18);
  header.writeUInt32BE(0x8003_0001, 0);
  header.writeUInt32BE(10 + block.length, 4);
  header.writeUInt32BE(1, 8);
  return Buffer.concat([header, block]);
}
