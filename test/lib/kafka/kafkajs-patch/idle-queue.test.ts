import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { RequestQueue } from '../../../../lib/kafka/kafkajs-patch/idle-queue';
import { installPatches } from '../../../../lib/kafka/kafkajs-patch/install';

/** What kafkajs's connections do with their queues. */
type Queue = RequestQueue & {
  push(request: { entry: object; expectResponse: boolean; sendRequest: () => void }): void;
  maybeThrottle(ms: number): void;
  destroy(): void;
};

describe('the request queue of kafkajs', () => {
  let queue: Queue;
  let sent: number[];
  let failed: { request: number; name: string }[];

  before(() => installPatches());
  beforeEach(() => {
    sent = [];
    failed = [];
  });
  afterEach(() => queue.destroy());

  function open(options: { requestTimeout?: number; maxInFlightRequests?: number } = {}): void {
    const Queue = require('kafkajs/src/network/requestQueue') as new (options: object) => Queue;
    const logger = { debug() {}, warn() {} };
    queue = new Queue({ requestTimeout: 30_000, enforceRequestTimeout: true, logger, ...options });
    queue.scheduleRequestTimeoutCheck(); // What a connection does once it is connected.
  }

  function request(correlationId: number): void {
    const reject = ({ name }: Error) => failed.push({ request: correlationId, name });
    const entry = { correlationId, resolve() {}, reject };
    queue.push({ entry, expectResponse: true, sendRequest: () => sent.push(correlationId) });
  }

  const answer = (correlationId: number) => queue.fulfillRequest({ correlationId, payload: Buffer.alloc(0), size: 0 });
  const timers = () => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  it('has no timer while it has nothing to do', () => {
    const before = timers();
    open();
    assert.equal(timers() - before, 0, 'after it has connected');
    request(1);
    answer(1);
    assert.equal(timers() - before, 0, 'after a request was answered');
  });

  it('has one timer while a request is under way: when it has taken too long', () => {
    const before = timers();
    open();
    request(1);
    request(2);
    answer(1);
    assert.equal(timers() - before, 1);
  });

  it('sends what was throttled when the time is over, and not before', async () => {
    open();
    queue.maybeThrottle(60);
    request(1);
    request(2);
    await sleep(30);
    assert.deepEqual(sent, []);
    await sleep(60);
    assert.deepEqual(sent, [1, 2]);
  });

  it('waits longer when it is throttled anew', async () => {
    open();
    queue.maybeThrottle(30);
    request(1);
    queue.maybeThrottle(100);
    await sleep(60);
    assert.deepEqual(sent, []);
    await sleep(80);
    assert.deepEqual(sent, [1]);
  });

  it('sends what came in the moment the throttling ended', async () => {
    open();
    queue.canSendSocketRequestImmediately = () => {
      Reflect.deleteProperty(queue, 'canSendSocketRequestImmediately');
      return false; // A millisecond later it would have been true.
    };
    request(1);
    assert.deepEqual(sent, []);
    await sleep(20);
    assert.deepEqual(sent, [1]);
  });

  it('sends what waits for others as soon as one of them is answered', () => {
    open({ maxInFlightRequests: 1 });
    request(1);
    request(2);
    assert.deepEqual(sent, [1]);
    answer(1);
    assert.deepEqual(sent, [1, 2]);
  });

  it('gives up each request when its time is over, and sends what waited for it', async () => {
    open({ requestTimeout: 100, maxInFlightRequests: 1 });
    request(1);
    request(2);
    await sleep(50);
    assert.deepEqual(failed, []);
    await sleep(80);
    assert.deepEqual(failed, [{ request: 1, name: 'KafkaJSRequestTimeoutError' }]);
    assert.deepEqual(sent, [1, 2]);
    await sleep(100);
    assert.deepEqual(
      failed.map(({ request }) => request),
      [1, 2],
    );
  });

  it('sleeps also where a request may take longer than a timer can be set to', async () => {
    open({ requestTimeout: 2 ** 40 });
    request(1);
    const timer = queue.requestTimeoutIntervalId;
    await sleep(20);
    assert.equal(queue.requestTimeoutIntervalId, timer, 'the timer has gone off');
  });

  it('is left as it is in a version that is not known', () => {
    const isPatched = (version: string) => {
      // In a process of its own, as what is patched stays patched.
      const script = `
        const { prototype } = require('kafkajs/src/network/requestQueue');
        const { sendSocketRequest } = prototype;
        require(${JSON.stringify(require.resolve('../../../../lib/kafka/kafkajs-patch/install'))}).installPatches('${version}');
        console.log(prototype.sendSocketRequest !== sendSocketRequest);`;
      return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim();
    };
    assert.equal(isPatched('2.2.4'), 'true');
    assert.equal(isPatched('2.2.5'), 'false');
  });
});
