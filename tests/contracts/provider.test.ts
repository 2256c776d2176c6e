import { ProcessProvider } from '../../examples/provider/process-provider.ts';
import type { ContainerImage } from '../../src/kubelet/provider.ts';
import { type ContractPrograms, providerContract } from '../../src/kubelet/provider-contract.ts';
import { WasiLives } from '../pods/wasi-lives.ts';
import { contractGuests } from './contract-guests.ts';

const noImage = { digest: `sha256:${'0'.repeat(64)}`, entrypoint: [], cmd: [], env: [] };

providerContract('ProcessProvider, the example', async () => {
  const image: ContainerImage = { ...noImage, reference: 'sh', path: '/bin/sh' };
  const run = (script: string, ...args: string[]) => ({
    image,
    command: ['/bin/sh', '-c', script, 'sh', ...args],
  });
  const programs: ContractPrograms = {
    hello: run('echo hello'),
    fails: run('exit 3'),
    environment: run('echo "$WHO"'),
    echo: run('for word in "$@"; do echo "$word"; done', 'one', 'two three'),
    forever: run('exec sleep 60'),
  };
  return { provider: new ProcessProvider(), programs, [Symbol.asyncDispose]: async () => {} };
});

providerContract('WasiProvider', async () => {
  const lives = new WasiLives();
  const module = (name: keyof ContractPrograms, args: string[] = []) => ({
    image: {
      ...noImage,
      reference: name,
      path: lives.containers.module(name, contractGuests[name]),
    },
    args,
  });
  return {
    provider: lives.begin(),
    programs: {
      hello: module('hello'),
      fails: module('fails'),
      environment: module('environment'),
      echo: module('echo', ['one', 'two three']),
      forever: module('forever'),
    },
    restart: async () => lives.begin(),
    [Symbol.asyncDispose]: () => lives[Symbol.asyncDispose](),
  };
});
