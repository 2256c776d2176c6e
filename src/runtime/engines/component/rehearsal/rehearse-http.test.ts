import { describe, it } from 'node:test';
import { rehearseHttp } from './rehearse-http.ts';

describe('rehearseHttp', () => {
  it('is answered as it should be, again and again, and leaves nothing behind that goes on', async () => {
    const rehearsals = rehearseHttp();
    for (const rehearse of [...rehearsals, ...rehearsals]) await rehearse(); // the test would not end otherwise
  });
});
