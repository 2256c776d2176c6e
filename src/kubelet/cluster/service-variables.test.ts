import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serviceVariables } from './service-variables.ts';

const service = (spec: object) => ({ metadata: { name: 'my-db', namespace: 'n' }, spec });

describe('serviceVariables', () => {
  it("gives a Service's address and ports as stock kubelets do", () => {
    const ports = [
      { name: 'sql-x', port: 5432 },
      { name: 'metrics', port: 9187, protocol: 'UDP' },
    ];
    assert.deepEqual(
      Object.fromEntries(serviceVariables(service({ clusterIP: '10.0.0.9', ports }))),
      {
        MY_DB_SERVICE_HOST: '10.0.0.9',
        MY_DB_SERVICE_PORT: '5432',
        MY_DB_SERVICE_PORT_SQL_X: '5432',
        MY_DB_SERVICE_PORT_METRICS: '9187',
        MY_DB_PORT: 'tcp://10.0.0.9:5432',
        MY_DB_PORT_5432_TCP: 'tcp://10.0.0.9:5432',
        MY_DB_PORT_5432_TCP_PROTO: 'tcp',
        MY_DB_PORT_5432_TCP_PORT: '5432',
        MY_DB_PORT_5432_TCP_ADDR: '10.0.0.9',
        MY_DB_PORT_9187_UDP: 'udp://10.0.0.9:9187',
        MY_DB_PORT_9187_UDP_PROTO: 'udp',
        MY_DB_PORT_9187_UDP_PORT: '9187',
        MY_DB_PORT_9187_UDP_ADDR: '10.0.0.9',
      },
    );
  });

  it('brackets IPv6', () => {
    const variables = new Map(
      serviceVariables(service({ clusterIP: 'fd00::9', ports: [{ port: 1 }] })),
    );
    assert.equal(variables.get('MY_DB_PORT'), 'tcp://[fd00::9]:1');
  });

  for (const clusterIP of ['', 'None']) {
    it(`gives none for a Service with the address '${clusterIP}'`, () => {
      assert.deepEqual(serviceVariables(service({ clusterIP, ports: [{ port: 1 }] })), []);
    });
  }
});
