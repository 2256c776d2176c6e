import { setImmediate } from 'node:timers/promises';
import type { RequestServer } from '../../../../wasi/component/http/request-server.ts';
import { errno } from '../../../../wasi/errno.ts';
import { acceptConnection } from '../../../../wasi/libc/listening-socket.ts';
import { NativeNetworkSockets } from '../../../../wasi/native/native-network-sockets.ts';
import { must } from '../../../sandbox/sandbox-error.ts';
import { openListener } from '../../open-listener.ts';
import { RehearsalClient } from './rehearsal-client.ts';
import { longRequest, rehearsalRequests } from './rehearsal-requests.ts';

const address = '127.0.0.1';
/** Connections at a time: Node takes the first, and the server those that wait behind it. */
const connections = 4;
const rounds = 20;
/** Rounds of requests that wait for each other. */
const longRounds = 2;
/** Rounds of the event loop in which a server notices that its clients have gone. */
const roundsToClose = 6;

const sockets = new NativeNetworkSockets();

/** Has a server answer requests of all kinds to clients that stay, and to some that leave. */
export async function rehearseServing(server: RequestServer): Promise<void> {
  const listener = openListener({ address, port: 0 });
  const { port } = await server.listen({ fd: listener, accept: () => acceptConnection(listener) });
  try {
    await ask(port);
  } finally {
    await server.drain({ signal: AbortSignal.abort() });
  }
}

async function ask(port: number): Promise<void> {
  const clients = Array.from({ length: connections }, () => connectTo(port));
  for (let round = 0; round < rounds; round++) {
    for (const [index, client] of clients.entries()) client.send(requestOf(round + index));
    for (const client of clients) await client.answered();
  }
  await leave([...clients, connectTo(port)]);
  const patient = Array.from({ length: connections }, () => connectTo(port));
  for (let round = 0; round < longRounds; round++) {
    for (const client of patient) client.send(longRequest);
    for (const client of patient) await client.answered();
  }
  await leaveWaiting(patient);
}

/** While their requests wait behind the first. */
async function leaveWaiting(clients: readonly RehearsalClient[]): Promise<void> {
  for (const client of clients) client.send(longRequest);
  await setImmediate();
  for (const client of clients) client.close();
  for (let round = 0; round < roundsToClose + clients.length; round++) await setImmediate();
}

/** Some before their answer has been sent, or with an answer that they have not read. */
async function leave(clients: readonly RehearsalClient[]): Promise<void> {
  const [first, second] = clients;
  first?.send(requestOf(0));
  await setImmediate();
  second?.send(requestOf(0));
  for (const client of clients) client.close();
  for (let round = 0; round < roundsToClose; round++) await setImmediate();
}

function requestOf(number: number): Uint8Array {
  const request = rehearsalRequests[number % rehearsalRequests.length];
  if (request === undefined) throw new Error('Cannot rehearse: there are no requests');
  return request;
}

function connectTo(port: number): RehearsalClient {
  const fd = must('open a socket', sockets.open('tcp', 'ipv4'));
  const outcome = sockets.connect(fd, { address, port });
  if (outcome !== errno.success && outcome !== errno.inprogress) {
    throw new Error(`Cannot rehearse: connecting failed with ${outcome}`);
  }
  return new RehearsalClient(fd);
}
