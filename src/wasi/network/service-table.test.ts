import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { NativeSystem } from '../native/native-system.ts';
import { LiveFiles } from './live-files.ts';
import { ServiceTable } from './service-table.ts';

const [one, two, three] = [1, 2, 3].map((last) => ({ address: `10.244.0.${last}`, port: 8080 }));
const web = { address: '10.96.0.7', port: 80 };

describe('ServiceTable', () => {
  const system = new NativeSystem();
  let directory: string;
  let table: ServiceTable;

  before(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-services-'));
    const files = new LiveFiles({ system }, system.mounts.open(directory));
    table = new ServiceTable({ system, files }, { client: '10.244.0.9' });
  });
  after(() => rmSync(directory, { recursive: true }));

  function publish(...lines: readonly string[]): void {
    const temporary = path.join(directory, 'next');
    writeFileSync(temporary, `${lines.join('\n')}\n`);
    renameSync(temporary, path.join(directory, web.address));
  }

  it('leads to each endpoint in its turn', () => {
    publish('TCP 80 0 10.244.0.1 8080 10.244.0.2 8080 10.244.0.3 8080');
    const led = Array.from({ length: 6 }, () => table.lead('TCP', web));
    for (const endpoint of [one, two, three]) {
      assert.equal(led.filter((it) => JSON.stringify(it) === JSON.stringify(endpoint)).length, 2);
    }
  });

  it('sees a file that was replaced', () => {
    publish('TCP 80 0 10.244.0.1 8080');
    assert.deepEqual(table.lead('TCP', web), one);
    publish('TCP 80 0 10.244.0.2 8080');
    assert.deepEqual(table.lead('TCP', web), two);
    assert.deepEqual(table.lead('TCP', web, one), two);
  });

  it('keeps what is preferred while it is there', () => {
    publish('TCP 80 0 10.244.0.1 8080 10.244.0.2 8080');
    for (let round = 0; round < 4; round++) assert.deepEqual(table.lead('TCP', web, two), two);
  });

  it('tells protocols and ports apart', () => {
    publish('TCP 80 0 10.244.0.1 8080', 'UDP 80 0 10.244.0.2 8080', 'TCP 443 0');
    assert.deepEqual(table.lead('UDP', web), two);
    assert.equal(table.lead('TCP', { ...web, port: 443 }), 'none');
    assert.equal(table.lead('TCP', { ...web, port: 8 }), 'none');
  });

  it('knows nothing of an address that is no Service', () => {
    assert.equal(table.lead('TCP', { address: '10.244.0.1', port: 8080 }), undefined);
  });

  it('stays with an endpoint where the Service asks for that, as long as there is that one', () => {
    publish('TCP 80 60 10.244.0.1 8080 10.244.0.2 8080 10.244.0.3 8080');
    const chosen = table.lead('TCP', web);
    for (let round = 0; round < 8; round++) assert.deepEqual(table.lead('TCP', web), chosen);
    const others = [one, two, three].filter((it) => it?.address !== Object(chosen).address);
    publish(`TCP 80 60 ${others.map((it) => `${it?.address} ${it?.port}`).join(' ')}`);
    const next = table.lead('TCP', web);
    assert.notDeepEqual(next, chosen);
    publish('TCP 80 60 10.244.0.1 8080 10.244.0.2 8080 10.244.0.3 8080');
    assert.deepEqual(table.lead('TCP', web), next);
  });

  it('begins alike in all containers of a pod', () => {
    publish('TCP 80 60 10.244.0.1 8080 10.244.0.2 8080 10.244.0.3 8080');
    const files = new LiveFiles({ system }, system.mounts.open(directory));
    const begin = (client: string) =>
      new ServiceTable({ system, files }, { client }).lead('TCP', web);
    assert.deepEqual(begin('10.244.0.9'), begin('10.244.0.9'));
    const begun = new Set(
      Array.from({ length: 32 }, (_, last) => JSON.stringify(begin(`10.244.1.${last}`))),
    );
    assert.equal(begun.size, 3);
  });
});
