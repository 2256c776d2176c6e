import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodeNetworkFacts } from './node-network-facts.ts';

const init = { clusterDNS: [], clusterDomain: 'cluster.local', hostIPs: [], kubeletPorts: [] };

describe('nodeNetworkFacts', () => {
  for (const [url, apiServer] of [
    ['https://192.0.2.1:6443', { address: '192.0.2.1', port: 6443 }],
    ['https://192.0.2.1', { address: '192.0.2.1', port: 443 }],
    ['https://[2001:db8::1]:6443', { address: '2001:db8::1', port: 6443 }],
    ['http://192.0.2.1', { address: '192.0.2.1', port: 80 }],
    ['https://api.example:6443', undefined],
  ] as const) {
    it(`knows where the API server is by ${url}`, () => {
      assert.deepEqual(nodeNetworkFacts({ ...init, apiServer: new URL(url) }).apiServer, apiServer);
    });
  }
});
