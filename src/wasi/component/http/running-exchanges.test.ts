import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { RunningExchanges } from './running-exchanges.ts';

describe('RunningExchanges', () => {
  it('gives a request more time than a timer can be set to', async (context) => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    context.after(() => process.off('warning', note));
    const running = new RunningExchanges({ timeout: 1e13 });
    const request = new IncomingMessage(new Socket());
    running.begin(request, new ServerResponse(request));
    await setImmediate();
    assert.deepEqual(warnings, []);
  });
});
