import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { MaskedUrl } from '../../../lib/source/masked';
import { WebProxy } from '../../../lib/source/web-proxy';
import { startWebServer, type WebServer } from '../../support/web-server';

describe('WebProxy', () => {
  let site: WebServer;
  let proxy: WebProxy;
  let port: number;

  const open = async (allowedHosts?: string[]) => {
    proxy = new WebProxy(allowedHosts);
    port = Number(new URL(await proxy.listen()).port);
  };
  beforeEach(async () => {
    site = await startWebServer((asked, response) => {
      response.writeHead(asked.headers.range === undefined ? 200 : 206, { 'x-host': asked.headers.host ?? '' });
      response.end(`${asked.url} ${asked.headers.range}`);
    });
  });
  afterEach(async () => {
    await proxy.close();
    await site.close();
  });

  const get = async (path: string, headers = {}) => {
    const asking = request({ host: '127.0.0.1', port, path, headers }).end();
    const [answer] = await once(asking, 'response');
    let body = '';
    for await (const chunk of answer) body += chunk;
    return { status: answer.statusCode, host: answer.headers['x-host'], body };
  };
  const tunnel = async (target: string): Promise<{ socket: Socket; answer: string }> => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`CONNECT ${target} HTTP/1.1\r\n\r\n`);
    const [answer] = await once(socket, 'data');
    return { socket, answer: String(answer).split('\r\n')[0] as string };
  };

  it('asks in the place of its client, and passes on the answer', async () => {
    await open();
    const target = new URL(site.url);
    const answer = await get(`${site.url}/clip.mp4?x=1`, { host: target.host, range: 'bytes=5-' });
    assert.deepEqual(answer, { status: 206, host: target.host, body: '/clip.mp4?x=1 bytes=5-' });
  });

  it('sends nobody on to what a masked URL stands for who does not know its password', async () => {
    const masked = new MaskedUrl('https://me:s3cret@camera.example/ü.mp4?key=s3cret');
    proxy = new WebProxy(['camera.example'], masked);
    const address = new URL(await proxy.listen());
    assert.match(masked.url, /^http:\/\/\w+\.invalid\/%C3%BC\.mp4\?%E2%80%A6$/);
    const ask = async (headers: OutgoingHttpHeaders) => {
      const asking = request({ host: '127.0.0.1', port: address.port, path: masked.url, headers }).end();
      const [answer] = (await once(asking, 'response')) as [IncomingMessage];
      return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
    };
    const knowing = `Basic ${Buffer.from(`${address.username}:${address.password}`).toString('base64')}`;
    for (const headers of [{}, { 'proxy-authorization': `${knowing}x` }, { 'proxy-authorization': 'Basic' }]) {
      const refusal = await ask(headers);
      assert.equal(refusal.status, 407);
      assert.ok(!JSON.stringify(refusal).includes('s3cret'));
    }
    const { status, headers } = await ask({ 'proxy-authorization': knowing });
    const location = Buffer.from(headers.location ?? '', 'latin1').toString();
    assert.deepEqual([status, location], [301, 'https://me:s3cret@camera.example/ü.mp4?key=s3cret']);
  });

  it('lets through what is encrypted', async () => {
    await open();
    const { socket, answer } = await tunnel(`localhost:${site.port}`);
    assert.equal(answer, 'HTTP/1.1 200 Connection established');
    socket.write('GET /inside HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.match(String((await once(socket, 'data'))[0]), /\/inside/);
    socket.destroy();
  });

  it('lets nobody through to a host that is not on its list', async () => {
    await open(['example.org']);
    assert.equal((await get(`${site.url}/`)).status, 403);
    assert.equal((await tunnel(`127.0.0.1:${site.port}`)).answer, 'HTTP/1.1 403 Forbidden');
    assert.equal(proxy.refused, '127.0.0.1');
    assert.deepEqual(site.requests, []);
  });

  it('says that a server cannot be reached', async () => {
    await open();
    assert.equal((await get('http://127.0.0.1:1/')).status, 502);
  });

  it('refuses what is no address of the web', async () => {
    await open();
    for (const address of [
      '/path',
      'tcp://127.0.0.1/',
      'ftp://127.0.0.1/',
      'https://127.0.0.1/',
      'file:///etc/hosts',
    ]) {
      assert.equal((await get(address)).status, 400, address);
    }
  });

  it('listens to this machine alone', async () => {
    await open();
    const socket = connect(port, '127.0.0.2');
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'ECONNREFUSED');
  });

  it('lets nothing pass in which a playlist would go unseen, once it reads them', async () => {
    const answers: Record<string, () => [object, string]> = {
      '/packed': () => [{ 'content-encoding': 'gzip' }, 'x'],
      '/titled': () => [{ 'icy-metaint': '3' }, '#EX_TM3U'],
      '/tcp': () => [{}, '#EXTM3U\ntcp://h:1\n'],
      '/long': () => [{}, `#EXTM3U\n${'a\n'.repeat(2_500_000)}tcp://h:1\n`],
      '/good': () => [{}, '#EXTM3U\na.ts\n'],
      '/short': () => [{}, '#EXT'],
      '/video': () => [{}, 'tcp://h:1\n'.repeat(100_000)],
    };
    const server = await startWebServer((asked, response) => {
      const [headers, body] = answers[asked.url ?? '']?.() ?? [{}, ''];
      response.writeHead(200, { ...headers }).end(body);
    });
    await open();
    proxy.readPlaylists();
    for (const path of ['/good', '/short', '/video']) {
      assert.equal((await get(server.url + path)).body, answers[path]?.()[1]);
    }
    for (const path of ['/packed', '/titled']) assert.equal((await get(server.url + path)).status, 502);
    await assert.rejects(get(`${server.url}/long`), { code: 'ECONNRESET' });
    assert.equal(proxy.refusedScheme, undefined);
    await assert.rejects(get(`${server.url}/tcp`), { code: 'ECONNRESET' });
    assert.equal(proxy.refusedScheme, 'tcp');
    assert.equal((await tunnel(`127.0.0.1:${server.port}`)).answer, 'HTTP/1.1 403 Forbidden');
    await server.close();
  });

  it('ends what goes through it when it is closed', async () => {
    await open();
    const { socket } = await tunnel(`127.0.0.1:${site.port}`);
    const closed = once(socket, 'close');
    await proxy.close();
    await closed;
    await open();
  });

  for (const head of [
    'HTTP/1.1 000 Nothing\r\ncontent-length: 0',
    'HTTP/1.1 099 Too little\r\ncontent-length: 0',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntrailer: expires',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nset-cookie: a\u0001b',
  ]) {
    it(`survives a server that answers ${JSON.stringify(head)}`, async () => {
      const server = createServer((socket) => socket.end(`${head}\r\n\r\nok`)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      await open();
      const { port: odd } = server.address() as AddressInfo;
      const { status } = await get(`http://127.0.0.1:${odd}/`);
      assert.ok([200, 502].includes(status), String(status));
      assert.equal((await get(`${site.url}/next`)).status, 200);
      server.close();
    });
  }

  it('survives a client that resets what it asked to be connected', async () => {
    await open(['nobody.example']);
    for (const target of ['nobody.example:443', 'other.example:443', '127.0.0.1:1']) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`CONNECT ${target} HTTP/1.1\r\n\r\n`);
      socket.resetAndDestroy();
      await once(socket, 'close');
    }
    await proxy.close();
    await open();
    assert.equal((await get(`${site.url}/next`)).status, 200);
  });
});
