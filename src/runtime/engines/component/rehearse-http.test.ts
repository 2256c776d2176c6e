import { describe, it } from 'node:test';
import { rehearseHttp } from './rehearse-http.ts';

describe('rehearseHttp', () => {
  it('is answered as it should be, and leaves nothing behind that goes on', async () => {
    await rehearseHttp(); // the test would not end otherwise
  });
});
