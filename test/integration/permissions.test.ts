import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { type Flows, type NodeRed, startNodeRed } from '../support/node-red';
import { startWebServer, type WebServer } from '../support/web-server';
import { brokers } from './kafka-support';

/** Of "password". */
const password = '$2a$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN.';
const permissions = {
  admin: '*',
  reader: 'read',
  /** Everything but what concerns flows. */
  other: ['inject.write', 'library.read', 'nodes.write', 'settings.read', 'status.read'],
};
type User = keyof typeof permissions;

/** Stands between Node-RED and the broker, or where nobody answers, and counts who comes. */
interface Door {
  server: Server;
  address: string;
  visits: number;
}

describe('who may do what in the editor', function () {
  this.timeout(60_000);
  let red: NodeRed;
  let door: Door;
  let web: WebServer;
  const tokens = new Map<User, string>();

  before(async () => {
    door = await openDoor();
    web = await startWebServer((_request, response) => response.writeHead(404).end());
    const users = Object.entries(permissions).map(([username, granted]) => ({
      ...{ username, password, permissions: granted },
    }));
    const env = { TEST_LOOK_SOURCE: `${web.url}/from-the-environment.mp4` };
    red = await startNodeRed({ settings: { adminAuth: { type: 'credentials', users } }, env });
    for (const user of Object.keys(permissions) as User[]) tokens.set(user, await logIn(user));
    await request('/flows', 'admin', flows());
  });
  after(async () => {
    await red?.stop();
    await web?.close();
    door?.server.close();
  });

  const flows = (): Flows => [
    { id: 'tab', type: 'tab' },
    {
      ...{ id: 'broker', type: 'kafka-frame-broker', name: '', brokers: door.address, clientId: '', tls: '' },
      ...{ saslMechanism: 'none', tokenUrl: '', scope: '', connectionTimeout: 3000, requestTimeout: 30_000 },
      credentials: { username: 'me', password: 'secret-password', token: 'secret-token' },
    },
    {
      ...{ id: 'source', type: 'video-source', z: 'tab', x: 1, y: 1, wires: [[], []] },
      ...{ source: `${web.url}/button.mp4`, sourceType: 'str' },
    },
  ];

  async function logIn(username: User): Promise<string> {
    const form = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username, password: 'password' };
    const response = await fetch(`${red.url}/auth/token`, { method: 'POST', body: new URLSearchParams(form) });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  function request(path: string, user: User | 'nobody', body?: object): Promise<Response> {
    const token = user === 'nobody' ? undefined : tokens.get(user);
    return fetch(`${red.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  const everybody = ['nobody', ...(Object.keys(permissions) as User[])] as const;
  const visits = () => door.visits + web.requests.length;

  for (const [what, ask, allowed] of [
    [
      'looks at a source',
      (user) => request('/video-source/look', user, { source: `${web.url}/look.mp4`, sourceType: 'str' }),
      ['admin'],
    ],
    [
      'looks at a source that the environment names',
      (user) => request('/video-source/look', user, { source: 'TEST_LOOK_SOURCE', sourceType: 'env' }),
      ['admin'],
    ],
    ["presses a source's button", (user) => request('/video-source/source/button', user, {}), ['admin']],
    [
      'tests a broker',
      (user) => request('/kafka-frame-broker/test', user, { brokers: door.address, saslMechanism: 'none' }),
      ['admin'],
    ],
    ["is told a broker's topics", (user) => request('/kafka-frame-broker/broker/topics', user), ['admin', 'reader']],
  ] as [string, (user: User | 'nobody') => Promise<Response>, string[]][]) {
    it(`nobody ${what} but ${allowed.join(' and ')}`, async () => {
      for (const user of everybody.filter((name) => !allowed.includes(name))) {
        const before = visits();
        const response = await ask(user);
        assert.ok([401, 403].includes(response.status), `${user} was answered ${response.status}`);
        assert.equal(visits(), before, `something was done for ${user}`);
      }
      for (const user of everybody.filter((name) => allowed.includes(name))) {
        const before = visits();
        const response = await ask(user);
        assert.notEqual(response.status, 401);
        await response.text();
        while (visits() === before) await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
  }

  it('tells nobody the password and the token of a broker, only that there are some', async () => {
    const credentials = await (await request('/credentials/kafka-frame-broker/broker', 'admin')).json();
    assert.deepEqual(credentials, { username: 'me', has_password: true, has_token: true });
    for (const path of ['/flows', '/flow/tab', '/flow/global', '/nodes', '/settings']) {
      const text = await (await request(path, 'admin')).text();
      assert.ok(!/secret-(password|token)/.test(text), `${path} tells it`);
    }
    assert.match(await (await request('/flows', 'admin')).text(), /kafka-frame-broker/);
    assert.equal((await request('/credentials/kafka-frame-broker/broker', 'other')).status, 401);
  });
});

async function openDoor(): Promise<Door> {
  const [, host, port] = /^(.*):(\d+)$/.exec(brokers.split(',')[0] as string) ?? [];
  const server = createServer((client) => {
    door.visits += 1;
    const broker = connect(Number(port), host);
    client.on('error', () => broker.destroy());
    broker.on('error', () => client.destroy());
    client.pipe(broker).pipe(client);
  });
  const door: Door = { server, address: '', visits: 0 };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  door.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return door;
}
