import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

export interface NameServer extends AsyncDisposable {
  readonly port: number;
  /** Names that were asked for, in order. */
  readonly asked: readonly string[];
}

/** Answers a query, given in full, or does not. */
export type Responder = (
  query: Buffer,
  name: string,
  type: number,
  isTcp: boolean,
) => Buffer | undefined;

/** A name server of the tests' own on one port of UDP and TCP, any that is free unless it is given. */
export async function openNameServer(
  host: string,
  respond: Responder,
  wantedPort = 0,
): Promise<NameServer> {
  const asked: string[] = [];
  const answer = (query: Buffer, isTcp: boolean) => {
    const { name, type } = questionOf(query);
    asked.push(name);
    return respond(query, name, type, isTcp);
  };
  const tcp = createServer((socket) => {
    socket.on('data', (data: Buffer) => {
      const response = answer(data.subarray(2), true);
      if (response !== undefined) {
        socket.end(
          Buffer.concat([Buffer.of(response.length >> 8, response.length & 255), response]),
        );
      }
    });
  }).listen(wantedPort, host);
  await once(tcp, 'listening');
  const address = tcp.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const udp = createSocket('udp4', (query, from) => {
    const response = answer(query, false);
    if (response !== undefined) udp.send(response, from.port, from.address);
  });
  udp.bind(port, host);
  await once(udp, 'listening');
  return {
    port,
    asked,
    [Symbol.asyncDispose]: async () => {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}

/** A response of one address for each in the list; of flags alone where there is none. */
export function responseTo(query: Buffer, addresses: readonly string[], flags = 0x8180): Buffer {
  const records = addresses.map((address) =>
    Buffer.of(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)),
  );
  const message = Buffer.concat([query, ...records]);
  message.writeUInt16BE(flags, 2);
  message.writeUInt16BE(records.length, 6);
  return message;
}

function questionOf(query: Buffer) {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1) };
}
