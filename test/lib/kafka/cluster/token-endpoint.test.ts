import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TokenEndpoint } from '../../../../lib/kafka/cluster/token-endpoint';

describe('TokenEndpoint', () => {
  let server: Server;
  let url: string;
  let requests: { authorization: string | undefined; body: string }[];
  let answer: { status: number; body: object };

  beforeEach(async () => {
    requests = [];
    answer = { status: 200, body: { access_token: 'first', expires_in: 60 } };
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      requests.push({ authorization: request.headers.authorization, body });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  });
  afterEach(() => server.close());

  const endpoint = (more = {}) => new TokenEndpoint({ url, clientId: 'me', clientSecret: 's p:ce', ...more });

  it('asks with the client credentials, and keeps the token while it lasts', async () => {
    const tokens = endpoint({ scope: 'kafka video' });
    assert.equal(await tokens.token(), 'first');
    assert.equal(await tokens.token(), 'first');
    assert.deepEqual(requests, [
      { authorization: `Basic ${btoa('me:s+p%3Ace')}`, body: 'grant_type=client_credentials&scope=kafka+video' },
    ]);
  });

  it('asks anew when the token does not last', async () => {
    answer.body = { access_token: 'first', expires_in: 0 };
    const tokens = endpoint();
    await tokens.token();
    answer.body = { access_token: 'second' };
    assert.equal(await tokens.token(), 'second');
  });

  it('says what the endpoint has against it', async () => {
    answer = { status: 401, body: { error: 'invalid_client', error_description: 'who are you' } };
    await assert.rejects(endpoint().token(), { code: 'LOGIN_REFUSED', message: /401 invalid_client: who are you/ });
  });

  it('says that the endpoint is not there', async () => {
    server.close();
    await assert.rejects(endpoint({ url: 'http://127.0.0.1:1/token' }).token(), { code: 'BROKER_UNREACHABLE' });
  });
});
