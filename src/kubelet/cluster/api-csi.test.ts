import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiClient } from '../../kubernetes/api/api-client.ts';
import { ApiConnection } from '../../kubernetes/connection/api-connection.ts';
import { ApiCsi } from './api-csi.ts';

describe('ApiCsi', () => {
  it('ends with its node, also where that has never registered', async () => {
    await using connection = new ApiConnection({ server: 'http://127.0.0.1:9', identity: {} });
    const client = new ApiClient({ connection });
    const csi = new ApiCsi({ client, node: () => new Promise(() => undefined) });
    const stop = new AbortController();
    const info = { nodeId: 'n', maxVolumes: 0, topology: {} };
    const announcing = csi.announce('driver', info, { signal: stop.signal });
    stop.abort();
    await assert.rejects(announcing, { name: 'AbortError' });
  });
});
